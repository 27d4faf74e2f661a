"""Five chaincodes on each of five channels cost no more blocks than one: two, and little time."""

import re
from pathlib import Path
from typing import Any

from tests.e2e.conftest import Measure
from tests.e2e.harness import network
from tests.e2e.harness.fabric import Client
from tests.e2e.harness.network import CONFIGTX, NETWORK
from tests.e2e.shapes.conftest import MakeSample

MANY = 5
BLOCK = 1.0
"""Seconds, the sample's batch timeout."""
MOST = 2 * BLOCK + 5.0
_TOOK = re.compile(r"fabric:Chaincodes (many-\d) created \((\d+(?:\.\d+)?)s\)")


def test_25_definitions_in_two_blocks_a_channel(make_sample: MakeSample, measure: Measure) -> None:
    stack = make_sample("simple", name="e2e-campaign-many")
    files = Path(stack.settings["network"])
    network.edit(files, CONFIGTX, _channels_of_configtx)
    network.edit(files, NETWORK, _channels)
    stack.up()
    client = Client.of(stack)
    before = {channel: client.height(channel) for channel in _names()}

    network.edit(files, NETWORK, _chaincodes)
    run = stack.up()
    took = {name: float(seconds) for name, seconds in _TOOK.findall(run.output)}
    assert set(took) == set(_names())
    measure(f"{MANY} x {MANY} chaincodes: longest of the channels", max(took.values()))
    measure(f"{MANY} x {MANY} chaincodes: whole up", run.seconds)
    for channel in _names():
        blocks = client.height(channel) - before[channel]
        calls = MANY
        assert blocks - calls <= 2, f"{channel} has {blocks} more blocks, {calls} of them calls"
    assert max(took.values()) <= MOST


def _names() -> list[str]:
    return [f"many-{number}" for number in range(MANY)]


def _channels_of_configtx(configtx: Any) -> None:
    profiles = configtx["Profiles"]
    profiles.update({name: dict(profiles["private-karga-atlantis"]) for name in _names()})


def _channels(content: Any) -> None:
    content["network"]["channels"] += [
        {"name": name, "orgs": ["Karga", "Atlantis"]} for name in _names()
    ]


def _chaincodes(content: Any) -> None:
    """Copies of one that is there, each on all new channels."""
    (kind,) = [c for c in content["network"]["chaincodes"] if c["name"] == "even-simpler"]
    places = [{"name": name, "orgs": ["Karga", "Atlantis"]} for name in _names()]
    content["network"]["chaincodes"] += [
        {**kind, "name": f"copy-{number}", "channels": places} for number in range(MANY)
    ]
