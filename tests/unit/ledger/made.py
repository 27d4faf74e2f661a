"""Ledgers that no node has written, byte by byte."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from hlf.config.build import genesis_block
from hlf.config.protos import BlockHeader, ConfigGroup
from hlf.config.read import header_hash
from hlf.ledger.blocks import BlockFile
from hlf.ledger.chain import Chain, check
from hlf.ledger.snapshot import Snapshot

CHANNEL = "common"
WHEN = datetime(2030, 1, 2, tzinfo=UTC)
METADATA = (b"signatures", b"", b"\x00\x00", b"", b"commit hash")


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*out, number))


def sized(piece: bytes) -> bytes:
    return varint(len(piece)) + piece


def row(pieces: Iterable[bytes]) -> bytes:
    made = list(pieces)
    return varint(len(made)) + b"".join(map(sized, made))


@dataclass(frozen=True)
class Made:
    """A block as it is written; `data_hash` is what its header says, right or not."""

    number: int
    previous_hash: bytes
    transactions: tuple[bytes, ...]
    metadata: tuple[bytes, ...] = METADATA
    data_hash: bytes = b""

    @property
    def header(self) -> BlockHeader:
        return BlockHeader(
            number=self.number,
            previous_hash=self.previous_hash,
            data_hash=self.data_hash or hashlib.sha256(b"".join(self.transactions)).digest(),
        )

    @property
    def hash(self) -> bytes:
        return header_hash(self.header)

    @property
    def content(self) -> bytes:
        header = self.header
        return b"".join(
            (
                varint(header.number),
                sized(header.data_hash),
                sized(header.previous_hash),
                row(self.transactions),
                row(self.metadata),
            )
        )

    @property
    def record(self) -> bytes:
        return sized(self.content)


def chain(
    count: int, *, channel: str = CHANNEL, size: int = 40, transactions: int = 3
) -> list[Made]:
    """The first has a configuration's envelope, the others transactions of `size` bytes."""
    genesis = genesis_block(ConfigGroup(), channel=channel, timestamp=WHEN, nonce=b"n" * 24)
    made = [Made(0, b"", tuple(genesis.data.data))]
    for number in range(1, count):
        given = tuple(f"{number}/{i}".encode().ljust(size, b".") for i in range(transactions))
        made.append(Made(number, made[-1].hash, given))
    return made


def joined(blocks: Iterable[Made]) -> bytes:
    return b"".join(each.record for each in blocks)


def relinked(blocks: list[Made]) -> list[Made]:
    """The same with previous hashes that fit."""
    made: list[Made] = []
    for each in blocks:
        made.append(replace(each, previous_hash=made[-1].hash) if made else each)
    return made


def in_chunks(content: bytes, size: int) -> Iterator[memoryview]:
    view = memoryview(content)
    return (view[at : at + size] for at in range(0, len(content), size))


def block_files(*contents: bytes, chunk: int = 1 << 20) -> list[BlockFile]:
    return [
        BlockFile(name=f"chains/common/blockfile_{number:06d}", chunks=in_chunks(content, chunk))
        for number, content in enumerate(contents)
    ]


def checked(*contents: bytes, snapshot: Snapshot | None = None, chunk: int = 1 << 20) -> Chain:
    return check(CHANNEL, block_files(*contents, chunk=chunk), snapshot=snapshot)
