import tracemalloc
from dataclasses import replace

import pytest

from hlf.errors import FabricError
from hlf.ledger.blocks import BlockFile
from hlf.ledger.chain import Chain, check
from hlf.ledger.errors import LedgerDamaged
from hlf.ledger.snapshot import Snapshot
from tests.unit.ledger.made import (
    CHANNEL,
    METADATA,
    block_files,
    chain,
    checked,
    in_chunks,
    joined,
    relinked,
    sized,
    varint,
)

MADE = chain(6)
RECORDS = [each.record for each in MADE]
WHOLE = b"".join(RECORDS)
FOURTH = len(b"".join(RECORDS[:3]))


def test_a_whole_chain():
    assert checked(WHOLE) == Chain(
        channel=CHANNEL,
        first=0,
        height=6,
        last_hash=MADE[-1].hash,
        hashes={},
        transactions=16,
        cut_off=None,
    )


@pytest.mark.parametrize("border", range(7))
def test_files_may_end_after_any_block(border: int):
    """A node may die between making a file and using it."""
    assert checked(joined(MADE[:border]), joined(MADE[border:]), chunk=30) == checked(WHOLE)


def test_a_chain_after_a_snapshot():
    before = Snapshot(last_block=2, last_hash=MADE[2].hash, previous_hash=MADE[1].hash)
    made = relinked([replace(MADE[0], number=3, previous_hash=MADE[2].hash), *MADE[4:]])
    found = checked(joined(made), snapshot=before)
    assert (found.first, found.height, found.last_hash) == (3, 6, made[-1].hash)
    assert found.transactions == 7


def test_a_snapshot_and_nothing_since():
    before = Snapshot(last_block=2, last_hash=MADE[2].hash, previous_hash=MADE[1].hash)
    found = checked(b"", snapshot=before)
    assert (found.first, found.height, found.last_hash) == (3, 3, MADE[2].hash)
    assert found.transactions == 0


def test_a_cut_off_rest_is_told_and_what_is_before_it_is_whole():
    found = checked(WHOLE[:-1])
    assert (found.height, found.last_hash) == (5, MADE[4].hash)
    assert found.cut_off
    assert found.cut_off.offset == len(b"".join(RECORDS[:5]))
    assert found.cut_off.size == len(RECORDS[5]) - 1


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes((content[at] ^ 1,)) + content[at + 1 :]


def place(part: bytes) -> int:
    """Where a part of the fourth block is in the file."""
    return WHOLE.index(part, FOURTH)


FLIPS = {
    "length": (FOURTH, "follow its parts|parts are longer"),
    "number": (FOURTH + 2, "block 3: block 3 should stand here, and its number is 2"),
    "data hash": (
        FOURTH + 10,
        "block 3: its transactions have the hash [0-9a-f]{64}, and its header says [0-9a-f]{64}",
    ),
    "length of the data hash": (FOURTH + 3, "its data hash has 33 bytes"),
    "previous hash": (
        FOURTH + 40,
        f"block 3: its previous hash is [0-9a-f]{{64}}, and block 2 has {MADE[2].hash.hex()}",
    ),
    "length of the previous hash": (FOURTH + 36, "its previous hash has 33 bytes"),
    "transaction": (place(b"3/1"), "block 3: its transactions have the hash"),
    "length of a transaction": (place(b"3/1") - 1, "follow its parts|parts are longer|not as"),
    "count of transactions": (place(b"3/0") - 2, "follow its parts|parts are longer|not as"),
    "count of metadata": (place(METADATA[0]) - 2, "follow its parts|parts are longer|not as"),
    "length of metadata": (place(METADATA[0]) - 1, "follow its parts|parts are longer|not as"),
}


@pytest.mark.parametrize("what", FLIPS)
def test_a_flipped_byte(what: str):
    at, told = FLIPS[what]
    with pytest.raises(LedgerDamaged, match=told) as caught:
        checked(flipped(WHOLE, at))
    assert f"blockfile_000000, at byte {FOURTH}" in str(caught.value)


def test_a_flipped_byte_of_metadata_is_not_seen():
    """No hash covers it."""
    assert checked(flipped(WHOLE, place(METADATA[0]))) == checked(WHOLE)


@pytest.mark.parametrize("contents", [(), (b"",), (WHOLE[:20],)])
def test_no_block_at_all(contents: tuple[bytes, ...]):
    """As on an orderer that has fetched none yet."""
    found = checked(*contents)
    assert (found.height, found.last_hash, found.hashes) == (0, b"", {})
    assert (found.cut_off is None) == (not b"".join(contents))


BEFORE = Snapshot(last_block=2, last_hash=MADE[2].hash, previous_hash=MADE[1].hash)
FORGED = replace(MADE[3], transactions=(b"forged",))
REFUSED = {
    "emptied first file": ((b"", joined(MADE[3:])), "block 0 should stand here"),
    "emptied file in the midst": (
        (joined(MADE[:2]), b"", joined(MADE[4:])),
        "blockfile_000002, at byte 0, block 2: block 2 should stand here, and its number is 4",
    ),
    "swapped files": (
        (joined(MADE[:2]), joined(MADE[4:]), joined(MADE[2:4])),
        "blockfile_000001, at byte 0, block 2: block 2 should stand here, and its number is 4",
    ),
    "block missing": ((joined([*MADE[:2], *MADE[3:]]),), "block 2 should .* its number is 3"),
    "block twice": ((joined([*MADE[:3], *MADE[2:]]),), "block 3 should .* its number is 2"),
    "blocks swapped": (
        (joined([MADE[0], MADE[2], MADE[1], *MADE[3:]]),),
        "block 1 should .* its number is 2",
    ),
    "cut off in the midst": (
        (WHOLE[: FOURTH + 20] + joined(MADE[4:]),),
        "at byte .*: (its|block|there|a number)",
    ),
    "cut off before another file": (
        (WHOLE[: FOURTH - 20], joined(MADE[3:])),
        "block 2: a block is cut off, and blockfile_000001 follows",
    ),
    "trailing zeros": ((WHOLE + bytes(512),), "there are zeros in place of a block"),
    "zeros in place of the last block": (
        (WHOLE[: -len(RECORDS[5])] + bytes(len(RECORDS[5])),),
        "there are zeros in place of a block",
    ),
    "zeros in place of the last block behind its length": (
        (WHOLE[: 2 - len(RECORDS[5])] + bytes(len(RECORDS[5]) - 2),),
        "its data hash has 0 bytes",
    ),
    "zeros in place of all": ((bytes(len(WHOLE)),), "there are zeros in place of a block"),
    "something behind the last block": (
        (WHOLE + b"#!/bin/sh\n",),
        "its data hash has 47 bytes",
    ),
    "endless length": ((WHOLE + b"\xff" * 12,), "a number in it is not as Fabric writes it"),
    "length beyond any block": (
        (WHOLE + varint(1 << 40) + b"x",),
        "its length says 1099511627776 bytes, and no block has so many",
    ),
    "length over the end of the file": (
        (WHOLE[: -len(RECORDS[5])] + varint(1000) + MADE[5].content,),
        "its length says 1000 bytes, and it has",
    ),
    "long form of a number": (
        (joined(MADE[:5]) + sized(b"\x85\x00" + MADE[5].content[1:]),),
        "a number in it is not as Fabric writes it",
    ),
    "number beyond 64 bits": (
        (joined(MADE[:5]) + sized(b"\xff" * 9 + b"\x02" + MADE[5].content[1:]),),
        "a number in it is not as Fabric writes it",
    ),
    "bytes behind a block's parts": (
        (joined(MADE[:5]) + sized(MADE[5].content + b"xy"),),
        "2 bytes follow its parts",
    ),
    "another block with a fitting hash": (
        (joined([*MADE[:3], FORGED, *MADE[4:]]),),
        f"block 4: its previous hash is {MADE[3].hash.hex()}, and block 3 has",
    ),
    "a first block that follows on something": (
        (joined([replace(MADE[0], previous_hash=b"x" * 32), *MADE[1:]]),),
        "block 0: its previous hash is 7878.*, and it is the first",
    ),
    "a first block that is not there": ((joined(MADE[1:]),), "block 0 should stand here"),
    "a later block that follows on nothing": (
        (joined([*MADE[:3], replace(MADE[3], previous_hash=b"")]),),
        "block 3: its previous hash is none, and block 2 has",
    ),
    "a cut-off block of another place": (
        (joined(MADE[:3]) + RECORDS[4][:-1],),
        "block 3: block 3 should stand here, and its number is 4",
    ),
    "a cut-off block of another chain": (
        (joined(MADE[:3]) + replace(MADE[3], previous_hash=b"y" * 32).record[:-1],),
        "block 3: its previous hash is 7979",
    ),
    "another channel": ((joined(chain(3, channel="other")),), "block 0: it is of channel other"),
    "a first block without a channel": (
        (replace(MADE[0], transactions=(b"\xff",)).record,),
        "block 0: it does not say its channel",
    ),
    "a first block without transactions": (
        (replace(MADE[0], transactions=()).record,),
        "block 0: it does not say its channel",
    ),
}


@pytest.mark.parametrize("chunk", [3, 1 << 20])
@pytest.mark.parametrize("what", REFUSED)
def test_refused(what: str, chunk: int):
    contents, told = REFUSED[what]
    with pytest.raises(LedgerDamaged, match=told) as caught:
        checked(*contents, chunk=chunk)
    sentence = str(caught.value)
    assert isinstance(caught.value, FabricError)
    assert sentence.startswith(f"the ledger of channel {CHANNEL} is damaged")
    assert "use another backup of this node" in sentence
    assert "\n" not in sentence


def test_a_sentence_in_full():
    with pytest.raises(LedgerDamaged) as caught:
        checked(joined([*MADE[:2], *MADE[3:]]))
    assert str(caught.value) == (
        "the ledger of channel common is damaged in chains/common/blockfile_000000, "
        f"at byte {len(joined(MADE[:2]))}, block 2: "
        "block 2 should stand here, and its number is 3; "
        "use another backup of this node, or the whole ledger of another node of its organization"
    )


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (
            ("blockfile_000000", "blockfile_000002"),
            "blockfile_000002: here blockfile_000001 should",
        ),
        (("blockfile_000001",), "blockfile_000001: here blockfile_000000 should"),
        (
            ("blockfile_000000", "blockfile_000000"),
            "blockfile_000000: here blockfile_000001 should",
        ),
        (("blockfile_0", "blockfile_1"), "blockfile_0: here blockfile_000000 should"),
    ],
)
def test_a_missing_file(names: tuple[str, ...], told: str):
    half = (joined(MADE[:3]), joined(MADE[3:]))
    files = [
        BlockFile(name=f"chains/{name}", chunks=[content])
        for name, content in zip(names, half, strict=False)
    ]
    with pytest.raises(LedgerDamaged, match=told):
        check(CHANNEL, files)


def test_a_missing_last_file_or_block_is_known_by_the_height_alone():
    assert checked(joined(MADE[:3])).height == 3


@pytest.mark.parametrize(
    ("first", "told"),
    [
        (MADE[2], "block 3 should stand here, and its number is 2"),
        (replace(MADE[3], previous_hash=b"z" * 32), "previous hash is 7a7a.*, and block 2 has"),
        (MADE[3], "it does not say its channel"),
        (MADE[0], "block 3 should stand here, and its number is 0"),
    ],
)
def test_blocks_that_do_not_follow_on_the_snapshot(first, told: str):
    with pytest.raises(LedgerDamaged, match=told):
        checked(first.record, snapshot=BEFORE)


def test_hashes_at_heights():
    """Those that the files reach, the snapshot's among them."""
    at = (0, 2, 3, len(MADE), 99)
    assert check(CHANNEL, block_files(WHOLE), at=at).hashes == {
        0: b"",
        2: MADE[1].hash,
        3: MADE[2].hash,
        len(MADE): MADE[-1].hash,
    }
    made = relinked([replace(MADE[0], number=3, previous_hash=MADE[2].hash), *MADE[4:]])
    later = check(CHANNEL, block_files(joined(made)), snapshot=BEFORE, at=at)
    assert later.hashes == {3: BEFORE.last_hash, len(MADE): made[-1].hash}


def test_a_lost_snapshot_info():
    with pytest.raises(LedgerDamaged, match="block 0 should stand here, and its number is 3"):
        checked(joined(MADE[3:]))


def test_chunks_may_be_of_any_kind():
    for content in (WHOLE, bytearray(WHOLE), memoryview(WHOLE)):
        file = BlockFile(name="blockfile_000000", chunks=[content])
        assert check(CHANNEL, [file]) == checked(WHOLE)
    empty = [b"", WHOLE[:100], b"", WHOLE[100:], b""]
    assert check(CHANNEL, [BlockFile(name="blockfile_000000", chunks=empty)]) == checked(WHOLE)


def test_memory_is_that_of_a_block():
    """A chain of 40 MB in blocks of 400 kB, in chunks that are made while they are read."""
    made = chain(100, size=4000, transactions=100)

    def files():
        for number in range(4):
            part = joined(made[25 * number : 25 * number + 25])
            yield BlockFile(name=f"blockfile_{number:06d}", chunks=in_chunks(part, 1 << 16))

    size = len(joined(made))
    largest = max(len(each.record) for each in made)
    contents = list(files())
    tracemalloc.start()
    try:
        found = check(CHANNEL, contents)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found.height == 100
    assert size > 80 * largest
    assert peak < 4 * largest
