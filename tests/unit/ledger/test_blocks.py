import hashlib
from dataclasses import replace

import pytest

from hlf.ledger.blocks import Block, BlockFile, CutOff, blocks
from hlf.ledger.errors import LedgerDamaged
from tests.unit.ledger.made import CHANNEL, METADATA, block_files, chain, joined


@pytest.mark.parametrize("chunk", [1, 2, 7, 100, 1 << 20])
def test_blocks_are_read_back_whatever_the_chunks(chunk: int):
    made = chain(4)
    files = block_files(joined(made[:3]), joined(made[3:]), chunk=chunk)
    read = list(blocks(CHANNEL, files))
    assert len(read) == len(made)
    for block, expected in zip(read, made, strict=True):
        assert isinstance(block, Block)
        assert block.number == expected.number
        assert block.data_hash == expected.header.data_hash
        assert block.previous_hash == expected.previous_hash
        assert block.hash == expected.hash
        assert tuple(map(bytes, block.transactions)) == expected.transactions
        assert block.metadata == METADATA
        assert block.content == expected.content
    places = [(block.file[-1], block.offset) for block in read]
    second = len(made[0].record)
    third = second + len(made[1].record)
    assert places == [("0", 0), ("0", second), ("0", third), ("1", 0)]


def test_a_block_is_a_view_of_what_was_given():
    made = chain(2)
    content = joined(made)
    _, block = blocks(CHANNEL, [BlockFile(name="blockfile_000000", chunks=[content])])
    assert isinstance(block, Block)
    assert block.content.obj is content
    assert next(block.transactions).obj is content


def test_numbers_of_64_bits_and_large_blocks_and_none_of_anything():
    made = chain(2)[1]
    for each in (
        replace(made, number=2**64 - 1),
        replace(made, transactions=(b"x" * 5_000_000,)),
        replace(made, transactions=(), metadata=()),
        replace(made, transactions=(b"",) * 300),
    ):
        (block,) = blocks(CHANNEL, block_files(each.record, chunk=1000))
        assert isinstance(block, Block)
        assert block.number == each.number
        assert block.hash == each.hash
        assert tuple(map(bytes, block.transactions)) == each.transactions


def test_files_are_read_one_after_the_other_and_each_once():
    events: list[str] = []

    def chunks(name: str, content: bytes):
        events.append(f"open {name}")
        yield content
        events.append(f"end {name}")

    made = chain(2)
    files = (
        BlockFile(name=f"blockfile_00000{n}", chunks=chunks(str(n), made[n].record)) for n in (0, 1)
    )
    for block in blocks(CHANNEL, files):
        assert isinstance(block, Block)
        events.append(f"block {block.number}")
    assert events == ["open 0", "block 0", "end 0", "open 1", "block 1", "end 1"]


def test_reading_stops_at_the_first_damage():
    def chunks():
        yield b"\x00"
        raise AssertionError("nothing more is to be read")

    with pytest.raises(LedgerDamaged, match="zeros"):
        list(blocks(CHANNEL, [BlockFile(name="blockfile_000000", chunks=chunks())]))


def test_what_reading_raises_goes_through():
    def chunks():
        yield chain(1)[0].record
        raise OSError("the store is away")

    with pytest.raises(OSError, match="the store is away"):
        list(blocks(CHANNEL, [BlockFile(name="blockfile_000000", chunks=chunks())]))


def test_a_last_block_is_told_as_cut_off_wherever_it_is_cut():
    made = chain(4)
    whole, last = joined(made[:3]), made[3].record
    assert len(last) > 0x7F
    for size in range(1, len(last)):
        *read, rest = blocks(CHANNEL, block_files(whole + last[:size], chunk=50))
        assert len(read) == 3
        assert isinstance(rest, CutOff)
        assert (rest.file[-1], rest.offset, rest.size) == ("0", len(whole), size)
        assert rest.number in {None, 3}
        assert rest.previous_hash in {None, made[2].hash}
    assert (rest.number, rest.previous_hash) == (3, made[2].hash)


def test_a_cut_off_block_before_another_file_is_damage():
    made = chain(4)
    files = block_files(joined(made[:2])[:-3], joined(made[2:]))
    with pytest.raises(
        LedgerDamaged, match=r"blockfile_000000, at byte .* cut off, and blockfile_"
    ):
        list(blocks(CHANNEL, files))


def test_one_hash_is_over_the_transactions_alone():
    made = chain(2)[1]
    (block,) = blocks(CHANNEL, block_files(made.record))
    assert isinstance(block, Block)
    assert hashlib.sha256(b"".join(block.transactions)).digest() == block.data_hash
