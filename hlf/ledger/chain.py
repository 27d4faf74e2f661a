"""Whether the blocks of a channel are a chain, from the first to the last.

Every byte of the block files counts but those of the blocks' metadata: orderers' signatures, which
transactions are valid, and a peer's commit hash are covered by no hash of the chain. Of metadata
only the form is checked. That blocks are missing at the end cannot be seen either; who made the
backup knows the height. No block at all is a chain of height 0, as an orderer has it that joined a
channel and has fetched nothing yet.

Source: Fabric's `common/ledger/blkstorage` (blockfile_mgr.go: addBlock, and
bootstrapFromSnapshottedTxIDs) and `protoutil/blockutils.go`.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from google.protobuf.message import DecodeError

from hlf.config import protos
from hlf.config.read import channel_of
from hlf.ledger.blocks import Block, BlockFile, CutOff, blocks
from hlf.ledger.errors import damaged
from hlf.ledger.snapshot import Snapshot


@dataclass(frozen=True, kw_only=True)
class Chain:
    """A chain that was found whole."""

    channel: str
    first: int
    """The number of the first block in the files: 0, or the one after a snapshot."""
    height: int
    """The number of the block that comes next, as nodes tell it."""
    last_hash: bytes
    """The hash of the last block's header; of the snapshot's last, where none came since. None
    where there is no block."""
    hashes: Mapping[int, bytes]
    """What `last_hash` was at those of the heights asked for that the files reach."""
    transactions: int
    """In the files' blocks, those that are not valid and configurations among them."""
    cut_off: CutOff | None
    """What a node drops at its next start; the blocks before it are whole."""


def check(
    channel: str,
    files: Iterable[BlockFile],
    *,
    snapshot: Snapshot | None = None,
    at: Collection[int] = (),
) -> Chain:
    """Read all of a channel's block files, each once, and tell what they hold.

    `snapshot` is what the channel began with on a peer that joined it by one, `at` the heights at
    which other nodes stand that may be on the same chain. Raises LedgerDamaged with the first thing
    that is wrong; what reading a file raises goes through.
    """
    first = snapshot.height if snapshot else 0
    height, last_hash = first, snapshot.last_hash if snapshot else b""
    transactions = 0
    cut_off: CutOff | None = None
    hashes = {height: last_hash} if height in at else {}
    for found in blocks(channel, files):
        _check_place(channel, found, height, last_hash)
        if isinstance(found, CutOff):
            cut_off = found
            continue
        _check_data(channel, found)
        if height == first:
            _check_channel(channel, found)
        height, last_hash = height + 1, found.hash
        if height in at:
            hashes[height] = last_hash
        transactions += len(found.transaction_spans)
    return Chain(
        channel=channel,
        first=first,
        height=height,
        last_hash=last_hash,
        hashes=hashes,
        transactions=transactions,
        cut_off=cut_off,
    )


def _check_place(channel: str, found: Block | CutOff, height: int, last_hash: bytes) -> None:
    """That a block comes where the chain has come to, as far as a cut-off one says."""
    wrong = ""
    if found.number not in {None, height}:
        wrong = f"block {height} should stand here, and its number is {found.number}"
    elif found.previous_hash not in {None, last_hash}:
        before = f"block {height - 1} has {last_hash.hex()}" if height else "it is the first"
        wrong = f"its previous hash is {_text(found.previous_hash)}, and {before}"
    if wrong:
        raise damaged(channel, wrong, file=found.file, offset=found.offset, block=height)


def _check_data(channel: str, block: Block) -> None:
    digest = hashlib.sha256()
    for transaction in block.transactions:
        digest.update(transaction)
    if digest.digest() != block.data_hash:
        raise damaged(
            channel,
            f"its transactions have the hash {digest.hexdigest()}, "
            f"and its header says {block.data_hash.hex()}",
            file=block.file,
            offset=block.offset,
            block=block.number,
        )


def _check_channel(channel: str, block: Block) -> None:
    """That the first block is the channel's; the others follow on it."""
    data = protos.BlockData(data=[bytes(each) for each in block.transactions])
    try:
        found = channel_of(protos.Block(data=data))
    except (DecodeError, IndexError):
        found = ""
    if found != channel:
        says = f"it is of channel {found}" if found else "it does not say its channel"
        raise damaged(channel, says, file=block.file, offset=block.offset, block=block.number)


def _text(digest: bytes | None) -> str:
    return digest.hex() if digest else "none"
