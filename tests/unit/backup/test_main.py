"""The commands: what they say, and by which status they end."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.backup.networks import (
    ORDERER,
    ORDERER_BLOCKS,
    PEER,
    at,
    back_up,
    lay,
    orderer,
    peer,
)
from tests.unit.backup.saved import KEY, NODE, PASSPHRASE, Saved
from tests.unit.ledger.made import chain

MADE = chain(6)
_CHECKOUT = Path(__file__).parents[3]


def _run(
    *arguments: str | Path, passphrase: str | None = PASSPHRASE
) -> subprocess.CompletedProcess[str]:
    environment = {"HLF_BACKUP_PASSPHRASE": passphrase} if passphrase else {}
    return subprocess.run(
        [sys.executable, "-m", "hlf.backup", *arguments],
        cwd=_CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_list(saved: Saved) -> None:
    saved.back_up()
    saved.back_up("damaged")
    saved.manifest_path("damaged").write_bytes(b"x")
    saved.repository().give_up("killed")
    ended = _run("list", "--store", saved.url)
    assert ended.returncode == 1
    assert ended.stdout.splitlines()[0] == (
        f"{KEY}: ended 2026-11-25T09:10:00Z, stack dev in fabric, Fabric 2.5.15, 1 nodes, 8 files, "
        "21.1 MB"
    )
    assert "the manifest of backup damaged in the store" in ended.stdout
    assert "killed: was killed, and given up by a pruning" in ended.stdout


def _back_up(saved: Saved, key: str = KEY, ended: str = "2026-11-25T09:10:00Z") -> None:
    """An orderer, and a peer that is behind it where the backup is to be refused."""
    folders = {"orderer0": saved.store.parent / "orderer0", NODE: saved.store.parent / "peer0"}
    lay(folders["orderer0"], ORDERER, MADE)
    lay(folders[NODE], PEER, MADE if key != "behind" else MADE[:3])
    nodes = [orderer("orderer0", at(0)), peer(NODE, "Atlantis", at(0))]
    back_up(
        saved.repository(), key, [replace(node, ledgers={}) for node in nodes], folders, ended=ended
    )


def test_inputs(saved: Saved, tmp_path: Path) -> None:
    saved.back_up()
    folder = tmp_path / "files" / "as they were"
    arguments = ("inputs", "--store", saved.url, "--key", KEY, "--into", folder)
    ended = _run(*arguments)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == f"backup {KEY} was made of network.yaml: they are in {folder}\n"
    assert (folder / "network.yaml").read_text() == "network: {}\n"
    (folder / "network.yaml").write_text("changed")
    again = _run(*arguments)
    assert again.returncode == 1
    assert again.stderr == (
        f"error: {folder} cannot be written (File exists); name a folder that is not there yet\n"
    )
    assert (folder / "network.yaml").read_text() == "changed"


def test_verify_takes_the_newest(saved: Saved) -> None:
    for key, day in (("b", "24"), ("a", "25")):
        _back_up(saved, key, f"2026-11-{day}T09:00:00Z")
    ended = _run("verify", "--store", saved.url)
    assert ended.returncode == 0
    channel, last = ended.stdout.splitlines()
    assert channel == "channel common: height 6, 2 of 2 nodes agree, 2 of them at that height"
    assert re.match(r"backup a is proved; 11 files, \d+ bytes, ", last)
    assert ended.stderr == ""
    assert "backup b is proved" in _run("verify", "--store", saved.url, "--key", "b").stdout


def test_verify_tells_damage(saved: Saved) -> None:
    _back_up(saved)
    for chunk in saved.chunks():
        chunk.unlink()
    ended = _run("verify", "--store", saved.url)
    assert ended.returncode == 1
    *told, channel, last = ended.stdout.splitlines()
    assert len(told) == 11
    assert told[0].startswith(f"file {ORDERER_BLOCKS} of node orderer0: chunk 1 of 1")
    assert channel == "channel common: height 6, 0 of 2 nodes agree, 0 of them at that height"
    assert last.startswith(f"backup {KEY} is refused: 11 problems; 11 files, ")


def test_verify_tells_that_nodes_do_not_fit_together(saved: Saved) -> None:
    _back_up(saved, "behind")
    ended = _run("verify", "--store", saved.url)
    assert ended.returncode == 1
    told, channel, last = ended.stdout.splitlines()
    assert told.startswith("channel common: no peer of Atlantis has all 6 blocks")
    assert channel == "channel common: height 6, 2 of 2 nodes agree, 1 of them at that height"
    assert last.startswith("backup behind is refused: 1 problems; ")


@pytest.mark.parametrize(
    ("arguments", "passphrase", "told"),
    [
        (["--key", "no"], PASSPHRASE, "error: there is no whole backup no in the store"),
        ([], PASSPHRASE, "error: there is no whole backup in the store"),
        ([], "wrong", "error: the passphrase is not that of the repository"),
        ([], None, "error: set HLF_BACKUP_PASSPHRASE, or name a file by --passphrase-file"),
        (["--passphrase-file", "no"], None, "error: no cannot be read"),
    ],
)
def test_mistakes(saved: Saved, arguments: list[str], passphrase: str | None, told: str) -> None:
    ended = _run("verify", "--store", saved.url, *arguments, passphrase=passphrase)
    assert ended.returncode == 1
    assert ended.stderr.startswith(told)
    assert PASSPHRASE not in ended.stderr
    assert "Traceback" not in ended.stderr


def test_passphrase_in_a_file(saved: Saved, tmp_path: Path) -> None:
    path = tmp_path / "passphrase"
    path.write_text(f"{PASSPHRASE}\n")
    ended = _run("list", "--store", saved.url, "--passphrase-file", path, passphrase="wrong")
    assert ended.returncode == 0
    assert ended.stdout == ""
