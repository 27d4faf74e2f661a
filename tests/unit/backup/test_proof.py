"""Chains of a stored backup: those that are what the manifest says, and those that are not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from fabric_protos.common.ledger_pb2 import BlockchainInfo

from hlf.backup.manifest import Ledger, Manifest, Node
from hlf.backup.proof import Proof, Standing, prove
from hlf.backup.repository import Repository, open_or_create_repository
from hlf.backup.store import open_store
from tests.unit.backup.networks import (
    CHANNEL,
    ORDERER,
    PEER,
    PEER_BLOCKS,
    SNAPSHOT_INFO,
    back_up,
    lay,
    orderer,
    peer,
)
from tests.unit.ledger.made import Made, chain, relinked

MADE = chain(8)
FORKED = relinked([*MADE[:4], replace(MADE[4], transactions=(b"other",)), *MADE[5:]])


@dataclass(frozen=True)
class Made3:
    """An orderer, and two peers of one organization of which one is behind."""

    repository: Repository
    folders: dict[str, Path]

    def back_up(self, **said: Ledger) -> Manifest:
        """A backup in which some nodes say another height than they have."""
        nodes: list[Node] = [orderer("orderer0", Ledger(height=0, last_hash=""))]
        nodes += [peer(name, "Karga", nodes[0].ledgers[CHANNEL]) for name in ("karga0", "karga1")]
        told = (
            replace(node, ledgers={CHANNEL: said[node.name]} if node.name in said else {})
            for node in nodes
        )
        return back_up(self.repository, "made", list(told), self.folders)

    def prove(self, **said: Ledger) -> Proof:
        return prove(self.repository, self.back_up(**said))


@pytest.fixture
def made(tmp_path: Path) -> Made3:
    return laid(tmp_path)


def laid(root: Path, *, lower: Sequence[Made] = MADE[:5]) -> Made3:
    (root / "store").mkdir()
    repository = open_or_create_repository(open_store(f"file://{root}/store"), "passphrase")
    folders = {
        "orderer0": lay(root / "orderer0", ORDERER, MADE[:3], MADE[3:]),
        "karga0": lay(root / "karga0", PEER, MADE),
        "karga1": lay(root / "karga1", PEER, lower),
    }
    return Made3(repository, folders)


def standing(agreeing: int = 3, level: int = 2) -> Standing:
    return Standing(channel=CHANNEL, height=8, nodes=3, agreeing=agreeing, level=level)


def test_proved(made: Made3) -> None:
    proof = made.prove()
    assert proof.problems == ()
    assert proof.channels == (standing(),)


def test_a_lower_node_on_another_chain(tmp_path: Path) -> None:
    """Nothing of it is in the heights or hashes alone."""
    made = laid(tmp_path, lower=FORKED[:6])
    proof = made.prove()
    assert proof.verdict.problems == ()
    assert proof.problems == (
        (
            "channel common: node karga1 has another block 5 than the highest orderer, "
            f"{FORKED[5].hash.hex()} and {MADE[5].hash.hex()}; it is on another chain: mend the "
            "network, or choose a backup of before"
        ),
    )
    assert proof.channels == (standing(agreeing=2),)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            Ledger(height=4, last_hash=MADE[3].hash.hex()),
            "node karga1: channel common has 5 blocks, and 4 were there; choose another backup",
        ),
        (
            Ledger(height=6, last_hash=MADE[5].hash.hex()),
            "node karga1: channel common has 5 blocks, and 6 were there; choose another backup",
        ),
        (
            Ledger(height=5, last_hash="ab" * 32),
            (
                "node karga1: the last block of channel common has the hash "
                f"{MADE[4].hash.hex()}, and {'ab' * 32} was there; choose another backup"
            ),
        ),
    ],
)
def test_another_height_or_hash_than_the_manifest_says(
    made: Made3, said: Ledger, told: str
) -> None:
    proof = made.prove(karga1=said)
    assert proof.problems == (told,)
    assert proof.channels == (standing(agreeing=2),)


def _flipped(content: bytes) -> bytes:
    place = content.index(b"2/1")
    return content[:place] + b"9" + content[place + 1 :]


def _short(content: bytes) -> bytes:
    return content[: -len(MADE[4].record)]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_flipped, "block 2: its transactions have the hash"),
        (_short, "channel common has 4 blocks, and 5 were there"),
    ],
)
def test_blocks_that_were_damaged_before_they_were_copied(
    made: Made3, change: Callable[[bytes], bytes], told: str
) -> None:
    said = Ledger(height=5, last_hash=MADE[4].hash.hex())
    blocks = made.folders["karga1"] / PEER_BLOCKS
    blocks.write_bytes(change(blocks.read_bytes()))
    (problem,) = made.prove(karga1=said).problems
    assert problem.startswith("node karga1: ")
    assert told in problem


def test_bytes_that_are_damaged_are_told_once(made: Made3, tmp_path: Path) -> None:
    manifest = made.back_up()
    (file,) = (each for each in manifest.nodes[2].tree.files if each.path == PEER_BLOCKS)
    (chunk,) = file.content.chunks
    (tmp_path / "store" / "chunks" / chunk[:2] / chunk).unlink()
    proof = prove(made.repository, manifest)
    assert proof.problems == (
        f"file {PEER_BLOCKS} of node karga1: chunk 1 of 1 ({chunk}) is missing",
    )
    assert proof.channels == (standing(agreeing=2),)


def test_a_damaged_channel_does_not_keep_from_the_next(made: Made3) -> None:
    folder = made.folders["karga1"]
    lay(folder, [PEER_BLOCKS.replace(CHANNEL, "aaa")], chain(2, channel="other"))
    lay(folder, [PEER_BLOCKS.replace(CHANNEL, "zzz")], chain(2, channel="other"))
    proof = made.prove()
    told = [each for each in proof.problems if "it is of channel other" in each]
    assert len(told) == 2
    assert proof.channels[1] == standing()


def test_a_peer_that_joined_by_a_snapshot(made: Made3) -> None:
    """Its blocks come in the manifest before what they follow."""
    folder = made.folders["karga1"]
    info = BlockchainInfo(height=4, currentBlockHash=MADE[4].hash, previousBlockHash=MADE[3].hash)
    (folder / SNAPSHOT_INFO).write_bytes(info.SerializeToString())
    (folder / PEER_BLOCKS).write_bytes(b"")
    assert made.prove().channels == (standing(),)


def test_a_snapshot_of_another_chain(made: Made3) -> None:
    folder = made.folders["karga1"]
    info = BlockchainInfo(height=4, currentBlockHash=b"z" * 32, previousBlockHash=b"y" * 32)
    (folder / SNAPSHOT_INFO).write_bytes(info.SerializeToString())
    (folder / PEER_BLOCKS).unlink()
    (problem,) = made.prove().problems
    assert "node karga1 has another block 4 than the highest orderer, 7a7a7a" in problem


def test_an_orderer_that_has_fetched_nothing_yet(made: Made3) -> None:
    made.folders["orderer1"] = lay(made.folders["orderer0"].parent / "orderer1", ORDERER, [])
    manifest = back_up(
        made.repository,
        "four",
        [
            replace(orderer(name, Ledger(height=0, last_hash="")), ledgers={})
            for name in ("orderer0", "orderer1")
        ],
        made.folders,
    )
    proof = prove(made.repository, manifest)
    assert proof.problems == ()
    assert proof.channels == (Standing(channel=CHANNEL, height=8, nodes=2, agreeing=2, level=1),)
