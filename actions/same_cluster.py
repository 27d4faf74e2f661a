"""Whether the cluster that the kube context leads to is the one that a stack's network is on.

A cluster is known by what tells it from all others (`actions.cluster.identity`), which `check`
finds out and keeps among the inputs. Who may not look keeps what is known.
"""

from actions import cluster
from actions.cluster import ClusterError
from actions.provider import Props

CLUSTER = "cluster"
"""The input."""


def noted(olds: Props, news: Props) -> Props:
    """Return new inputs with the cluster; raises ClusterError where it is another than before."""
    found = cluster.identity() or olds.get(CLUSTER)
    _refuse_another(olds, found)
    return news if found is None else {**news, CLUSTER: found}


def check(recorded: Props) -> None:
    """Raise ClusterError unless this is the cluster of recorded inputs, which have an `owner`."""
    _refuse_another(recorded, cluster.identity())


def _refuse_another(recorded: Props, found: str | None) -> None:
    before = recorded.get(CLUSTER)
    if before is not None and found not in (None, before):
        raise ClusterError(
            f"The network of stack {recorded['owner']} is on another cluster than the one that "
            f"{cluster.chosen()} leads to. Go back to its own with the setting hlf:context, "
            "HLF_CONTEXT or KUBECONFIG; a network there is another stack's. Where its own cluster "
            "is gone for good, forget the network with "
            "`pulumi stack rm --force --preserve-config`."
        )
