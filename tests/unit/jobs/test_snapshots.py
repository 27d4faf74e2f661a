"""The workers' commands, as processes: what they leave, and what they say where they cannot."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.snapshot_transfer import make_ticket, ticket_files
from tests.unit.jobs.test_snapshot_transfer import FILES, contents, lay
from tools.home import CHECKOUT

RUN = (
    "import pathlib, sys; from jobs import telling, __main__; "
    "telling._MESSAGE = pathlib.Path(sys.argv.pop(1)); sys.exit(__main__.main())"
)
"""`python -m jobs`, with another place for its last message."""


class Workers:
    """Run below a folder that has the snapshot `made` and a ticket."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made = lay(folder / "made", FILES)
        self.message = folder / "message"
        self.ticket = folder / "ticket"
        self.ticket.mkdir()
        for name, content in ticket_files(make_ticket()).items():
            (self.ticket / name).write_bytes(content)

    def start(self, *arguments: str | Path, message: Path) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-c", RUN, message, *arguments],
            cwd=CHECKOUT,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str | Path) -> tuple[int, dict[str, object]]:
        process = self.start(*arguments, message=self.message)
        process.communicate()
        return process.returncode, json.loads(self.message.read_text())

    def fetch(self, address: str, into: Path, channel: str = "common") -> tuple[int, dict]:
        which = ("--channel", channel, "--block", "7")
        return self.run(
            *("fetch", "--folder", into, "--ticket", self.ticket, "--address", address, *which)
        )


@pytest.fixture
def workers(tmp_path: Path) -> Workers:
    return Workers(tmp_path)


@pytest.fixture
def address(workers: Workers) -> Iterator[str]:
    """Where the snapshot is served."""
    arguments = ("--folder", workers.made, "--ticket", workers.ticket, "--address", "127.0.0.1:0")
    message = workers.folder / "served"
    process = workers.start("serve", *arguments, message=message)
    assert process.stdout
    line = process.stdout.readline()
    assert line.startswith(f"serving {workers.made} at 127.0.0.1:")
    yield line.split()[-1]
    process.terminate()
    process.communicate()
    assert json.loads(message.read_text()) == {"error": "it was told to end"}


def test_a_snapshot_is_fetched_in_the_place_of_an_earlier_one(
    workers: Workers, address: str
) -> None:
    channel = workers.folder / "joining" / "common"
    for name in ("5", "6.part"):
        (channel / name).mkdir(parents=True)
        (channel / name / "txids.data").write_bytes(b"old")
    into = channel / "7"
    expected = (0, {"result": {"channel": "common", "block": 7}})
    for _ in range(2):
        assert workers.fetch(address, into) == expected
        assert contents(into) == contents(workers.made)
        assert [path.name for path in channel.iterdir()] == ["7"]


def test_another_snapshot_than_was_expected(workers: Workers, address: str) -> None:
    status, said = workers.fetch(address, workers.folder / "into", channel="private")
    assert status == 3
    assert "snapshot of channel common at block 7, where one of private at block" in said["error"]


def test_folders_are_removed_and_those_that_are_gone_do_not_matter(workers: Workers) -> None:
    gone = workers.folder / "gone"
    for _ in range(2):
        assert workers.run("remove", "--folder", workers.made, "--folder", gone) == (
            0,
            {"result": {}},
        )
        assert not workers.made.exists()


def test_what_cannot_be_removed_is_told_as_a_sentence(workers: Workers) -> None:
    file = workers.made / "txids.data"
    status, said = workers.run("remove", "--folder", file)
    assert status == 3
    assert said == {
        "error": f"{file} cannot be removed (Not a directory); see that the volume belongs to the "
        "peer's user"
    }


def test_an_address_that_is_none_of_this_machine(workers: Workers) -> None:
    status, said = workers.run(
        *("serve", "--folder", workers.made, "--ticket", workers.ticket),
        *("--address", "192.0.2.1:7053"),
    )
    assert status == 3
    assert "nobody can listen at 192.0.2.1:7053 (Cannot assign requested" in said["error"]


def test_without_a_ticket(workers: Workers) -> None:
    (workers.ticket / "tls.key").unlink()
    status, said = workers.fetch("127.0.0.1:1", workers.folder / "into")
    assert status == 3
    assert f"{workers.ticket} holds no ticket of a transfer" in said["error"]
