"""Only the process that was started is ever stopped, and it is gone afterwards."""

import os
import signal
import subprocess
from dataclasses import replace
from pathlib import Path

from tools import processes


def started(tmp_path: Path, *argv: str) -> processes.Process:
    return processes.start(
        list(argv), log=tmp_path / "log", saved_as=tmp_path / "saved", env=dict(os.environ)
    )


def test_a_process_is_found_again_and_stopped(tmp_path: Path) -> None:
    process = started(tmp_path, "sleep", "60")
    assert processes.saved(tmp_path / "saved") == process
    assert process.is_running()
    processes.stop([process], patience=5)
    assert not process.is_running()


def test_a_process_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    process = started(tmp_path, "sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done")
    while "ready" not in (tmp_path / "log").read_text():
        pass
    processes.stop([process], patience=0.2)
    assert not process.is_running()


def test_another_process_with_the_same_id_is_left_alone() -> None:
    with subprocess.Popen(["sleep", "60"]) as child:
        process = processes.look_up([child.pid])[0]
        for other in (replace(process, started=process.started - 1), replace(process, boot="x")):
            assert not other.is_running()
            processes.stop([other], patience=0)
        assert child.poll() is None
        process.send(signal.SIGKILL)


def test_the_dead_are_not_running() -> None:
    child = subprocess.Popen(["true"])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert processes.look_up([child.pid]) == []
    child.wait()


def test_nothing_saved_is_no_process(tmp_path: Path) -> None:
    assert processes.saved(tmp_path / "none") is None


def test_a_process_is_listed_with_its_command_line() -> None:
    with subprocess.Popen(["sleep", "61.5"]) as child:
        found = [argv for process, argv in processes.everything() if process.pid == child.pid]
        child.kill()
    assert found[0][:2] == ["sleep", "61.5"]
