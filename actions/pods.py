"""Reads a pod's manifest: is it ready, and if not, what is in its way.

Pure functions over what the API returns; `wait_ready` beside them is the one way to wait for pods.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import closing

from actions import cluster
from actions.cluster import ClusterError, Manifest, PodEvent

NODES = "hlf/node=true"
"""Selects the pods of all nodes."""
CODE = "hlf/code"
"""Label on pods of servers that keep their name when their code is another."""
_HOPELESS = {
    "ErrImagePull": "its image cannot be pulled",
    "ImagePullBackOff": "its image cannot be pulled",
    "ErrImageNeverPull": "its image is not on the node",
    "InvalidImageName": "its image's name is not valid",
    "CreateContainerConfigError": "it cannot be configured",
    "CreateContainerError": "it cannot be created",
}
_PASSING = "failed to sync"
"""Of a Secret's or a ConfigMap's cache: a kubelet with much to do has not seen it yet."""
_CRASHES_TOLERATED = 3


def is_ready(pod: Manifest) -> bool:
    """Return whether the pod runs, passes its readiness probes and is not being deleted."""
    if "deletionTimestamp" in pod["metadata"]:
        return False
    conditions = pod.get("status", {}).get("conditions", [])
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def has_ended(pod: Manifest) -> bool:
    """Return whether all of the pod's containers have ended, and none is started again."""
    return pod.get("status", {}).get("phase") in ("Succeeded", "Failed")


def revision(pod: Manifest) -> str:
    """Return the revision of its StatefulSet that the pod was made from, or the code it runs."""
    labels = pod["metadata"].get("labels", {})
    return labels.get("controller-revision-hash") or labels.get(CODE, "")


def trouble(pod: Manifest) -> tuple[str, str] | None:
    """Return (container, what is wrong) where the pod will not get ready by itself, else None.

    A container that crashes is given a few restarts: nodes may start before what they need.
    """
    status = pod.get("status", {})
    every = status.get("initContainerStatuses", []) + status.get("containerStatuses", [])
    for container in every:
        waiting = container.get("state", {}).get("waiting", {})
        reason = waiting.get("reason", "")
        detail = waiting.get("message") or reason
        if reason in _HOPELESS and _PASSING not in detail:
            return container["name"], f"{_HOPELESS[reason]}: {container['image']}: {detail}"
        if container.get("restartCount", 0) >= _CRASHES_TOLERATED and not container.get("ready"):
            return container["name"], f"it crashed {container['restartCount']} times"
    return None


def unschedulable(pod: Manifest) -> str | None:
    """Return why no node takes the pod (a volume that is not bound, too little memory)."""
    for condition in pod.get("status", {}).get("conditions", []):
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            return condition.get("message")
    return None


def claims(pod: Manifest) -> list[str]:
    """Return the names of the volume claims that the pod mounts."""
    volumes = pod.get("spec", {}).get("volumes", [])
    return [
        v["persistentVolumeClaim"]["claimName"] for v in volumes if "persistentVolumeClaim" in v
    ]


def wait_ready(
    namespace: str,
    selector: str,
    wanted: Mapping[str, str | None],
    *,
    timeout: float,
    report: Callable[[str], None],
) -> None:
    """Wait until the pods of all wanted `app` labels are ready.

    `wanted` maps the label's value to the revision that counts, or None for any. Raises
    ClusterError with the pod, the container, the reason and its last log lines.
    """
    if not wanted:
        return
    missing = dict(wanted)
    seen: dict[str, Manifest] = {}
    end = time.monotonic() + timeout
    report(_waiting(wanted, missing))
    with closing(cluster.watch_pods(namespace, selector, timeout=timeout)) as events:
        for event in events:
            app = event.manifest["metadata"].get("labels", {}).get("app", "")
            if app not in missing:
                continue
            if event.gone:
                seen.pop(app, None)
                continue
            seen[app] = event.manifest
            if missing[app] not in (None, revision(event.manifest)):
                continue
            if is_ready(event.manifest):
                del missing[app]
                if not missing:
                    return
                report(_waiting(wanted, missing))
            else:
                _check(namespace, event)
    waited = int(timeout - max(0.0, end - time.monotonic()))
    raise ClusterError(_late(namespace, missing, seen, waited))


def _check(namespace: str, event: PodEvent) -> None:
    """Raise ClusterError where the pod will not get ready by itself."""
    found = trouble(event.manifest)
    if found is not None:
        raise ClusterError(complaint(namespace, event.name, *found))
    if unschedulable(event.manifest) is not None:
        _check_volumes(namespace, event)


def _check_volumes(namespace: str, event: PodEvent) -> None:
    """Raise ClusterError where a pod waits for a volume that nothing will ever make."""
    for name in claims(event.manifest):
        claim = cluster.get(namespace, "persistentvolumeclaims", name)
        if claim is None or claim.get("status", {}).get("phase") == "Bound":
            continue
        storage_class = claim["spec"].get("storageClassName")
        if storage_class is None:
            problem = "the cluster has no default StorageClass"
        elif storage_class and cluster.lacks_storage_class(storage_class):
            problem = f"there is no StorageClass {storage_class}"
        else:
            continue
        raise ClusterError(
            f"Pod {event.name} in {namespace} does not start: {problem} for its volume claim "
            f"{name}. Name one of `kubectl get storageclasses` in the setting hlf:pods, as in "
            "`pulumi config set --path hlf:pods.all.storage.class standard`, then run "
            "`pulumi up` again."
        )


def _waiting(wanted: Mapping[str, str | None], missing: Mapping[str, str | None]) -> str:
    first = min(missing, default="")
    return f"waiting for pods {len(wanted) - len(missing)}/{len(wanted)}: {first}"


def complaint(
    namespace: str, pod: str, container: str, problem: str, *, does: str = "does not start"
) -> str:
    """Return what is wrong with a pod as a sentence, with the last lines of the container's log."""
    log = cluster.pod_log(namespace, pod, container, lines=15).strip()
    ending = f" Its last lines:\n{log}" if log else ""
    return f"Pod {pod} in {namespace} {does}: container {container}: {problem}.{ending}"


def _late(
    namespace: str, missing: Mapping[str, str | None], seen: Mapping[str, Manifest], waited: int
) -> str:
    reasons: list[str] = []
    for app in sorted(missing):
        pod = seen.get(app)
        if pod is None:
            reasons.append(f"{app} has no pod")
        else:
            reasons.append(f"{app}: {unschedulable(pod) or 'it is not ready'}")
    return f"Pods in {namespace} are not ready after {waited} s: {'; '.join(reasons)}."
