"""Who is at work in a repository: backups side by side, a pruning alone.

A backup counts on chunks that it found there and does not store again. A pruning deletes chunks
that no manifest names, and a backup's manifest comes last. So neither may run beside the other.
Stores have no locks; they have objects that are made where there is none, listings that hold
everything that was written before, and clocks. What protects what:

- **Mark, then look.** Each writes a mark, and only then looks for marks of the other kind. Of two
  that begin at once, at least one sees the other, takes its mark away and waits, or gives up. A
  backup lists chunks, and a pruning lists manifests, only after that.
- **A mark is renewed every minute.** One that was not for an hour, by the store's clock, is of a
  process that was killed, and is taken away by whoever wants to go on.
- **A process that was only asleep for that hour** must not go on when it wakes up. A backup that
  was taken for dead is *given up*: an object is made where its manifest would be, and the manifest
  can then not be made. That is one atomic step of the store, so there is no moment between. A
  pruning looks for its own mark before each batch that it deletes, and the end of a backup lists
  all chunks once more; what is left open is a pruning that falls asleep in the middle of one batch
  (or of one renewal) and wakes up after another backup has ended. The check after each backup
  (`verifying.py`) and the next point keep that small.
- **What is young stays.** A pruning leaves chunks of the last day alone. So a backup that was
  killed and is made again finds what it had stored.

Restoring and verifying write no marks: whoever verifies may have a credential that only reads. A
backup that is pruned meanwhile fails them with a sentence and changes nothing.
"""

import secrets
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from hlf.backup.errors import AlreadyThere, Busy, NotThere, Overtaken, StoreError
from hlf.backup.repository import Repository
from hlf.backup.store import Entry

Kind = Literal["backup", "prune"]

_MARKS = "running"
_PARTS = 4
"""Of a mark's path."""
_DEAD_AFTER = timedelta(hours=1)
_RENEWED_EVERY = 60.0
_PAUSE = 2.0


@dataclass(frozen=True, kw_only=True)
class _Mark:
    path: str
    kind: str
    key: str
    """Of the backup; `-` of a pruning."""
    modified: datetime


class Lease:
    """The right to be at work, as long as its mark stands."""

    def __init__(self, repository: Repository, path: str) -> None:
        self._repository = repository
        self._path = path
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._renew, daemon=True)

    def now(self) -> datetime:
        """The time by the store's clock, when the mark was last written."""
        return self._repository.store.about(self._path).modified

    def check(self) -> None:
        """Overtaken where somebody else has gone on meanwhile."""
        try:
            self._repository.store.about(self._path)
        except NotThere:
            raise Overtaken(
                f"this process was away for so long that another one went on in the store "
                f"{self._repository}; run it again"
            ) from None

    def _renew(self) -> None:
        while not self._ended.wait(_RENEWED_EVERY):
            try:
                self.check()
                self._repository.store.put(self._path, b"")
            except Overtaken:
                # Not written again: `check` has to find out.
                return
            except StoreError:
                # Whoever works will meet the same; an hour is long enough for the next try.
                continue

    def start(self) -> None:
        """Keep the mark young."""
        self._thread.start()

    def end(self) -> None:
        """Take the mark away."""
        self._ended.set()
        self._thread.join()
        _forget(self._repository, self._path)


@contextmanager
def hold(repository: Repository, kind: Kind, key: str, *, wait: float) -> Generator[Lease]:
    """Be at work; `key` is that of the backup, and of none (`-`) in a pruning.

    Waits up to `wait` seconds for others to end; Busy.
    """
    path = f"{_MARKS}/{kind}/{key}/{secrets.token_hex(8)}"
    end = time.monotonic() + wait
    while True:
        repository.store.put(path, b"", create=True)
        try:
            other = _another(repository, path, kind)
        except BaseException:
            _forget(repository, path)
            raise
        if other is None:
            break
        repository.store.delete([path])
        if time.monotonic() + _PAUSE > end:
            doing = "is being pruned" if other.kind == "prune" else f"takes in backup {other.key}"
            raise Busy(
                f"the store {repository} {doing}, by a mark of {other.modified:%Y-%m-%d %H:%M} "
                f"UTC; run this again when that is over. If it was killed, it counts as over "
                f"{_DEAD_AFTER.seconds // 60} minutes after that"
            )
        time.sleep(_PAUSE)
    lease = Lease(repository, path)
    lease.start()
    try:
        yield lease
    finally:
        lease.end()


def _forget(repository: Repository, path: str) -> None:
    # What was done is done, and an error that is under way says more; the mark dies by itself.
    with suppress(StoreError):
        repository.store.delete([path])


def _another(repository: Repository, path: str, kind: Kind) -> _Mark | None:
    """The mark of somebody who may not be at work beside this one.

    Dead ones are taken away, but not beside a living one: a backup that was killed and is being
    made again has two marks for one key.
    """
    now = repository.store.about(path).modified
    others = [
        mark
        for mark in map(_mark, repository.store.list(_MARKS))
        if mark and mark.path != path and (kind, mark.kind) != ("backup", "backup")
    ]
    for mark in others:
        if now - mark.modified < _DEAD_AFTER:
            return mark
    for mark in others:
        _take_away(repository, mark)
    return None


def _take_away(repository: Repository, mark: _Mark) -> None:
    if mark.kind == "backup":
        # One that is over was killed before it took its mark away.
        with suppress(AlreadyThere):
            repository.give_up(mark.key)
    repository.store.delete([mark.path])


def _mark(entry: Entry) -> _Mark | None:
    parts = entry.path.split("/")
    if len(parts) != _PARTS:
        return None
    return _Mark(path=entry.path, kind=parts[1], key=parts[2], modified=entry.modified)
