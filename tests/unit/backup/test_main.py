"""The commands: what they say, and by which status they end."""

import subprocess
import sys
from pathlib import Path

import pytest

from hlf.backup.writing import begin
from tests.unit.backup import saved as making
from tests.unit.backup.saved import KEY, NODE, PASSPHRASE, Saved

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


def test_verify_takes_the_newest(saved: Saved) -> None:
    for key, day in (("b", "24"), ("a", "25")):
        with begin(saved.repository(), key) as writer:
            making.commit(writer, key, {NODE: saved.node}, ended=f"2026-11-{day}T09:00:00Z")
    ended = _run("verify", "--store", saved.url)
    assert ended.returncode == 0
    assert ended.stdout.startswith("backup a is whole; 10 files, 21101022 bytes, ")
    assert ended.stderr == ""
    assert _run("verify", "--store", saved.url, "--key", "b").stdout.startswith("backup b is whole")


def test_verify_tells_damage(saved: Saved) -> None:
    saved.back_up()
    for chunk in saved.chunks():
        chunk.unlink()
    ended = _run("verify", "--store", saved.url)
    assert ended.returncode == 1
    assert f"file ledgersData/stateLeveldb/000001.ldb of node {NODE}: chunk 1 of 1" in ended.stdout
    assert ended.stdout.splitlines()[-1].startswith(
        f"backup {KEY} is damaged: 13 problems; 10 files, 21101022 bytes, "
    )


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
