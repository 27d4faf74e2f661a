"""Pods are replaced one at a time, only those that must be, and it can be done again."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from actions import cluster, rollout
from actions.cluster import ClusterError
from actions.rollout import RolloutProvider
from hlf import names
from hlf.client import zookeeper
from hlf.client.kafka import Cluster, Partition
from tests.unit.actions.kubernetes import Key, Kubernetes
from tests.unit.actions.pods_made import pod, stateful_set

Props = dict[str, Any]
KAFKA = ["hlf-kafka--0", "hlf-kafka--1"]
ENSEMBLE = ["hlf-zookeeper--0", "hlf-zookeeper--1"]


def props(*nodes: str) -> Props:
    """Inputs with nodes that are neither orderers nor peers, of whom Fabric is not asked."""
    access: Props = {key: {} for key in ("orderers", "peers", "admins", "tlsRoots")}
    access["ordererType"] = "solo"
    digests = {n: f"digest-{n}" for n in nodes}
    return {"namespace": "fabric", "nodes": digests, **access, "resource": "urn"}


def started(kubernetes: Kubernetes, node: str, *, pod_revision: str, revision: str) -> None:
    kubernetes.put("fabric", "statefulsets", stateful_set(node, revision=revision))
    kubernetes.put("fabric", "pods", pod(node, revision=pod_revision))


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not there within seconds will not come."""
    monkeypatch.setattr(rollout, "_TIMEOUT", 5.0)


@pytest.fixture
def controller(kubernetes: Kubernetes) -> list[str]:
    """Starts a deleted pod anew, as its StatefulSet says, and notes what was not ready then."""
    deleted: list[str] = []

    def restart(key: Key) -> None:
        node = key[2].removesuffix("-0")
        deleted.append(node)
        found = kubernetes.objects["fabric", "statefulsets", node]
        revision = found["status"]["updateRevision"]
        kubernetes.put("fabric", "pods", pod(node, revision=revision, ready=False))
        kubernetes.put("fabric", "pods", pod(node, revision=revision))

    kubernetes.on_delete = restart
    return deleted


def test_a_first_start_replaces_nothing(kubernetes: Kubernetes, controller: list[str]) -> None:
    for node in ("a", "b"):
        started(kubernetes, node, pod_revision="r1", revision="r1")
    created = RolloutProvider().create(props("a", "b"))
    assert created.id == "fabric"
    assert controller == []


def test_only_outdated_pods_are_replaced_one_after_the_other(
    kubernetes: Kubernetes, controller: list[str]
) -> None:
    started(kubernetes, "a", pod_revision="r1", revision="r1")
    for node in ("c", "b"):
        started(kubernetes, node, pod_revision="r1", revision="r2")
    RolloutProvider().update("fabric", {}, props("a", "b", "c"))
    assert controller == ["b", "c"]
    deletions = [r for r in kubernetes.requests if r.startswith("DELETE")]
    between = kubernetes.requests[
        kubernetes.requests.index(deletions[0]) : kubernetes.requests.index(deletions[1])
    ]
    assert "GET fabric/pods/" in between, "the second pod went before the first was waited for"
    RolloutProvider().update("fabric", {}, props("a", "b", "c"))
    assert controller == ["b", "c"]


class Kafka:
    """Two brokers that keep one topic, as ZooKeeper has them; `controller` starts them anew."""

    def __init__(self, controller: list[str], *, in_sync: set[int], leader: int) -> None:
        self._controller = controller
        self._in_sync = in_sync
        self._leader = leader

    def watch(self, *_: Any, **__: Any) -> Iterator[Cluster]:
        brokers = (0, 1)
        replaced = {n for n in brokers if names.kafka(n) in self._controller}
        topic = Partition(
            topic="common",
            replicas=frozenset(brokers),
            in_sync=frozenset(self._in_sync | replaced),
            leader=self._leader,
        )
        registered = {n: int(n in replaced) for n in brokers}
        yield Cluster(brokers=registered, partitions=(topic,))


@pytest.mark.parametrize(
    ("in_sync", "leader", "serving", "order"),
    [
        ({0, 1}, 0, (0, 1), ["a", *ENSEMBLE, *KAFKA[::-1]]),
        ({0, 1}, 1, (0, 1), ["a", *ENSEMBLE, *KAFKA]),
        ({1}, 1, (0,), [ENSEMBLE[1], KAFKA[0], "a", ENSEMBLE[0], KAFKA[1]]),
    ],
    ids=["all are well", "another one leads", "those in trouble go first"],
)
def test_brokers_go_after_what_they_need_and_leaders_last(
    kubernetes: Kubernetes,
    controller: list[str],
    monkeypatch: pytest.MonkeyPatch,
    *,
    in_sync: set[int],
    leader: int,
    serving: tuple[int, ...],
    order: list[str],
) -> None:
    def serves(address: str, *, timeout: float) -> bool:
        server = address.removesuffix("-0")
        return server in {*map(names.zookeeper, serving), *controller}

    for node in order:
        started(kubernetes, node, pod_revision="r1", revision="r2")
    monkeypatch.setattr(cluster, "forward", lambda _namespace, pod, _port: pod)
    monkeypatch.setattr(zookeeper, "serves", serves)
    known = Kafka(controller, in_sync=in_sync, leader=leader)
    monkeypatch.setattr(zookeeper, "watch", known.watch)
    RolloutProvider().update("fabric", {}, props(*order))
    assert controller == order


def test_a_first_start_does_not_ask_kafka(
    kubernetes: Kubernetes, controller: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes = [*KAFKA, *ENSEMBLE]
    for node in nodes:
        started(kubernetes, node, pod_revision="r1", revision="r1")
    monkeypatch.setattr(cluster, "forward", lambda *_: pytest.fail("it was asked"))
    RolloutProvider().create(props(*nodes))
    assert controller == []


def test_a_node_that_does_not_come_back_stops_the_rollout(kubernetes: Kubernetes) -> None:
    for node in ("a", "b"):
        started(kubernetes, node, pod_revision="r1", revision="r2")
    broken = {"waiting": {"reason": "ErrImageNeverPull"}}
    status = [{"name": "peer", "image": "example/peer:2", "state": broken}]

    def restart(_: Key) -> None:
        kubernetes.put(
            "fabric", "pods", pod("a", revision="r2", ready=False, containerStatuses=status)
        )

    kubernetes.on_delete = restart
    with pytest.raises(ClusterError, match=r"a-0.*example/peer:2"):
        RolloutProvider().update("fabric", {}, props("a", "b"))
    assert (
        kubernetes.objects["fabric", "pods", "b-0"]["status"]["conditions"][0]["status"] == "True"
    )


def test_a_stateful_set_that_is_not_there_is_named(kubernetes: Kubernetes) -> None:
    with pytest.raises(ClusterError) as caught:
        RolloutProvider().create(props("a"))
    for part in ("StatefulSet a", "fabric", "pulumi refresh"):
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("change", "is_current"),
    [
        (lambda _: None, True),
        (lambda k: k.put("fabric", "pods", pod("a", revision="r0")), False),
        (lambda k: k.put("fabric", "pods", pod("a", ready=False)), False),
    ],
)
def test_drift_is_a_digest_that_is_not_the_recorded_one(
    kubernetes: Kubernetes, change: Callable[[Kubernetes], None], *, is_current: bool
) -> None:
    started(kubernetes, "a", pod_revision="r1", revision="r1")
    started(kubernetes, "b", pod_revision="r1", revision="r1")
    change(kubernetes)
    recorded = props("a", "b")
    read = RolloutProvider().read("fabric", recorded)
    nodes = (read.inputs or recorded)["nodes"]
    assert (nodes["a"] == "digest-a") is is_current
    assert nodes["b"] == "digest-b"


def test_a_node_that_is_gone_is_drift(kubernetes: Kubernetes) -> None:
    started(kubernetes, "a", pod_revision="r1", revision="r1")
    read = RolloutProvider().read("fabric", props("a", "b"))
    assert read.inputs is not None
    assert set(read.inputs["nodes"]) == {"a"}
