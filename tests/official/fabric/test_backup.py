"""Backups of real networks: proved, restored with the same heights and hashes, and refused.

Nodes are processes here. Their folders are copied and filled as workers do it with volumes.
"""

import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from hlf.backup import manifest as shapes
from hlf.backup.copying import copy
from hlf.backup.ledgers import ledgers
from hlf.backup.manifest import ORDERER_TYPE, Ledger, Manifest, Origin
from hlf.backup.proof import prove
from hlf.backup.reading_manifest import read_manifest
from hlf.backup.repository import Repository, open_or_create_repository
from hlf.backup.restoring import forget_kept, put_back, restore
from hlf.backup.seeding import to_restore
from hlf.backup.soundness import problems, raft_sources
from hlf.backup.store import open_store
from hlf.backup.writing import begin
from hlf.client import lifecycle
from hlf.client.collections import Collection, packed
from hlf.client.connection import close_all
from hlf.client.lifecycle import Definition
from hlf.client.proposal import propose, transaction
from hlf.client.transaction import evaluate, submit
from hlf.client.wait import gather
from hlf.config import model
from tests.official.fabric.cluster import CHANNEL, Cluster
from tests.official.fabric.network import Served, build_chaincode
from tests.official.fabric.nodes import Node
from tests.official.fabric.test_ledger import production, reach

CHECKOUT = Path(__file__).parents[3]
PASSPHRASE = "correct horse battery staple"
TERMS = packed({"terms": Collection(policy="OR('KargaMSP.member')")})
VALUE = 1_500_000
"""Bytes that a large transaction writes; it holds them three times."""
KINDS = {
    # Enough for a second block file, and for parts of chunks that are stored again to be few.
    "Raft on Fabric 2.5": ("etcdraft", "HLF_FABRIC_BIN", 16),
    "BFT on Fabric 3": ("BFT", "HLF_FABRIC_3_BIN", 2),
}

RAFT = pytest.mark.parametrize("saved", ["Raft on Fabric 2.5"], indirect=True)
BFT = pytest.mark.parametrize("saved", ["BFT on Fabric 3"], indirect=True)


class Bench:
    """A network of two organizations, and a repository for its backups."""

    def __init__(self, root: Path, kind: str, binaries: str, program: Path) -> None:
        self.cluster = Cluster(
            root,
            kind,
            binaries=binaries,
            others={"Nevergreen": "nevergreen.nl"},
            raft=model.RaftOptions(tick_interval="200ms"),
        )
        self.served = Served(program, root)
        self.store = root / "store"
        self.store.mkdir()
        self.url = f"file://{self.store}"
        self.repository: Repository = open_or_create_repository(open_store(self.url), PASSPHRASE)

    @property
    def nodes(self) -> Mapping[str, Node]:
        return {each.process.folder.name: each for each in self.all}

    @property
    def all(self) -> tuple[Node, ...]:
        return (*self.cluster.orderers, *self.cluster.peers)

    def role(self, node: Node) -> str:
        return "peer" if node in self.cluster.peers else "orderer"

    def call(self, *args: str, **transient: bytes) -> None:
        peers = self.cluster.admin_peers()
        orderers = self.cluster.orderer_as(peers[0].signer)
        submit(peers, orderers, CHANNEL, "basic", args, transient=transient, timeout=60)

    def get(self, key: str) -> bytes:
        (first, second) = (
            evaluate(peer, CHANNEL, "basic", ["get", key]) for peer in self.cluster.admin_peers()
        )
        assert first == second
        return first

    def private(self, key: str) -> bytes:
        (karga, _) = self.cluster.admin_peers()
        return evaluate(karga, CHANNEL, "basic", ["getPrivate", "terms", key])

    def fill(self, large: int) -> None:
        genesis = self.cluster.create()
        gather(lambda peer: peer.join(genesis), self.cluster.admin_peers())
        self.served.process.start()
        self.served.wait()
        definition = Definition(name="basic", version="1", sequence=1, collections=TERMS)
        self.served.roll_out(self.cluster, definition, CHANNEL)
        self.call("put", "small", "1")
        gather(lambda number: self.call("put", f"large{number}", value()), range(large))
        self.call("putPrivate", "terms", "price", price=b"5")

    def start(self) -> Ledger:
        """Start everything; the ledger of all nodes when they are level."""
        self.cluster.start()
        self.cluster.orderer_as(self.cluster.member.admin).wait_for_leader(CHANNEL, timeout=60)
        return self.level()

    def level(self) -> Ledger:
        newest = self.cluster.orderer_as(self.cluster.member.admin).newest_block(CHANNEL)
        reach(self.cluster, newest.header.number + 1)
        (first, second) = (
            peer.wait_for_height(CHANNEL, newest.header.number + 1)
            for peer in self.cluster.admin_peers()
        )
        assert first == second
        return Ledger(height=first.height, last_hash=first.current_hash.hex())

    def stop(self) -> None:
        """Orderers first, then peers, as for a backup."""
        close_all()
        for nodes in (self.cluster.orderers, self.cluster.peers):
            for node in nodes:
                node.process.terminate()
            for node in nodes:
                node.process.stop()

    def copied(self, key: str, nodes: Mapping[str, Node] | None = None) -> tuple[shapes.Node, ...]:
        with begin(self.repository, key) as writer:
            return tuple(
                shapes.Node(
                    name=name,
                    msp_id=node.organization.msp_id,
                    role=self.role(node),
                    tree=copy(writer, production(node), {}),
                    ledgers=ledgers(production(node)),
                )
                for name, node in (nodes or self.nodes).items()
            )

    def commit(self, key: str, nodes: tuple[shapes.Node, ...]) -> Manifest:
        network = Origin(
            namespace="fabric",
            stack="dev",
            fabric="2.5.9",
            shape={ORDERER_TYPE: self.cluster.kind},
            nodes={name: self.role(node) for name, node in self.nodes.items()},
        )
        manifest = Manifest(
            key=key,
            begun="2026-11-25T09:00:00Z",
            ended="2026-11-25T09:10:00Z",
            network=network,
            nodes=nodes,
            objects={},
            inputs={},
        )
        with begin(self.repository, key) as writer:
            writer.commit(manifest)
        return manifest

    def back_up(self, key: str) -> Manifest:
        return self.commit(key, self.copied(key))

    def restore(self, key: str) -> None:
        manifest = read_manifest(self.repository, key)
        assert manifest
        for node in manifest.nodes:
            folder = production(self.nodes[node.name])
            folder.mkdir(exist_ok=True)
            restore(self.repository, key, to_restore(manifest, node), folder)

    def refused(self, manifest: Manifest) -> tuple[str, ...]:
        """What is told of a backup."""
        return prove(self.repository, manifest).problems

    def stored(self) -> int:
        return sum(path.stat().st_size for path in self.store.rglob("*") if path.is_file())

    def close(self) -> None:
        close_all()
        self.served.process.stop()
        self.cluster.stop()


@dataclass(frozen=True, kw_only=True)
class Saved:
    """A stopped network of which there is a backup, `first`."""

    bench: Bench
    first: Manifest
    ledger: Ledger
    """Of all nodes, as they said before they were stopped."""
    stored: int


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_chaincode(tmp_path_factory.mktemp("program"))


@pytest.fixture(scope="module", params=KINDS)
def saved(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, program: Path
) -> Iterator[Saved]:
    kind, binaries, large = KINDS[request.param]
    root = tmp_path_factory.mktemp("backup")
    bench = Bench(root, kind, binaries, program)
    try:
        bench.cluster.start()
        bench.fill(large)
        ledger = bench.level()
        bench.stop()
        began = time.monotonic()
        first = bench.back_up("first")
        print(f"{kind}: {bench.stored() / 1e6:.0f} MB in {time.monotonic() - began:.1f} s")
        yield Saved(bench=bench, first=first, ledger=ledger, stored=bench.stored())
    finally:
        bench.close()
        shutil.rmtree(root)


def test_a_backup_is_proved(saved: Saved) -> None:
    nodes = len(saved.bench.nodes)
    assert all(node.ledgers == {CHANNEL: saved.ledger} for node in saved.first.nodes)
    ended = subprocess.run(
        [sys.executable, "-m", "hlf.backup", "verify", "--store", saved.bench.url],
        cwd=CHECKOUT,
        env={**os.environ, "HLF_BACKUP_PASSPHRASE": PASSPHRASE},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    told, end = ended.stdout.splitlines()
    assert told == (
        f"channel common: height {saved.ledger.height}, {nodes} of {nodes} nodes agree, "
        f"{nodes} of them at that height"
    )
    assert end.startswith("backup first is proved; ")
    print(end)


@BFT
def test_a_node_that_is_missing(saved: Saved) -> None:
    name = saved.first.nodes[-1].name
    manifest = replace(saved.first, nodes=saved.first.nodes[:-1])
    assert saved.bench.refused(manifest) == (
        (
            f"peer {name} of the network is not in the backup; see why it was not copied, and make "
            "the backup again"
        ),
    )


@BFT
def test_a_flipped_byte_in_a_stored_block_file(saved: Saved) -> None:
    node = saved.first.nodes[0]
    (file,) = (
        each for each in node.tree.files if each.path == "orderer/chains/common/blockfile_000000"
    )
    chunk = file.content.chunks[0]
    path = saved.bench.store / "chunks" / chunk[:2] / chunk
    content = path.read_bytes()
    path.write_bytes(content[:5000] + bytes([content[5000] ^ 1]) + content[5001:])
    try:
        assert saved.bench.refused(saved.first) == (
            (
                f"file {file.path} of node {node.name}: chunk 1 of {len(file.content.chunks)} "
                f"({chunk}) is damaged"
            ),
        )
    finally:
        path.write_bytes(content)


@BFT
def test_a_block_that_was_damaged_on_the_node(saved: Saved) -> None:
    """The node does not see it, and each byte is stored as it was."""
    bench = saved.bench
    node = bench.cluster.peers[1]
    blocks = production(node) / "ledgersData/chains/chains/common/blockfile_000000"
    content = blocks.read_bytes()
    place = content.index(b"small")
    blocks.write_bytes(content[:place] + b"S" + content[place + 1 :])
    (damaged,) = bench.copied("damaged", {saved.first.nodes[-1].name: node})
    blocks.write_bytes(content)
    assert damaged.ledgers == {CHANNEL: saved.ledger}
    (problem,) = bench.refused(replace(saved.first, nodes=(*saved.first.nodes[:-1], damaged)))
    assert re.match(
        rf"node {damaged.name}: the ledger of channel common is damaged in "
        r"ledgersData/chains/chains/common/blockfile_000000, at byte \d+, block \d+: its "
        r"transactions have the hash \w{64}, and its header says \w{64}; ",
        problem,
    )


def test_restored_into_empty_folders(saved: Saved) -> None:
    bench = saved.bench
    for node in bench.all:
        shutil.rmtree(production(node))
    bench.restore("first")
    assert_goes_on(saved)
    bench.stop()
    for node in bench.all:
        forget_kept(production(node))
    if bench.cluster.kind == "etcdraft":
        assert set(raft_sources(saved.first)) == {CHANNEL}


def assert_goes_on(saved: Saved) -> None:
    """Restored and started: as it was, and able to go on without a fork."""
    bench = saved.bench
    began = time.monotonic()
    assert bench.start() == saved.ledger
    print(f"{bench.cluster.kind}: as before {time.monotonic() - began:.1f} s after the start")
    assert bench.private("price") == b"5"
    assert bench.get("small") == b"1"
    assert bench.get("large1") != b""
    for peer in bench.cluster.admin_peers():
        assert set(lifecycle.installed(peer)) == {bench.served.package.id}
    bench.call("put", "again", "1")
    bench.call("putPrivate", "terms", "again", again=b"6")
    assert bench.private("again") == b"6"
    assert bench.level().height == saved.ledger.height + 2


@pytest.fixture(scope="module")
def grown(saved: Saved) -> Manifest:
    """A second backup, `second`, of a tenth more blocks."""
    bench = saved.bench
    bench.start()
    _, _, large = KINDS["Raft on Fabric 2.5"]
    gather(lambda number: bench.call("put", f"grown{number}", value(VALUE * large // 40)), range(4))
    bench.call("putPrivate", "terms", "price", price=b"7")
    bench.level()
    bench.stop()
    before = bench.stored()
    manifest = bench.back_up("second")
    share = (bench.stored() - before) / saved.stored
    print(f"{bench.cluster.kind}: the second backup stored {share:.1%} of the first")
    assert share < 0.2
    return manifest


@RAFT
def test_a_second_backup_is_small(saved: Saved, grown: Manifest) -> None:
    """Its bytes and chains are read by the tests that mix it with the first."""
    assert problems(grown) == ()


@RAFT
def test_orderers_that_were_copied_before_the_peers(saved: Saved, grown: Manifest) -> None:
    """While the network went on: orderers of the first backup, peers of the second."""
    was, now = saved.ledger.height, grown.nodes[-1].ledgers[CHANNEL].height
    assert saved.bench.refused(mixed(saved.first, grown)) == tuple(
        f"channel common: peer {name} has {now} blocks, and no orderer has more than {was}, so the "
        "orderers would make others in the place of the rest; stop all orderers before the first "
        "peer, and make the backup again"
        for name in ("peer-Karga", "peer-Nevergreen")
    )


@RAFT
def test_peers_that_were_copied_before_the_orderers(saved: Saved, grown: Manifest) -> None:
    was, now = saved.ledger.height, grown.nodes[-1].ledgers[CHANNEL].height
    assert saved.bench.refused(mixed(grown, saved.first)) == tuple(
        f"channel common: no peer of {name}MSP has all {now} blocks (peer-{name} {was}), and "
        "nobody else may have the private data of the rest; let one run until the orderers have "
        "stopped, and make the backup again"
        for name in ("Karga", "Nevergreen")
    )


def mixed(of_orderers: Manifest, of_peers: Manifest) -> Manifest:
    nodes = [node for node in of_orderers.nodes if node.role == "orderer"]
    nodes += [node for node in of_peers.nodes if node.role == "peer"]
    return replace(of_orderers, nodes=tuple(nodes))


@RAFT
def test_restored_over_a_newer_state_and_put_back(saved: Saved, grown: Manifest) -> None:
    bench = saved.bench
    bench.restore("first")
    assert_goes_on(saved)
    bench.stop()
    for node in bench.all:
        put_back(production(node))
        forget_kept(production(node))
    assert bench.copied("third") == grown.nodes


@BFT
def test_private_data_of_a_block_that_peers_lack_is_in_their_transient_stores(saved: Saved) -> None:
    """Such a set is refused where it does not say that these peers ran on without orderers."""
    bench = saved.bench
    height = bench.start().height
    peers = bench.cluster.admin_peers()
    orderers = bench.cluster.orderer_as(peers[0].signer)
    args = ["putPrivate", "terms", "late"]
    proposed = propose(peers[0].signer, CHANNEL, "basic", args, transient={"late": b"8"})
    responses = gather(lambda peer: peer.process(proposed, doing="endorsing", timeout=20), peers)
    for node in bench.cluster.peers:
        node.process.stop()
    orderers.broadcast(transaction(proposed, responses))
    for node in bench.cluster.orderers:
        bench.cluster.participation(node).wait_active(CHANNEL, height=height + 1)
    for node in bench.cluster.orderers:
        node.process.stop()
    nodes = bench.copied("short")
    manifest = bench.commit("short", nodes)
    assert problems(manifest)[0].startswith(
        f"channel common: no peer of KargaMSP has all {height + 1} blocks (peer-Karga {height})"
    )
    stopped = {"orderer": "2026-11-25T09:00:00Z", "peer": "2026-11-25T09:00:01Z"}
    said = tuple(replace(node, stopped=stopped[node.role]) for node in nodes)
    assert bench.refused(bench.commit("said", said)) == ()
    for node in bench.all:
        shutil.rmtree(production(node))
    bench.restore("said")
    assert bench.start().height == height + 1
    assert bench.private("late") == b"8"
    bench.stop()


def value(size: int = VALUE) -> str:
    """A text that does not compress to nothing."""
    return secrets.token_hex(size // 2)
