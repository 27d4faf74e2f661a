"""Snapshots of real peers: asked for, cancelled, made, joined by, and all of it cut short."""

import json
import resource
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from hlf.client.collections import Collection, packed
from hlf.client.connection import close, close_all
from hlf.client.errors import ChannelNotFound, NoAnswer, Refused
from hlf.client.lifecycle import (
    ApprovalLost,
    Definition,
    approved,
    await_approvals,
    committed,
    install,
)
from hlf.client.peer import Peer
from hlf.client.snapshots import (
    State,
    cancel,
    completed,
    join_by_snapshot,
    joining,
    make,
    pending,
    request,
)
from hlf.client.transaction import evaluate, submit
from hlf.client.wait import Deadline, gather
from hlf.errors import FabricError
from jobs.snapshot_transfer import fetch, make_ticket, serve
from tests.official.fabric.cluster import CHANNEL, Cluster
from tests.official.fabric.network import Served, build_chaincode
from tests.official.fabric.nodes import Node

KINDS = {
    "Raft on Fabric 2.5": ("etcdraft", "HLF_FABRIC_BIN"),
    "BFT on Fabric 3": ("BFT", "HLF_FABRIC_3_BIN"),
}
TERMS = packed({"terms": Collection(policy="OR('KargaMSP.member')")})
LARGE = 3_000_000
"""Bytes of one value. Of a few of these a snapshot takes long enough to be cut short."""
RECONCILE = 3
"""Seconds after which the peer that joins by a snapshot asks for private data, again and again."""


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A network with a peer that has the channel, and another one of its organization."""

    cluster: Cluster
    served: Served
    second_node: Node

    @property
    def first(self) -> Peer:
        return self.cluster.admin_peers()[0]

    @property
    def second(self) -> Peer:
        return Peer(self.second_node.endpoint, self.cluster.member.admin)

    @property
    def height(self) -> int:
        return self.first.chain_info(CHANNEL).height

    def call(self, *args: str, **transient: bytes) -> int:
        """The block of a transaction, which the first peer has then."""
        orderers = self.cluster.orderer_as(self.cluster.member.admin)
        done = submit(
            [self.first], orderers, CHANNEL, "basic", args, transient=transient, timeout=60
        )
        return done.block

    def folder(self, block: int) -> Path:
        return Path(completed(str(production(self.cluster.peer)), CHANNEL, block))

    def copied(self, block: int, name: str) -> Path:
        """A snapshot of the first peer, in a folder of the second."""
        copy, ticket = self.second_node.process.folder / name, make_ticket()
        with serve(self.folder(block), ticket, host="127.0.0.1") as port:
            metadata = fetch(f"127.0.0.1:{port}", ticket, copy)
        assert (metadata.channel, metadata.last_block) == (CHANNEL, block)
        return copy


@pytest.fixture(scope="module", params=KINDS)
def bench(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Bench]:
    kind, binaries = KINDS[request.param]
    root = tmp_path_factory.mktemp("snapshots")
    cluster = Cluster(root, kind, binaries=binaries)
    second = cluster.another_peer("second")
    reconcile(second)
    served = Served(build_chaincode(root), root)
    made = Bench(cluster=cluster, served=served, second_node=second)
    try:
        cluster.start()
        second.process.start()
        served.process.start()
        served.wait()
        made.first.join(cluster.create())
        definition = Definition(name="basic", version="1", sequence=1, collections=TERMS)
        served.roll_out(cluster, definition, CHANNEL)
        made.call("put", "before", "1")
        made.call("putPrivate", "terms", "price", price=b"5")
        for number in range(4):
            made.call("put", f"large{number}", "x" * LARGE)
        yield made
    finally:
        close_all()
        served.process.stop()
        second.process.kill()
        cluster.stop()
        shutil.rmtree(root)


def test_requests_are_pending_until_their_block_or_until_cancelled(bench: Bench) -> None:
    last = bench.height - 1
    for block in (last + 50, last + 1, last + 60):
        assert request(bench.first, CHANNEL, block) is State.ASKED
        assert request(bench.first, CHANNEL, block) is State.PENDING
    assert pending(bench.first, CHANNEL) == (last + 1, last + 50, last + 60)
    with pytest.raises(
        NoAnswer, match=f"no.* made a snapshot .* block {last + 50} in 1 s, and has"
    ):
        make(bench.first, CHANNEL, last + 50, timeout=1)
    assert bench.call("put", "asked", "1") == last + 1
    assert make(bench.first, CHANNEL, last + 1, timeout=60) == last + 1
    assert signable(bench.folder(last + 1))["last_block_number"] == last + 1
    for block in (last + 50, last + 60):
        assert cancel(bench.first, CHANNEL, block)
        assert not cancel(bench.first, CHANNEL, block)
    assert pending(bench.first, CHANNEL) == ()


def test_a_snapshot_that_is_asked_for_twice(bench: Bench) -> None:
    bench.call("put", "twice", "1")
    last = make(bench.first, CHANNEL, timeout=60)
    assert last == bench.height - 1
    assert make(bench.first, CHANNEL, timeout=60) == last
    assert make(bench.first, CHANNEL, last, timeout=60) == last
    assert request(bench.first, CHANNEL, last) is State.MADE


def test_a_block_of_the_past(bench: Bench) -> None:
    with pytest.raises(Refused) as raised:
        make(bench.first, CHANNEL, 1, timeout=60)
    assert str(raised.value) == (
        f"{bench.first} refused making a snapshot of channel common at block 1 (UNKNOWN: requested "
        "snapshot for block number 1 cannot be less than the last committed block number "
        f"{bench.height - 1}); ask for its last block or a later one"
    )


def test_whom_it_is_not_for(bench: Bench) -> None:
    client = Peer(bench.first.endpoint, bench.cluster.member.client)
    for ask in (
        lambda: make(client, CHANNEL, bench.height, timeout=60),
        lambda: pending(client, CHANNEL),
        lambda: cancel(client, CHANNEL, 1),
        lambda: joining(client),
        lambda: join_by_snapshot(client, "another", "nowhere"),
    ):
        with pytest.raises(Refused, match=r"is not an admin.*; sign as an admin of"):
            ask()
    with pytest.raises(ChannelNotFound, match="cannot find ledger for channel nowhere"):
        pending(bench.first, "nowhere")


def test_while_blocks_are_committed(bench: Bench) -> None:
    stop = threading.Event()

    def load() -> None:
        while not stop.is_set():
            bench.call("put", "load", "1")

    thread = threading.Thread(target=load)
    thread.start()
    try:
        made = [make(bench.first, CHANNEL, timeout=60) for _ in range(10)]
    finally:
        stop.set()
        thread.join()
    assert made == sorted(made)
    for block in made:
        assert signable(bench.folder(block))["last_block_number"] == block
    assert pending(bench.first, CHANNEL) == ()


def test_a_peer_that_is_killed_while_it_makes_one(bench: Bench) -> None:
    block = killed_while_making(bench)
    bench.cluster.peer.process.start()
    assert make(bench.first, CHANNEL, block, timeout=60) == block
    assert signable(bench.folder(block))["last_block_number"] == block
    assert pending(bench.first, CHANNEL) == ()


@contextmanager
def files_no_larger(node: Node, size: int) -> Iterator[None]:
    """As on a volume that gets full: this comes late, when others of its files are written."""
    process = node.process._running
    assert process
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, unlimited)


def left_over(bench: Bench) -> int:
    """The block of a snapshot that is there, and of which the peer has the request still."""
    bench.call("put", "there", "1")
    there = bench.folder(make(bench.first, CHANNEL, timeout=60))
    kept = there.with_name("kept")
    there.rename(kept)
    block = killed_while_making(bench, bench.height - 1)
    kept.rename(there)
    bench.cluster.peer.process.start()
    assert pending(bench.first, CHANNEL) == (block,)
    return block


def test_a_peer_that_is_killed_before_it_crosses_out_the_request(bench: Bench) -> None:
    block = left_over(bench)
    assert make(bench.first, CHANNEL, block, timeout=60) == block
    assert pending(bench.first, CHANNEL) == ()

    block = left_over(bench)
    bench.call("put", "past", "1")
    with pytest.raises(Refused, match="cannot be less than the last committed block"):
        make(bench.first, CHANNEL, block, timeout=60)
    assert pending(bench.first, CHANNEL) == ()


def test_a_request_behind_one_that_was_not_crossed_out(bench: Bench) -> None:
    """It waits in vain: its block has come, and nothing is made."""
    block = left_over(bench)
    assert request(bench.first, CHANNEL, block + 1) is State.ASKED
    assert bench.call("put", "vain", "1") == block + 1
    assert pending(bench.first, CHANNEL) == (block, block + 1)
    assert not bench.folder(block + 1).exists()
    assert make(bench.first, CHANNEL, block + 1, timeout=60) == block + 1
    assert bench.folder(block + 1).exists()
    assert pending(bench.first, CHANNEL) == ()


def test_a_peer_that_fails_to_make_one(bench: Bench) -> None:
    bench.call("put", "failing", "1")
    last = bench.height - 1
    temp = production(bench.cluster.peer) / "snapshots" / "temp"
    temp.rmdir()
    temp.write_bytes(b"")
    try:
        with pytest.raises(FabricError, match=f"failed to make a snapshot .* at block {last}; see"):
            make(bench.first, CHANNEL, timeout=60)
    finally:
        temp.unlink()
        temp.mkdir()
    with files_no_larger(bench.cluster.peer, LARGE), pytest.raises(FabricError, match="has room"):
        make(bench.first, CHANNEL, timeout=60)
    assert "file too large" in bench.cluster.peer.process.log
    assert make(bench.first, CHANNEL, timeout=60) == last


def test_what_is_no_snapshot(bench: Bench) -> None:
    folder = bench.second_node.process.folder
    with pytest.raises(Refused) as raised:
        join_by_snapshot(bench.second, CHANNEL, str(folder / "nowhere"))
    assert str(raised.value) == (
        f"{bench.second} refused joining channel common by the snapshot in {folder}/nowhere (500: "
        f"cannot create ledger from snapshot {folder}/nowhere: error opening dir [{folder}/nowhere]"
        f": open {folder}/nowhere: no such file or directory); "
        "see that this folder of the peer holds a snapshot"
    )
    empty = folder / "empty"
    empty.mkdir()
    with pytest.raises(Refused, match=r"is empty\); see that this folder"):
        join_by_snapshot(bench.second, CHANNEL, str(empty))
    changed = bench.copied(make(bench.first, CHANNEL, timeout=60), "changed")
    states = changed / "public_state.data"
    states.chmod(0o644)
    with states.open("r+b") as file:
        file.seek(100)
        file.write(b"changed")
    for _ in range(2):
        with pytest.raises(FabricError, match=r"failed to join channel common by the snapshot in "):
            join_by_snapshot(bench.second, CHANNEL, str(changed), timeout=60)
    assert "hash mismatch for file [public_state.data]" in bench.second_node.process.log
    assert bench.second.channels() == frozenset()
    assert joining(bench.second) is None


def test_a_peer_that_is_killed_while_it_joins(bench: Bench) -> None:
    """And then one that joins: it has all states, takes transactions, and asks for the rest."""
    given = bench.copied(make(bench.first, CHANNEL, timeout=60), "given")
    channels = production(bench.second_node) / "ledgersData" / "chains" / "chains"
    thread = threading.Thread(target=lambda: attempt(bench.second, given))
    thread.start()
    for _ in range(100_000):
        if (channels / CHANNEL).exists():
            break
    bench.second_node.process.kill()
    thread.join()
    assert (channels / CHANNEL).exists()
    close(bench.second_node.endpoint)
    bench.second_node.process.start()
    assert bench.second.channels() == frozenset()
    another = shutil.copytree(given, given.with_name("another"))
    gather(
        lambda folder: join_by_snapshot(bench.second, CHANNEL, str(folder), timeout=60),
        [given, another, given],
    )
    assert bench.second.channels() == {CHANNEL}
    for folder in (given, another):
        shutil.rmtree(folder)

    with pytest.raises(ApprovalLost):
        approved(bench.second, CHANNEL, "basic")
    with pytest.raises(
        NoAnswer, match="has not been given its organization's approval of chaincode"
    ):
        await_approvals(bench.second, bench.first, CHANNEL, timeout=0.1)
    assert committed(bench.second, CHANNEL) == committed(bench.first, CHANNEL)
    for ask in (
        lambda: bench.second.config_block(CHANNEL),
        lambda: bench.second.block(CHANNEL, 1),
    ):
        with pytest.raises(
            Refused, match=r"bootstrapped from a snapshot.*; ask a node that has it"
        ):
            ask()
    install(bench.second, bench.served.package)
    block = bench.call("put", "after", "1")
    bench.second.wait_for_height(CHANNEL, block + 1)
    done = submit(
        [bench.second, bench.first],
        bench.cluster.orderer_as(bench.cluster.member.admin),
        CHANNEL,
        "basic",
        ["append", "before", "2"],
        timeout=60,
    )
    assert done.payload == b"12"
    assert evaluate(bench.second, CHANNEL, "basic", ["get", "before"]) == b"12"
    with pytest.raises(Refused, match="private data matching public hash version"):
        evaluate(bench.second, CHANNEL, "basic", ["getPrivate", "terms", "price"])
    for peer in (bench.first, bench.second):
        make(peer, CHANNEL, done.block, timeout=60)
    own = Path(completed(str(production(bench.second_node)), CHANNEL, done.block))
    assert signable(own) == signable(bench.folder(done.block))

    for _ in Deadline(20 * RECONCILE).tries():
        with suppress(Refused):
            assert (
                evaluate(bench.second, CHANNEL, "basic", ["getPrivate", "terms", "price"]) == b"5"
            )
            break
    await_approvals(bench.second, bench.first, CHANNEL, timeout=20 * RECONCILE)
    assert approved(bench.second, CHANNEL, "basic") == approved(bench.first, CHANNEL, "basic")


def test_a_peer_that_leaves_again(bench: Bench) -> None:
    """As any other; then it can join by the first block."""
    assert bench.second.channels() == {CHANNEL}
    process = bench.second_node.process
    close(bench.second_node.endpoint)
    process.stop()
    done = subprocess.run(
        [process.command[0], "node", "unjoin", "-c", CHANNEL],
        cwd=process.folder,
        env=process.env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    process.start()
    assert bench.second.channels() == frozenset()
    orderers = bench.cluster.orderer_as(bench.cluster.member.admin)
    bench.second.join(orderers.genesis_block(CHANNEL))
    bench.second.wait_for_height(CHANNEL, bench.height)
    assert bench.second.block(CHANNEL, 1).header == bench.first.block(CHANNEL, 1).header


def production(node: Node) -> Path:
    return node.process.folder / "production"


def signable(folder: Path) -> dict[str, object]:
    """What a snapshot is of, and its files by their hashes."""
    return json.loads((folder / "_snapshot_signable_metadata.json").read_text())


def reconcile(peer: Node) -> None:
    path = peer.process.folder / "core.yaml"
    config = yaml.safe_load(path.read_text())
    config["peer"]["gossip"]["pvtData"]["reconcileSleepInterval"] = f"{RECONCILE}s"
    # what nobody gave at the first time is asked for again after that; an hour is the default
    config["ledger"]["pvtdataStore"] = {"deprioritizedDataReconcilerInterval": f"{2 * RECONCILE}s"}
    path.write_text(yaml.safe_dump(config))


def killed_while_making(bench: Bench, block: int | None = None) -> int:
    """The block of a snapshot for which the first peer has a request, and began with its files."""
    for _ in range(10):
        if block is None:
            bench.call("put", "killed", "1")
        last = bench.height - 1
        assert request(bench.first, CHANNEL, last) is State.ASKED
        temp = production(bench.cluster.peer) / "snapshots" / "temp"
        while not (any(temp.iterdir()) or bench.folder(last).exists()):
            pass
        bench.cluster.peer.process.kill()
        close(bench.cluster.peer.endpoint)
        if not bench.folder(last).exists():
            return last
        if block is not None:
            shutil.rmtree(bench.folder(last))
        bench.cluster.peer.process.start()
    raise AssertionError("the peer is too fast to be killed while it makes a snapshot")


def attempt(peer: Peer, folder: Path) -> None:
    with suppress(FabricError):
        join_by_snapshot(peer, CHANNEL, str(folder), timeout=60)
