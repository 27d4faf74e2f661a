"""A network is backed up in use, destroyed with all it had, and restored from its store."""

import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.e2e.conftest import Measure
from tests.e2e.harness import bulk, deals, dump
from tests.e2e.harness.fabric import Client
from tests.e2e.harness.load import CHANNEL, Load
from tests.e2e.harness.stack import Stack
from tests.e2e.harness.use import use

ORGS = ("Karga", "Nevergreen")
KEYS = ("price", "another")
PASSPHRASE = "correct horse battery staple"
GROWTH = 0.1
"""Of the ledger, between two backups."""
NEW = 0.2
"""Of the first backup's bytes that the second may add to the store after that growth."""


def settings_of(store: str, credentials: Mapping[str, str]) -> dict[str, Any]:
    """Return the setting `backup`."""
    given = {"credentials": dict(credentials)} if credentials else {}
    return {"store": store, "passphrase": PASSPHRASE, **given}


def set_up(stack: Stack, folder: Path, *, megabytes: int) -> Client:
    """Bring up a network with private data, and with a ledger of a size."""
    files = deals.add(Path(stack.settings["network"]), folder / "net")
    chaincodes = deals.chaincodes(folder / "chaincodes")
    stack.configure(network=str(files), chaincode=str(chaincodes))
    stack.up()
    client = Client.of(stack)
    for key in KEYS:
        deals.put(client, key, f"{key} of the deal")
    bulk.grow(client, megabytes)
    return client


def back_up_in_use(stack: Stack, client: Client, backup: dict[str, Any]) -> tuple[float, Load]:
    """Make a backup with transactions running; return the longest gap between acknowledgements."""
    load = Load(client=client, orgs=ORGS)
    with load.running():
        load.wait_for(20, timeout=60)
        began = time.monotonic()
        stack.configure(backup=backup)
        stack.up()
        load.wait_for(20, timeout=60)
    assert not load.given_up
    return load.longest_gap(since=began), load


def heights_of(stack: Stack) -> dict[str, int]:
    """Return the channels' heights that the stack's backup has, as its output says."""
    (outputs,) = (
        each["outputs"]["backup"]
        for each in stack.resources()
        if each["type"].endswith("fabric:Backup")
    )
    heights = {
        name: int(re.fullmatch(r"(\d+) blocks", text)[1])
        for name, text in outputs["channels"].items()
    }
    return {name: heights[name] for name in heights if name != "testchainid"}


def stored_of(stack: Stack) -> int:
    """Return how many bytes the stack's last backup added to its store."""
    (outputs,) = (
        each["outputs"]["backup"]
        for each in stack.resources()
        if each["type"].endswith("fabric:Backup")
    )
    return int(outputs["stored"])
