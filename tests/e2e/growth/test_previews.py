"""A preview reads like the change: nothing more than what was edited, nothing unknown, none twice.

What is expected is in `previews`, a file for each edit of samples/simple while it is running.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.harness import network
from tests.e2e.harness.changes import changes_with
from tests.e2e.harness.network import CONFIGTX, CRYPTO_CONFIG, NETWORK
from tests.e2e.harness.stack import Stack

EXPECTED = Path(__file__).with_name("previews")


def add_peer(crypto: Any) -> None:
    crypto["PeerOrgs"][0]["Template"]["Count"] = 2


def add_channel(content: Any) -> None:
    if "Profiles" in content:
        content["Profiles"]["second"] = dict(content["Profiles"]["private-karga-atlantis"])
    elif "network" in content:
        content["network"]["channels"].append({"name": "second", "orgs": ["Karga", "Atlantis"]})


def change_policy(configtx: Any) -> None:
    policies = configtx["Profiles"]["common"]["Application"]["Policies"]
    changed = {**policies, "Admins": {"Type": "ImplicitMeta", "Rule": "ANY Admins"}}
    configtx["Profiles"]["common"]["Application"]["Policies"] = changed


def change_batch(configtx: Any) -> None:
    configtx["Profiles"]["OrdererGenesis"]["Orderer"]["BatchTimeout"] = "500ms"


def upgrade_chaincode(content: Any) -> None:
    content["network"]["chaincodes"][0]["version"] = "2.0"


@pytest.mark.parametrize(
    ("name", "change", "files"),
    [
        ("add-peer", add_peer, (CRYPTO_CONFIG,)),
        ("add-channel", add_channel, (CONFIGTX, NETWORK)),
        ("change-policy", change_policy, (CONFIGTX,)),
        ("change-batch", change_batch, (CONFIGTX,)),
        ("upgrade-chaincode", upgrade_chaincode, (NETWORK,)),
    ],
)
def test_an_edit_and_nothing_else(
    running: Stack,
    tmp_path: Path,
    name: str,
    change: Callable[[Any], None],
    files: tuple[str, ...],
) -> None:
    base = Path(running.settings["network"])
    edited = network.copy(base, tmp_path / "edited")
    for file in files:
        network.edit(edited, file, change)
    _assert_preview(running, edited, name)


def test_two_organizations_more(running: Stack, chaincode_images: dict[str, str]) -> None:
    base = Path(running.settings["network"])
    network.use_images(base / "extended", chaincode_images)
    _assert_preview(running, base / "extended", "add-organizations")


@pytest.mark.parametrize(
    ("options", "channels"),
    [
        (("--target", "**:Channel::common"), {"common"}),
        (("--target", "**:Channel::testchainid"), {"testchainid"}),
        (("--exclude", "**:Channel::common", "--exclude-dependents"),
         {"private-karga-atlantis", "testchainid"}),
    ],
)  # fmt: skip
def test_a_part_of_it(
    running: Stack, tmp_path: Path, options: tuple[str, ...], channels: set[str]
) -> None:
    """What PIVT's `include` filters did; the recipes of docs/operations.md."""
    base = Path(running.settings["network"])
    edited = network.edited_copy(base, tmp_path / "edited", CONFIGTX, change_batch)
    found = changes_with(running, *options, network=str(edited))
    assert {line for line in found if not line.startswith(" ")} == {
        f"update Channel {channel}" for channel in channels
    }


def test_one_chaincode(running: Stack, tmp_path: Path) -> None:
    base = Path(running.settings["network"])
    edited = network.edited_copy(base, tmp_path / "edited", NETWORK, upgrade_chaincode)
    network.edit(edited, CONFIGTX, change_batch)
    targets = ("--target", "**very-simple", "--target", "**:Chaincodes::common")
    _assert_preview(running, edited, "upgrade-chaincode", *targets)


def _assert_preview(running: Stack, files: Path, name: str, *options: str) -> None:
    found = changes_with(running, *options, network=str(files))
    assert found == (EXPECTED / f"{name}.txt").read_text().splitlines()
