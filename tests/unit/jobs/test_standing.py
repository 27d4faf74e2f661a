"""Nodes that are stopped: which of them first."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from jobs import standing
from jobs.place import Place
from jobs.standing import Standing
from tests.unit.actions.kubernetes import Kubernetes, Manifest

NODE = {"hlf/node": "true"}


def node(kubernetes: Kubernetes, name: str, role: str) -> Standing:
    stateful_set: Manifest = {"metadata": {"name": name, "labels": NODE}, "spec": {"replicas": 1}}
    kubernetes.put("fabric", "statefulsets", stateful_set)
    kubernetes.put("fabric", "pods", {"metadata": {"name": f"{name}-0", "labels": NODE}})
    return Standing(name=name, role=role, msp_id="", machine="one", is_stopped=False, security={})


def test_zookeeper_stops_when_the_brokers_are_gone(kubernetes: Kubernetes, place: Place) -> None:
    """They tell it that they leave."""
    kubernetes.put_namespace("fabric")
    nodes = [node(kubernetes, name, name) for name in ("zookeeper", "kafka", "orderer")]

    def replicas(name: str) -> int:
        return kubernetes.objects["fabric", "statefulsets", name]["spec"]["replicas"]

    def wait(holds: Callable[[], bool]) -> None:
        end = time.monotonic() + 10
        while not holds():
            assert time.monotonic() < end
            time.sleep(0.01)

    with ThreadPoolExecutor(1) as pool:
        stopping = pool.submit(standing.stop, place, nodes)
        wait(lambda: replicas("kafka") == replicas("orderer") == 0)
        kubernetes.remove(("fabric", "pods", "orderer-0"))
        time.sleep(0.3)
        assert replicas("zookeeper") == 1
        kubernetes.remove(("fabric", "pods", "kafka-0"))
        wait(lambda: replicas("zookeeper") == 0)
        assert not stopping.done()
        kubernetes.remove(("fabric", "pods", "zookeeper-0"))
        stopping.result(timeout=10)
    annotations = kubernetes.objects["fabric", "statefulsets", "kafka"]["metadata"]["annotations"]
    assert annotations == {standing.STOPPED_ON: "one"}


def test_nothing_to_stop_is_fine(kubernetes: Kubernetes, place: Place) -> None:
    kubernetes.put_namespace("fabric")
    standing.stop(place, [])
