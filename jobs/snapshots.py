"""Workers that bring a snapshot from one peer to another, and remove both afterwards.

Each has the volume of one peer, where the peer itself has it, and no way to Kubernetes. They are
made by whoever has the peer join (`actions.snapshot_workers`).
"""

import shutil
import threading
from argparse import ArgumentParser, Namespace
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hlf.errors import FabricError
from jobs.snapshot_transfer import clear_others, fetch, read_ticket, serve
from jobs.telling import say

SERVE, FETCH, REMOVE = VERBS = ("serve", "fetch", "remove")


def add_arguments(verb: str, parser: ArgumentParser) -> None:
    """Say what one of `VERBS` is told."""
    if verb == REMOVE:
        parser.add_argument("--folder", type=Path, required=True, action="append")
        return
    parser.add_argument("--folder", type=Path, required=True, help="of the snapshot")
    parser.add_argument("--ticket", type=Path, required=True, help="folder with the ticket")
    parser.add_argument("--address", required=True, help="host:port of the one that serves")
    if verb == FETCH:
        parser.add_argument("--channel", required=True, help="that the snapshot is of")
        parser.add_argument("--block", type=int, required=True, help="the last one that is in it")


def run(arguments: Namespace) -> dict[str, Any]:
    """Do one of `VERBS`; serving ends with the process. Raises FabricError."""
    if arguments.verb == SERVE:
        return _serve(arguments)
    if arguments.verb == FETCH:
        return _fetch(arguments)
    with _removing():
        for folder in filter(Path.exists, arguments.folder):
            shutil.rmtree(folder)
    return {}


def _serve(arguments: Namespace) -> dict[str, Any]:
    host, _, port = arguments.address.rpartition(":")
    ticket = read_ticket(arguments.ticket)
    try:
        with serve(arguments.folder, ticket, host=host.strip("[]"), port=int(port)) as found:
            say(f"serving {arguments.folder} at {host}:{found}")
            threading.Event().wait()
    except OSError as error:
        raise FabricError(
            f"nobody can listen at {arguments.address} ({error.strerror}); see that it is an "
            "address of this pod, and that nobody else has the port"
        ) from None
    return {}


def _fetch(arguments: Namespace) -> dict[str, Any]:
    with _removing():
        clear_others(arguments.folder)
    found = fetch(arguments.address, read_ticket(arguments.ticket), arguments.folder)
    if (found.channel, found.last_block) != (arguments.channel, arguments.block):
        raise FabricError(
            f"{arguments.folder} holds a snapshot of channel {found.channel} at block "
            f"{found.last_block}, where one of {arguments.channel} at block {arguments.block} is "
            "expected; remove it and begin again"
        )
    return {"channel": found.channel, "block": found.last_block}


@contextmanager
def _removing() -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise FabricError(
            f"{error.filename} cannot be removed ({error.strerror}); see that the volume belongs "
            "to the peer's user"
        ) from None
