"""A stored backup is proved: its bytes, its chains of blocks, and that its nodes fit together.

While `verify` reads a node's files, each channel's chain is checked, and held against the height
and the last hash that the manifest says. Nodes that are lower than the highest orderer must be on
its chain: the hashes at their heights are taken down when that one is read. A block or two, and a
hash for each of these heights, are in memory.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from hlf.backup.errors import Damaged
from hlf.backup.manifest import File, Ledger, Manifest, Node
from hlf.backup.progress import Report, silent
from hlf.backup.reading import read_content
from hlf.backup.repository import Repository
from hlf.backup.soundness import Channel, channels, problems
from hlf.backup.verifying import Verdict, verify
from hlf.ledger.blocks import BlockFile
from hlf.ledger.chain import Chain, check
from hlf.ledger.errors import LedgerDamaged
from hlf.ledger.folder import ChannelFiles, folder
from hlf.ledger.snapshot import Snapshot, read_snapshot

_Files = Iterator[tuple[File, Iterator[bytes]]]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How the nodes of a channel stand to each other."""

    channel: str
    height: int
    """Of the highest orderer."""
    nodes: int
    """That have the channel."""
    agreeing: int
    """Of these, whose chain is whole, ends where the manifest says, and is that orderer's."""
    level: int
    """Of these, at its height."""


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What a check found; the backup is proved where there are no problems."""

    verdict: Verdict
    """Of the bytes and of each node's chains."""
    unfit: tuple[str, ...]
    """What is wrong with the nodes beside each other, as sentences."""
    channels: tuple[Standing, ...]

    @property
    def problems(self) -> tuple[str, ...]:
        """All sentences."""
        return (*self.unfit, *self.verdict.problems)


def prove(repository: Repository, manifest: Manifest, report: Report = silent) -> Proof:
    """Check a backup completely; StoreError where the store does not answer."""
    chains = Chains(repository, manifest)
    verdict = verify(repository, manifest, chains.inspect, report)
    return Proof(
        verdict=verdict,
        unfit=(*problems(manifest), *chains.forks()),
        channels=chains.standings(),
    )


class Chains:
    """The chains of a backup's nodes; `inspect` is for `verify`, the rest for afterwards."""

    def __init__(self, repository: Repository, manifest: Manifest) -> None:
        self._repository = repository
        self._channels = {channel.name: channel for channel in channels(manifest)}
        # By channel, then by node; those that are as the manifest says.
        self._proved: dict[str, dict[str, Chain]] = defaultdict(dict)

    def inspect(self, node: Node, files: _Files) -> Iterator[str]:
        """Check a node's chains; what is wrong with one does not keep from the next."""
        found = {each.channel: each for each in folder(_names(node)).channels}
        channel_of = {name: each for each in found.values() for name in each.block_files}
        of_channels = (
            (channel_of[file.path].channel, file, pieces)
            for file, pieces in files
            if file.path in channel_of
        )
        for channel, group in groupby(of_channels, key=lambda each: each[0]):
            block_files = (BlockFile(name=file.path, chunks=pieces) for _, file, pieces in group)
            yield from self._check(node, found.pop(channel), block_files)
        for without_blocks in found.values():
            yield from self._check(node, without_blocks, iter(()))

    def forks(self) -> tuple[str, ...]:
        """Which nodes are on another chain than the highest orderer, below its height.

        At its height `soundness` tells it by the manifest.
        """
        return tuple(
            f"channel {channel.name}: node {name} has another block {ledger.height - 1} than the "
            f"highest orderer, {ledger.last_hash} and {hashes[ledger.height].hex()}; it is on "
            "another chain: mend the network, or choose a backup of before"
            for channel in self._channels.values()
            for hashes in [self._reference(channel)]
            for name, ledger in sorted(channel.nodes.items())
            if ledger.height in hashes and not _is_on(hashes, ledger)
            if ledger.height < channel.height and name in self._proved[channel.name]
        )

    def standings(self) -> tuple[Standing, ...]:
        """Each channel, by name."""
        return tuple(self._standing(channel) for channel in self._channels.values())

    def _standing(self, channel: Channel) -> Standing:
        hashes = self._reference(channel)
        agreeing = [
            ledger
            for name, ledger in channel.nodes.items()
            if name in self._proved[channel.name] and _is_on(hashes, ledger)
        ]
        return Standing(
            channel=channel.name,
            height=channel.height,
            nodes=len(channel.nodes),
            agreeing=len(agreeing),
            level=sum(ledger.height == channel.height for ledger in agreeing),
        )

    def _reference(self, channel: Channel) -> Mapping[int, bytes]:
        """By height, the hashes of a highest orderer; none where none is proved."""
        for name, ledger in sorted(channel.orderers.items()):
            if ledger.height == channel.height and name in self._proved[channel.name]:
                return self._proved[channel.name][name].hashes
        return {}

    def _check(
        self, node: Node, files: ChannelFiles, block_files: Iterator[BlockFile]
    ) -> Iterator[str]:
        channel = files.channel
        expected = node.ledgers.get(channel)
        wanted = (
            {each.height for each in self._channels[channel].nodes.values()} if expected else ()
        )
        try:
            chain = check(channel, block_files, snapshot=self._snapshot(node, files), at=wanted)
        except LedgerDamaged as error:
            yield str(error)
            return
        except Damaged:
            # Told by the check of the bytes.
            return
        # Where the manifest says nothing of a channel, `soundness` tells that.
        if expected is None:
            return
        if (chain.height, chain.last_hash.hex()) == (expected.height, expected.last_hash):
            self._proved[channel][node.name] = chain
        elif chain.height == expected.height:
            yield (
                f"the last block of channel {channel} has the hash {chain.last_hash.hex()}, and "
                f"{expected.last_hash} was there; choose another backup"
            )
        else:
            yield (
                f"channel {channel} has {chain.height} blocks, and {expected.height} were there; "
                "choose another backup"
            )

    def _snapshot(self, node: Node, files: ChannelFiles) -> Snapshot | None:
        """What a channel's blocks follow; read beforehand, because its name comes after theirs."""
        if files.snapshot is None:
            return None
        (file,) = (each for each in node.tree.files if each.path == files.snapshot)
        content = read_content(self._repository, f"file {file.path}", file.content)
        return read_snapshot(files.channel, file.path, content)


def _names(node: Node) -> list[str]:
    """Of the files that can hold blocks; brokers have folders of their own."""
    if node.role not in {"orderer", "peer"}:
        return []
    return [file.path for file in node.tree.files]


def _is_on(hashes: Mapping[int, bytes], ledger: Ledger) -> bool:
    """Whether a node's last block is of a chain; a node without blocks may become part of it."""
    if not ledger.height:
        return True
    return hashes.get(ledger.height, b"").hex() == ledger.last_hash
