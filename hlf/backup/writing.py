"""Making a backup: chunks, and at the end the manifest that makes one of them.

`begin` looks once which chunks are there. What a thread stores is known to all others from then on;
two that store the same chunk at once store it twice, with the same content.
"""

import hashlib
import threading
from collections import deque
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import BinaryIO

from hlf.backup import lease as leases
from hlf.backup.errors import AlreadyThere, Damaged
from hlf.backup.lease import Lease
from hlf.backup.manifest import Content, Manifest, chunk_ids, encode
from hlf.backup.progress import Tally, silent
from hlf.backup.repository import CHUNK, Repository, Stored, manifest_path

_UPLOADS = 8
"""Threads: enough to fill two cores, and to have requests under way while others wait."""
_IN_FLIGHT = 12
"""Chunks in memory, which is what bounds it: each is there as read, as packed and as encrypted."""
_PATIENCE = 15 * 60.0
"""Seconds that a backup waits for a pruning, which makes one request for a thousand chunks."""


class Writer:
    """A backup that is being made; may be used from many threads at once."""

    def __init__(self, repository: Repository, key: str, lease: Lease, known: set[str]) -> None:
        self.repository = repository
        self.key = key
        self._lease = lease
        self._known = known
        self._lock = threading.Lock()
        self._room = threading.BoundedSemaphore(_IN_FLIGHT)
        self._pool = ThreadPoolExecutor(_UPLOADS, thread_name_prefix="upload")

    def add(self, source: BinaryIO, tally: Tally) -> Content:
        """Store what can be read from a file, to its end."""
        total = hashlib.sha256()
        size = 0
        ids: list[str] = []
        under_way: deque[Future[Stored]] = deque()
        try:
            for data in iter(lambda: source.read(CHUNK), b""):
                total.update(data)
                size += len(data)
                under_way.append(self._submit(data, tally))
                while under_way[0].done() or len(under_way) > _IN_FLIGHT:
                    ids.append(under_way.popleft().result().id)
                    if not under_way:
                        break
            ids += [future.result().id for future in under_way]
        finally:
            # After a failure, nothing may go on behind the caller's back.
            for future in under_way:
                future.exception()
        return Content(size=size, sha256=total.hexdigest(), chunks=tuple(ids))

    def add_bytes(self, data: bytes) -> Content:
        """Store bytes that are no file: an object of the cluster, an input."""
        parts = [data[start : start + CHUNK] for start in range(0, len(data), CHUNK)]
        tally = Tally(silent)
        ids = tuple(self._submit(part, tally).result().id for part in parts)
        return Content(size=len(data), sha256=hashlib.sha256(data).hexdigest(), chunks=ids)

    def commit(self, manifest: Manifest) -> None:
        """Write the manifest: from then on it is a backup.

        AlreadyThere where another one has the key; Overtaken where this one was taken for dead;
        Damaged where chunks have gone meanwhile.
        """
        if manifest.key != self.key:
            raise ValueError(f"the manifest is that of {manifest.key}, not of {self.key}")
        self.repository.store.settle()
        self._lease.check()
        gone = chunk_ids(manifest) - {chunk_id for chunk_id, _ in self.repository.chunks()}
        if gone:
            raise Damaged(
                f"{len(gone)} chunks of backup {self.key} have gone from the store "
                f"{self.repository} while it was made; see who deletes there, and make it again"
            )
        self.repository.put_manifest(self.key, encode(manifest))

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(cancel_futures=True)

    def _submit(self, data: bytes, tally: Tally) -> Future[Stored]:
        self._room.acquire()
        try:
            return self._pool.submit(self._put, data, tally)
        except BaseException:
            self._room.release()
            raise

    def _put(self, data: bytes, tally: Tally) -> Stored:
        try:
            chunk_id = self.repository.id_of(data)
            with self._lock:
                known = chunk_id in self._known
            stored = Stored(id=chunk_id, size=0)
            if not known:
                stored = self.repository.put_chunk(chunk_id, data)
                with self._lock:
                    self._known.add(chunk_id)
            tally.add(seen=len(data), stored=stored.size)
            return stored
        finally:
            self._room.release()


@contextmanager
def begin(repository: Repository, key: str, *, wait: float = _PATIENCE) -> Generator[Writer]:
    """Begin a backup, or a part of one in another process; without `commit` there is none.

    AlreadyThere where the key is taken; Busy where the repository is being pruned for `wait` s.
    """
    manifest_path(key)
    with leases.hold(repository, "backup", key, wait=wait) as lease:
        _refuse_taken(repository, key)
        known = {chunk_id for chunk_id, _ in repository.chunks()}
        writer = Writer(repository, key, lease, known)
        try:
            yield writer
            # Also where another process writes the manifest: it counts on these chunks.
            repository.store.settle()
        finally:
            writer.close()


def _refuse_taken(repository: Repository, key: str) -> None:
    if key not in repository.backups():
        return
    if repository.get_manifest(key) is None:
        raise AlreadyThere(
            f"backup {key} in the store {repository} was killed, and given up by a pruning; "
            "choose another key"
        )
    raise AlreadyThere(
        f"backup {key} is already in the store {repository}; choose another key: "
        "a backup is never overwritten"
    )
