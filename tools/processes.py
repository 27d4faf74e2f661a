"""The node's processes: started in the background, found again later, and stopped for sure.

A process is known by its id, its start time and the machine's boot, so that an id that was given
to another process since then is never killed.
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from tools import products

_POLL = 0.05
_PARENT_FIELD = 1
_START_TIME_FIELD = 19


@dataclass(frozen=True, kw_only=True)
class Process:
    """A process of this machine; ``started`` counts clock ticks since boot ``boot``."""

    pid: int
    started: int
    boot: str

    def is_running(self) -> bool:
        """Say whether this very process still runs."""
        return _look_up(self.pid) == self

    def send(self, number: int) -> None:
        """Send a signal, if the process still runs."""
        if self.is_running():
            os.kill(self.pid, number)


def start(argv: list[str], *, log: Path, saved_as: Path, env: Mapping[str, str]) -> Process:
    """Start a program that outlives this one and save which process it is."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        child = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            cwd="/",
            start_new_session=True,
        )
    process = _look_up(child.pid)
    if process is None:
        process = Process(pid=child.pid, started=0, boot=_boot())
    products.write(saved_as, json.dumps(asdict(process)))
    return process


def saved(path: Path) -> Process | None:
    """Return the process that was saved, whether it still runs or not."""
    try:
        return Process(**json.loads(path.read_text()))
    except FileNotFoundError:
        return None


def stop(processes: Iterable[Process], *, patience: float) -> None:
    """End processes and wait until they are gone; after ``patience`` seconds without asking."""
    processes = list(processes)
    for process in processes:
        process.send(signal.SIGTERM)
    deadline = time.monotonic() + patience
    while running := [process for process in processes if process.is_running()]:
        if time.monotonic() > deadline:
            for process in running:
                process.send(signal.SIGKILL)
        time.sleep(_POLL)


def everything() -> list[tuple[Process, list[str]]]:
    """Return all processes of the machine with their command lines."""
    found: list[tuple[Process, list[str]]] = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            argv = (folder / "cmdline").read_text(errors="replace").split("\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if process := _look_up(int(folder.name)):
            found.append((process, argv))
    return found


def look_up(pids: Iterable[int]) -> list[Process]:
    """Return the processes that have these ids now."""
    return [process for pid in sorted(pids) if (process := _look_up(pid))]


def ancestors(process: Process) -> list[int]:
    """Return the ids of a process's parent, its parent's parent and so on."""
    found: list[int] = []
    pid = process.pid
    while fields := _stat(pid):
        pid = int(fields[_PARENT_FIELD])
        found.append(pid)
    return found


def _look_up(pid: int) -> Process | None:
    fields = _stat(pid)
    if not fields or fields[0] == "Z":
        return None
    return Process(pid=pid, started=int(fields[_START_TIME_FIELD]), boot=_boot())


def _stat(pid: int) -> list[str]:
    """Return what the kernel says of a process, from its state on; nothing for one that is gone."""
    try:
        content = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []
    # The second field is the program's name in parentheses, which may hold anything.
    return content.rpartition(")")[2].split()


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
