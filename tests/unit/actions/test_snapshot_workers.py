"""Workers beside peers: what their pods are, how they are followed, how failures are told."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from actions import snapshot_workers
from actions.cluster import ClusterError
from actions.joining_note import Note
from actions.snapshot_workers import Workers, manifest
from hlf import names
from hlf.errors import FabricError
from tests.unit.actions.kubernetes import Key, Kubernetes
from tests.unit.actions.pods_made import pod

FIRST, SECOND = "hlf-peer--karga--peer0", "hlf-peer--karga--peer1"
NOTE = Note(channel="common", source=FIRST, targets=frozenset({SECOND}))
SECURITY = {"runAsNonRoot": True, "runAsUser": 5000}
CONTAINER_SECURITY = {"allowPrivilegeEscalation": False}
MADE_OF = {"image": "hlf-jobs:1"}


def peer_pod(name: str) -> dict[str, Any]:
    made = pod(name)
    made["spec"] |= {
        "nodeName": f"machine of {name}",
        "securityContext": SECURITY,
        "containers": [
            {"name": "mesh"},
            {"name": "peer", "securityContext": CONTAINER_SECURITY},
        ],
    }
    return made


def ended(*, code: int = 0, **message: object) -> dict[str, Any]:
    terminated = {"exitCode": code, "message": json.dumps(message)}
    return {
        "phase": "Failed" if code else "Succeeded",
        "containerStatuses": [{"name": "jobs", "state": {"terminated": terminated}}],
    }


class Machine:
    """Gives each pod that is made the next of these statuses, and keeps the manifests."""

    def __init__(self, kubernetes: Kubernetes) -> None:
        self.kubernetes = kubernetes
        self.statuses: Iterator[dict[str, Any]] = iter(())
        self.made: list[dict[str, Any]] = []
        kubernetes.put_namespace("fabric")
        for name in (FIRST, SECOND):
            kubernetes.put("fabric", "pods", peer_pod(name))
        kubernetes.on_create = self._start

    def _start(self, key: Key, made: dict[str, Any]) -> None:
        self.made.append(made)
        self.kubernetes.put(key[0], key[1], {**made, "status": next(self.statuses)})

    @property
    def left(self) -> list[str]:
        return [name for _, _, name in self.kubernetes.objects if "joining" in name]


@pytest.fixture
def machine(kubernetes: Kubernetes) -> Machine:
    return Machine(kubernetes)


@pytest.fixture
def workers() -> Workers:
    return Workers(namespace="fabric", note=NOTE, made_of=MADE_OF)


def test_it_is_beside_the_peer_with_its_volume_and_its_security() -> None:
    made = manifest(peer_pod(SECOND), peer=SECOND, note=NOTE, arguments=["fetch"], made_of=MADE_OF)
    spec = made["spec"]
    assert spec["nodeName"] == f"machine of {SECOND}"
    assert spec["securityContext"] == SECURITY
    assert spec["automountServiceAccountToken"] is False
    assert "serviceAccountName" not in spec
    assert spec["volumes"][0]["persistentVolumeClaim"] == {"claimName": SECOND}
    (container,) = spec["containers"]
    assert container["securityContext"] == CONTAINER_SECURITY
    # no node, no Service and no PodDisruptionBudget has it for its own
    assert made["metadata"]["labels"] == {"hlf/joining": "true"}
    assert made["metadata"]["annotations"] == {"hlf/channel": "common"}


def test_the_ticket_is_a_file_and_no_other_part_of_the_secret_is() -> None:
    made = manifest(peer_pod(FIRST), peer=FIRST, note=NOTE, arguments=["serve"], made_of=MADE_OF)
    (secret,) = [each["secret"] for each in made["spec"]["volumes"] if "secret" in each]
    assert secret["secretName"] == NOTE.name
    assert [item["key"] for item in secret["items"]] == ["ca.crt", "tls.crt", "tls.key"]
    (container,) = made["spec"]["containers"]
    assert container["args"] == ["serve", "--ticket", "/etc/hlf/ticket"]
    assert [each["name"] for each in container["env"]] == ["POD_IP"]


@pytest.mark.parametrize(
    ("ip", "address"), [("10.0.0.7", "10.0.0.7:7053"), ("fd00::7", "[fd00::7]:7053")]
)
def test_one_that_serves_is_there_while_others_fetch(
    machine: Machine, workers: Workers, ip: str, address: str
) -> None:
    serving = f"{names.joining(FIRST, 'common')}--serve"
    machine.statuses = iter([{"phase": "Running", "podIP": ip}, ended(result={})])
    with workers.serving("made") as found:
        assert found == address
        assert machine.left == [serving]
        workers.fetch(SECOND, found, "into", 7)
        assert machine.left == [serving]
    assert machine.left == []
    serve, fetch = (each["spec"]["containers"][0]["args"] for each in machine.made)
    assert serve[:5] == ["serve", "--folder", "made", "--address", "$(POD_IP):7053"]
    assert fetch[:5] == ["fetch", "--folder", "into", "--address", address]
    assert fetch[5:9] == ["--channel", "common", "--block", "7"]


def test_what_a_worker_says_is_the_error(machine: Machine, workers: Workers) -> None:
    machine.statuses = iter([ended(code=1, error="the volume is full; see")])
    with pytest.raises(FabricError, match=r"^the volume is full; see$"):
        workers.remove(SECOND, ["folder"])
    assert machine.left == []


def test_one_that_is_killed_is_told_with_its_log(machine: Machine, workers: Workers) -> None:
    name = f"{names.joining(SECOND, 'common')}--remove"
    machine.kubernetes.logs[name] = ["out of memory"]
    machine.statuses = iter([ended(code=137)])
    with pytest.raises(ClusterError, match=rf"(?s){name} .* exit code 137.*out of memory"):
        workers.remove(SECOND, ["folder"])


def test_an_image_that_is_not_there_is_told_at_once(machine: Machine, workers: Workers) -> None:
    waiting = {"reason": "ImagePullBackOff", "message": "not found"}
    status = {"name": "jobs", "image": "hlf-jobs:1", "state": {"waiting": waiting}}
    machine.statuses = iter([{"phase": "Pending", "containerStatuses": [status]}])
    with pytest.raises(ClusterError, match="its image cannot be pulled: hlf-jobs:1"):
        workers.remove(SECOND, ["folder"])


def test_who_waits_for_one_that_serves_is_told_that_it_failed(
    machine: Machine, workers: Workers
) -> None:
    running = {"phase": "Running", "podIP": "10.0.0.7"}
    machine.statuses = iter([running, running])
    with workers.serving("made") as address:
        (serving,) = machine.left
        failed = {**machine.made[0], "status": ended(code=1, error="it holds no snapshot; make it")}
        machine.kubernetes.put("fabric", "pods", failed)
        with pytest.raises(FabricError, match="it holds no snapshot; make it"):
            workers.fetch(SECOND, address, "into", 7)
    assert serving.endswith("--serve")


def test_one_that_is_told_to_end_is_no_failure(machine: Machine, workers: Workers) -> None:
    """The one that serves has some seconds for it, in which others are at work."""
    machine.statuses = iter([{"phase": "Running", "podIP": "10.0.0.7"}, ended(result={})])
    with workers.serving("made"):
        pass
    going = {**machine.made[0], "status": ended(code=143, error="it was told to end")}
    going["metadata"]["deletionTimestamp"] = "2026-11-25T00:00:00Z"
    machine.kubernetes.put("fabric", "pods", going)
    workers.remove(FIRST, ["made"])


def test_a_peer_that_is_on_no_machine(machine: Machine, workers: Workers) -> None:
    machine.kubernetes.remove(("fabric", "pods", f"{SECOND}-0"))
    with pytest.raises(ClusterError, match=rf"Pod {SECOND}-0 is on no machine in fabric"):
        workers.remove(SECOND, ["folder"])


def test_what_a_killed_run_left_is_forgotten_for_its_channel_only(
    machine: Machine, workers: Workers
) -> None:
    running = {"phase": "Running"}
    machine.statuses = iter([running, ended(result={})])
    name = workers._create(SECOND, "remove")
    snapshot_workers.forget("fabric", "private")
    assert machine.left == [name]
    workers.remove(SECOND, ["folder"])
    assert machine.left == []
    machine.statuses = iter([running])
    workers._create(SECOND, "remove")
    snapshot_workers.forget("fabric", "common")
    assert machine.left == []
