"""The control group below which the node's pods run.

It is the node's own: a kubelet ends whatever it does not know below the group of its pods, and the
default group may be another kubelet's. It also tells which processes run in the node's containers,
whatever has become of the container runtime.
"""

import contextlib
import os
from pathlib import Path

NAME = "hlf"
_ROOT = Path("/sys/fs/cgroup")
_WEIGHTS = {"cpu.shares": 1024, "cpu.weight": 100}
"""By file, version 1 and version 2: what one process weighs that is in no group."""
_MOST = 100
"""Times that: the kernel takes no more."""


def create(root: Path = _ROOT) -> None:
    """Make the group, in every hierarchy (version 1) or in the only one (version 2).

    As on a machine that is a node and nothing else, all pods together weigh as much as a process on
    each core. Else they would weigh as much as a single one: an editor or a build beside them, and
    leaders of orderers are given up.
    """
    for hierarchy in _hierarchies(root):
        (hierarchy / NAME).mkdir(exist_ok=True)
    if _is_unified(root):
        controllers = (root / "cgroup.controllers").read_text().split()
        enabled = " ".join(f"+{controller}" for controller in controllers)
        (root / "cgroup.subtree_control").write_text(enabled)
    cores = min(os.cpu_count() or 1, _MOST)
    for hierarchy in _hierarchies(root):
        for file, one in _WEIGHTS.items():
            weight = hierarchy / NAME / file
            if weight.exists():
                weight.write_text(str(one * cores))


def members(root: Path = _ROOT) -> set[int]:
    """Return the ids of all processes in the group and in those below it."""
    found: set[int] = set()
    for hierarchy in _hierarchies(root):
        for listed in (hierarchy / NAME).glob("**/cgroup.procs"):
            # A group may go while it is looked at.
            with contextlib.suppress(OSError):
                found.update(int(pid) for pid in listed.read_text().split())
    return found


def remove(root: Path = _ROOT) -> None:
    """Remove the group and those below it, once nothing runs in them."""
    for hierarchy in _hierarchies(root):
        below = [path for path in (hierarchy / NAME).glob("**/") if path.is_dir()]
        for group in sorted(below, reverse=True):
            with contextlib.suppress(OSError):
                group.rmdir()


def _hierarchies(root: Path) -> list[Path]:
    if _is_unified(root):
        return [root]
    return [path for path in sorted(root.iterdir()) if path.is_dir() and not path.is_symlink()]


def _is_unified(root: Path) -> bool:
    return (root / "cgroup.controllers").exists()
