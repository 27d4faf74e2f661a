"""Pods that hand out, fetch and remove a peer's snapshot (`jobs.snapshots`).

Each has one peer's volume. A volume that is in use is on its peer's machine, so that is where the
pod is, as the peer's user and with its security. It has no rights in the cluster, and of secrets
only the ticket of the transfer. One that a killed run left ends by itself.
"""

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from actions import cluster, jobs, joining_note, pods
from actions.cluster import ClusterError, Manifest, PodEvent
from actions.joining_note import CHANNEL, LABEL, Note
from hlf import names
from hlf.client.wait import Deadline, gather
from hlf.errors import FabricError
from jobs.snapshot_transfer import FILES
from jobs.snapshots import FETCH, REMOVE, SERVE

_Answer = TypeVar("_Answer")

PRODUCTION = "/var/hyperledger/production"
"""Where peers have their volumes, and workers too, so that paths are the same."""
_TICKET = "/etc/hlf/ticket"
_PEER = "peer"
"""The container of a peer's pod."""
_START_TIMEOUT = 300.0
"""For an image to be pulled."""
_LONGEST = 4 * 3600
"""Seconds that a pod is at work at most; one that makes no headway ends before."""
_GONE_TIMEOUT = 60.0


@dataclass(frozen=True, kw_only=True)
class Workers:
    """How workers of one note are made."""

    namespace: str
    note: Note
    made_of: Mapping[str, Any]
    """The input `joinBySnapshot` of `actions.channel`."""

    @contextmanager
    def serving(self, folder: str) -> Generator[str]:
        """Hand out a snapshot of the note's source while entered; yields the address."""
        address = f"$(POD_IP):{names.SNAPSHOT_PORT}"
        pod = self._create(self.note.source, SERVE, "--folder", folder, "--address", address)
        try:
            ip = self._wait(pod, _address, timeout=_START_TIMEOUT)
            yield f"[{ip}]:{names.SNAPSHOT_PORT}" if ":" in ip else f"{ip}:{names.SNAPSHOT_PORT}"
        finally:
            cluster.delete(self.namespace, "pods", pod)

    def fetch(self, peer: str, address: str, folder: str, block: int) -> None:
        """Have the snapshot of a block, which is served at an address, in a folder of a peer."""
        of = ("--channel", self.note.channel, "--block", str(block))
        self._run(peer, FETCH, "--folder", folder, "--address", address, *of)

    def remove(self, peer: str, folders: Iterable[str]) -> None:
        """Remove folders of a peer; nothing happens where there are none."""
        self._run(peer, REMOVE, *(word for each in folders for word in ("--folder", each)))

    def _run(self, peer: str, *arguments: str) -> None:
        pod = self._create(peer, *arguments)
        try:
            self._wait(pod, _phase, timeout=_START_TIMEOUT)
            self._wait(pod, jobs.ending, timeout=_LONGEST)
        finally:
            cluster.delete(self.namespace, "pods", pod)

    def _create(self, peer: str, *arguments: str) -> str:
        """Create a worker beside a peer, in the place of one that a killed run left."""
        beside = cluster.get(self.namespace, "pods", names.pod(peer))
        if beside is None or "nodeName" not in beside["spec"]:
            raise ClusterError(
                f"Pod {names.pod(peer)} is on no machine in {self.namespace}, so nobody reaches "
                f"its volume: see why it does not run, and run `pulumi up` again."
            )
        made = manifest(
            beside,
            peer=peer,
            note=self.note,
            arguments=arguments,
            made_of=self.made_of,
        )
        name = made["metadata"]["name"]
        for _ in Deadline(_GONE_TIMEOUT).tries():
            if cluster.create(self.namespace, "pods", made) is not None:
                return name
            cluster.delete(self.namespace, "pods", name)
        raise ClusterError(f"Pod {name} of an earlier run in {self.namespace} does not go.")

    def _wait(
        self, pod: str, found: Callable[[Manifest], _Answer | None], *, timeout: float
    ) -> _Answer:
        """Wait until something is found in a pod, and return that; an error where one failed.

        It may be the other side that failed, and this one waits for it.
        """
        server = _pod(self.note.source, self.note.channel, SERVE)
        with closing(
            cluster.watch_pods(self.namespace, joining_note.SELECTOR, timeout=timeout)
        ) as events:
            for event in events:
                if event.name == server and not _is_going(event):
                    self._check(server, event.manifest)
                if event.name != pod:
                    continue
                if event.gone:
                    raise ClusterError(
                        f"Pod {pod} in {self.namespace} was deleted before its end: run "
                        "`pulumi up` again."
                    )
                self._check(pod, event.manifest)
                answer = found(event.manifest)
                if answer is not None:
                    return answer
        raise ClusterError(
            f"Pod {pod} in {self.namespace} is not done within {timeout:.0f} s; "
            f"`kubectl -n {self.namespace} describe pod {pod}` says more."
        )

    def _check(self, name: str, pod: Manifest) -> None:
        end = jobs.ending(pod)
        if end is not None and not end.succeeded:
            if end.error is not None:
                raise FabricError(end.error)
            raise ClusterError(
                pods.complaint(
                    self.namespace,
                    name,
                    names.JOB_CONTAINER,
                    end.problem,
                    does="did not end well",
                )
            )
        found = pods.trouble(pod)
        if found is not None:
            raise ClusterError(pods.complaint(self.namespace, name, *found))


def forget(namespace: str, channel: str) -> None:
    """Delete the workers of a channel that a killed run left."""
    left = [
        pod["metadata"]["name"]
        for pod in cluster.find(namespace, "pods", joining_note.SELECTOR)
        if pod["metadata"]["annotations"][CHANNEL] == channel
    ]
    gather(lambda name: cluster.delete(namespace, "pods", name), left)


def manifest(
    beside: Manifest,
    *,
    peer: str,
    note: Note,
    arguments: Sequence[str],
    made_of: Mapping[str, Any],
) -> Manifest:
    """Return a worker's pod, which is `beside` the pod of a peer."""
    own = next(each for each in beside["spec"]["containers"] if each["name"] == _PEER)
    ticket = {"secretName": note.name, "items": [{"key": f, "path": f} for f in FILES]}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": _pod(peer, note.channel, arguments[0]),
            "labels": {**made_of.get("labels", {}), LABEL: "true"},
            "annotations": {**made_of.get("annotations", {}), CHANNEL: note.channel},
        },
        "spec": {
            "nodeName": beside["spec"]["nodeName"],
            "restartPolicy": "Never",
            "activeDeadlineSeconds": _LONGEST,
            "terminationGracePeriodSeconds": 5,
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "securityContext": beside["spec"]["securityContext"],
            "imagePullSecrets": [{"name": name} for name in made_of.get("pullSecrets", ())],
            "containers": [
                {
                    "name": names.JOB_CONTAINER,
                    "image": made_of["image"],
                    "command": ["python3", "-m", "jobs"],
                    "args": [
                        *arguments,
                        *([] if arguments[0] == REMOVE else ["--ticket", _TICKET]),
                    ],
                    "env": [
                        {
                            "name": "POD_IP",
                            "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}},
                        }
                    ],
                    "resources": made_of.get("resources", {}),
                    "securityContext": own["securityContext"],
                    "volumeMounts": [
                        {"name": "data", "mountPath": PRODUCTION},
                        {"name": "ticket", "mountPath": _TICKET, "readOnly": True},
                        {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108  (in the container)
                    ],
                }
            ],
            "volumes": [
                {"name": "data", "persistentVolumeClaim": {"claimName": peer}},
                {"name": "ticket", "secret": ticket},
                {"name": "tmp", "emptyDir": {}},
            ],
        },
    }


def _pod(peer: str, channel: str, verb: str) -> str:
    return f"{names.joining(peer, channel)}--{verb}"


def _is_going(event: PodEvent) -> bool:
    return event.gone or "deletionTimestamp" in event.manifest["metadata"]


def _phase(pod: Manifest) -> str | None:
    """Return the phase of a pod that has started."""
    phase = pod.get("status", {}).get("phase")
    return phase if phase in ("Running", "Succeeded", "Failed") else None


def _address(pod: Manifest) -> str | None:
    """Return the IP of a pod that runs."""
    return pod.get("status", {}).get("podIP") if _phase(pod) == "Running" else None
