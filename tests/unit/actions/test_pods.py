"""What a pod's manifest says about it, and waiting for pods."""

import threading
from typing import Any

import pytest

from actions import pods
from actions.cluster import ClusterError
from tests.unit.actions.kubernetes import Kubernetes
from tests.unit.actions.pods_made import Manifest, pod

SELECTOR = "hlf/node=true"


def container(state: dict[str, Any], **more: Any) -> Manifest:
    return {"name": "peer", "image": "example/peer:1", "state": state, **more}


def test_ready_is_running_ready_and_not_on_its_way_out() -> None:
    assert pods.is_ready(pod("a"))
    assert not pods.is_ready(pod("a", ready=False))
    assert not pods.is_ready({"metadata": {}})
    leaving = pod("a")
    leaving["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    assert not pods.is_ready(leaving)


def test_a_revision_is_the_label_of_the_stateful_sets_controller() -> None:
    assert pods.revision(pod("a", revision="r7")) == "r7"
    assert pods.revision({"metadata": {}}) == ""


def test_a_server_that_keeps_its_name_says_what_code_it_runs() -> None:
    assert pods.revision({"metadata": {"labels": {pods.CODE: "0a1b"}}}) == "0a1b"


@pytest.mark.parametrize(
    "reason",
    ["ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName"],
)
def test_an_image_that_cannot_be_had_is_trouble(reason: str) -> None:
    waiting = {"waiting": {"reason": reason, "message": "not found"}}
    found = pods.trouble(pod("a", ready=False, containerStatuses=[container(waiting)]))
    assert found is not None
    assert found[0] == "peer"
    assert "example/peer:1" in found[1]
    assert "not found" in found[1]


@pytest.mark.parametrize(
    ("message", "is_trouble"),
    [
        ("failed to sync secret cache: timed out waiting for the condition", False),
        ("failed to sync configmap cache: timed out waiting for the condition", False),
        ('secret "hlf-backup" not found', True),
    ],
)
def test_a_kubelet_that_has_not_seen_a_secret_yet_is_no_trouble(
    message: str, is_trouble: bool
) -> None:
    waiting = {"waiting": {"reason": "CreateContainerConfigError", "message": message}}
    found = pods.trouble(pod("a", ready=False, containerStatuses=[container(waiting)]))
    assert (found is not None) == is_trouble


def test_an_init_container_in_trouble_is_named() -> None:
    broken = {**container({"waiting": {"reason": "CreateContainerError"}}), "name": "build"}
    waiting = container({"waiting": {"reason": "PodInitializing"}})
    found = pods.trouble(
        pod("a", ready=False, initContainerStatuses=[broken], containerStatuses=[waiting])
    )
    assert found is not None
    assert found[0] == "build"


@pytest.mark.parametrize(
    ("restarts", "ready", "trouble"),
    [(0, False, False), (2, False, False), (3, False, True), (9, True, False)],
)
def test_a_few_crashes_are_no_trouble(restarts: int, *, ready: bool, trouble: bool) -> None:
    crashed = container({"running": {}}, restartCount=restarts, ready=ready)
    assert bool(pods.trouble(pod("a", containerStatuses=[crashed]))) is trouble


def test_starting_is_no_trouble() -> None:
    starting = container({"waiting": {"reason": "ContainerCreating"}})
    assert pods.trouble(pod("a", ready=False, containerStatuses=[starting])) is None
    assert pods.trouble({"metadata": {}}) is None


def test_why_a_pod_has_no_node() -> None:
    said = {"type": "PodScheduled", "status": "False", "message": "0/1 nodes: no memory"}
    assert pods.unschedulable({"metadata": {}, "status": {"conditions": [said]}}) == said["message"]
    assert pods.unschedulable(pod("a")) is None


def wait(wanted: dict[str, str | None], *, timeout: float = 10) -> list[str]:
    said: list[str] = []
    pods.wait_ready("fabric", SELECTOR, wanted, timeout=timeout, report=said.append)
    return said


def test_pods_that_are_ready_are_not_waited_for(kubernetes: Kubernetes) -> None:
    for name in ("a", "b"):
        kubernetes.put("fabric", "pods", pod(name))
    assert wait({"a": "r1", "b": None})


def test_pods_get_ready_one_after_the_other(kubernetes: Kubernetes) -> None:
    kubernetes.put("fabric", "pods", pod("a"))
    kubernetes.put("fabric", "pods", pod("b", revision="old"))
    kubernetes.put("fabric", "pods", pod("stranger", ready=False))

    def start() -> None:
        kubernetes.remove(("fabric", "pods", "b-0"))
        kubernetes.put("fabric", "pods", pod("b", ready=False))
        kubernetes.put("fabric", "pods", pod("b"))

    timer = threading.Timer(0.3, start)
    timer.start()
    said = wait({"a": "r1", "b": "r1"})
    timer.join()
    assert said[0].startswith("waiting for pods 0/2")
    assert said[-1] == "waiting for pods 1/2: b"


def test_a_pod_in_trouble_ends_the_wait(kubernetes: Kubernetes) -> None:
    waiting = container({"waiting": {"reason": "ErrImageNeverPull"}})
    kubernetes.put("fabric", "pods", pod("a", ready=False, containerStatuses=[waiting]))
    with pytest.raises(ClusterError) as caught:
        wait({"a": None})
    for part in ("a-0", "fabric", "container peer", "example/peer:1"):
        assert part in str(caught.value)


def test_a_wait_that_ends_tells_what_each_pod_lacks(kubernetes: Kubernetes) -> None:
    said = {"type": "PodScheduled", "status": "False", "message": "0/1 nodes: no memory"}
    kubernetes.put("fabric", "pods", pod("a", ready=False))
    unscheduled = pod("b", ready=False)
    unscheduled["status"]["conditions"].append(said)
    kubernetes.put("fabric", "pods", unscheduled)
    with pytest.raises(ClusterError) as caught:
        wait({"a": None, "b": None, "c": None}, timeout=1)
    for part in ("fabric", "a: ", "b: 0/1 nodes: no memory", "c has no pod"):
        assert part in str(caught.value)
