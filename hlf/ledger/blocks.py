"""The blocks of a channel as they stand in a node's block files.

A channel's files are `blockfile_000000`, `blockfile_000001` and so on, of 64 MiB at most unless
one block is larger. Each is a row of records: the length of a block, then the block. A block is its
header (number, data hash, previous hash), its transactions and its metadata. Numbers, counts and
lengths are protobuf's varints; hashes, transactions and pieces of metadata stand behind their
lengths. Peers and orderers write the same, Fabric 2.5 and 3 too.

A node that crashed while it wrote may leave the beginning of a block at the end of its last file.
It drops that at its next start, and it is told here as `CutOff`. Anything else that does not fit is
damage, zeros behind the last block too: nodes take each for a block, and then cannot read it. A
file that ends between two blocks looks whole: only its height tells.

Read as a stream: a block or two are in memory, or, where a length is damaged, the rest of its file.

Source: Fabric's `common/ledger/blkstorage` (block_serialization.go, block_stream.go,
blockfile_mgr.go).
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath

from hlf.config.protos import BlockHeader
from hlf.config.read import header_hash
from hlf.ledger.errors import damaged
from hlf.ledger.wire import LONGEST, Chunk, Incomplete, Malformed, Span, ends, piece, pieces, varint

PREFIX = "blockfile_"
HASH_SIZE = 32
"""Of SHA-256, in bytes; Fabric has no other for blocks."""

# A message of protobuf cannot be larger, so nothing is read for a length that says more.
_LARGEST_BLOCK = 2**31 - 1


@dataclass(frozen=True, kw_only=True)
class BlockFile:
    """A block file's content, read once."""

    name: str
    """A path; its last part is Fabric's name for it."""
    chunks: Iterable[Chunk]
    """Its bytes in pieces of any size. Blocks are views of these, so they must not change."""


@dataclass(frozen=True, kw_only=True)
class Block:
    """A block, and where it stands. Its bytes are views of the chunks that it was read from."""

    file: str
    offset: int
    """Of its length, in bytes from the file's start."""
    number: int
    data_hash: bytes
    """As its header says, 32 bytes."""
    previous_hash: bytes
    """As its header says: 32 bytes, or none."""
    content: memoryview = field(repr=False)
    """The block as it stands behind its length."""
    transaction_spans: tuple[Span, ...] = field(repr=False)
    metadata_spans: tuple[Span, ...] = field(repr=False)

    @cached_property
    def hash(self) -> bytes:
        """The hash of its header, which the next block has as the previous one."""
        header = BlockHeader(
            number=self.number, previous_hash=self.previous_hash, data_hash=self.data_hash
        )
        return header_hash(header)

    @property
    def transactions(self) -> Iterator[memoryview]:
        """The bytes of each: a serialised Envelope."""
        return (self.content[start:end] for start, end in self.transaction_spans)

    @property
    def metadata(self) -> tuple[bytes, ...]:
        """The pieces of its metadata, in the places of `BlockMetadataIndex`.

        No hash covers them.
        """
        return tuple(bytes(self.content[start:end]) for start, end in self.metadata_spans)


@dataclass(frozen=True, kw_only=True)
class CutOff:
    """The beginning of a block that a crash left at the end of the last file."""

    file: str
    offset: int
    """Where the node will cut the file."""
    size: int
    """How many bytes it will drop."""
    number: int | None
    previous_hash: bytes | None
    """What its header says, as far as it is there."""


def blocks(channel: str, files: Iterable[BlockFile], *, first: int = 0) -> Iterator[Block | CutOff]:
    """The blocks in the files' order, and at the end what is cut off, if something is.

    `files` are the channel's last ones, from number `first` on. Each one's form is checked; whether
    they are a chain is for `hlf.ledger.chain`. Raises LedgerDamaged; what reading a chunk raises
    goes through.
    """
    rest: CutOff | None = None
    for number, file in enumerate(files, start=first):
        expected = f"{PREFIX}{number:06d}"
        if PurePosixPath(file.name).name != expected:
            raise damaged(
                channel, f"here {expected} should stand, which is missing", file=file.name
            )
        if rest is not None:
            wrong = f"a block is cut off, and {expected} follows"
            raise damaged(channel, wrong, file=rest.file, offset=rest.offset, block=rest.number)
        for found in _read(channel, file):
            if isinstance(found, Block):
                yield found
            else:
                rest = found
    if rest is not None:
        yield rest


def _read(channel: str, file: BlockFile) -> Iterator[Block | CutOff]:
    stream = _Stream(file.chunks)
    while True:
        offset = stream.offset
        try:
            length = stream.varint()
            if length is None:
                return
            found = _record(file.name, offset, stream, length)
        except Incomplete:
            size = stream.offset - offset
            found = CutOff(
                file=file.name, offset=offset, size=size, number=None, previous_hash=None
            )
        except Malformed as error:
            raise damaged(channel, str(error), file=file.name, offset=offset) from None
        yield found


def _record(file: str, offset: int, stream: "_Stream", length: int) -> Block | CutOff:
    """The block behind a length, or the beginning of it that is there."""
    if length == 0:
        raise Malformed("there are zeros in place of a block")
    if length > _LARGEST_BLOCK:
        raise Malformed(f"its length says {length} bytes, and no block has so many")
    content = stream.take(length)
    if len(content) == length:
        try:
            return _block(file, offset, content)
        except Incomplete:
            raise Malformed(f"its parts are longer than its {length} bytes") from None
    try:
        _block(file, offset, content)
    except Incomplete:
        number, previous_hash = _beginning(content)
        return CutOff(
            file=file,
            offset=offset,
            size=stream.offset - offset,
            number=number,
            previous_hash=previous_hash,
        )
    # A crash leaves less than a block; here is a whole one, so it is the length that is wrong.
    raise Malformed(f"its length says {length} bytes, and it has {len(content)}")


@dataclass(frozen=True)
class _Header:
    number: int
    data_hash: bytes
    previous_hash: bytes
    end: int


def _block(file: str, offset: int, content: memoryview) -> Block:
    header = _header(content)
    transactions, at = pieces(content, header.end)
    metadata, at = pieces(content, at)
    if at != len(content):
        raise Malformed(f"{len(content) - at} bytes follow its parts")
    return Block(
        file=file,
        offset=offset,
        number=header.number,
        data_hash=header.data_hash,
        previous_hash=header.previous_hash,
        content=content,
        transaction_spans=transactions,
        metadata_spans=metadata,
    )


def _header(content: memoryview) -> _Header:
    number, at = varint(content, 0)
    data_hash, at = _hash(content, at, "data hash", sizes=(HASH_SIZE,))
    previous_hash, at = _hash(content, at, "previous hash", sizes=(0, HASH_SIZE))
    return _Header(number, data_hash, previous_hash, at)


def _hash(content: memoryview, at: int, name: str, *, sizes: tuple[int, ...]) -> tuple[bytes, int]:
    """The hash at a place, and where it ends; a wrong size is told also of one that is cut off."""
    size, start = varint(content, at)
    if size not in sizes:
        raise Malformed(f"its {name} has {size} bytes")
    start, end = piece(content, at)
    return bytes(content[start:end]), end


def _beginning(content: memoryview) -> tuple[int | None, bytes | None]:
    """The number and the previous hash of a block that is cut off, as far as they are there."""
    number = None
    with suppress(Incomplete):
        number, _ = varint(content, 0)
        return number, _header(content).previous_hash
    return number, None


class _Stream:
    """A file's bytes, taken in any sizes from chunks of other sizes; copied only over borders."""

    def __init__(self, chunks: Iterable[Chunk]) -> None:
        self._chunks = iter(chunks)
        self._view = memoryview(b"")
        self.offset = 0

    def take(self, size: int) -> memoryview:
        """The next bytes; fewer where the file ends."""
        if len(self._view) >= size:
            taken, self._view = self._view[:size], self._view[size:]
        else:
            taken = self._join(size)
        self.offset += len(taken)
        return taken

    def varint(self) -> int | None:
        """The next number, or None at the end of the file."""
        read = bytearray()
        while byte := self.take(1):
            read += byte
            if ends(byte[0]) or len(read) == LONGEST:
                break
        return varint(read, 0)[0] if read else None

    def _join(self, size: int) -> memoryview:
        parts = [self._view]
        missing = size - len(self._view)
        self._view = memoryview(b"")
        for chunk in self._chunks:
            view = memoryview(chunk)
            parts.append(view[:missing])
            self._view = view[missing:]
            missing -= len(parts[-1])
            if not missing:
                break
        return memoryview(b"".join(parts))
