"""Whether the nodes of a backup are a network that can go on: a decision over its manifest.

A backup is made so: the orderers are stopped, and Kafka's brokers and ZooKeeper's servers after
them; then the peers; then everything is copied. What follows from that, and what would go wrong
where it does not hold:

- **Orderers of a channel may differ in height.** One may not have written yet what a majority has
  agreed on. Nothing is lost by that, because the highest has it. Those of Raft are restored from
  one (`raft_sources`), those of BFT and Kafka fetch what they lack from the others and from the
  topics.
- **No peer is above the highest orderer.** Orderers do not take blocks from peers: they would make
  other blocks of the same numbers, and the peers would stay where they are for ever, in good
  health.
- **A peer of every organization is at the height of the highest orderer, or was stopped after
  every orderer**, in each channel that the organization has peers in. Orderers have no private
  data, and approvals of chaincodes are private data too. A peer that ran on without orderers has
  what it lacks in its transient store, and commits it when it is restored; without that it is lost,
  and the block takes a minute more (both seen with real nodes). So the manifest says when each node
  had stopped: a peer of an earlier backup, whose transient store never had it, was stopped before.
  One peer is enough, because the others of the organization ask it.
- **At one height there is one last hash.** What differs is a fork, or another network's.
- **Raft has its write-ahead log**, and the snapshot that this begins with. Without it there is
  never a leader. That of the orderer which the others are restored from is enough. Orderers that
  follow a channel without being consenters of it have none.
- **BFT needs nothing but the blocks**; what its orderers have promised is copied with the rest.
- **Kafka has a channel's topic**: orderers go on from it where their blocks end.
- **Nothing is missing that a node cannot make again** (`hlf.ledger.folder`), as far as names tell.
  That every node of the network is there is one part of it, that none is there that it does not
  have is another: nodes of two backups do not mix.
- **CouchDB is left out**: it would have to be of the very moment, and peers fill it again from
  their blocks. One that joined a channel by a snapshot has not all blocks, and cannot.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hlf.backup.manifest import ORDERER_TYPE, Ledger, Manifest, Node
from hlf.ledger.folder import RAFT_SNAPSHOTS, WAL, Folder, folder

_AGAIN = "make the backup again"
_RAFT, _KAFKA = "etcdraft", "kafka"
_LEDGER_ROLES = ("orderer", "peer")
# LevelDBs; `CURRENT` is the file of one that is there as soon as it is used.
_PEERS_DATABASES = (
    "ledgersData/ledgerProvider",
    "ledgersData/pvtdataStore",
    "ledgersData/configHistory",
    "ledgersData/bookkeeper",
    "transientstore",
)
_STATES = "ledgersData/stateLeveldb"
_INDEX = "ledgersData/chains/index"
_LOG = re.compile(WAL + r"(?P<number>[0-9a-f]{16})-(?P<index>[0-9a-f]{16})\.wal")
_SNAPSHOT = re.compile(RAFT_SNAPSHOTS + r"[0-9a-f]{16}-(?P<index>[0-9a-f]{16})\.snap")


@dataclass(frozen=True, kw_only=True)
class Channel:
    """A channel as the nodes of a backup have it."""

    name: str
    orderers: Mapping[str, Ledger]
    """By node, of those that have the channel."""
    peers: Mapping[str, Ledger]
    """As well."""

    @property
    def height(self) -> int:
        """Of the highest orderer, which stands for all; 0 where there is none."""
        return max((each.height for each in self.orderers.values()), default=0)

    @property
    def nodes(self) -> Mapping[str, Ledger]:
        """Orderers and peers."""
        return {**self.orderers, **self.peers}


def channels(manifest: Manifest) -> tuple[Channel, ...]:
    """All channels of a backup, by name."""
    found: dict[str, dict[str, dict[str, Ledger]]] = {}
    for node in manifest.nodes:
        for channel, ledger in node.ledgers.items():
            found.setdefault(channel, defaultdict(dict))[node.role][node.name] = ledger
    return tuple(
        Channel(name=name, orderers=by_role["orderer"], peers=by_role["peer"])
        for name, by_role in sorted(found.items())
    )


def raft_sources(manifest: Manifest) -> Mapping[str, Node]:
    """By channel, the orderer whose files a restore takes for all orderers of Raft.

    It is one at the greatest height that has its log; the same for as many channels as can be. Not
    there are channels without one, and those of other kinds of orderers.
    """
    candidates = _candidates(manifest) if _is(manifest, _RAFT) else {}
    able = defaultdict[str, int](int)
    for names in candidates.values():
        for name in names:
            able[name] += 1
    nodes = {node.name: node for node in manifest.nodes}
    return {
        channel: nodes[min(names, key=lambda name: (-able[name], name))]
        for channel, names in candidates.items()
        if names
    }


def problems(manifest: Manifest) -> tuple[str, ...]:
    """All that keeps these nodes from being a consistent backup of a network, as sentences."""
    return (
        *_of_the_set(manifest),
        *(each for node in manifest.nodes for each in _of_a_node(node)),
        *(each for channel in channels(manifest) for each in _of_a_channel(manifest, channel)),
        *(_of_raft(manifest) if _is(manifest, _RAFT) else ()),
        *(_of_kafka(manifest) if _is(manifest, _KAFKA) else ()),
    )


def _is(manifest: Manifest, orderer_type: str) -> bool:
    return manifest.network.shape.get(ORDERER_TYPE) == orderer_type


def _of_the_set(manifest: Manifest) -> Iterator[str]:
    if ORDERER_TYPE not in manifest.network.shape:
        yield f"the manifest does not say the network's {ORDERER_TYPE}; {_AGAIN}"
    expected = manifest.network.nodes
    copied = {node.name: node.role for node in manifest.nodes}
    for name, role in sorted(expected.items()):
        if name not in copied and role != "couchdb":
            yield (
                f"{role} {name} of the network is not in the backup; "
                f"see why it was not copied, and {_AGAIN}"
            )
        elif copied.get(name, role) != role:
            yield (
                f"{name} has the role {role} in the network, and {copied[name]} in the backup; "
                f"{_AGAIN}"
            )
    for name, role in sorted(copied.items()):
        if name not in expected:
            yield f"{role} {name} is in the backup and is no node of the network; {_AGAIN}"
    if "orderer" not in {*expected.values(), *copied.values()}:
        yield f"the network has no orderer; {_AGAIN}"


def _of_a_node(node: Node) -> Iterator[str]:
    if node.role not in _LEDGER_ROLES:
        return
    names = {file.path for file in node.tree.files}
    found = folder(names)
    with_files = {each.channel for each in found.channels}
    for channel in sorted(node.ledgers.keys() - with_files):
        yield f"node {node.name} has no block files of channel {channel}; {_AGAIN}"
    for channel in sorted(with_files - node.ledgers.keys()):
        yield (
            f"node {node.name} has files of channel {channel}, and the manifest does not say how "
            f"many blocks; {_AGAIN}"
        )
    if node.role == "peer" and with_files:
        yield from _of_databases(node, found, names)


def _of_databases(node: Node, found: Folder, names: set[str]) -> Iterator[str]:
    by_snapshot = [each.channel for each in found.channels if each.snapshot]
    needed = [*_PEERS_DATABASES, *([_INDEX] if by_snapshot else [])]
    for database in needed:
        if f"{database}/CURRENT" not in names:
            yield f"node {node.name} lacks {database}, which it cannot make again; {_AGAIN}"
    if by_snapshot and f"{_STATES}/CURRENT" not in names:
        yield (
            f"node {node.name} joined channel {', '.join(by_snapshot)} by a snapshot, and its "
            f"{_STATES} is not there: with CouchDB, such a peer's states are in no backup, and it "
            "has not all blocks to make them again; let it leave the channel and join it by its "
            f"first block, and {_AGAIN}"
        )


def _of_a_channel(manifest: Manifest, channel: Channel) -> Iterator[str]:
    place, height = f"channel {channel.name}", channel.height
    if not channel.orderers:
        yield f"{place} is on {_listed(channel.peers)} and on no orderer of the backup; {_AGAIN}"
        return
    if not height:
        yield f"{place} has no block on any orderer; {_AGAIN} when an orderer has its blocks"
        return
    for name, ledger in sorted(channel.peers.items()):
        if ledger.height > height:
            yield (
                f"{place}: peer {name} has {ledger.height} blocks, and no orderer has more than "
                f"{height}, so the orderers would make others in the place of the rest; "
                f"stop all orderers before the first peer, and {_AGAIN}"
            )
    yield from _of_organizations(manifest, channel)
    hashes: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for name, ledger in sorted(channel.nodes.items()):
        hashes[ledger.height][ledger.last_hash].append(name)
    for at, by_hash in sorted(hashes.items()):
        if len(by_hash) > 1:
            differing = ", ".join(f"{each} on {_listed(names)}" for each, names in by_hash.items())
            yield (
                f"{place}: the last of {at} blocks has different hashes, {differing}; these nodes "
                "are on different chains: mend the network, or choose a backup of before"
            )


def _of_organizations(manifest: Manifest, channel: Channel) -> Iterator[str]:
    without_orderers = max(n.stopped for n in manifest.nodes if n.name in channel.orderers)
    members: dict[str, dict[str, int]] = defaultdict(dict)
    complete: set[str] = set()
    for node in manifest.nodes:
        if node.name in channel.peers:
            height = members[node.msp_id][node.name] = channel.peers[node.name].height
            is_later = bool(without_orderers) and node.stopped >= without_orderers
            if height >= channel.height or is_later:
                complete.add(node.msp_id)
    for organization, heights in sorted(members.items()):
        if organization not in complete:
            told = ", ".join(f"{name} {height}" for name, height in sorted(heights.items()))
            yield (
                f"channel {channel.name}: no peer of {organization} has all {channel.height} "
                f"blocks ({told}), and nobody else may have the private data of the rest; let one "
                f"run until the orderers have stopped, and {_AGAIN}"
            )


def _of_raft(manifest: Manifest) -> Iterator[str]:
    sources = raft_sources(manifest)
    for channel in channels(manifest):
        if channel.height and channel.name not in sources:
            highest = _highest(channel)
            yield (
                f"channel {channel.name}: no orderer with all {channel.height} blocks "
                f"({_listed(highest)}) has its write-ahead log of Raft whole, with the snapshot "
                f"that this begins with, so the restored orderers would have no leader; {_AGAIN}"
            )


def _of_kafka(manifest: Manifest) -> Iterator[str]:
    # A topic is in a folder that is called by the channel and the number of its one partition.
    topics = {
        part
        for node in manifest.nodes
        if node.role == "kafka"
        for file in node.tree.files
        for part in file.path.split("/")[:-1]
    }
    for channel in channels(manifest):
        if channel.orderers and f"{channel.name}-0" not in topics:
            yield (
                f"channel {channel.name}: no broker of the backup has its topic, from which the "
                f"orderers go on; {_AGAIN}"
            )


def _candidates(manifest: Manifest) -> Mapping[str, list[str]]:
    """By channel, the highest orderers that have their log of it whole."""
    logs = {node.name: _logged(node) for node in manifest.nodes if node.role == "orderer"}
    return {
        channel.name: [name for name in _highest(channel) if channel.name in logs[name]]
        for channel in channels(manifest)
    }


def _highest(channel: Channel) -> list[str]:
    height = channel.height
    return sorted(name for name, each in channel.orderers.items() if each.height == height)


def _logged(node: Node) -> frozenset[str]:
    """The channels of which an orderer has its log whole, by the files' names.

    A file of the log says its number and the index of its first entry. Old ones go, and then a
    snapshot stands for what was in them.
    """
    logs: dict[str, dict[int, int]] = defaultdict(dict)
    snapshots: dict[str, int] = defaultdict(int)
    for file in node.tree.files:
        if match := _LOG.fullmatch(file.path):
            logs[match["channel"]][int(match["number"], 16)] = int(match["index"], 16)
        elif match := _SNAPSHOT.fullmatch(file.path):
            index = int(match["index"], 16)
            snapshots[match["channel"]] = max(snapshots[match["channel"]], index)
    return frozenset(
        channel
        for channel, files in logs.items()
        if max(files) - min(files) + 1 == len(files) and files[min(files)] <= snapshots[channel]
    )


def _listed(names: Mapping[str, object] | list[str]) -> str:
    return ", ".join(sorted(names))
