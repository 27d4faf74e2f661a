"""The network's nodes: where each stands, stopping them, and having all of them again.

A node that is stopped has a StatefulSet of no replicas, and an annotation that says on which
machine it was. So whoever finds one knows that a job stopped it, and where its volume is, also when
that job was killed.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from actions import cluster, pods
from actions.cluster import ClusterError, Manifest
from hlf import names
from hlf.client.wait import Deadline, gather
from hlf.errors import FabricError
from jobs.place import Network, Place
from jobs.telling import say

STOPPED_ON = "hlf/stopped-on"
"""Annotation of a StatefulSet: the machine that its pod was on before a job stopped it."""
_APPS = "apps/v1"
_KEEPER = "zookeeper"
_STOP_TIMEOUT = 120.0
_START_TIMEOUT = 300.0


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A node as it is in the cluster."""

    name: str
    """Of its StatefulSet and of the claim of its volume."""
    role: str
    msp_id: str
    machine: str | None
    """The one that it is on, or was before it was stopped; None where it never was on one."""
    is_stopped: bool
    """By a job."""
    security: Mapping[str, Any]
    """Of its pod: as whom its files are read and written."""


def nodes(place: Place) -> list[Standing]:
    """Return the nodes that the network has; FabricError where one is not in the cluster."""
    network = place.network
    sets = {
        each["metadata"]["name"]: each
        for each in cluster.find(place.namespace, "statefulsets", pods.NODES, version=_APPS)
    }
    running = {
        pod["metadata"]["name"]: pod for pod in cluster.find(place.namespace, "pods", pods.NODES)
    }
    missing = sorted(network.nodes.keys() - sets.keys())
    if missing:
        raise FabricError(
            f"StatefulSet {', '.join(missing)} is not in {place.namespace}, though the network has "
            "it: run `pulumi refresh` to see what is gone, then `pulumi up` to make it again"
        )
    return [
        _standing(network, sets[name], running.get(names.pod(name)))
        for name in sorted(sets)
        if name in network.nodes
    ]


def are_there(place: Place) -> bool:
    """Whether any node is in the cluster."""
    return bool(cluster.find(place.namespace, "statefulsets", pods.NODES, version=_APPS))


def refuse_unplaced(wanted: Iterable[Standing]) -> None:
    """Raise FabricError where nobody knows on which machine a node's volume is."""
    unplaced = [node.name for node in wanted if node.machine is None]
    if unplaced:
        raise FabricError(
            f"{', '.join(unplaced)} is on no machine, so nobody knows where its volume is; see why "
            "its pod does not start (`kubectl describe pod`), and run this again"
        )


def stop(place: Place, wanted: Iterable[Standing]) -> None:
    """Stop nodes, and wait until their pods are gone; again is as well.

    ZooKeeper's servers go when the brokers are gone. These tell it that they leave, and without it
    they do not end before they are killed; then it takes them long to start.
    """
    todo = list(wanted)
    _stop_at_once(place, [node for node in todo if node.role != _KEEPER])
    _stop_at_once(place, [node for node in todo if node.role == _KEEPER])


def _stop_at_once(place: Place, todo: Collection[Standing]) -> None:
    gather(lambda node: _stop(place, node), todo)
    stopping = {names.pod(node.name) for node in todo}
    left = stopping
    for _ in Deadline(_STOP_TIMEOUT).tries():
        found = cluster.find(place.namespace, "pods", pods.NODES)
        left = stopping & {pod["metadata"]["name"] for pod in found}
        if not left:
            return
    raise ClusterError(
        f"Pod {', '.join(sorted(left))} in {place.namespace} does not stop: it is still there "
        f"after {_STOP_TIMEOUT:.0f} s; `kubectl describe pod` says why."
    )


def start(place: Place, wanted: Iterable[Standing]) -> None:
    """Let nodes start, without waiting for them."""
    gather(lambda node: _scale(place, node.name, 1, None), wanted)


def await_ready(place: Place, wanted: Iterable[Standing]) -> None:
    """Wait until the nodes' pods are ready; ClusterError with what is in the way."""
    apps = {node.name: None for node in wanted}
    pods.wait_ready(place.namespace, pods.NODES, apps, timeout=_START_TIMEOUT, report=say)


def _stop(place: Place, node: Standing) -> None:
    _scale(place, node.name, 0, node.machine or "")


def _scale(place: Place, name: str, replicas: int, stopped_on: str | None) -> None:
    changes = {
        "metadata": {"annotations": {STOPPED_ON: stopped_on}},
        "spec": {"replicas": replicas},
    }
    cluster.merge(place.namespace, "statefulsets", name, changes, version=_APPS)


def _standing(network: Network, stateful_set: Manifest, pod: Manifest | None) -> Standing:
    name = stateful_set["metadata"]["name"]
    stopped_on = stateful_set["metadata"].get("annotations", {}).get(STOPPED_ON)
    return Standing(
        name=name,
        role=network.nodes[name].role,
        msp_id=network.nodes[name].msp_id,
        machine=(pod or {}).get("spec", {}).get("nodeName") or stopped_on or None,
        is_stopped=stopped_on is not None,
        security=stateful_set["spec"]["template"]["spec"]["securityContext"],
    )
