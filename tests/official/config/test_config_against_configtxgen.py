"""The same input through configtxgen and through us: the same messages."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest

from hlf.config import build, read
from hlf.config.model import ChannelConfig
from hlf.config.protos import Block
from hlf.config.update import create_channel
from tests.official.config import fabric
from tests.unit.config import networks

Kind = Literal["solo", "kafka", "etcdraft"]
KINDS: tuple[Kind, ...] = ("solo", "kafka", "etcdraft")

WHEN = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
NONCE = bytes(range(24))


def profiles() -> dict[str, ChannelConfig]:
    return {f"{kind}-system": networks.system_channel(kind) for kind in KINDS} | {
        f"{kind}-channel": networks.application_channel(kind) for kind in KINDS
    }


@pytest.fixture(scope="module")
def configtx(material) -> Path:
    fabric.write_configtx(material.root, profiles())
    return material.root


def our_block(config: ChannelConfig, channel: str, material) -> Block:
    group = build.channel_group(config, msps=material.msps, certificates=material.certificates)
    return build.genesis_block(group, channel=channel, timestamp=WHEN, nonce=NONCE)


def scrubbed(text: str) -> object:
    """A decoded block without what differs from run to run."""
    for key in ("nonce", "timestamp", "tx_id", "data_hash"):
        text, count = re.subn(rf'"{key}": "[^"]*"', f'"{key}": "-"', text)
        assert count, f"{key} is not in the decoded block"
    return json.loads(text)


def decoded(block: Path) -> object:
    text = fabric.run("configtxlator", "proto_decode", "--type", "common.Block", "--input", block)
    return scrubbed(text)


@pytest.mark.parametrize("profile", profiles())
def test_genesis_blocks_are_equal(profile: str, configtx: Path, material, tmp_path: Path):
    theirs_path, ours_path = tmp_path / "theirs.block", tmp_path / "ours.block"
    fabric.run(
        "configtxgen", "-profile", profile, "-channelID", "a.channel", "-outputBlock", theirs_path,
        cwd=configtx,
    )  # fmt: skip
    block = our_block(profiles()[profile], "a.channel", material)
    ours_path.write_bytes(build.block_bytes(block))

    theirs = Block.FromString(theirs_path.read_bytes())
    # Not compared as bytes: Go writes the entries of a map in any order.
    assert decoded(ours_path) == decoded(theirs_path)
    assert ours_path.stat().st_size == theirs_path.stat().st_size
    assert read.data_hash(theirs.data) == theirs.header.data_hash
    assert read.last_config_index(theirs) == read.last_config_index(block) == 0


@pytest.mark.parametrize("profile", profiles())
def test_configtxgen_inspects_our_blocks(profile: str, configtx: Path, material, tmp_path: Path):
    path = tmp_path / "ours.block"
    path.write_bytes(build.block_bytes(our_block(profiles()[profile], "a.channel", material)))
    inspected = fabric.run("configtxgen", "-inspectBlock", path, cwd=configtx)
    config = json.loads(inspected)["data"]["data"][0]["payload"]["data"]["config"]
    groups = config["channel_group"]["groups"]
    members = {
        org: value["values"]["MSP"]["value"]["config"]["name"]
        for org, value in groups["Orderer"]["groups"].items()
    }
    assert members == {"Groeifabriek": "GroeifabriekMSP"}


@pytest.mark.parametrize("kind", KINDS)
def test_create_channel_transactions_are_equal(
    kind: Kind, configtx: Path, material, tmp_path: Path
):
    path = tmp_path / "create.tx"
    fabric.run(
        "configtxgen", "-profile", f"{kind}-channel", "-channelID", "common",
        "-outputCreateChannelTx", path,
        cwd=configtx,
    )  # fmt: skip
    envelope = fabric.run(
        "configtxlator", "proto_decode", "--type", "common.Envelope", "--input", path
    )
    theirs = json.loads(envelope)["payload"]["data"]["config_update"]

    update = create_channel(
        networks.application_channel(kind), msps=material.msps, channel="common"
    )
    ours_path = tmp_path / "ours.update"
    ours_path.write_bytes(update.SerializeToString(deterministic=True))
    ours = fabric.run(
        "configtxlator", "proto_decode", "--type", "common.ConfigUpdate", "--input", ours_path
    )
    assert json.loads(ours) == theirs


def test_an_org_read_from_a_folder_of_cryptogen_is_the_one_configtxgen_reads(
    material, tmp_path: Path
):
    """The MSPs above come from a tree of ours; here the tree is cryptogen's."""
    (tmp_path / "crypto-config.yaml").write_text(
        "OrdererOrgs: [{Name: G, Domain: groeifabriek.nl, EnableNodeOUs: true,"
        " Specs: [{Hostname: orderer0}, {Hostname: orderer1}, {Hostname: orderer2},"
        " {Hostname: orderer3}]}]\n"
        "PeerOrgs:\n"
        "- {Name: K, Domain: aptalkarga.tr, EnableNodeOUs: true, Template: {Count: 1}}\n"
        "- {Name: N, Domain: nevergreen.nl, EnableNodeOUs: false, Template: {Count: 1}}\n"
        "- {Name: A, Domain: atlantis.com, EnableNodeOUs: true, Template: {Count: 1}}\n"
    )
    fabric.run("cryptogen", "generate", "--config", "crypto-config.yaml", cwd=tmp_path)
    config = networks.system_channel("etcdraft")
    fabric.write_configtx(tmp_path, {"p": config})
    fabric.run(
        "configtxgen", "-profile", "p", "-channelID", "c", "-outputBlock", tmp_path / "b",
        cwd=tmp_path,
    )  # fmt: skip
    theirs = read.config_of(Block.FromString((tmp_path / "b").read_bytes()))
    msps = networks.read_msps(tmp_path)
    ours = build.channel_group(config, msps=msps, certificates=networks.read_certificates(tmp_path))
    assert ours == theirs.channel_group
    assert read.msps(theirs.channel_group) == msps
