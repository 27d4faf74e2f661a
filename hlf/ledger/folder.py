"""What each file in a node's folder is, by its name: which hold blocks, which are made again.

Names are paths below what is `/var/hyperledger/production` in Fabric's images, with `/`. What is
said here of making again was seen with real nodes (`tests/official/fabric/test_ledger.py`); a file
that no line names is `unknown`, and is needed as far as anybody knows.

A peer makes the indexes of blocks and the databases of states and of their history again from its
blocks, but not those of a channel that it joined by a snapshot: it does not have all blocks.
`configHistory` is not in this list, because it is only made again together with the states, and
silently not at all without them; neither is `bookkeeper`, because it holds the snapshots that were
asked for. A chaincode's build is made again only where its folder is missing: with an empty one
the peer refuses to launch it. No node needs an empty folder.

Source: Fabric's `core/ledger/kvledger` (ledger_filepath.go, rebuild_dbs.go),
`internal/peer/node/start.go`, `common/ledger/blkstorage`, `orderer/common/multichannel`,
`orderer/consensus`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from hlf.ledger.blocks import PREFIX


class Use(Enum):
    """What a file is for."""

    BLOCKS = auto()
    """A channel's blocks, or on what they follow. Only other nodes of the channel have them."""
    KEPT = auto()
    """The node cannot make it again."""
    REBUILT = auto()
    """The node makes it again, from its blocks or packages, where the part's folder is missing."""
    SPARE = auto()
    """Of no use to a node that starts: locks, room that was reserved, what is half made."""
    UNKNOWN = auto()


@dataclass(frozen=True, kw_only=True)
class ChannelFiles:
    """A channel's blocks in a node's folder."""

    channel: str
    block_files: tuple[str, ...]
    """In their order; whether one is missing is for `hlf.ledger.blocks`."""
    snapshot: str | None
    """What `hlf.ledger.snapshot` reads, where the channel was joined by one."""


@dataclass(frozen=True, kw_only=True)
class Folder:
    """A node's files."""

    channels: tuple[ChannelFiles, ...]
    """By name; an orderer's system channel among them."""
    uses: dict[str, Use]
    """Of each file."""

    def files(self, *uses: Use) -> tuple[str, ...]:
        """The files of these uses, by name."""
        return tuple(sorted(name for name, use in self.uses.items() if use in uses))


_CHANNEL = r"(?P<channel>[^/]+)"
_BLOCK_FILE = PREFIX + r"(?P<number>\d{6,})"
# Fabric's sample configuration has these two below `etcdraft`.
WAL = rf"orderer/(?:etcdraft/)?wal/{_CHANNEL}/"
"""A pattern: an orderer's write-ahead log of a channel."""
RAFT_SNAPSHOTS = rf"orderer/(?:etcdraft/)?snapshot/{_CHANNEL}/"
"""A pattern: Raft's snapshots of a channel, with which a log may begin."""

# The first that fits counts.
_USES = tuple(
    (re.compile(pattern), use)
    for pattern, use in (
        (rf"ledgersData/chains/chains/{_CHANNEL}/{_BLOCK_FILE}$", Use.BLOCKS),
        (rf"ledgersData/chains/chains/{_CHANNEL}/bootstrappingSnapshot\.info$", Use.BLOCKS),
        (rf"ledgersData/chains/chains/{_CHANNEL}/bootstrappingSnapshotTemp\.info$", Use.SPARE),
        ("ledgersData/chains/index/", Use.REBUILT),
        ("ledgersData/stateLeveldb/", Use.REBUILT),
        ("ledgersData/historyLeveldb/", Use.REBUILT),
        # Private data, and which of it is missing and still asked for.
        ("ledgersData/pvtdataStore/", Use.KEPT),
        ("ledgersData/configHistory/", Use.KEPT),
        ("ledgersData/bookkeeper/", Use.KEPT),
        # Which channels there are: without it a peer has none, and says nothing.
        ("ledgersData/ledgerProvider/", Use.KEPT),
        # What was being written to CouchDB.
        ("ledgersData/couchdbRedoLogs/", Use.KEPT),
        ("ledgersData/fileLock/", Use.SPARE),
        ("snapshots/completed/", Use.KEPT),
        ("snapshots/temp/", Use.SPARE),
        # Ours: where a snapshot is brought to, by which the peer joins a channel.
        ("snapshots/joining/", Use.SPARE),
        # Packages, of the lifecycle of Fabric 2 and of lscc.
        ("lifecycle/chaincodes/", Use.KEPT),
        ("chaincodes/", Use.KEPT),
        ("externalbuilder/builds/", Use.REBUILT),
        # Private data of transactions that are not in a block yet.
        ("transientstore/", Use.KEPT),
        ("transientStoreFileLock/", Use.SPARE),
        (rf"orderer/chains/{_CHANNEL}/{_BLOCK_FILE}$", Use.BLOCKS),
        ("orderer/index/", Use.REBUILT),
        # Channels that the orderer was told to join or to leave, and is not done with.
        ("orderer/pendingops/", Use.KEPT),
        (rf"{WAL}\d+\.tmp$", Use.SPARE),
        (WAL, Use.KEPT),
        (RAFT_SNAPSHOTS, Use.KEPT),
    )
)
_FROM_BLOCKS = re.compile("ledgersData/")
"""Where what is made again is made from all blocks of all channels."""


def folder(names: Iterable[str]) -> Folder:
    """The files of a peer's or an orderer's folder, told apart by their names."""
    uses: dict[str, Use] = {}
    numbers: dict[str, dict[int, str]] = {}
    snapshots: dict[str, str] = {}
    for name in names:
        use, match = _use(name)
        uses[name] = use
        if match is None or use is not Use.BLOCKS:
            continue
        found = match.groupdict()
        files = numbers.setdefault(found["channel"], {})
        if found.get("number"):
            files[int(found["number"])] = name
        else:
            snapshots[found["channel"]] = name
    if snapshots:
        uses = {name: _without_all_blocks(name, use) for name, use in uses.items()}
    channels = tuple(
        ChannelFiles(
            channel=channel,
            block_files=tuple(files[number] for number in sorted(files)),
            snapshot=snapshots.get(channel),
        )
        for channel, files in sorted(numbers.items())
    )
    return Folder(channels=channels, uses=uses)


def _use(name: str) -> tuple[Use, re.Match[str] | None]:
    for pattern, use in _USES:
        if match := pattern.match(name):
            return use, match
    return Use.UNKNOWN, None


def _without_all_blocks(name: str, use: Use) -> Use:
    if use is Use.REBUILT and _FROM_BLOCKS.match(name):
        return Use.KEPT
    return use
