"""That a network was restored, as an input of actions whose doing that may have undone."""

from pulumi.output import Unknown

from actions import restoring
from actions.cluster import ClusterError
from actions.provider import RESTORED, Props


def check(inputs: Props) -> Props:
    """Return inputs that say as `restored` which restore the network has been through last.

    The program knows the key of one that is to come. That it was done the cluster knows, also to a
    run after one that was broken off before it had done again what the restore undid.
    """
    namespace, wanted = inputs["namespace"], inputs.get(RESTORED)
    if isinstance(namespace, Unknown):
        return inputs
    try:
        found = restoring.last(namespace)
    except ClusterError:
        # what needs the cluster says so
        return inputs
    if found is None or (wanted is not None and not found.startswith(f"{wanted}, ")):
        return inputs
    return {**inputs, RESTORED: found}
