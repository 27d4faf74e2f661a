"""How far a copying or reading is: counted by many threads, told at most a few times a second."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

_TOLD_EVERY = 0.25


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Files that are done, bytes of files that were seen, bytes that went into the store."""

    files: int
    seen: int
    stored: int


Report = Callable[[Progress], None]


def silent(_: Progress) -> None:
    """Tell nobody."""


class Tally:
    """Counts, and tells; the last state is told by `end`."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._lock = threading.Lock()
        self._told = 0.0
        self._counts = Progress(files=0, seen=0, stored=0)

    def add(self, *, files: int = 0, seen: int = 0, stored: int = 0) -> None:
        """Count; tells if it did not just now. Reports never overlap."""
        with self._lock:
            was = self._counts
            self._counts = Progress(
                files=was.files + files, seen=was.seen + seen, stored=was.stored + stored
            )
            if time.monotonic() - self._told > _TOLD_EVERY:
                self._told = time.monotonic()
                self._report(self._counts)

    def end(self) -> Progress:
        """Tell, and return, all that was counted."""
        with self._lock:
            self._report(self._counts)
            return self._counts
