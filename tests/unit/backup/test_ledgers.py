"""How far a stopped node's folder is, by its last block files alone."""

from pathlib import Path

import pytest
from fabric_protos.common.ledger_pb2 import BlockchainInfo

from hlf.backup.ledgers import ledgers
from hlf.backup.manifest import Ledger
from hlf.ledger.errors import LedgerDamaged
from tests.unit.backup.networks import (
    CHANNEL,
    ORDERER,
    ORDERER_BLOCKS,
    PEER,
    PEER_BLOCKS,
    SNAPSHOT_INFO,
    lay,
)
from tests.unit.ledger.made import chain, joined

MADE = chain(6)
WHOLE = {CHANNEL: Ledger(height=6, last_hash=MADE[-1].hash.hex())}
FIVE = {CHANNEL: Ledger(height=5, last_hash=MADE[4].hash.hex())}


@pytest.mark.parametrize("names", [PEER, ORDERER])
@pytest.mark.parametrize("border", range(1, 7))
def test_height_and_hash(tmp_path: Path, names: tuple[str, ...], border: int) -> None:
    """Also where the last file is there, and no block in it yet."""
    assert ledgers(lay(tmp_path, names, MADE[:border], MADE[border:])) == WHOLE


def test_of_each_channel(tmp_path: Path) -> None:
    lay(tmp_path, ORDERER, MADE)
    lay(tmp_path, ["orderer/chains/other/blockfile_000000"], chain(2, channel="other"))
    assert {name: each.height for name, each in ledgers(tmp_path).items()} == {
        CHANNEL: 6,
        "other": 2,
    }


def test_a_cut_off_rest_does_not_count(tmp_path: Path) -> None:
    lay(tmp_path, PEER, MADE[:5])
    with (tmp_path / PEER_BLOCKS).open("ab") as file:
        file.write(MADE[5].record[:-1])
    assert ledgers(tmp_path) == FIVE


def test_a_last_file_with_nothing_but_a_cut_off_rest(tmp_path: Path) -> None:
    lay(tmp_path, PEER, MADE[:2], MADE[2:5], [])
    (tmp_path / PEER_BLOCKS).with_name("blockfile_000002").write_bytes(MADE[5].record[:-1])
    assert ledgers(tmp_path) == FIVE


def test_files_before_the_last_are_not_read(tmp_path: Path) -> None:
    """So the time does not grow with the ledger; what is wrong with them, `proof` tells."""
    lay(tmp_path, PEER, MADE[:2], MADE[2:4], MADE[4:])
    for number in range(2):
        (tmp_path / PEER_BLOCKS).with_name(f"blockfile_{number:06d}").write_bytes(b"no blocks")
    assert ledgers(tmp_path) == WHOLE


def test_an_orderer_that_has_fetched_nothing_yet(tmp_path: Path) -> None:
    for content in (b"", MADE[0].record[:-1]):
        lay(tmp_path, ORDERER)
        (tmp_path / ORDERER_BLOCKS).write_bytes(content)
        assert ledgers(tmp_path) == {CHANNEL: Ledger(height=0, last_hash="")}


def test_a_peer_that_joined_by_a_snapshot(tmp_path: Path) -> None:
    """The snapshot's height until the first block comes, with and without a block file."""
    lay(tmp_path, [*PEER, SNAPSHOT_INFO], [])
    info = BlockchainInfo(height=4, currentBlockHash=MADE[4].hash, previousBlockHash=MADE[3].hash)
    (tmp_path / SNAPSHOT_INFO).write_bytes(info.SerializeToString())
    assert ledgers(tmp_path) == FIVE
    (tmp_path / PEER_BLOCKS).write_bytes(joined(MADE[5:]))
    assert ledgers(tmp_path) == WHOLE
    (tmp_path / PEER_BLOCKS).unlink()
    assert ledgers(tmp_path) == FIVE


def test_a_missing_file(tmp_path: Path) -> None:
    lay(tmp_path, PEER, MADE[:2], MADE[2:4], MADE[4:])
    (tmp_path / PEER_BLOCKS).with_name("blockfile_000001").unlink()
    with pytest.raises(LedgerDamaged, match="here blockfile_000001 should stand"):
        ledgers(tmp_path)


def test_a_last_file_that_no_node_wrote(tmp_path: Path) -> None:
    lay(tmp_path, PEER)
    (tmp_path / PEER_BLOCKS).write_bytes(bytes(100))
    with pytest.raises(LedgerDamaged, match="zeros"):
        ledgers(tmp_path)


def test_nodes_without_channels(tmp_path: Path) -> None:
    (tmp_path / "log" / "common-0").mkdir(parents=True)
    (tmp_path / "log" / "common-0" / "00000000000000000000.log").touch()
    assert ledgers(tmp_path) == {}
