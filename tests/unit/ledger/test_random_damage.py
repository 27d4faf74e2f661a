"""Whatever happens to the bytes, a ledger is found damaged or is the one that was written."""

import random
import time
from collections.abc import Callable
from contextlib import suppress

from hlf.ledger.blocks import Block, blocks
from hlf.ledger.chain import Chain
from hlf.ledger.errors import LedgerDamaged
from tests.unit.ledger.made import CHANNEL, block_files, chain, checked, joined, row

MADE = chain(8, size=20)
WHOLE = joined(MADE)
EXPECTED = checked(WHOLE)
ROUNDS = 4000
SECONDS = 30.0


def uncovered() -> set[int]:
    """The places of the bytes of metadata: another split into pieces may fit as well."""
    places: set[int] = set()
    end = 0
    for each in MADE:
        end += len(each.record)
        places |= set(range(end - len(row(each.metadata)), end))
    return places


def test_every_bit_counts_but_those_of_metadata():
    metadata = uncovered()
    passed: set[int] = set()
    for at in range(len(WHOLE)):
        for bit in range(8):
            damaged = bytearray(WHOLE)
            damaged[at] ^= 1 << bit
            try:
                found = checked(bytes(damaged))
            except LedgerDamaged:
                continue
            passed.add(at)
            assert found == EXPECTED, f"bit {bit} of byte {at}"
    assert passed < metadata
    assert passed >= set(range(WHOLE.index(b"commit"), WHOLE.index(b"commit") + 11))


def test_every_cut_is_seen():
    ends = [len(joined(MADE[: count + 1])) for count in range(len(MADE))]
    for size in range(len(WHOLE)):
        found = checked(WHOLE[:size])
        assert found.height == sum(end <= size for end in ends)
        assert bool(found.cut_off) == (size not in {0, *ends})


def overwrite(rng: random.Random, content: bytes) -> bytes:
    at = rng.randrange(len(content))
    size = rng.choice((1, 2, 4, 64, 512))
    return content[:at] + rng.randbytes(size)[: len(content) - at] + content[at + size :]


def zero(rng: random.Random, content: bytes) -> bytes:
    at = rng.randrange(len(content))
    size = min(rng.choice((1, 16, 4096)), len(content) - at)
    return content[:at] + bytes(size) + content[at + size :]


def drop(rng: random.Random, content: bytes) -> bytes:
    at = rng.randrange(len(content))
    return content[:at] + content[at + rng.choice((1, 3, 100)) :]


def insert(rng: random.Random, content: bytes) -> bytes:
    at = rng.randrange(len(content) + 1)
    return content[:at] + rng.randbytes(rng.choice((1, 5, 200))) + content[at:]


def repeat(rng: random.Random, content: bytes) -> bytes:
    at = rng.randrange(len(content))
    part = content[at : at + rng.choice((1, 50, 300))]
    to = rng.randrange(len(content) + 1)
    return content[:to] + part + content[to:]


def cut(rng: random.Random, content: bytes) -> bytes:
    return content[: rng.randrange(len(content))]


DAMAGES: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    overwrite,
    zero,
    drop,
    insert,
    repeat,
    cut,
)


def damaged(rng: random.Random) -> list[bytes]:
    """One to three files with one to three damages, or files that are not in their places."""
    borders = sorted(rng.sample(range(1, len(MADE)), rng.randrange(3)))
    parts = zip([0, *borders], [*borders, len(MADE)], strict=True)
    files = [joined(MADE[start:end]) for start, end in parts]
    for _ in range(rng.randrange(1, 4)):
        place = rng.randrange(len(files))
        if files[place]:
            files[place] = rng.choice(DAMAGES)(rng, files[place])
    if rng.random() < 0.1:
        rng.shuffle(files)
    if rng.random() < 0.1:
        files.pop(rng.randrange(len(files)))
    return files


def proved(files: list[bytes]) -> list[bytes]:
    """All of the blocks but their metadata."""
    read = [each for each in blocks(CHANNEL, block_files(*files)) if isinstance(each, Block)]
    return [bytes(each.content[: each.transaction_spans[-1][1]]) for each in read]


def test_random_damage_is_never_whole():
    """The seed is in the message, so a round can be had again."""
    began = time.monotonic()
    refused = 0
    for seed in range(ROUNDS):
        rng = random.Random(seed)
        files = damaged(rng)
        try:
            found = checked(*files, chunk=rng.choice((1, 13, 1 << 20)))
        except LedgerDamaged:
            refused += 1
            continue
        if whole(found):
            assert proved(files) == proved([WHOLE]), f"seed {seed}"
        else:
            assert found.height <= EXPECTED.height, f"seed {seed}"
    assert refused > ROUNDS / 2
    assert time.monotonic() - began < SECONDS


def test_random_bytes_are_no_block():
    for seed in range(ROUNDS):
        rng = random.Random(seed)
        with suppress(LedgerDamaged):
            found = checked(rng.randbytes(rng.randrange(300)), chunk=rng.choice((1, 1 << 20)))
            assert found.height == 0, f"seed {seed}"


def whole(found: Chain) -> bool:
    return found.height == EXPECTED.height and found.cut_off is None
