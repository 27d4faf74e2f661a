"""Waiting for the servers of chaincodes: for those that are named, and for no node."""

import threading

import pytest

from actions import pods, servers
from actions.cluster import ClusterError
from actions.servers import await_servers, reach, serves
from hlf.errors import FabricError
from tests.unit.actions.kubernetes import Kubernetes
from tests.unit.actions.pods_made import Manifest, pod

SERVER = "hlf-chaincode--very-simple--0a1b2c3d"


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not there within seconds will not come."""
    monkeypatch.setattr(servers, "_TIMEOUT", 5.0)


def server(*, ready: bool) -> Manifest:
    made = pod(SERVER, ready=ready)
    made["metadata"]["labels"] = {"app": SERVER, "chaincode": "very-simple"}
    return made


def test_nothing_to_wait_for_asks_nothing(kubernetes: Kubernetes) -> None:
    said: list[str] = []
    await_servers("fabric", [], said.append)
    assert (said, kubernetes.requests) == ([], [])


def test_a_server_is_waited_for(kubernetes: Kubernetes) -> None:
    kubernetes.put("fabric", "pods", server(ready=False))
    timer = threading.Timer(0.3, kubernetes.put, ["fabric", "pods", server(ready=True)])
    timer.start()
    said: list[str] = []
    await_servers("fabric", [SERVER, SERVER], said.append)
    assert not timer.is_alive()
    assert said == [f"waiting for pods 0/1: {SERVER}"]


def test_of_a_server_that_keeps_its_name_the_pod_with_the_code_is_waited_for(
    kubernetes: Kubernetes,
) -> None:
    """The old pod, which serves on, does not count, whatever its state."""
    old, new = server(ready=True), server(ready=True)
    for made, code in ((old, "0a"), (new, "1b")):
        made["metadata"]["labels"][pods.CODE] = code
    new["metadata"]["name"] = "new"
    kubernetes.put("fabric", "pods", old)
    timer = threading.Timer(0.3, kubernetes.put, ["fabric", "pods", new])
    timer.start()
    await_servers("fabric", [SERVER], lambda _: None, code="1b")
    assert not timer.is_alive()
    await_servers("fabric", [SERVER], lambda _: None, code="0a")


@pytest.mark.parametrize(
    "words",
    [
        "could not launch chaincode cc:1",
        "required to disseminate to at least 1 peers, but know of only 0 eligible peers",
    ],
)
def test_peers_that_do_not_know_a_ready_pod_or_each_other_yet_are_asked_again(words: str) -> None:
    answers: list[Exception | None] = [FabricError(words), None]

    def attempt() -> str:
        error = answers.pop(0)
        if error:
            raise error
        return "pong"

    assert reach(attempt) == "pong"
    assert answers == []


def test_other_errors_are_told_at_once() -> None:
    tries: list[None] = []

    def attempt() -> None:
        tries.append(None)
        raise FabricError("told to fail")

    with pytest.raises(FabricError, match="told to fail"):
        reach(attempt)
    assert len(tries) == 1


def test_a_server_that_peers_never_reach_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "_PATIENCE", {"could not launch": 0.2, "other": 60.0})

    def attempt() -> None:
        raise FabricError("could not launch chaincode cc:1")

    with pytest.raises(FabricError, match="could not launch"):
        reach(attempt)


def test_a_server_that_does_not_come_is_named(
    kubernetes: Kubernetes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "_TIMEOUT", 0.5)
    kubernetes.put("fabric", "pods", server(ready=False))
    with pytest.raises(ClusterError, match=rf"fabric.*{SERVER}: it is not ready"):
        await_servers("fabric", [SERVER], lambda _: None)


def test_a_server_serves_while_a_pod_of_it_is_ready(kubernetes: Kubernetes) -> None:
    assert not serves("fabric", SERVER)
    kubernetes.put("fabric", "pods", server(ready=False))
    assert not serves("fabric", SERVER)
    kubernetes.put("fabric", "pods", server(ready=True))
    assert serves("fabric", SERVER)
    assert not serves("fabric", f"{SERVER}-other")
