"""Durations and sizes as configtxgen reads them."""

from dataclasses import replace
from pathlib import Path

import pytest

from hlf.config import quantity, read
from hlf.config.model import ChannelConfig, Orderer
from hlf.config.protos import Block
from tests.official.config import fabric
from tests.unit.config import networks


def live(orderer: Orderer, folder: Path) -> Orderer:
    """The orderer part of the block that configtxgen makes of this."""
    config = ChannelConfig(
        policies=networks.BASIC,
        orderer=replace(orderer, organizations={}),
        consortiums={"C": {}},
    )
    fabric.write_configtx(folder, {"p": config})
    fabric.run(
        "configtxgen", "-profile", "p", "-channelID", "c", "-outputBlock", "block", cwd=folder
    )
    block = Block.FromString((folder / "block").read_bytes())
    found = read.channel_config(read.config_of(block).channel_group).orderer
    assert found is not None
    return found


@pytest.mark.parametrize(
    "text", ["2000ms", "90m", "1.5h", ".5s", "7us", "1h1.25s", "1.0000001s", "12ns", "1m1s1ms"]
)
def test_durations(text: str, tmp_path: Path):
    orderer = replace(networks.orderer("solo"), batch_timeout=text)
    assert live(orderer, tmp_path).batch_timeout == quantity.duration(text)


@pytest.mark.parametrize("text", ["98 MB", "512KB", "3 g", "16m", "1048576", "4294967295"])
def test_sizes(text: str, tmp_path: Path):
    orderer = replace(networks.orderer("solo"), absolute_max_bytes=text)
    assert live(orderer, tmp_path).absolute_max_bytes == quantity.size(text)


@pytest.mark.parametrize("text", ["10 B", "1.5 MB", "10 TB", "-1", "4 GB"])
def test_sizes_that_are_refused(text: str, tmp_path: Path):
    orderer = replace(networks.orderer("solo"), absolute_max_bytes=text)
    fabric.write_configtx(tmp_path, {"p": ChannelConfig(policies={}, orderer=orderer)})
    theirs = fabric.attempt("configtxgen", "-profile", "p", "-printOrg", "none", cwd=tmp_path)
    assert "AbsoluteMaxBytes" in theirs.stderr
    with pytest.raises(ValueError, match=r"size|large"):
        quantity.size(text)
