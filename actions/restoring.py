"""Whether a restore is under way: some nodes have their files from the backup, others do not yet.

The job writes it down before it stops the first node, and takes it back at its end. Until then no
node may start: peers would take blocks from orderers that are further than the backup.
"""

from actions import cluster
from hlf import names


def key(namespace: str) -> str | None:
    """Return the key of the backup, or None where no restore is under way."""
    found = cluster.config_map(namespace, names.RESTORING)
    return None if found is None else found["key"].decode()


def uid(namespace: str) -> str | None:
    """Return what tells this restore from any other, or None where none is under way."""
    found = cluster.get(namespace, "configmaps", names.RESTORING)
    return None if found is None else found["metadata"]["uid"]


def problem(namespace: str, wanted: str | None) -> str | None:
    """Return why there can be no `up` that is to restore `wanted`, or None where there can be."""
    found = key(namespace)
    if found is None or found == wanted:
        return None
    return (
        f"The restore of backup {found} in namespace {namespace} was begun and is not over: some "
        "nodes' volumes hold its files, others what was there before. Run "
        f"`pulumi config set restoreFrom {found}` and `pulumi up`, which goes on with it."
    )


def forget_all(namespace: str) -> None:
    """Forget which backups were restored, so that the same can be restored again.

    That there was a restore is not forgotten (`last`).
    """
    found = cluster.config_map(namespace, names.RESTORED) or {}
    done = dict.fromkeys(found.keys() - {names.LAST_RESTORE})
    if done:
        cluster.merge(namespace, "configmaps", names.RESTORED, {"data": done})


def forget(namespace: str, key: str) -> None:
    """Forget that a backup was restored."""
    cluster.merge(namespace, "configmaps", names.RESTORED, {"data": {key: None}})


def last(namespace: str) -> str | None:
    """Return the last restore that the network has been through, `<key>, <time>`, if any."""
    found = (cluster.config_map(namespace, names.RESTORED) or {}).get(names.LAST_RESTORE)
    return None if found is None else found.decode()
