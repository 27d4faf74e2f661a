"""Ending a program with everything that it started, at once and without asking."""

import os
import signal
from pathlib import Path


def kill_family(pid: int) -> None:
    """Send SIGKILL to a process and all its descendants, parents first."""
    for each in family(pid):
        _kill(each)


def family(pid: int) -> list[int]:
    """Return the ids of a process and its descendants, parents first."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        parent = int(stat.rpartition(")")[2].split()[1])
        children.setdefault(parent, []).append(int(folder.name))
    found = [pid]
    for each in found:
        found.extend(children.get(each, []))
    return found


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
