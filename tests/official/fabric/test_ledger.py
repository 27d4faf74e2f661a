"""Ledgers that real nodes have written, read without them: the same heights, hashes and blocks.

Also what their folders hold, what of it they make again, and what they drop: said in
`hlf.ledger.folder` and `hlf.ledger.blocks`, and held against the nodes here.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from hlf.client import snapshots
from hlf.client.collections import Collection, packed
from hlf.client.connection import close_all
from hlf.client.envelope import sign_update
from hlf.client.errors import ChannelNotFound, Unreachable
from hlf.client.lifecycle import Definition
from hlf.client.orderer import Orderer
from hlf.client.peer import ChainInfo, Peer
from hlf.client.protos import Block as BlockMessage
from hlf.client.snapshots import join_by_snapshot, make
from hlf.client.transaction import evaluate, submit
from hlf.client.wait import Deadline
from hlf.config.adjust import adjust
from hlf.config.read import config_of, header_hash
from hlf.config.update import compute_update
from hlf.ledger.blocks import Block, BlockFile, blocks
from hlf.ledger.chain import Chain, check
from hlf.ledger.errors import LedgerDamaged
from hlf.ledger.folder import ChannelFiles, Folder, Use, folder
from hlf.ledger.snapshot import read_snapshot
from tests.official.fabric.cluster import CHANNEL, Cluster
from tests.official.fabric.network import Served, build_chaincode
from tests.official.fabric.nodes import Node, Process
from tests.unit.ledger.made import Made

# The largest value of which a transaction is no more than a message may be: it is in it three times
LARGE = 3_000_000
# Of these blocks, eight need a second file
KINDS = {
    "Raft on Fabric 2.5": ("etcdraft", "HLF_FABRIC_BIN", 8),
    "Raft on Fabric 3": ("etcdraft", "HLF_FABRIC_3_BIN", 1),
    "BFT on Fabric 3": ("BFT", "HLF_FABRIC_3_BIN", 1),
}
TERMS = packed({"terms": Collection(policy="OR('KargaMSP.member')")})
REBUILT = (Use.REBUILT, Use.SPARE)


@dataclass(frozen=True, kw_only=True)
class Stopped:
    """A cluster whose nodes have been stopped, and what they answered last."""

    cluster: Cluster
    peer: ChainInfo
    blocks: tuple[BlockMessage, ...]
    """The peer's."""
    orderers: tuple[BlockMessage, ...]
    """Each one's newest."""


@pytest.fixture(scope="module", params=KINDS)
def stopped(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stopped]:
    kind, binaries, large = KINDS[request.param]
    root = tmp_path_factory.mktemp("ledger")
    made = Cluster(root, kind, binaries=binaries)
    keep_history(made.peer.process)
    made.start()
    served = Served(build_chaincode(root), root)
    served.process.start()
    try:
        fill(made, served, large)
        yield asked_and_stopped(made)
    finally:
        close_all()
        served.process.stop()
        made.stop()
        shutil.rmtree(root)


def test_chains_are_what_the_nodes_said(stopped: Stopped) -> None:
    chain = chain_of(stopped.cluster.peer)
    assert (chain.first, chain.height, chain.last_hash, chain.cut_off) == (
        0,
        stopped.peer.height,
        stopped.peer.current_hash,
        None,
    )
    assert chain.transactions == sum(len(block.data.data) for block in stopped.blocks)
    for node, newest in zip(stopped.cluster.orderers, stopped.orderers, strict=True):
        found = chain_of(node)
        assert (found.height, found.last_hash) == (
            newest.header.number + 1,
            header_hash(newest.header),
        )
        assert found == chain


def test_blocks_are_what_the_peer_said(stopped: Stopped) -> None:
    node = stopped.cluster.peer
    (channel,) = folder_of(node).channels
    assert len(channel.block_files) == (2 if len(stopped.blocks) > 12 else 1)
    read = blocks(CHANNEL, files_of(node, channel))
    for block, message in zip(read, stopped.blocks, strict=True):
        assert isinstance(block, Block)
        assert block.number == message.header.number
        assert block.hash == header_hash(message.header)
        assert [bytes(each) for each in block.transactions] == list(message.data.data)
        assert block.metadata == tuple(message.metadata.metadata)


def test_every_file_of_a_node_is_known(stopped: Stopped) -> None:
    for node in (stopped.cluster.peer, *stopped.cluster.orderers):
        found = folder_of(node)
        assert [each.channel for each in found.channels] == [CHANNEL]
        assert found.files(Use.UNKNOWN) == ()
        assert found.files(Use.REBUILT)


def test_what_is_told_as_cut_off_is_what_nodes_drop(stopped: Stopped) -> None:
    """A block that they were writing; also without their indexes, which tell them its place."""
    cluster = stopped.cluster
    beginning = Made(
        stopped.peer.height, stopped.peer.current_hash, (b"transaction" * 100,)
    ).record[:-200]
    whole = chain_of(cluster.peer)
    for uses in ((), REBUILT):
        for node in (cluster.peer, *cluster.orderers):
            remove(node, uses)
            last = last_file(node)
            size = last.stat().st_size
            last.write_bytes(last.read_bytes() + beginning)
            cut = chain_of(node).cut_off
            assert cut
            assert (cut.offset, cut.size) == (size, len(beginning))
        cluster.start()
        reach(cluster, stopped.peer.height)
        stop(cluster)
        for node in (cluster.peer, *cluster.orderers):
            assert chain_of(node) == whole


def test_damage_that_a_peer_does_not_see(stopped: Stopped) -> None:
    node = stopped.cluster.peer
    (channel,) = folder_of(node).channels
    file = production(node) / channel.block_files[0]
    content = file.read_bytes()
    middle = next(
        block.offset + 500
        for block in blocks(CHANNEL, files_of(node, channel))
        if isinstance(block, Block) and block.number == 1
    )
    damaged = bytearray(content)
    damaged[middle] ^= 1
    file.write_bytes(damaged)
    try:
        with pytest.raises(LedgerDamaged, match="block 1: its transactions have the hash"):
            chain_of(node)
        node.process.start()
        assert height_of_peer(stopped.cluster) == stopped.peer.height
    finally:
        node.process.stop()
        file.write_bytes(content)


def test_nodes_make_again_what_is_said_so(stopped: Stopped) -> None:
    """The peer's snapshot is the same: state, hashes of private data, collections, transactions."""
    cluster = stopped.cluster
    last = stopped.peer.height - 1
    before = snapshot_of(cluster, last)
    shutil.rmtree(production(cluster.peer) / "snapshots")
    for node in (cluster.peer, *cluster.orderers):
        remove(node, REBUILT)
    cluster.start()
    reach(cluster, stopped.peer.height)
    make(peer_of(cluster), CHANNEL, last, timeout=60)
    assert snapshot_of(cluster, last) == before
    (peer,) = cluster.admin_peers()
    assert evaluate(peer, CHANNEL, "basic", ["getPrivate", "terms", "price"]) == b"5"
    orderers = cluster.orderer_as(cluster.member.admin)
    done = submit([peer], orderers, CHANNEL, "basic", ["put", "again", "1"], timeout=60)
    assert done.block == stopped.peer.height
    reach(cluster, done.block + 1)
    stop(cluster)
    assert {chain_of(node).height for node in cluster.orderers} == {done.block + 1}


def test_a_peer_without_its_list_of_channels_has_none(stopped: Stopped) -> None:
    """As an example of what is kept: it starts, and says nothing."""
    with without(stopped.cluster.peer, "ledgersData/ledgerProvider"):
        assert channels_of_peer(stopped.cluster) == frozenset()


def test_a_peer_that_joined_by_a_snapshot(stopped: Stopped) -> None:
    """It has the later blocks only, and cannot make anything again from them."""
    cluster = stopped.cluster
    node = cluster.peer
    last = stopped.peer.height - 1
    given = node.process.folder / "given"
    shutil.move(completed(cluster, last), given)
    shutil.rmtree(production(node))
    cluster.start()
    (peer,) = cluster.admin_peers()
    join_by_snapshot(peer, CHANNEL, str(given), timeout=60)
    update(cluster, max_message_count=44)
    height = cluster.orderer_as(cluster.member.admin).newest_block(CHANNEL).header.number + 1
    info = peer.wait_for_height(CHANNEL, height)
    stop(cluster)
    (channel,) = folder_of(node).channels
    assert channel.snapshot
    snapshot = read_snapshot(
        CHANNEL, channel.snapshot, (production(node) / channel.snapshot).read_bytes()
    )
    assert snapshot.last_block == last
    assert snapshot.last_hash == stopped.peer.current_hash
    assert snapshot.previous_hash == stopped.peer.previous_hash
    chain = chain_of(node)
    assert (chain.first, chain.height, chain.last_hash) == (
        last + 1,
        info.height,
        info.current_hash,
    )
    orderer = chain_of(cluster.orderers[0])
    assert (orderer.first, orderer.height, orderer.last_hash) == (
        0,
        chain.height,
        chain.last_hash,
    )
    assert folder_of(node).files(Use.REBUILT) == ()
    for part, told in (
        ("chains/index", "cannot sync index with block files"),
        ("stateLeveldb", "Ledger [common] is created from a snapshot"),
    ):
        with without(node, f"ledgersData/{part}"):
            assert writes(node, told)


@contextmanager
def without(node: Node, part: str) -> Iterator[None]:
    """The node started without a part of its folder, stopped, and with it again."""
    path, kept = production(node) / part, node.process.folder / "kept"
    shutil.move(path, kept)
    node.process.start()
    try:
        yield
    finally:
        node.process.kill()
        shutil.rmtree(path, ignore_errors=True)
        shutil.move(kept, path)


def writes(node: Node, text: str) -> bool:
    """Whether the node writes a text to its log; waited for."""
    return any(text in node.process.log for _ in Deadline(20).tries())


def keep_history(peer: Process) -> None:
    """A peer's database of history, which the other tests do without."""
    path = peer.folder / "core.yaml"
    config = yaml.safe_load(path.read_text())
    config["ledger"]["history"] = {"enableHistoryDatabase": True}
    path.write_text(yaml.safe_dump(config))


def fill(cluster: Cluster, served: Served, large: int) -> None:
    """Blocks of all kinds: configurations, private data, small ones and large ones."""
    genesis = cluster.create()
    (peer,) = cluster.admin_peers()
    peer.join(genesis)
    served.wait()
    served.roll_out(
        cluster, Definition(name="basic", version="1", sequence=1, collections=TERMS), CHANNEL
    )
    orderers = cluster.orderer_as(cluster.member.admin)

    def call(*args: str, **transient: bytes) -> None:
        submit([peer], orderers, CHANNEL, "basic", args, transient=transient, timeout=60)

    call("put", "small", "1")
    call("putPrivate", "terms", "price", price=b"5")
    update(cluster, max_message_count=33)
    for number in range(large):
        call("put", f"large{number}", "x" * LARGE)
    call("put", "last", "1")


def update(cluster: Cluster, **changed: int) -> None:
    orderers = cluster.orderer_as(cluster.operator.admin)
    config = config_of(orderers.config_block(CHANNEL))
    wanted = compute_update(
        config, adjust(config.channel_group, cluster.group(**changed)), channel=CHANNEL
    )
    assert wanted is not None
    orderers.update_channel(wanted, [sign_update(wanted, cluster.operator.admin)])


def asked_and_stopped(cluster: Cluster) -> Stopped:
    (peer,) = cluster.admin_peers()
    newest = cluster.orderer_as(cluster.member.admin).newest_block(CHANNEL)
    reach(cluster, newest.header.number + 1)
    make(peer, CHANNEL, newest.header.number, timeout=60)
    info = peer.chain_info(CHANNEL)
    seen = Stopped(
        cluster=cluster,
        peer=info,
        blocks=tuple(peer.block(CHANNEL, number) for number in range(info.height)),
        orderers=tuple(
            Orderer(node.endpoint, cluster.member.admin).newest_block(CHANNEL)
            for node in cluster.orderers
        ),
    )
    stop(cluster)
    return seen


def stop(cluster: Cluster) -> None:
    """As a pod is stopped, not killed."""
    close_all()
    for node in (*cluster.orderers, cluster.peer):
        node.process.stop()


def reach(cluster: Cluster, height: int) -> None:
    """Wait until every node has all blocks."""
    for node in cluster.orderers:
        for _ in Deadline(30).tries():
            try:
                cluster.participation(node).wait_active(CHANNEL, height=height, timeout=60)
                break
            except (ChannelNotFound, Unreachable):
                continue
    assert height_of_peer(cluster) >= height or peer_of(cluster).wait_for_height(CHANNEL, height)


def peer_of(cluster: Cluster) -> Peer:
    return cluster.admin_peers()[0]


def height_of_peer(cluster: Cluster) -> int:
    return peer_of(cluster).chain_info(CHANNEL).height


def channels_of_peer(cluster: Cluster) -> frozenset[str]:
    return peer_of(cluster).channels()


def completed(cluster: Cluster, last: int) -> Path:
    return Path(snapshots.completed(str(production(cluster.peer)), CHANNEL, last))


def snapshot_of(cluster: Cluster, last: int) -> object:
    """What the snapshot's files are, by their hashes."""
    return json.loads((completed(cluster, last) / "_snapshot_signable_metadata.json").read_text())


def production(node: Node) -> Path:
    return node.process.folder / "production"


def folder_of(node: Node) -> Folder:
    root = production(node)
    return folder(str(each.relative_to(root)) for each in root.rglob("*") if each.is_file())


def files_of(node: Node, channel: ChannelFiles) -> Iterator[BlockFile]:
    for name in channel.block_files:
        yield BlockFile(name=name, chunks=chunks(production(node) / name))


def chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            yield chunk


def chain_of(node: Node) -> Chain:
    (channel,) = folder_of(node).channels
    snapshot = None
    if channel.snapshot:
        content = (production(node) / channel.snapshot).read_bytes()
        snapshot = read_snapshot(CHANNEL, channel.snapshot, content)
    return check(CHANNEL, files_of(node, channel), snapshot=snapshot)


def last_file(node: Node) -> Path:
    (channel,) = folder_of(node).channels
    return production(node) / channel.block_files[-1]


def remove(node: Node, uses: tuple[Use, ...]) -> None:
    """As from a backup that has only the other files, and no folder that is empty."""
    for name in folder_of(node).files(*uses):
        (production(node) / name).unlink()
    for path, _, _ in os.walk(production(node), topdown=False):
        with suppress(OSError):
            Path(path).rmdir()
