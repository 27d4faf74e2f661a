"""The same input through configtxgen and through us: the same messages."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hlf.config import build, model, read
from hlf.config.model import ChannelConfig
from hlf.config.protos import Block
from hlf.config.update import create_channel
from tests.official.config import fabric
from tests.unit.config import networks

KINDS: tuple[networks.Kind, ...] = ("solo", "kafka", "etcdraft")

WHEN = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
NONCE = bytes(range(24))


def profiles() -> dict[str, ChannelConfig]:
    """What Fabric 2.5's configtxgen makes blocks of."""
    return (
        {f"{kind}-system": networks.system_channel(kind) for kind in KINDS}
        | {f"{kind}-channel": networks.application_channel(kind) for kind in KINDS}
        | {"etcdraft-own": networks.own_channel("etcdraft")}
    )


def profiles_3() -> dict[str, ChannelConfig]:
    """What Fabric 3's makes blocks of; Solo it knows for its own tests."""
    bft = networks.own_channel("BFT")
    assert bft.orderer is not None
    defaults = model.Bft(consenters=networks.bft_consenters())
    return {
        "etcdraft-own": networks.own_channel("etcdraft"),
        "BFT-own": bft,
        "BFT-defaults": replace(bft, orderer=replace(bft.orderer, bft=defaults)),
    }


CASES = [(fabric.FABRIC_2, name) for name in profiles()] + [
    (fabric.FABRIC_3, name) for name in profiles_3()
]


@pytest.fixture(scope="module")
def configtx(material) -> dict[str, Path]:
    """A folder with configtx.yaml and the certificates for each Fabric."""
    second = material.root / "fabric-3"
    second.mkdir()
    (second / "crypto-config").symlink_to(material.root / "crypto-config")
    fabric.write_configtx(material.root, profiles())
    fabric.write_configtx(second, profiles_3())
    return {fabric.FABRIC_2: material.root, fabric.FABRIC_3: second}


def config_of_case(binaries: str, profile: str) -> ChannelConfig:
    return (profiles() if binaries == fabric.FABRIC_2 else profiles_3())[profile]


def our_block(config: ChannelConfig, channel: str, material) -> Block:
    group = build.channel_group(config, msps=material.msps, certificates=material.certificates)
    return build.genesis_block(group, channel=channel, timestamp=WHEN, nonce=NONCE)


def scrubbed(text: str) -> object:
    """A decoded block without what differs from run to run."""
    for key in ("nonce", "timestamp", "tx_id", "data_hash"):
        text, count = re.subn(rf'"{key}": "[^"]*"', f'"{key}": "-"', text)
        assert count, f"{key} is not in the decoded block"
    return json.loads(text)


def decoded(block: Path, binaries: str) -> object:
    text = fabric.run(
        "configtxlator", "proto_decode", "--type", "common.Block", "--input", block,
        binaries=binaries,
    )  # fmt: skip
    return scrubbed(text)


@pytest.mark.parametrize(("binaries", "profile"), CASES)
def test_genesis_blocks_are_equal(
    binaries: str, profile: str, configtx: dict[str, Path], material, tmp_path: Path
):
    theirs_path, ours_path = tmp_path / "theirs.block", tmp_path / "ours.block"
    fabric.run(
        "configtxgen", "-profile", profile, "-channelID", "a.channel", "-outputBlock", theirs_path,
        cwd=configtx[binaries], binaries=binaries,
    )  # fmt: skip
    block = our_block(config_of_case(binaries, profile), "a.channel", material)
    ours_path.write_bytes(build.block_bytes(block))

    theirs = Block.FromString(theirs_path.read_bytes())
    # Not compared as bytes: Go writes the entries of a map in any order.
    assert decoded(ours_path, binaries) == decoded(theirs_path, binaries)
    assert ours_path.stat().st_size == theirs_path.stat().st_size
    assert read.data_hash(theirs.data) == theirs.header.data_hash
    assert read.last_config_index(theirs) == read.last_config_index(block) == 0


@pytest.mark.parametrize(("binaries", "profile"), CASES)
def test_configtxgen_inspects_our_blocks(
    binaries: str, profile: str, configtx: dict[str, Path], material, tmp_path: Path
):
    path = tmp_path / "ours.block"
    block = our_block(config_of_case(binaries, profile), "a.channel", material)
    path.write_bytes(build.block_bytes(block))
    inspected = fabric.run(
        "configtxgen", "-inspectBlock", path, cwd=configtx[binaries], binaries=binaries
    )
    config = json.loads(inspected)["data"]["data"][0]["payload"]["data"]["config"]
    groups = config["channel_group"]["groups"]
    members = {
        org: value["values"]["MSP"]["value"]["config"]["name"]
        for org, value in groups["Orderer"]["groups"].items()
    }
    assert members == {"Groeifabriek": "GroeifabriekMSP"}


@pytest.mark.parametrize("kind", KINDS)
def test_create_channel_transactions_are_equal(
    kind: networks.Kind, configtx: dict[str, Path], material, tmp_path: Path
):
    path = tmp_path / "create.tx"
    fabric.run(
        "configtxgen", "-profile", f"{kind}-channel", "-channelID", "common",
        "-outputCreateChannelTx", path,
        cwd=configtx[fabric.FABRIC_2],
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


@pytest.mark.parametrize("change", [{"capabilities": ("V2_0",)}, {"addresses": ("one:7050",)}])
def test_what_configtxgen_refuses_of_bft_is_a_mistake_here(change: dict[str, object], material):
    """V3_0 is missing, or there are addresses beside it; `hlf.spec.versions` tells both."""
    config = networks.own_channel("BFT")
    assert config.orderer is not None
    if "addresses" in change:
        config = replace(config, orderer=replace(config.orderer, **change))
    else:
        config = replace(config, **change)
    folder = material.root / "refused"
    folder.mkdir(exist_ok=True)
    if not (folder / "crypto-config").exists():
        (folder / "crypto-config").symlink_to(material.root / "crypto-config")
    fabric.write_configtx(folder, {"p": config})
    done = fabric.attempt(
        "configtxgen", "-profile", "p", "-channelID", "c", "-outputBlock", folder / "b",
        cwd=folder, binaries=fabric.FABRIC_3,
    )  # fmt: skip
    assert done.returncode != 0
    assert "V3_0" in done.stderr


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
