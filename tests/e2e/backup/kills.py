"""Jobs that are killed while they back up or restore a network whose store is a folder."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from hlf import names
from tests.e2e.backup import disaster
from tests.e2e.conftest import Measure
from tests.e2e.harness import claimed
from tests.e2e.harness.fabric import Client
from tests.e2e.harness.stack import Stack
from tests.e2e.harness.use import use

_PATIENCE = 120.0


@contextmanager
def saved(stack: Stack, store: Path, files: Path) -> Iterator[Stack]:
    """Have a network with private data and one backup, `first`, in a folder of this machine."""
    with claimed.volume(stack.namespace, store):
        disaster.set_up(stack, files, megabytes=5)
        stack.configure(backup={**disaster.setting(claimed.STORE), "key": "first"})
        stack.up()
        yield stack


def backups(stack: Stack, store: Path, steps: Sequence[str], measure: Measure) -> None:
    """Make a backup for each step in which its job is killed: it is made, and whole."""
    for step in steps:
        key, there = step.replace(" ", "-"), keys(store)
        stack.configure(backup={**stack.settings["backup"], "key": key})
        seconds = _up_with_kill(stack, names.backup_job(key), step)
        measure(f"up with a backup whose job is killed while it is {step}", seconds)
        assert sorted(keys(store)) == sorted([*there, key])
        _verify(store, key)
        use(stack)


def restores(stack: Stack, steps: Sequence[str], measure: Measure) -> None:
    """Restore a backup of a moment before for each step in which the job is killed."""
    client = Client.of(stack)
    for step in steps:
        key = f"before-{step.replace(' ', '-')}"
        stack.configure(backup={**stack.settings["backup"], "key": key})
        stack.up()
        before = disaster.look(stack, client)
        disaster.go_on(client)
        restore(stack, key)
        seconds = _up_with_kill(stack, names.restore_job(key), step)
        measure(f"up with a restore whose job is killed while it is {step}", seconds)
        disaster.check(stack, before)


def restore(stack: Stack, key: str) -> None:
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


def nodes_pods(stack: Stack) -> set[str]:
    return {
        pod["metadata"]["uid"]
        for pod in stack.namespace.all("pods")
        if "hlf/node" in pod["metadata"].get("labels", {})
    }


def keys(folder: Path) -> list[str]:
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
