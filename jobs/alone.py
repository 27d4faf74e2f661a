"""One job at a time in a namespace: a second one would start nodes whose volumes are being filled.

A ConfigMap names the pod at work. It is never taken away: a pod that has ended, or is gone, is at
work no more, and whoever comes next puts its own name there, if nobody has changed it meanwhile
(`resourceVersion`).
"""

from actions import cluster, pods
from actions.cluster import RefusedError
from hlf import names
from hlf.client.wait import Deadline
from hlf.errors import FabricError
from jobs.place import Place
from jobs.telling import say

_PATIENCE = 1800.0
_POD = "pod"


def be_alone(place: Place) -> None:
    """Wait until no other job is at work in the namespace; from then on this one is."""
    waits_for = None
    for _ in Deadline(_PATIENCE).tries():
        other = _other(place)
        if other is None:
            return
        if other != waits_for:
            say(f"waiting for {other}, which backs up or restores")
            waits_for = other
    raise FabricError(
        f"pod {waits_for} in {place.namespace} backs up or restores for more than "
        f"{_PATIENCE / 60:.0f} minutes; see what it does (`kubectl logs`), and run this again"
    )


def _other(place: Place) -> str | None:
    """The pod that is at work; None where this one has become it."""
    if cluster.create_config_map(place.namespace, names.AT_WORK, {_POD: place.pod}):
        return None
    found = cluster.get(place.namespace, "configmaps", names.AT_WORK)
    if found is None:
        return "nobody"
    holder = found["data"][_POD]
    if holder == place.pod:
        return None
    pod = cluster.get(place.namespace, "pods", holder)
    if pod is not None and not pods.has_ended(pod):
        return holder
    version = found["metadata"]["resourceVersion"]
    changes = {"metadata": {"resourceVersion": version}, "data": {_POD: place.pod}}
    try:
        cluster.merge(place.namespace, "configmaps", names.AT_WORK, changes)
    except RefusedError:
        return "another job"
    return None
