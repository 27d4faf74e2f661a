"""Jobs that are killed while they back up or restore, and a backup that somebody has damaged."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hlf import names
from tests.e2e.backup import kills
from tests.e2e.conftest import Measure
from tests.e2e.harness import network
from tests.e2e.harness.changes import changes
from tests.e2e.harness.fabric import Client
from tests.e2e.harness.network import CONFIGTX, NETWORK
from tests.e2e.harness.stack import Stack
from tests.e2e.harness.use import use
from tests.e2e.shapes.conftest import MakeSample

# `make campaign` has the other steps.
BACKUP_STEPS = ("copying peers",)
RESTORE_STEPS = ("waiting for the nodes",)

_BULK = 1_000_000
"""Bytes of a chunk, which only ledgers with large values have."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the volume, on this machine."""
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def saved(
    make_sample: MakeSample, store: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """A network with private data and one backup, `first`, in a folder."""
    stack = make_sample("simple", name="e2e-backup-kills")
    with kills.saved(stack, store, tmp_path_factory.mktemp("files")):
        yield stack


def test_a_backup_whose_job_is_killed(saved: Stack, store: Path, measure: Measure) -> None:
    kills.backups(saved, store, BACKUP_STEPS, measure)


def test_an_up_that_is_killed_finds_its_job_again(saved: Stack, store: Path) -> None:
    saved.configure(backup={**saved.settings["backup"], "key": "found-again"})
    run = saved.up(ok=False, on_line=lambda line: "stopping the network" in line)
    assert run.killed
    saved.prepare()
    saved.up()
    assert "found-again" in kills.keys(store)
    (pod,) = saved.namespace.kubectl(
        "get", "pods", f"--selector=job-name={names.backup_job('found-again')}", "-o", "name"
    ).split()
    assert "backup found-again is made" in saved.namespace.kubectl("logs", pod)
    use(saved)


def test_a_restore_whose_job_is_killed(saved: Stack, measure: Measure) -> None:
    kills.restores(saved, RESTORE_STEPS, measure)


def _change(content: Any) -> None:
    if "Profiles" in content:
        content["Profiles"]["OrdererGenesis"]["Orderer"]["BatchTimeout"] = "500ms"
    else:
        content["network"]["chaincodes"][0]["version"] = "2.0"


def test_what_changed_since_the_backup_is_done_again_by_the_same_up(saved: Stack) -> None:
    saved.configure(backup={**saved.settings["backup"], "key": "before-changes"})
    saved.up()
    for file in (CONFIGTX, NETWORK):
        network.edit(Path(saved.settings["network"]), file, _change)
    saved.up()
    client = Client.of(saved)
    wanted = client.definitions("common"), client.config("common")
    kills.restore(saved, "before-changes")
    saved.up()
    client = Client.of(saved)
    assert (client.definitions("common"), client.config("common")) == wanted
    use(saved)
    saved.preview("--expect-no-changes")
    saved.refresh("--expect-no-changes")
    del saved.settings["restoreFrom"]
    saved.configure()
    assert [line for line in changes(saved) if "Cha" in line] == []
    saved.up()


def test_a_damaged_backup_is_refused_and_nothing_is_touched(saved: Stack, store: Path) -> None:
    client = Client.of(saved)
    use(saved)
    heights = {channel.name: client.height(channel.name) for channel in client.network.channels}
    pods = kills.nodes_pods(saved)
    for path in (store / "networks" / "chunks").rglob("*"):
        if path.is_file() and path.stat().st_size > _BULK:
            content = bytearray(path.read_bytes())
            content[len(content) // 2] ^= 1
            path.write_bytes(content)
    kills.restore(saved, "first")
    run = saved.up(ok=False)
    assert "backup first is refused" in run.output
    assert re.search(r"file \S+/blockfile_000000 of node hlf-", run.output)
    assert kills.nodes_pods(saved) == pods
    assert heights == {name: client.height(name) for name in heights}
