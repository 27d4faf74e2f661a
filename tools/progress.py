"""Saying what is going on and how long it has taken: on a terminal in one live line.

Elsewhere a line when a step starts and one when it ends, and one a minute for long steps. All of
it goes to the standard error: the standard output is for answers.
"""

import shutil
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import TextIO

_LIVE_INTERVAL = 0.5
_PLAIN_INTERVAL = 60.0
_BRIEF = 2.0
_MINUTE = 60


def duration(seconds: float) -> str:
    """Return a length of time as people say it: ``4 s``, ``2 min 05 s``."""
    whole = round(seconds)
    minutes, rest = divmod(whole, _MINUTE)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


class Progress:
    """The steps that are going on now, shown as they go; steps may overlap, from any thread."""

    def __init__(self, stream: TextIO = sys.stderr) -> None:
        self._stream = stream
        self._live = stream.isatty()
        self._lock = threading.Lock()
        self._running: dict[str, float] = {}

    @contextmanager
    def step(self, title: str) -> Generator[None]:
        """Show ``title`` while the body runs."""
        start = time.monotonic()
        done = threading.Event()
        with self._lock:
            self._running[title] = start
            if not self._live:
                self._print(f"{title} ...")
        watch = threading.Thread(target=self._watch, args=(title, start, done), daemon=True)
        watch.start()
        ending = "stopped after"
        try:
            yield
            ending = "done in"
        finally:
            done.set()
            watch.join()
            took = time.monotonic() - start
            with self._lock:
                del self._running[title]
                if self._live or took >= _BRIEF or ending != "done in":
                    self._print(f"{title}: {ending} {duration(took)}")

    def say(self, line: str) -> None:
        """Print a line for people."""
        with self._lock:
            self._print(line)

    def _watch(self, title: str, start: float, done: threading.Event) -> None:
        while not done.wait(_LIVE_INTERVAL if self._live else _PLAIN_INTERVAL):
            with self._lock:
                if self._live:
                    self._show_running()
                else:
                    self._print(f"{title}: {duration(time.monotonic() - start)} so far")

    def _show_running(self) -> None:
        now = time.monotonic()
        steps = ", ".join(
            f"{title} {duration(now - start)}" for title, start in self._running.items()
        )
        # A line that wraps cannot be taken back.
        width = shutil.get_terminal_size().columns - 1
        self._stream.write(f"\r\033[K{steps[:width]}")
        self._stream.flush()

    def _print(self, line: str) -> None:
        clear = "\r\033[K" if self._live else ""
        self._stream.write(f"{clear}{line}\n")
        self._stream.flush()
