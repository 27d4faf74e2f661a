"""Real peers join a channel by snapshots, as the action `Channel` has them join."""

import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from actions import channel as action
from actions import cluster, joining_note
from actions.channel import ChannelProvider
from actions.channel_site import ChannelSite
from hlf import names
from hlf.client import snapshots
from hlf.client.collections import Collection, packed
from hlf.client.connection import close_all
from hlf.client.errors import Refused
from hlf.client.lifecycle import Definition, approved, install
from hlf.client.snapshots import completed, joining, make
from hlf.client.transaction import submit
from hlf.config.build import channel_group, genesis_block
from hlf.config.protos import Block
from hlf.config.read import header_hash
from tests.e2e.harness.steps import SNAPSHOT as STEPS
from tests.official.fabric.cluster import CHANNEL, Cluster
from tests.official.fabric.network import Served, build_chaincode
from tests.official.fabric.nodes import Node, free_port
from tests.official.fabric.test_snapshots import KINDS, LARGE, production, reconcile
from tests.official.fabric.workers import NAMESPACE, Machine, PlacedPeer
from tests.unit.actions.kubernetes import Kubernetes
from tests.unit.conftest import kubernetes, server

__all__ = ["kubernetes", "server"]

FIRST, *OTHERS = (names.peer("Karga", f"peer{number}") for number in range(5))
SECOND, THIRD, FOURTH, LAST = OTHERS
TERMS = packed({"terms": Collection(policy="OR('KargaMSP.member')")})
MADE_OF = {"image": "hlf-jobs:1", "resources": {"requests": {"cpu": "50m"}}}


class Killed(BaseException):
    """Stands for a kill of the run: nothing is cleared up by it."""


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A channel of which the first peer makes snapshots, and others that join."""

    cluster: Cluster
    served: Served
    nodes: dict[str, Node]
    machine: Machine

    def peer(self, name: str) -> PlacedPeer:
        node = self.nodes[name]
        return PlacedPeer(node.endpoint, self.cluster.member.admin, production(node))

    def site(self, *peers: str) -> ChannelSite:
        return ChannelSite(
            channel=CHANNEL,
            namespace=NAMESPACE,
            config=self.cluster.config(),
            certificates=self.cluster.certificates(),
            msps=self.cluster.msps,
            signers={each.msp_id: each.admin for each in self.cluster.members},
            orderer=self.cluster.orderer_as(self.cluster.member.admin),
            participations={},
            peers={name: self.peer(name) for name in (FIRST, *peers)},
            outside={},
            snapshot_workers=MADE_OF,
        )

    def call(self, *args: str, **transient: bytes) -> None:
        orderers = self.cluster.orderer_as(self.cluster.member.admin)
        submit(
            [self.peer(FIRST)], orderers, CHANNEL, "basic", args, transient=transient, timeout=60
        )

    def folders(self, kind: str, name: str = FIRST) -> list[str]:
        """What is in a folder of a peer's snapshots, of this channel."""
        folder = production(self.nodes[name]) / "snapshots" / kind / CHANNEL
        return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@pytest.fixture(scope="module", params=KINDS)
def network(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Cluster, Served]]:
    kind, binaries = KINDS[request.param]
    root = tmp_path_factory.mktemp("joining")
    real = Cluster(root, kind, binaries=binaries)
    served = Served(build_chaincode(root), root)
    try:
        real.start()
        served.process.start()
        served.wait()
        real.create()
        yield real, served
    finally:
        close_all()
        served.process.stop()
        real.stop()
        shutil.rmtree(root)


@pytest.fixture(scope="module")
def others(network: tuple[Cluster, Served]) -> Iterator[dict[str, Node]]:
    real, _ = network
    made = {name: real.another_peer(name.rpartition("--")[2]) for name in OTHERS}
    for node in made.values():
        reconcile(node)
        node.process.start()
    yield made
    for node in made.values():
        node.process.kill()


@pytest.fixture
def bench(
    network: tuple[Cluster, Served],
    others: dict[str, Node],
    kubernetes: Kubernetes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Bench:
    real, served = network
    nodes = {FIRST: real.peer, **others}
    monkeypatch.setattr(names, "SNAPSHOT_PORT", free_port())
    volumes = {name: production(node) for name, node in nodes.items()}
    machine = Machine(kubernetes, volumes, tmp_path)
    return Bench(cluster=real, served=served, nodes=nodes, machine=machine)


@pytest.fixture
def apply(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Runs the action for these peers, killed in a step if one is given; returns what it told."""

    def run(
        *peers: str, kill: str | None = None, at: Mapping[str, Callable[[], object]] | None = None
    ) -> list[str]:
        told: list[str] = []

        def report(line: str) -> None:
            told.append(line)
            if kill is not None and line.startswith(kill):
                patched.setattr(cluster, "delete", lambda *_, **__: None)
                raise Killed
            for step, do in (at or {}).items():
                if line.startswith(step):
                    do()

        site = bench.site(*peers)
        monkeypatch.setattr(ChannelSite, "of", classmethod(lambda *_: site))
        with monkeypatch.context() as patched:
            ending = nullcontext() if kill is None else pytest.raises(Killed)
            with ending:
                ChannelProvider().apply({}, report)
        return told

    return run


def test_without_anybody_who_has_it_by_the_first_block(
    bench: Bench, apply: Callable[..., list[str]]
) -> None:
    told = apply()
    how = "by the first block, as no peer of theirs has more"
    assert f"joining 1 peer to {CHANNEL} {how}: {FIRST}" in told
    assert bench.peer(FIRST).channels() == {CHANNEL}
    assert bench.machine.ran == []


def test_a_run_that_is_killed_in_each_step(bench: Bench, apply: Callable[..., list[str]]) -> None:
    first, second = bench.peer(FIRST), bench.peer(SECOND)
    definition = Definition(name="basic", version="1", sequence=1, collections=TERMS)
    bench.served.roll_out(bench.cluster, definition, CHANNEL)
    bench.call("put", "before", "1")
    bench.call("putPrivate", "terms", "price", price=b"5")
    own = make(first, CHANNEL, timeout=60)
    bench.call("put", "before", "2")

    for step in STEPS:
        told = apply(SECOND, kill=step)
        assert told[-1].startswith(step)
        assert bench.machine.left, f"nothing is written down after a kill in `{step}`"
        if step == STEPS[1]:
            bench.call("put", "meanwhile", "1")
        # a refresh then sees a peer that is not in the channel to the end
        inputs = {"peers": {FIRST: "KargaMSP", SECOND: "KargaMSP"}}
        seen = action._peers(inputs, bench.site(SECOND), inputs["peers"])
        assert seen["peers"] == {FIRST: "KargaMSP"}
    told = apply(SECOND)
    assert [line for line in told if line.startswith(STEPS[:3])] == []
    assert bench.machine.left == []
    assert bench.folders("completed") == [str(own)]
    assert bench.folders("joining", SECOND) == []
    assert approved(second, CHANNEL, "basic") == approved(first, CHANNEL, "basic")

    with pytest.raises(Refused, match="bootstrapped from a snapshot"):
        second.block(CHANNEL, 1)
    install(second, bench.served.package)
    orderers = bench.cluster.orderer_as(first.signer)
    args = ["append", "before", "3"]
    assert submit([first, second], orderers, CHANNEL, "basic", args, timeout=60).payload == b"23"
    # nothing is left to be done
    bench.machine.ran.clear()
    apply(SECOND)
    assert bench.machine.ran == []


def first_block(cluster: Cluster) -> Block:
    """Of another channel, of which no orderer knows."""
    group = channel_group(cluster.config(), msps=cluster.msps, certificates=cluster.certificates())
    return genesis_block(group, channel="another", timestamp=datetime.now(UTC), nonce=b"n" * 24)


def join_when_busy(peer: PlacedPeer, block: Block) -> None:
    """Join a channel while the peer joins another one by a snapshot."""
    for _ in range(10_000):
        if joining(peer):
            break
    peer.join(block)


def test_two_by_a_snapshot_that_is_there_already_which_stays(
    bench: Bench, apply: Callable[..., list[str]]
) -> None:
    """Beside a channel that one joins by the first block, for which it has no time meanwhile.

    What makes the snapshot large is here for that.
    """
    for number in range(4):
        bench.call("put", f"large{number}", "x" * LARGE)
    first, third = bench.peer(FIRST), bench.peer(THIRD)
    block = make(first, CHANNEL, timeout=60)
    kept = bench.folders("completed")
    assert str(block) in kept
    plain = threading.Thread(target=join_when_busy, args=(third, first_block(bench.cluster)))
    apply(SECOND, THIRD, FOURTH, at={STEPS[2]: plain.start})
    plain.join()
    assert third.joined[0] is False
    assert third.joined[-1] is True
    assert third.channels() == {CHANNEL, "another"}
    assert bench.peer(FOURTH).channels() == {CHANNEL}
    with pytest.raises(Refused, match="bootstrapped from a snapshot"):
        third.block(CHANNEL, block)
    for _ in range(2):
        last = header_hash(first.block(CHANNEL, block).header)
        assert third.hash_at(CHANNEL, block + 1) == last
        bench.call("put", "after", "1")
        third.wait_for_height(CHANNEL, block + 2)
    assert bench.folders("completed") == kept
    assert bench.folders("joining", THIRD) == bench.folders("joining", FOURTH) == []
    assert joining_note.find(NAMESPACE, CHANNEL) == []
    into = "/var/hyperledger/production/snapshots"
    serve, *fetch, remove, another = bench.machine.ran
    assert serve == (
        f"serve --folder {completed('/var/hyperledger/production', CHANNEL, block)} "
        f"--address $(POD_IP):{names.SNAPSHOT_PORT} --ticket /etc/hlf/ticket"
    )
    expected = (
        f"fetch --folder {into}/joining/{CHANNEL}/{block} "
        f"--address 127.0.0.1:{names.SNAPSHOT_PORT} "
        f"--channel {CHANNEL} --block {block} --ticket /etc/hlf/ticket"
    )
    assert fetch == [expected, expected]
    assert remove == another == f"remove --folder {into}/joining/{CHANNEL}"


def test_who_was_told_to_join_by_a_run_that_was_killed(
    bench: Bench, apply: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def tell(peer: PlacedPeer, channel: str, folder: str, **_: object) -> None:
        assert snapshots._start(peer, channel, folder, timeout=60)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(snapshots, "join_by_snapshot", tell)
        apply(*OTHERS, kill="by the above")
    told = apply(*OTHERS)
    assert [line for line in told if line.startswith(STEPS[:2])] == []
    assert bench.peer(LAST).channels() == {CHANNEL}
    assert bench.machine.left == []
    assert bench.folders("joining", LAST) == []
