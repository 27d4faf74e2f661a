"""Running other programs: their output goes to a log, their failure becomes a sentence."""

import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.errors import ToolsError

_SHOWN_LINES = 15
_running: set[subprocess.Popen[bytes]] = set()
_lock = threading.Lock()


def run(
    argv: Sequence[str | Path],
    *,
    what: str,
    log: Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> None:
    """Run a program to its end with both outputs in the file ``log``.

    ``what`` completes the sentence "cannot ..."; raises ToolsError with it, the exit status and
    the log's last lines if the program fails or is not there.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        try:
            child = subprocess.Popen(
                [str(word) for word in argv],
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        except FileNotFoundError as error:
            raise ToolsError(f"cannot {what}: there is no program {argv[0]}") from error
        with _lock:
            _running.add(child)
        status = child.wait()
        with _lock:
            _running.discard(child)
    if status:
        tail = log.read_text(errors="replace").splitlines()[-_SHOWN_LINES:]
        raise ToolsError(
            f"cannot {what}: {Path(argv[0]).name} ended with status {status}; "
            f"all it said is in {log}, its last lines are:\n" + "\n".join(tail)
        )


def end_all() -> None:
    """End what `run` has running in other threads."""
    with _lock:
        for child in _running:
            child.terminate()


def read(
    argv: Sequence[str | Path],
    *,
    what: str,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    text: str | None = None,
) -> str:
    """Run a short program and return what it prints; ``text`` is its input.

    Raises ToolsError as `run` does, with what the program wrote to its standard error.
    """
    try:
        ended = subprocess.run(
            [str(word) for word in argv],
            cwd=cwd,
            env=env,
            input=text or "",
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise ToolsError(f"cannot {what}: there is no program {argv[0]}") from error
    if ended.returncode:
        raise ToolsError(
            f"cannot {what}: {Path(argv[0]).name} ended with status {ended.returncode}: "
            + (ended.stderr or ended.stdout).strip()
        )
    return ended.stdout
