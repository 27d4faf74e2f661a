"""Takes a peer out of a channel while its organization stays: Fabric's `peer node unjoin`.

It works on a peer that does not run, and deletes its copy of the ledger. So the peer is started
anew with the channel's name in a ConfigMap, which its container looks at first
(`components.peer_org`). The ConfigMap is there only for that time: left there by a run that was
killed, it would take out a peer that has joined again by then.
"""

import threading
from collections.abc import Mapping

from actions import cluster, pods
from actions.cluster import ClusterError
from actions.progress import Report
from hlf import names
from hlf.client.peer import Peer

_LABELS: Mapping[str, str] = {"hlf/leaving": "true"}
_SELECTOR = "hlf/leaving=true"
_TIMEOUT = 300.0
_STARTS = 3
"""A pod may be given a ConfigMap as it was a moment before."""
_one_at_a_time = threading.Lock()
"""Channels are made side by side, and an organization may have two peers that leave."""


def leave(namespace: str, name: str, peer: Peer, channel: str, report: Report) -> None:
    """Start a peer anew without a channel that it has joined. Raises ClusterError."""
    with _one_at_a_time:
        report(f"taking peer {name} out of {channel}")
        note = names.leaving(name)
        cluster.apply_config_map(namespace, note, text={channel: ""}, labels=_LABELS)
        for _ in range(_STARTS):
            cluster.delete(namespace, "pods", names.pod(name))
            pods.wait_ready(namespace, pods.NODES, {name: None}, timeout=_TIMEOUT, report=report)
            if channel not in peer.channels():
                cluster.delete(namespace, "configmaps", note)
                return
    raise ClusterError(
        f"{name} is still in channel {channel} after {_STARTS} starts that were to take it out: "
        f"see its log (`kubectl -n {namespace} logs {names.pod(name)}`), then run `pulumi up` "
        "again."
    )


def forget(namespace: str, channel: str) -> None:
    """Delete what a run may have left that was killed while a peer left the channel."""
    with _one_at_a_time:
        for note in cluster.find(namespace, "configmaps", _SELECTOR):
            if channel in note.get("data", {}):
                cluster.delete(namespace, "configmaps", note["metadata"]["name"])
