"""Jobs that are killed while they back up or restore, and a backup that somebody has damaged."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hlf import names
from tests.e2e.backup import disaster
from tests.e2e.conftest import Measure
from tests.e2e.harness import claimed
from tests.e2e.harness.fabric import Client
from tests.e2e.harness.stack import Stack
from tests.e2e.harness.use import use
from tests.e2e.shapes.conftest import MakeSample

BACKUP_STEPS = ("preparing peers", "stopping the network", "copying peers", "checking backup")
RESTORE_STEPS = ("restoring", "waiting for the nodes", "forgetting")
_PATIENCE = 120.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The volume's folder, on this machine."""
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def saved(
    make_sample: MakeSample, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """A network with private data and one backup, `first`, in a folder."""
    stack = make_sample("simple", name="e2e-backup-kills")
    with claimed.volume(stack.namespace, folder):
        disaster.set_up(stack, tmp_path_factory.mktemp("files"), megabytes=5)
        stack.configure(backup={**disaster.setting(claimed.STORE), "key": "first"})
        stack.up()
        yield stack


def test_a_backup_killed_in_each_step(saved: Stack, folder: Path, measure: Measure) -> None:
    for step in BACKUP_STEPS:
        key = step.replace(" ", "-")
        saved.configure(backup={**saved.settings["backup"], "key": key})
        seconds = _up_with_kill(saved, names.backup_job(key), step)
        measure(f"up with a backup whose job is killed while it is {step}", seconds)
        assert set(_keys(folder)) == {"first", *_before(BACKUP_STEPS, step)}
        _verify(folder, key)
        use(saved)


def test_an_up_that_is_killed_finds_its_job_again(saved: Stack, folder: Path) -> None:
    saved.configure(backup={**saved.settings["backup"], "key": "found-again"})
    run = saved.up(ok=False, on_line=lambda line: "stopping the network" in line)
    assert run.killed
    saved.prepare()
    saved.up()
    assert "found-again" in _keys(folder)
    (pod,) = saved.namespace.kubectl(
        "get", "pods", f"--selector=job-name={names.backup_job('found-again')}", "-o", "name"
    ).split()
    assert "backup found-again is made" in saved.namespace.kubectl("logs", pod)
    use(saved)


def test_a_restore_killed_in_each_step(saved: Stack, folder: Path, measure: Measure) -> None:
    client = Client.of(saved)
    for step in RESTORE_STEPS:
        key = f"before-{step.replace(' ', '-')}"
        saved.configure(backup={**saved.settings["backup"], "key": key})
        saved.up()
        before = disaster.look(saved, client)
        disaster.go_on(client)
        _restore(saved, key)
        seconds = _up_with_kill(saved, names.restore_job(key), step)
        measure(f"up with a restore whose job is killed while it is {step}", seconds)
        disaster.check(saved, before)


def test_a_damaged_backup_is_refused_and_nothing_is_touched(saved: Stack, folder: Path) -> None:
    client = Client.of(saved)
    use(saved)
    heights = {channel.name: client.height(channel.name) for channel in client.network.channels}
    pods = _pods(saved)
    largest = max((folder / "networks" / "chunks").rglob("*"), key=lambda path: path.stat().st_size)
    content = bytearray(largest.read_bytes())
    content[len(content) // 2] ^= 1
    largest.write_bytes(content)
    _restore(saved, "first")
    run = saved.up(ok=False)
    assert "backup first is refused" in run.output
    assert re.search(r"file orderer/chains/\S+/blockfile_000000 of node hlf-orderer", run.output)
    assert _pods(saved) == pods
    assert heights == {name: client.height(name) for name in heights}


def _restore(stack: Stack, key: str) -> None:
    """Set restoreFrom; no further backup is made, because that of the settings is there."""
    stack.configure(restoreFrom=key)
    backup = {k: v for k, v in stack.settings["backup"].items() if k != "key"}
    stack.configure(backup={**backup, "schedule": "0 3 * * *"})


def _up_with_kill(stack: Stack, job: str, step: str) -> float:
    """Run `up`, kill the job's first pod in a step; return the seconds of `up`, which succeeds."""
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(stack.up)
        _kill(stack, job, step)
        return running.result().seconds


def _kill(stack: Stack, job: str, step: str) -> None:
    end = time.monotonic() + _PATIENCE
    selector = f"--selector=job-name={job}"
    while time.monotonic() < end:
        for name in stack.namespace.kubectl("get", "pods", selector, "-o", "name").split():
            if step in _log(stack, name):
                stack.namespace.kubectl("delete", name, "--force", "--grace-period=0")
                return
        time.sleep(0.1)
    raise AssertionError(f"job {job} did not come to `{step}`")


def _log(stack: Stack, pod: str) -> str:
    words = ["kubectl", "--namespace", stack.namespace.name, "logs", pod]
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout


def _pods(stack: Stack) -> set[str]:
    return {
        pod["metadata"]["uid"]
        for pod in stack.namespace.all("pods")
        if "hlf/node" in pod["metadata"].get("labels", {})
    }


def _before(steps: tuple[str, ...], step: str) -> list[str]:
    return [each.replace(" ", "-") for each in steps[: steps.index(step) + 1]]


def _keys(folder: Path) -> list[str]:
    """The backups that the command line tells of."""
    listed = _run("list", folder)
    return [line.partition(":")[0] for line in listed.splitlines()]


def _verify(folder: Path, key: str) -> None:
    assert f"backup {key} is proved" in _run("verify", folder, "--key", key)


def _run(command: str, folder: Path, *more: str) -> str:
    words = [
        sys.executable,
        "-m",
        "hlf.backup",
        command,
        "--store",
        f"file://{folder}/networks",
        *more,
    ]
    environment = {**os.environ, "HLF_BACKUP_PASSPHRASE": disaster.PASSPHRASE}
    return subprocess.run(words, env=environment, capture_output=True, text=True, check=True).stdout
