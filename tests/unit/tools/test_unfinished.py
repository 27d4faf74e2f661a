"""What a killed Pulumi leaves is cleared away; what a living one holds is not."""

import io
import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import processes, unfinished
from tools.errors import ToolsError


@pytest.fixture
def pulumi(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process that looks like the CLI."""
    path = tmp_path / "bin" / "pulumi"
    path.parent.mkdir()
    shutil.copy("/bin/sleep", path)
    with subprocess.Popen([path, "60"]) as child:
        yield child
        child.kill()


def lock(backend: Path, *, pid: int, host: str | None = None) -> None:
    folder = backend / ".pulumi" / "locks" / "organization" / "hlf" / "simple"
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "pid": pid,
        "username": "root",
        "hostname": host or socket.gethostname(),
        "timestamp": "2026-01-01T00:00:00Z",
    }
    (folder / f"{pid}.json").write_text(json.dumps(content))


def dead_pid() -> int:
    with subprocess.Popen(["true"]) as child:
        child.wait()
    return child.pid


def test_no_lock_is_nothing_to_release(tmp_path: Path) -> None:
    assert unfinished.locks(tmp_path, "hlf", "simple") == []
    assert unfinished.release([], "simple") == 0


def test_a_lock_of_the_dead_is_removed(tmp_path: Path) -> None:
    lock(tmp_path, pid=dead_pid())
    assert unfinished.release(unfinished.locks(tmp_path, "hlf", "simple"), "simple") == 1
    assert [path for path in tmp_path.glob("**/*") if path.is_file()] == []


def test_a_lock_whose_id_is_another_program_now_is_removed(tmp_path: Path) -> None:
    lock(tmp_path, pid=os.getpid())
    assert unfinished.release(unfinished.locks(tmp_path, "hlf", "simple"), "simple") == 1


def test_a_living_lock_is_respected(tmp_path: Path, pulumi: subprocess.Popen[bytes]) -> None:
    lock(tmp_path, pid=pulumi.pid)
    held = unfinished.locks(tmp_path, "hlf", "simple")
    with pytest.raises(ToolsError, match=rf"simple is in use: by the process {pulumi.pid} on"):
        unfinished.release(held, "simple")
    assert unfinished.locks(tmp_path, "hlf", "simple") == held


def test_a_lock_of_another_machine_is_respected(tmp_path: Path) -> None:
    lock(tmp_path, pid=dead_pid(), host="elsewhere")
    with pytest.raises(ToolsError, match="on elsewhere"):
        unfinished.release(unfinished.locks(tmp_path, "hlf", "simple"), "simple")


def test_only_plugins_that_lost_their_pulumi_are_ended(tmp_path: Path) -> None:
    plugin, alive = tmp_path / "pulumi-resource-example", tmp_path / "pulumi"
    shutil.copy("/bin/sleep", plugin)
    shutil.copy("/bin/sh", alive)
    ours = {"PULUMI_BACKEND_URL": f"file://{tmp_path}", "PLUGIN": str(plugin)}
    # a shell of this name whose child asks another shell to start the plugin, as the engine does
    started = "/bin/sh -c '$PLUGIN 60 & echo $!; wait' & wait"
    children = [
        subprocess.Popen([plugin, "60"], env=ours),
        subprocess.Popen([plugin, "60"], env={**ours, "PULUMI_BACKEND_URL": "file:///other"}),
        subprocess.Popen(["sleep", "60"], env=ours),
        subprocess.Popen([alive, "-c", started], env=ours, stdout=subprocess.PIPE, text=True),
    ]
    served = int((children[-1].stdout or io.StringIO()).readline())
    try:
        assert unfinished.end_orphans(ours) == 1
        assert [child.poll() is None for child in children] == [False, True, True, True]
        assert processes.look_up([served])
    finally:
        os.kill(served, signal.SIGKILL)
        for child in children:
            child.kill()
            child.wait()


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["/x/venv/bin/python", "-u", "-m", "pulumi.dynamic", "127.0.0.1:1"], True),
        (["/bin/sh", "/x/pulumi-resource-pulumi-python", "127.0.0.1:1"], True),
        (["/x/plugins/resource-kubernetes-v4.25.0/pulumi-resource-kubernetes"], True),
        (["/x/venv/bin/python", "-u", "/x/pulumi-language-python-exec", "--monitor"], True),
        (["/x/pulumi", "up"], False),
        (["vim", "pulumi.md"], False),
    ],
)
def test_plugins_are_told_by_their_command_lines(argv: list[str], *, expected: bool) -> None:
    assert unfinished.is_plugin(argv) is expected


def test_only_half_written_states_are_removed(tmp_path: Path) -> None:
    folder = tmp_path / ".pulumi" / "stacks" / "hlf"
    folder.mkdir(parents=True)
    kept = {"simple.json", "simple.json.bak", "simple-2.json.123.tmp"}
    for name in kept | {"simple.json.123.tmp"}:
        (folder / name).touch()
    unfinished.remove_half_written(tmp_path, "hlf", "simple")
    assert {path.name for path in folder.iterdir()} == kept


def test_pending_operations_are_forgotten_and_named() -> None:
    urn = "urn:pulumi:simple::hlf::pulumi-python:dynamic/fabric:Channel::common"
    pending = [{"resource": {"urn": urn}, "type": "creating"}]
    state = {"version": 3, "deployment": {"resources": [1], "pending_operations": pending}}
    cleared, names = unfinished.without_pending(state)
    assert cleared == {"version": 3, "deployment": {"resources": [1]}}
    assert names == ["common"]
    assert state["deployment"]["pending_operations"] == pending


def test_a_finished_state_has_nothing_to_forget() -> None:
    state = {"version": 3, "deployment": {"resources": []}}
    assert unfinished.without_pending(state) == (state, [])
