"""Runs a Job in the cluster to its end, and shows what it says while it works.

Work on the nodes' volumes is done where the volumes are, by Jobs that are made from one CronJob
(`components.backup`), by a schedule or by an action. A Job goes on when the run that made it is
killed, and the next run takes it over by its name. One that has failed, or has no pod at work, is
made anew: nothing is lost by it, and its image and credentials are those of the settings by now.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from actions import cluster, pods
from actions.cluster import ClusterError, Manifest
from actions.progress import Report
from hlf import names
from hlf.client.wait import Deadline
from jobs import telling

BATCH = "batch/v1"
JOBS = f"{names.IS_JOB}=true"
"""Selects the pods of all jobs."""
_UID = "batch.kubernetes.io/controller-uid"
"""Label of a Job's pods. By the Job's name, pods of a deleted one would be found too."""
_BY_HAND = {"cronjob.kubernetes.io/instantiate": "manual"}
"""As `kubectl create job --from` marks a Job."""
_GONE_TIMEOUT = 60.0
_START_TIMEOUT = 300.0
"""For an image to be pulled, and for the pauses that Kubernetes makes between two tries."""
_LOOK = 5.0
"""How long pods are watched before the Job is looked at, which may fail without one."""
_SILENCE = 30.0
"""After so long without a line, a pod is looked at: the connection may be dead."""
_REPORTED = 200
"""Characters of a line of progress, or of a reason in one."""


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How a pod ended. Of `result` and `error` one is there, if the job came to say it."""

    succeeded: bool
    result: Mapping[str, Any] | None = None
    error: str | None = None
    problem: str
    """What Kubernetes says, such as `exit code 137, OOMKilled`."""


def run(namespace: str, *, name: str, arguments: Sequence[str], report: Report) -> dict[str, Any]:
    """Run the Job of this name to its end, or go on with it; return its result.

    The result is empty where the Job succeeded and its pod is not there any more.
    """
    report(f"starting job {name}")
    job = _made(_template(namespace), name, arguments)
    _refuse_without_store(namespace, job)
    uid = _start(namespace, job)
    return _follow(namespace, name, uid, report)


def stop(namespace: str, name: str) -> None:
    """Delete a Job with its pods; nothing happens where there is none."""
    cluster.delete(namespace, "jobs", name, version=BATCH, propagation="Background")


def texts(value: object) -> Any:
    """Return a part of a result as actions have outputs: texts and maps of them, no lists."""
    if isinstance(value, Mapping):
        return {str(key): texts(each) for key, each in value.items() if each is not None}
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ", ".join(str(each) for each in value)
    return str(value)


def ending(pod: Manifest) -> Ending | None:
    """Return how a job's pod ended; None while it has not."""
    status, phase = pod.get("status", {}), _phase(pod)
    if phase not in ("Succeeded", "Failed"):
        return None
    containers = status.get("containerStatuses") or []
    own = next((each for each in containers if each["name"] == names.JOB_CONTAINER), {})
    ended = own.get("state", {}).get("terminated", {})
    said = telling.read(pod) or {}
    result, error = said.get("result"), said.get("error")
    return Ending(
        succeeded=status["phase"] == "Succeeded",
        result=result if isinstance(result, Mapping) else None,
        error=str(error) if error else None,
        problem=_problem(status, ended),
    )


def is_failed(job: Manifest) -> bool:
    """Return whether Kubernetes has given the Job up."""
    return _has_condition(job, "Failed")


def is_complete(job: Manifest) -> bool:
    """Return whether the Job has succeeded."""
    return _has_condition(job, "Complete")


def does_the_same(one: Manifest, other: Manifest) -> bool:
    """Return whether two Jobs have the same arguments and the same store."""
    return _task(one) == _task(other)


def _made(template: Manifest, name: str, arguments: Sequence[str]) -> Manifest:
    """Return the Job with these arguments, otherwise as the template has it."""
    job = json.loads(json.dumps(template))
    _container(job)["args"] = list(arguments)
    metadata = job.get("metadata") or {}
    return {
        "apiVersion": BATCH,
        "kind": "Job",
        "metadata": {
            "name": name,
            "labels": metadata.get("labels") or {},
            "annotations": {**(metadata.get("annotations") or {}), **_BY_HAND},
        },
        "spec": job["spec"],
    }


def _task(job: Manifest) -> tuple[list[str], list[str], list[str]]:
    container = _container(job)
    variables = container.get("env", [])
    store = [each.get("value", "") for each in variables if each["name"] == names.STORE_VARIABLE]
    return container["args"], store, pods.claims(job["spec"]["template"])


def _container(job: Manifest) -> Manifest:
    containers = job["spec"]["template"]["spec"]["containers"]
    return next(each for each in containers if each["name"] == names.JOB_CONTAINER)


def _has_condition(job: Manifest, kind: str) -> bool:
    conditions = job.get("status", {}).get("conditions") or []
    return any(c["type"] == kind and c["status"] == "True" for c in conditions)


def _problem(status: Mapping[str, Any], ended: Mapping[str, Any]) -> str:
    if not ended:
        reason = status.get("message") or status.get("reason") or "it ended"
        return str(reason).rstrip(".")
    reason = ended.get("reason", "")
    code = f"exit code {ended.get('exitCode')}"
    return code if reason in ("", "Error") else f"{code}, {reason}"


def _template(namespace: str) -> Manifest:
    found = cluster.get(namespace, "cronjobs", names.BACKUP, version=BATCH)
    if found is None:
        raise ClusterError(
            f"CronJob {names.BACKUP}, from which jobs are made, is not in {namespace}, though the "
            "stack's state has it: run `pulumi refresh`, then `pulumi up`."
        )
    return found["spec"]["jobTemplate"]


def _refuse_without_store(namespace: str, job: Manifest) -> None:
    """Raise ClusterError where the store is on a volume that is not there: it is the user's."""
    for claim in pods.claims(job["spec"]["template"]):
        if cluster.get(namespace, "persistentvolumeclaims", claim) is None:
            raise ClusterError(
                f"PersistentVolumeClaim {claim}, which hlf:backup.store names, is not in "
                f'{namespace}: make it (docs/operations.md, "A store on a volume"), or name '
                "another store, and run `pulumi up` again."
            )


def _start(namespace: str, job: Manifest) -> str:
    """Have the Job, an earlier one of the same name if it will do; return its uid."""
    name = job["metadata"]["name"]
    for _ in Deadline(_GONE_TIMEOUT).tries():
        found = cluster.get(namespace, "jobs", name, version=BATCH)
        if found is None:
            made = cluster.create(namespace, "jobs", job, version=BATCH)
            if made is not None:
                return made["metadata"]["uid"]
        elif _will_do(namespace, found, job):
            return found["metadata"]["uid"]
        elif "deletionTimestamp" not in found["metadata"]:
            stop(namespace, name)
    raise ClusterError(
        f"Job {name} in {namespace} is not there after {_GONE_TIMEOUT:.0f} s: "
        f"`kubectl -n {namespace} describe job {name}` says what keeps it."
    )


def _will_do(namespace: str, found: Manifest, wanted: Manifest) -> bool:
    """Return whether to go on with a Job; if not, it is to be made anew."""
    metadata = found["metadata"]
    if "deletionTimestamp" in metadata or is_failed(found):
        return False
    if is_complete(found):
        return does_the_same(found, wanted)
    made = cluster.find(namespace, "pods", _of(metadata["uid"]))
    # one whose pod has just succeeded is not complete yet
    if not any(_phase(pod) in ("Running", "Succeeded") for pod in made):
        return False
    if does_the_same(found, wanted):
        return True
    name = metadata["name"]
    raise ClusterError(
        f"Job {name} in {namespace} is at work, with another store than the settings say by now: "
        "wait for its end, or set hlf:backup as it was, and run `pulumi up` again."
    )


def _phase(pod: Manifest) -> str:
    return pod.get("status", {}).get("phase", "")


def _of(uid: str) -> str:
    """Select the pods of a Job."""
    return f"{_UID}={uid}"


def _follow(namespace: str, name: str, uid: str, report: Report) -> dict[str, Any]:
    """Follow a Job's pods, one after the other, to its end."""
    tried: set[str] = set()
    while True:
        pod = _started(namespace, name, uid, tried, report)
        if pod is None:
            return {}
        pod_name = pod["metadata"]["name"]
        tried.add(pod_name)
        end = _end(namespace, pod_name, report)
        if end is not None and end.succeeded:
            return dict(end.result or {})
        reason = "it was deleted" if end is None else end.error or end.problem
        report(f"pod {pod_name} failed, waiting for another: {reason[:_REPORTED]}")


def _started(
    namespace: str, name: str, uid: str, tried: set[str], report: Report
) -> Manifest | None:
    """Wait for a further pod of the Job that runs or has ended.

    None where the Job has succeeded, and the pod that did is not there. Raises ClusterError where
    the Job has failed, or where its pod will not start.
    """
    selector = _of(uid)
    deadline = Deadline(_START_TIMEOUT)
    waits_for = "it has no pod"
    while deadline.remaining():
        pause = min(_LOOK, deadline.remaining())
        with closing(cluster.watch_pods(namespace, selector, timeout=pause)) as events:
            for event in events:
                if event.gone or event.name in tried:
                    continue
                if _phase(event.manifest) in ("Running", "Succeeded", "Failed"):
                    return event.manifest
                found = pods.trouble(event.manifest)
                if found is not None:
                    raise ClusterError(pods.complaint(namespace, event.name, *found))
                waits_for = pods.unschedulable(event.manifest) or "its pod is not started yet"
                report(f"waiting for job {name}: {waits_for[:_REPORTED]}")
        job = cluster.get(namespace, "jobs", name, version=BATCH)
        if job is None or job["metadata"]["uid"] != uid:
            raise ClusterError(
                f"Job {name} in {namespace} was deleted before its end: run `pulumi up` again."
            )
        made = cluster.find(namespace, "pods", selector)
        if is_failed(job):
            raise ClusterError(_failure(namespace, name, made))
        if is_complete(job):
            return next((pod for pod in made if _phase(pod) == "Succeeded"), None)
    raise ClusterError(
        f"Job {name} in {namespace} does not start within {_START_TIMEOUT:.0f} s: "
        f"{waits_for.rstrip('.')}. `kubectl -n {namespace} describe job {name}` says more."
    )


def _end(namespace: str, pod: str, report: Report) -> Ending | None:
    """Show what a pod says until it ends; None where it is deleted, for another takes its place."""
    while True:
        found = cluster.get(namespace, "pods", pod)
        if found is None:
            return None
        end = ending(found)
        if end is not None:
            return end
        if "deletionTimestamp" in found["metadata"]:
            return None
        for line in cluster.follow_log(namespace, pod, names.JOB_CONTAINER, silence=_SILENCE):
            if line.strip():
                report(line.strip()[:_REPORTED])
        with closing(cluster.watch_pods(namespace, JOBS, timeout=_LOOK)) as events:
            # its log ends a moment before the pod does
            for event in events:
                if event.name == pod and (event.gone or ending(event.manifest)):
                    break


def _failure(namespace: str, name: str, made: Sequence[Manifest]) -> str:
    """Return why a Job failed, by the last of its pods that ended."""
    ordered = sorted(made, key=lambda pod: pod["metadata"].get("creationTimestamp", ""))
    for pod in reversed(ordered):
        end = ending(pod)
        if end is not None and end.error is not None:
            return end.error
        if end is not None:
            return pods.complaint(
                namespace,
                pod["metadata"]["name"],
                names.JOB_CONTAINER,
                end.problem,
                does="did not end well",
            )
    return (
        f"Job {name} in {namespace} failed, and its pods are gone: run `pulumi up` again, or see "
        f"`kubectl -n {namespace} describe job {name}`."
    )
