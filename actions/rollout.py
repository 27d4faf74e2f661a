"""Brings every node's pod to its StatefulSet's template: the first start, then one at a time.

The StatefulSets have the update strategy OnDelete, because Pulumi updates them side by side: a
changed image would take down a whole ordering service at once. This action replaces the pods,
and is what everything that talks to the nodes waits for. It goes on to the next node when the last
one serves its channels again and has what the others have: a node that is ready has no more than
an open port.
"""

from collections.abc import Callable, Collection, Mapping
from typing import ClassVar, TypeVar

import pulumi

from actions import cluster, pods
from actions.access import Access
from actions.catching_up import OrderersAndPeers
from actions.cluster import ClusterError
from actions.kafka import Brokers, ZooKeeperServers
from actions.progress import Report
from actions.provider import Action, ActionResource, Props
from hlf import names
from hlf.client.wait import Deadline, gather

_Answer = TypeVar("_Answer")

_TIMEOUT = 300.0
_SEEN_TIMEOUT = 30.0
_STALE = "not what its StatefulSet says"


class RolloutProvider(Action):
    """Inputs.

    nodes (name of the StatefulSet -> digest of its pod template); actions.access.Access.
    """

    replace_on: ClassVar = ("namespace",)

    def identity(self, inputs: Props) -> str:  # noqa: D102
        return inputs["namespace"]

    def apply(self, inputs: Props, report: Report) -> Props:  # noqa: D102
        namespace = inputs["namespace"]
        revisions = {node: _wanted_revision(namespace, node) for node in inputs["nodes"]}
        outdated = [n for n in sorted(revisions) if _is_outdated(namespace, n, revisions[n])]
        standing = {n: r for n, r in revisions.items() if n not in outdated}
        pods.wait_ready(namespace, pods.NODES, standing, timeout=_TIMEOUT, report=report)
        if outdated:
            _replace(inputs, {node: revisions[node] for node in outdated}, report)
        return {}

    def observe(self, inputs: Props) -> Props | None:  # noqa: D102
        namespace = inputs["namespace"]
        live = {n: _digest(namespace, n, digest) for n, digest in inputs["nodes"].items()}
        return {**inputs, "nodes": {n: digest for n, digest in live.items() if digest}}


def _replace(inputs: Props, outdated: Mapping[str, str], report: Report) -> None:
    """Replace pods one after the other; `outdated` has the revision that each is to become."""
    namespace = inputs["namespace"]
    # what others need goes before them: that may be what is wrong with them
    kinds = (ZooKeeperServers(inputs), Brokers(inputs), OrderersAndPeers(inputs, outdated))
    kind = {node: next(each for each in kinds if each.has(node)) for node in outdated}
    well = _of_each(outdated, lambda node: kind[node].is_well(node))
    left = set(outdated)
    for done in range(1, len(outdated) + 1):
        # those in trouble first, that may be what mends them; leaders last, or each of them in turn
        # would hand its channels to one that is still to be replaced
        leads = _of_each(left, lambda node: kind[node].leads(node))
        node = min(left, key=lambda n: (well[n], kinds.index(kind[n]), leads[n], n))
        left.remove(node)
        report(f"replacing pod {done}/{len(outdated)}: {node}")
        with kind[node].replacing(node):
            cluster.delete(namespace, "pods", names.pod(node))
            wanted = {node: outdated[node]}
            pods.wait_ready(namespace, pods.NODES, wanted, timeout=_TIMEOUT, report=report)
            report(f"catching up {done}/{len(outdated)}: {node}")


def _of_each(nodes: Collection[str], answer: Callable[[str], _Answer]) -> dict[str, _Answer]:
    return dict(zip(nodes, gather(answer, nodes), strict=True))


def _wanted_revision(namespace: str, node: str) -> str:
    """Return the revision of a StatefulSet's template, once its controller has seen it."""
    for _ in Deadline(_SEEN_TIMEOUT).tries():
        found = cluster.get(namespace, "statefulsets", node, version="apps/v1")
        if found is None:
            raise ClusterError(
                f"StatefulSet {node} is not in {namespace}, though the stack's state has it: run "
                "`pulumi refresh`, then `pulumi up`."
            )
        status = found.get("status", {})
        if status.get("observedGeneration") == found["metadata"]["generation"]:
            return status["updateRevision"]
    raise ClusterError(
        f"Kubernetes has not looked at StatefulSet {node} in {namespace} for "
        f"{_SEEN_TIMEOUT:.0f} s: see that its controller manager runs."
    )


def _is_outdated(namespace: str, node: str, revision: str) -> bool:
    pod = cluster.get(namespace, "pods", names.pod(node))
    return pod is not None and pods.revision(pod) != revision


def _digest(namespace: str, node: str, recorded: str) -> str | None:
    found = cluster.get(namespace, "statefulsets", node, version="apps/v1")
    pod = cluster.get(namespace, "pods", names.pod(node))
    if found is None or pod is None:
        return None
    current = pods.revision(pod) == found.get("status", {}).get("updateRevision")
    return recorded if current and pods.is_ready(pod) else _STALE


class Rollout(ActionResource, module="fabric", name="Rollout"):
    """The nodes' pods, as their StatefulSets want them."""

    def __init__(
        self,
        name: str,
        *,
        nodes: Mapping[str, pulumi.Input[str]],
        access: Access,
        opts: pulumi.ResourceOptions,
    ) -> None:
        inputs = {"nodes": nodes, **access.inputs()}
        super().__init__(RolloutProvider(), name, inputs, opts)
