"""Backups that go, and chunks that no backup needs any more.

Runs alone in a repository; `lease.py` says why and what protects what. Killed at any moment, it
leaves backups that are whole: manifests go first, and a chunk only when no manifest names it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from hlf.backup import lease as leases
from hlf.backup.errors import Damaged
from hlf.backup.lease import Lease
from hlf.backup.manifest import Manifest, chunk_ids
from hlf.backup.reading_manifest import read_manifest
from hlf.backup.repository import Repository, manifest_path
from hlf.backup.retention import Made, Retention, expired
from hlf.backup.store import Entry

_YOUNG = timedelta(days=1)
"""Chunks of this age stay: those of a backup that was killed, and that is made again."""
_AT_ONCE = 1000
_PATIENCE = 0.0
"""Seconds that a pruning waits for backups: it is not urgent, so whoever asked is told instead."""


@dataclass(frozen=True, kw_only=True)
class Pruned:
    """What went: keys of backups, number of chunks, and their bytes in the store."""

    backups: frozenset[str]
    chunks: int
    size: int


def prune(
    repository: Repository,
    retention: Retention,
    now: datetime,
    *,
    expires: Callable[[str], bool] = lambda _: True,
) -> Pruned:
    """Delete the backups that are expired at `now`, and the chunks that nothing needs.

    Backups of keys that `expires` says no of stay, and do not count.

    Busy where a backup is being made. Where a manifest cannot be read (Damaged), nothing is
    deleted: nobody knows which chunks it needs.
    """
    with leases.hold(repository, "prune", "-", wait=_PATIENCE) as lease:
        made: list[Made] = []
        needed: dict[str, frozenset[bytes]] = {}
        for key in repository.backups():
            manifest = _read(repository, key)
            if manifest is not None:
                made.append(Made(key=key, ended=datetime.fromisoformat(manifest.ended)))
                # As bytes they take half of the memory.
                needed[key] = frozenset(map(bytes.fromhex, chunk_ids(manifest)))
        going = expired([each for each in made if expires(each.key)], retention, now)
        lease.check()
        repository.delete_manifests(going)
        staying = frozenset[bytes]().union(*(needed[key] for key in needed.keys() - going))
        chunks, size = _delete_chunks(repository, lease, staying)
        repository.store.clear_leftovers(lease.now() - _YOUNG)
        return Pruned(backups=going, chunks=chunks, size=size)


def _read(repository: Repository, key: str) -> Manifest | None:
    try:
        return read_manifest(repository, key)
    except Damaged as error:
        raise Damaged(
            f"nothing is pruned: {error}. Where nobody can mend it, delete {manifest_path(key)} "
            "in the store by hand"
        ) from None


def _delete_chunks(
    repository: Repository, lease: Lease, needed: frozenset[bytes]
) -> tuple[int, int]:
    before = lease.now() - _YOUNG
    useless: list[Entry] = [
        entry
        for chunk_id, entry in repository.chunks()
        if bytes.fromhex(chunk_id) not in needed and entry.modified < before
    ]
    for start in range(0, len(useless), _AT_ONCE):
        lease.check()
        repository.store.delete(entry.path for entry in useless[start : start + _AT_ONCE])
    return len(useless), sum(entry.size for entry in useless)
