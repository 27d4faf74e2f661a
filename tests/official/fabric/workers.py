"""A cluster in which snapshots' workers run: the API is a stand-in, the workers are processes.

What a pod's manifest says is what its process does: verb, folders, ticket. Volumes are folders of
this machine, so paths of the pods stand for others here.
"""

import base64
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from actions.joining_note import SELECTOR
from actions.snapshot_workers import PRODUCTION
from hlf.client.connection import Endpoint
from hlf.client.identity import Signer
from hlf.client.peer import Peer
from hlf.client.protos import JoinBySnapshotStatus, serialize
from tests.unit.actions.kubernetes import Key, Kubernetes
from tests.unit.actions.pods_made import pod
from tools.home import CHECKOUT

NAMESPACE = "fabric"
_TICKET = "/etc/hlf/ticket"
_RUN = (
    "import pathlib, sys; from jobs import telling, __main__; "
    "telling._MESSAGE = pathlib.Path(sys.argv.pop(1)); sys.exit(__main__.main())"
)
"""`python -m jobs`, with another place for its last message."""
SECURITY = {"runAsNonRoot": True, "runAsUser": 7051, "seccompProfile": {"type": "RuntimeDefault"}}
CONTAINER_SECURITY = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


class PlacedPeer(Peer):
    """A peer whose folder is not where it would be in a pod."""

    def __init__(self, endpoint: Endpoint, signer: Signer, production: Path) -> None:
        super().__init__(endpoint, signer)
        self.production = production
        self.joined: list[bool] = []
        """Of each try to join by the first block, whether the peer did."""

    def _join(self, channel: str, args: Sequence[str | bytes], *, timeout: float) -> bool:
        self.joined.append(super()._join(channel, args, timeout=timeout))
        return self.joined[-1]

    def query(
        self,
        channel: str,
        chaincode: str,
        args: Sequence[str | bytes],
        *,
        doing: str,
        timeout: float,
    ) -> bytes:
        here = [
            each.replace(PRODUCTION, str(self.production)) if isinstance(each, str) else each
            for each in args
        ]
        answer = super().query(channel, chaincode, here, doing=doing, timeout=timeout)
        if args[0] != "JoinBySnapshotStatus":
            return answer
        status = JoinBySnapshotStatus.FromString(answer)
        folder = status.bootstrapping_snapshot_dir.replace(str(self.production), PRODUCTION)
        return serialize(
            JoinBySnapshotStatus(in_progress=status.in_progress, bootstrapping_snapshot_dir=folder)
        )


class Machine:
    """Runs the workers; `volumes` are the peers' folders by the names of their claims."""

    def __init__(self, kubernetes: Kubernetes, volumes: Mapping[str, Path], folder: Path) -> None:
        self.kubernetes = kubernetes
        self.ran: list[str] = []
        """The arguments of each worker, in order."""
        self._volumes = volumes
        self._folder = folder
        self._running: dict[Key, subprocess.Popen[bytes]] = {}
        kubernetes.put_namespace(NAMESPACE)
        for name in volumes:
            kubernetes.put(NAMESPACE, "pods", peer_pod(name))
        kubernetes.on_create = self._start
        kubernetes.on_delete = self._stop

    @property
    def left(self) -> list[str]:
        """What is in the cluster only while peers join."""
        label, _, value = SELECTOR.partition("=")
        return [
            "/".join(key[1:])
            for key, manifest in self.kubernetes.objects.items()
            if manifest["metadata"].get("labels", {}).get(label) == value
        ]

    def _start(self, key: Key, manifest: dict[str, Any]) -> None:
        if key[1] != "pods":
            return
        (container,) = manifest["spec"]["containers"]
        volumes = {each["name"]: each for each in manifest["spec"]["volumes"]}
        production = self._volumes[volumes["data"]["persistentVolumeClaim"]["claimName"]]
        place = Path(tempfile.mkdtemp(dir=self._folder))
        self._lay_ticket(place, volumes["ticket"]["secret"])
        args = [
            each.replace(PRODUCTION, str(production))
            .replace(_TICKET, str(place))
            .replace("$(POD_IP)", "127.0.0.1")
            for each in container["args"]
        ]
        self.ran.append(" ".join(container["args"]))
        process = subprocess.Popen(
            [sys.executable, "-c", _RUN, str(place / "message"), *args],
            cwd=CHECKOUT,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        )
        self._running[key] = process
        self._tell(key, manifest, {"phase": "Running", "podIP": "127.0.0.1"})
        threading.Thread(target=self._await, args=(key, manifest, process, place)).start()

    def _lay_ticket(self, place: Path, secret: Mapping[str, Any]) -> None:
        data = self.kubernetes.objects[NAMESPACE, "secrets", secret["secretName"]]["data"]
        for item in secret["items"]:
            (place / item["path"]).write_bytes(base64.b64decode(data[item["key"]]))

    def _await(
        self, key: Key, manifest: dict[str, Any], process: subprocess.Popen[bytes], place: Path
    ) -> None:
        code = process.wait()
        message = place / "message"
        said = message.read_text() if message.exists() else ""
        terminated = {"exitCode": code, "message": said}
        status = {"name": "jobs", "state": {"terminated": terminated}}
        phase = "Failed" if code else "Succeeded"
        if self._running.get(key) is process:
            self._tell(key, manifest, {"phase": phase, "containerStatuses": [status]})

    def _tell(self, key: Key, manifest: dict[str, Any], status: dict[str, Any]) -> None:
        self.kubernetes.put(key[0], key[1], {**manifest, "status": status})

    def _stop(self, key: Key) -> None:
        process = self._running.pop(key, None)
        if process is not None:
            process.terminate()


def peer_pod(name: str) -> dict[str, Any]:
    """A peer's pod on a machine."""
    made = pod(name)
    made["spec"] |= {
        "nodeName": "machine",
        "securityContext": SECURITY,
        "containers": [{"name": "peer", "securityContext": CONTAINER_SECURITY}],
    }
    return made
