"""Pods beside the nodes' volumes: one for each machine and each user that volumes belong to.

A worker is the job's own pod once more, on the machine where the nodes are, with their volumes and
as the user that these belong to; a volume can be in several pods there at once. It and the job
speak through the worker's pod object: annotations, and its container's last message.
"""

import json
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from actions import cluster, pods
from actions.cluster import ClusterError, Manifest
from hlf import names
from hlf.client.wait import Deadline, gather
from hlf.errors import FabricError
from jobs import telling
from jobs.place import Place
from jobs.standing import Standing

WORKER = "hlf/worker"
"""Label of workers: for which pod of a job they are."""
WORK = "HLF_WORK"
"""Environment of a worker: JSON with what it is to do."""
VOLUMES = "/nodes"
"""Below it, a worker has the volumes by the names of their nodes."""
PROGRESS = "hlf/progress"
PREPARED = "hlf/prepared"
GO = "hlf/go"
REACHED = "hlf/reached"
"""Annotations of a worker: how far it is, that it waits, that it shall go on, and (JSON) how many
blocks of each channel the highest of its stopped nodes has."""

_OWN_VOLUMES = "kube-api-access-"
"""Kubernetes adds volumes with names that begin so to each pod."""
_GONE_TIMEOUT = 60.0


@dataclass(frozen=True, kw_only=True)
class Worker:
    """A worker's pod, and the nodes whose volumes it has."""

    pod: str
    nodes: tuple[Standing, ...]


class Crew:
    """Workers of one job, by what was seen of them last."""

    def __init__(self, place: Place, workers: Sequence[Worker]) -> None:
        self.workers = workers
        self._place = place
        self._seen: dict[str, Manifest] = {}

    def wait(self, done: Callable[[Manifest], bool], *, doing: str, timeout: float) -> None:
        """Wait until each worker's pod is `done`; FabricError where one has failed.

        Says at most once a second how far they are.
        """
        wanted = {worker.pod for worker in self.workers}
        told = 0.0
        selector = f"{WORKER}={self._place.pod}"
        events = cluster.watch_pods(self._place.namespace, selector, timeout=timeout)
        with closing(events):
            while not all(pod in self._seen and done(self._seen[pod]) for pod in wanted):
                event = next(events, None)
                if event is None:
                    raise ClusterError(
                        f"Workers of {self._place.pod} in {self._place.namespace} are still "
                        f"{doing} after {timeout:.0f} s."
                    )
                if event.name not in wanted:
                    continue
                if event.gone:
                    raise ClusterError(
                        f"Pod {event.name} in {self._place.namespace} was deleted while {doing}."
                    )
                self._seen[event.name] = event.manifest
                _check(self._place.namespace, event.name, event.manifest)
                if time.monotonic() - told > 1:
                    told = time.monotonic()
                    telling.say(f"{doing}: {self._told(wanted)}")

    def go(self) -> None:
        """Tell the workers, which wait, to go on."""
        gather(lambda worker: annotate(self._place, worker.pod, {GO: "true"}), self.workers)

    def heights(self) -> dict[str, int]:
        """Return the blocks of each channel that the highest of the workers' nodes has."""
        seen = (self._seen[worker.pod] for worker in self.workers)
        return highest(json.loads(annotation(pod, REACHED) or "{}") for pod in seen)

    def results(self) -> list[Any]:
        """Return what the workers, which are done, have left."""
        messages = (telling.read(self._seen[worker.pod]) or {} for worker in self.workers)
        return [message["result"] for message in messages]

    def _told(self, wanted: Iterable[str]) -> str:
        """Add up what workers say of themselves."""
        counts = [progress(self._seen[pod]) for pod in wanted if pod in self._seen]
        files, seen, stored = (sum(each) for each in zip((0, 0, 0), *counts, strict=True))
        ending = f", {telling.amount(stored)} new in the store" if stored else ""
        return f"{files} files, {telling.amount(seen)}{ending}"


def highest(told: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Return by channel the greatest of the heights that nodes have told."""
    found: dict[str, int] = {}
    for heights in told:
        for channel, height in heights.items():
            found[channel] = max(found.get(channel, 0), height)
    return found


def annotation(pod: Manifest, name: str) -> str | None:
    """Return an annotation of a pod."""
    return pod["metadata"].get("annotations", {}).get(name)


def is_prepared(pod: Manifest) -> bool:
    """Whether a worker waits to be told to go on."""
    return annotation(pod, PREPARED) is not None


def has_reached(pod: Manifest) -> bool:
    """Whether a worker has told how far its nodes are."""
    return annotation(pod, REACHED) is not None


def is_done(pod: Manifest) -> bool:
    """Whether a worker has ended well."""
    return pod.get("status", {}).get("phase") == "Succeeded"


def progress(pod: Manifest) -> tuple[int, int, int]:
    """Files, bytes seen and bytes stored, as a worker says."""
    files, seen, stored = map(int, (annotation(pod, PROGRESS) or "0 0 0").split())
    return files, seen, stored


def annotate(place: Place, pod: str, annotations: Mapping[str, str]) -> None:
    """Set annotations of a pod."""
    changes = {"metadata": {"annotations": dict(annotations)}}
    cluster.merge(place.namespace, "pods", pod, changes)


@contextmanager
def crew(
    place: Place,
    verb: str,
    nodes: Iterable[Standing],
    *,
    key: str,
    name: str,
    read_only: bool = False,
) -> Generator[Crew]:
    """Have workers for some nodes, which do `verb`; their pods are deleted afterwards.

    `name` is in the names of their pods, and so another one than that of any crew before.
    """
    own = cluster.get(place.namespace, "pods", place.pod)
    if own is None:
        raise ClusterError(f"Pod {place.pod} is not in {place.namespace}, though this runs in it.")
    groups = _groups(nodes)
    workers = [
        Worker(pod=f"{place.pod}-{name}-{number}", nodes=group)
        for number, group in enumerate(groups)
    ]
    try:
        gather(
            lambda worker: cluster.create(
                place.namespace,
                "pods",
                manifest(own, worker, verb=verb, key=key, read_only=read_only),
            ),
            workers,
        )
        yield Crew(place, workers)
    finally:
        gather(lambda worker: cluster.delete(place.namespace, "pods", worker.pod), workers)


def clear(place: Place) -> None:
    """See to it that no worker of an earlier pod is left: it would have the volumes."""
    left: list[Manifest] = []
    for _ in Deadline(_GONE_TIMEOUT).tries():
        left = cluster.find(place.namespace, "pods", WORKER)
        if not left:
            return
        for pod in left:
            cluster.delete(place.namespace, "pods", pod["metadata"]["name"])
    raise ClusterError(
        f"Pods of earlier jobs in {place.namespace} do not go: "
        f"{', '.join(sorted(pod['metadata']['name'] for pod in left))}."
    )


def manifest(own: Manifest, worker: Worker, *, verb: str, key: str, read_only: bool) -> Manifest:
    """A worker's pod, from the job's own: same image, same environment, other volumes and user."""
    spec = own["spec"]
    (container,) = (each for each in spec["containers"] if each["name"] == names.JOB_CONTAINER)
    work = {
        "key": key,
        "nodes": {node.name: {"role": node.role, "mspId": node.msp_id} for node in worker.nodes},
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": worker.pod,
            "labels": {
                **{k: v for k, v in own["metadata"].get("labels", {}).items() if _is_ours(k)},
                WORKER: own["metadata"]["name"],
            },
            "ownerReferences": [
                {
                    "apiVersion": "v1",
                    "kind": "Pod",
                    "name": own["metadata"]["name"],
                    "uid": own["metadata"]["uid"],
                }
            ],
        },
        "spec": {
            **{key: spec[key] for key in ("serviceAccountName", "imagePullSecrets") if key in spec},
            "nodeName": worker.nodes[0].machine,
            "restartPolicy": "Never",
            "terminationGracePeriodSeconds": 5,
            "enableServiceLinks": False,
            "securityContext": dict(worker.nodes[0].security),
            "containers": [
                {
                    **{key: container[key] for key in _KEPT if key in container},
                    "name": names.JOB_CONTAINER,
                    "args": [verb],
                    "env": [
                        *(each for each in container.get("env", []) if each["name"] != WORK),
                        {"name": WORK, "value": json.dumps(work)},
                    ],
                    "volumeMounts": [
                        *(
                            each
                            for each in container.get("volumeMounts", [])
                            if not each["name"].startswith(_OWN_VOLUMES)
                        ),
                        *(
                            {
                                "name": f"node-{number}",
                                "mountPath": f"{VOLUMES}/{node.name}",
                                "readOnly": read_only,
                            }
                            for number, node in enumerate(worker.nodes)
                        ),
                    ],
                }
            ],
            "volumes": [
                *(
                    each
                    for each in spec.get("volumes", [])
                    if not each["name"].startswith(_OWN_VOLUMES)
                ),
                *(
                    {"name": f"node-{number}", "persistentVolumeClaim": {"claimName": node.name}}
                    for number, node in enumerate(worker.nodes)
                ),
            ],
        },
    }


_KEPT = ("image", "imagePullPolicy", "command", "envFrom", "resources", "securityContext")


def _is_ours(label: str) -> bool:
    """Whether a label is not the Job's, which would count its pods by it."""
    return "job-name" not in label and "controller-uid" not in label


def _groups(nodes: Iterable[Standing]) -> list[tuple[Standing, ...]]:
    found: dict[tuple[str | None, str], list[Standing]] = {}
    for node in nodes:
        whose = json.dumps(node.security, sort_keys=True)
        found.setdefault((node.machine, whose), []).append(node)
    return [tuple(group) for group in found.values()]


def _check(namespace: str, name: str, pod: Manifest) -> None:
    if pod.get("status", {}).get("phase") == "Failed":
        message = telling.read(pod) or {}
        reason = pod["status"].get("message") or pod["status"].get("reason")
        log = cluster.pod_log(namespace, name, names.JOB_CONTAINER, lines=15).strip()
        raise FabricError(
            message.get("error") or reason or f"Pod {name} in {namespace} failed: {log}"
        )
    found = pods.trouble(pod)
    if found is not None:
        raise ClusterError(pods.complaint(namespace, name, *found))
