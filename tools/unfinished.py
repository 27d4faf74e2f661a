"""What a Pulumi that was killed leaves behind, and how it is cleared away.

Three things: a lock in the backend, plugins that still run, and operations that the state calls
pending. A lock of a process that lives is respected.
"""

import json
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools import processes
from tools.errors import ToolsError
from tools.processes import Process

_PATIENCE = 5.0


@dataclass(frozen=True, kw_only=True)
class Lock:
    """A lock of a file backend: who holds it, since when (RFC 3339), and its file."""

    path: Path
    pid: int
    host: str
    since: str


def locks(backend: Path, project: str, stack: str) -> list[Lock]:
    """Return the locks of a stack in a file backend."""
    folder = backend / ".pulumi" / "locks" / "organization" / project / stack
    found: list[Lock] = []
    for path in sorted(folder.glob("*.json")):
        content = json.loads(path.read_text())
        found.append(
            Lock(
                path=path,
                pid=content["pid"],
                host=content["hostname"],
                since=content["timestamp"],
            )
        )
    return found


def release(held: Iterable[Lock], stack: str) -> int:
    """Remove the locks of processes that are gone and say how many; ToolsError on others."""
    held = list(held)
    for lock in held:
        if lock.host != socket.gethostname() or _is_pulumi(lock.pid):
            raise ToolsError(
                f"the stack {stack} is in use: by the process {lock.pid} on {lock.host} since "
                f"{lock.since}; wait until it ends, or end it with Ctrl-C where it runs"
            )
    for lock in held:
        lock.path.unlink()
    return len(held)


def remove_half_written(backend: Path, project: str, stack: str) -> None:
    """Remove what Pulumi was writing into a file backend and had not renamed yet.

    To be called only when no Pulumi works on the stack.
    """
    folder = backend / ".pulumi" / "stacks" / project
    for path in folder.glob(f"{stack}.json*.tmp"):
        path.unlink()


def end_orphans(environment: Mapping[str, str]) -> int:
    """End the plugins that a dead Pulumi left running on our backend; return how many.

    Those of a Pulumi that lives descend from it, whatever stack it works on.
    """
    backend = f"PULUMI_BACKEND_URL={environment['PULUMI_BACKEND_URL']}"
    orphans = [
        process
        for process, argv in processes.everything()
        if is_plugin(argv)
        and backend in _environment(process)
        and not any(_is_pulumi(pid) for pid in processes.ancestors(process))
    ]
    processes.stop(orphans, patience=_PATIENCE)
    return len(orphans)


def is_plugin(argv: list[str]) -> bool:
    """Say whether a command line is one of a Pulumi plugin, language host or Python program."""
    names = [Path(word).name for word in argv]
    return "pulumi.dynamic" in argv or any(
        name.startswith(("pulumi-resource-", "pulumi-language-")) for name in names
    )


def without_pending(state: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return an exported state without its pending operations, and the names of their resources.

    Forgetting them is safe here because everything this project creates can be created again: a
    half-made thing is taken over.
    """
    deployment = dict(state["deployment"])
    pending = deployment.pop("pending_operations", None) or []
    names = [operation["resource"]["urn"].rpartition("::")[2] for operation in pending]
    return {**state, "deployment": deployment}, names


def _is_pulumi(pid: int) -> bool:
    if not processes.look_up([pid]):
        return False
    try:
        argv = Path(f"/proc/{pid}/cmdline").read_text(errors="replace").split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return Path(argv[0]).name == "pulumi"


def _environment(process: Process) -> set[str]:
    try:
        content = Path(f"/proc/{process.pid}/environ").read_text(errors="replace")
    except OSError:
        return set()
    return set(content.split("\0"))
