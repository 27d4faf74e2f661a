"""How far a node's folder is, channel by channel, while the node is stopped.

Only the last block file of each channel is read, 64 MiB unless one block is larger, so that the
time that a node is down does not grow with its ledger. A file before it is read only where the last
one has no whole block: a node makes a file before it writes the first block there. What a crash cut
off does not count, as the node will not count it.

Whether the blocks before are whole is for `proof`, when they are in the store.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from hlf.backup.manifest import Ledger
from hlf.backup.walking import unreadable, walk
from hlf.ledger.blocks import Block, BlockFile, blocks
from hlf.ledger.folder import ChannelFiles, folder
from hlf.ledger.snapshot import read_snapshot

_PIECE = 1024 * 1024


def ledgers(root: Path) -> Mapping[str, Ledger]:
    """By channel, how far the node is whose folder this is; nothing for one that has no channels.

    Height 0 and no hash where an orderer has joined a channel and has no block yet; the height of
    the snapshot where a peer has joined by one and has none since. LedgerDamaged where the last
    blocks are not what a node wrote; Changed where the node is not stopped; FabricError where the
    folder cannot be read.
    """
    found = folder(walk(root, is_quiet=True).files)
    try:
        return {each.channel: _ledger(root, each) for each in found.channels}
    except OSError as error:
        raise unreadable(error) from None


def _ledger(root: Path, channel: ChannelFiles) -> Ledger:
    for first in reversed(range(len(channel.block_files))):
        files = (
            BlockFile(name=name, chunks=_pieces(root / name))
            for name in channel.block_files[first:]
        )
        last: Block | None = None
        for found in blocks(channel.channel, files, first=first):
            last = found if isinstance(found, Block) else last
        if last:
            return Ledger(height=last.number + 1, last_hash=last.hash.hex())
    if channel.snapshot:
        content = (root / channel.snapshot).read_bytes()
        snapshot = read_snapshot(channel.channel, channel.snapshot, content)
        return Ledger(height=snapshot.height, last_hash=snapshot.last_hash.hex())
    return Ledger(height=0, last_hash="")


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from iter(lambda: file.read(_PIECE), b"")
