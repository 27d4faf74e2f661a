"""What a peer that joined a channel by a snapshot knows of the blocks that it does not have.

It stands in `bootstrappingSnapshot.info` beside the channel's block files, written once, when the
peer joins: a message of protobuf with the number of the snapshot's last block (1), that block's
hash (2) and the hash of the block before (3). No hash covers it. The first block that came since
proves the last hash.

Source: Fabric's `common/ledger/blkstorage` (BootstrappingSnapshotInfo, for which the official
bindings have no message).
"""

from dataclasses import dataclass

from hlf.ledger.blocks import HASH_SIZE
from hlf.ledger.errors import damaged
from hlf.ledger.wire import Incomplete, Malformed, piece, varint

_NUMBER, _LAST_HASH, _PREVIOUS_HASH = 0x08, 0x12, 0x1A


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """Where a channel's blocks begin on a peer that joined it by a snapshot."""

    last_block: int
    """The number of the last block that is in the snapshot and not in the block files."""
    last_hash: bytes
    """That block's hash."""
    previous_hash: bytes
    """The hash of the block before; none where the last block is the first of the channel."""

    @property
    def height(self) -> int:
        """The number of the first block in the block files."""
        return self.last_block + 1


def read_snapshot(channel: str, file: str, content: bytes) -> Snapshot:
    """What `bootstrappingSnapshot.info` says; `file` is its name for the sentence.

    Raises LedgerDamaged where it is not what Fabric writes.
    """
    try:
        number, at = _number(content)
        last_hash, at = _hash(content, at, _LAST_HASH)
        previous_hash, at = _hash(content, at, _PREVIOUS_HASH) if number else (b"", at)
    except Incomplete:
        raise damaged(channel, "it is cut off", file=file) from None
    except Malformed as error:
        raise damaged(channel, str(error), file=file) from None
    if at != len(content):
        raise damaged(channel, f"{len(content) - at} bytes follow its end", file=file)
    return Snapshot(last_block=number, last_hash=last_hash, previous_hash=previous_hash)


def _number(content: bytes) -> tuple[int, int]:
    """The number of the last block; protobuf leaves 0 out."""
    if content[:1] != bytes((_NUMBER,)):
        return 0, 0
    number, at = varint(content, 1)
    if not number:
        raise Malformed("a number in it is not as Fabric writes it")
    return number, at


def _hash(content: bytes, at: int, tag: int) -> tuple[bytes, int]:
    if at == len(content):
        raise Incomplete
    if content[at] != tag:
        raise Malformed(f"it has no hash at byte {at}")
    start, end = piece(content, at + 1)
    if end - start != HASH_SIZE:
        raise Malformed(f"its hash at byte {at} has {end - start} bytes")
    return content[start:end], end
