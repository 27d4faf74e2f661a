"""What a restore puts into an orderer's folder: for Raft, every orderer's from one.

Each channel's blocks, write-ahead log and snapshots are those of one orderer, which has all blocks
(`soundness.raft_sources`). Orderers that are restored from copies of their own may elect a leader
that lacks the last blocks, and then make others in their place, where the copies are not of one
moment. From one copy they cannot, and the write-ahead log does not say whose it is.

A channel of which an orderer has no log of its own is left as it is: it follows the channel, or has
not fetched it yet, and gets what it lacks from the others.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TypeVar

from hlf.backup.manifest import File, Folder, Link, Manifest, Node, Tree
from hlf.backup.soundness import raft_sources

_LOGS = "wal"
_PARTS = ("chains", _LOGS, "snapshot")
_DEPTH = 2
"""Of a channel's folder, below `orderer`: a part, then the channel."""

_Entry = TypeVar("_Entry", File, Folder, Link)


def to_restore(manifest: Manifest, node: Node) -> Node:
    """The node with the files that a restore gives it, from those of the whole backup."""
    if node.role != "orderer":
        return node
    logged = {channel for file in node.tree.files if (channel := _channel(file.path, (_LOGS,)))}
    sources = {
        channel: source
        for channel, source in raft_sources(manifest).items()
        if channel in logged and source.name != node.name
    }
    if not sources:
        return node
    ledgers = {channel: source.ledgers[channel] for channel, source in sources.items()}
    return replace(node, tree=_tree(node, sources), ledgers={**node.ledgers, **ledgers})


def _tree(node: Node, sources: Mapping[str, Node]) -> Tree:
    """The node's tree with channels of others, and without the index over its own blocks.

    An orderer makes the index again, from all blocks, where its folder is missing.
    """

    def merged(entries_of: Callable[[Tree], Iterable[_Entry]]) -> tuple[_Entry, ...]:
        own = [
            entry
            for entry in entries_of(node.tree)
            if _channel(entry.path, _PARTS) not in sources and not _is_index(entry.path)
        ]
        given = [
            entry
            for channel, source in sources.items()
            for entry in entries_of(source.tree)
            if _channel(entry.path, _PARTS) == channel
        ]
        return tuple(sorted([*own, *given], key=lambda entry: entry.path))

    return Tree(
        files=merged(lambda tree: tree.files),
        folders=merged(lambda tree: tree.folders),
        links=merged(lambda tree: tree.links),
    )


def _is_index(path: str) -> bool:
    return PurePosixPath(path).parts[:2] == ("orderer", "index")


def _channel(path: str, parts: Iterable[str]) -> str | None:
    """The channel whose an entry in an orderer's folder is, if it is in one of these parts of it.

    Fabric's sample configuration has Raft's parts in a folder `etcdraft`.
    """
    top, *below = PurePosixPath(path).parts
    if below[:1] == ["etcdraft"]:
        below = below[1:]
    if top != "orderer" or len(below) < _DEPTH or below[0] not in parts:
        return None
    return below[1]
