"""A network is backed up in use, destroyed with all that it had, and restored from its store."""

import re
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.conftest import Measure
from tests.e2e.harness import bulk, deals, dump, embedded, stores
from tests.e2e.harness.fabric import Client
from tests.e2e.harness.load import CHAINCODE, CHANNEL, Load
from tests.e2e.harness.stack import Stack
from tests.e2e.harness.use import use
from tools import images

PASSPHRASE = "correct horse battery staple"
_ORGS = ("Karga", "Nevergreen")
_PRIVATE = ("price", "other")
_LATER = "later"
_OUTAGE = 30.0
"""Seconds that clients may get no answer, on a machine that may do other things too.

Up to ten of them are the election of leaders, which is the channel's matter.
"""
_PATIENCE = 180.0
_GROWTH, _NEW = 0.1, 0.2
"""Of the ledger between two backups, and what the second may add to the store then."""
_LARGE = 200
"""Megabytes from which that holds: a file that has grown is stored from its last 4 MiB on."""


@dataclass(frozen=True, kw_only=True)
class Before:
    """What a backup has to bring back."""

    heights: Mapping[str, int]
    dump: dump.Dump


def setting(store: str, credentials: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the setting `backup` for a store."""
    given = {"credentials": dict(credentials)} if credentials else {}
    return {"store": store, "passphrase": PASSPHRASE, **given}


def set_up(stack: Stack, folder: Path, *, megabytes: int) -> Client:
    """Bring up a network with private data, and a ledger of a size."""
    embedded.provide(images.JOBS)
    files = deals.add(Path(stack.settings["network"]), folder / "net")
    stack.configure(network=str(files), chaincode=str(deals.chaincodes(folder / "chaincodes")))
    stack.up()
    client = Client.of(stack)
    for key in _PRIVATE:
        deals.put(client, key, f"the {key}")
    bulk.grow(client, megabytes)
    return client


def back_up_in_use(stack: Stack, client: Client, backup: Mapping[str, Any]) -> tuple[Load, float]:
    """Back up while transactions flow; return these, and the longest time without an answer."""
    load = Load(client=client, orgs=_ORGS, patience=_PATIENCE)
    with load.running():
        load.wait_for(20, timeout=60)
        began = time.monotonic()
        stack.configure(backup=dict(backup))
        stack.up()
        load.wait_for(20, timeout=60)
    return load, load.longest_gap(since=began)


def made(stack: Stack) -> dict[str, Any]:
    """Return what the stack says of its backup."""
    (found,) = (
        each["outputs"]["backup"]
        for each in stack.resources()
        if each["type"].endswith("fabric:Backup")
    )
    return found


def look(stack: Stack, client: Client) -> Before:
    """Ask the network itself for all that is in the backup that it has just made."""
    told = {
        name: int(re.sub(r" blocks$", "", text)) for name, text in made(stack)["channels"].items()
    }
    heights = {channel.name: told[channel.name] for channel in client.network.channels}
    return Before(heights=heights, dump=dump.take(client, heights, _PRIVATE))


def check(stack: Stack, before: Before) -> None:
    """See that a restored network has that, nothing of later, and that it goes on."""
    client = Client.of(stack)
    assert client.evaluate(CHANNEL, CHAINCODE, "list", _LATER, f"{_LATER}~") == {"[]"}
    assert dump.take(client, before.heights, _PRIVATE) == before.dump
    stack.preview("--expect-no-changes")
    use(stack)


def go_on(client: Client) -> None:
    """Commit what no backup of before has."""
    client.submit(CHANNEL, CHAINCODE, "put", _LATER, "than the backup")
    assert client.evaluate(CHANNEL, CHAINCODE, "get", _LATER) == {"than the backup"}


def lose(stack: Stack) -> None:
    """Destroy the network with its volumes and its namespace, and forget the stack's state."""
    stack.remove()
    assert not stack.namespace.exists()
    stack.prepare()


def lives(
    stack: Stack,
    folder: Path,
    backup: Mapping[str, Any],
    *,
    megabytes: int,
    measure: Measure,
    outage_at_most: float = _OUTAGE,
    volume: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> None:
    """Back up twice, in use; go on; lose everything; restore the first, and compare.

    `volume` makes what has to be in the namespace before the network is.
    """
    what = f"{megabytes} MB of ledger on each node, {stack.name}"
    with volume():
        client = set_up(stack, folder, megabytes=megabytes)
        load, outage = back_up_in_use(stack, client, {**backup, "key": "first"})
        measure(f"longest time without an answer during a backup; {what}", outage)
        assert load.given_up == [], load.given_up[:3]
        load.check_peers(client)
        before, stored = look(stack, client), int(made(stack)["stored"])

        bulk.grow(client, round(megabytes * _GROWTH))
        stack.configure(backup={**backup, "key": "second"})
        measure(f"up with a second backup; {what}", stack.up().seconds)
        share = int(made(stack)["stored"]) / stored
        measure(f"percent of the first backup's bytes that the second added; {what}", 100 * share)
        go_on(client)
        lose(stack)
    with volume():
        stack.configure(backup={**backup, "key": "first"}, restoreFrom="first")
        measure(f"up that restores everything; {what}", stack.up().seconds)
        check(stack, before)
    # last, because a busy machine can break it
    assert outage < outage_at_most
    assert megabytes < _LARGE or share < _NEW


def lives_in_s3(stack: Stack, folder: Path, *, megabytes: int, **more: Any) -> None:
    """Have such a life with a store in S3; `more` is as for `lives`."""
    with stores.s3(folder) as server:
        backup = setting(f"{server.url}/networks", server.environment)
        lives(stack, folder, backup, megabytes=megabytes, **more)


def lives_in_azure(stack: Stack, folder: Path, *, megabytes: int, measure: Measure) -> None:
    """Have such a life with a store in Azure Blob."""
    with stores.azure(folder) as server:
        backup = setting(f"{server.url}/networks", server.environment)
        lives(stack, folder, backup, megabytes=megabytes, measure=measure)
