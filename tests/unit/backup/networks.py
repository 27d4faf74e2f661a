"""Made-up networks: the files that their nodes have, without nodes that wrote them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from hlf.backup.copying import copy
from hlf.backup.ledgers import ledgers
from hlf.backup.manifest import ORDERER_TYPE, Content, File, Ledger, Manifest, Node, Origin, Tree
from hlf.backup.repository import Repository
from hlf.backup.writing import begin
from tests.unit.ledger.made import Made, joined

CHANNEL = "common"
PEER_BLOCKS = f"ledgersData/chains/chains/{CHANNEL}/blockfile_000000"
SNAPSHOT_INFO = f"ledgersData/chains/chains/{CHANNEL}/bootstrappingSnapshot.info"
ORDERER_BLOCKS = f"orderer/chains/{CHANNEL}/blockfile_000000"
LOG = f"orderer/wal/{CHANNEL}/0000000000000000-0000000000000000.wal"
PEER = (
    PEER_BLOCKS,
    "ledgersData/chains/index/CURRENT",
    "ledgersData/stateLeveldb/CURRENT",
    "ledgersData/ledgerProvider/CURRENT",
    "ledgersData/pvtdataStore/CURRENT",
    "ledgersData/configHistory/CURRENT",
    "ledgersData/bookkeeper/CURRENT",
    "transientstore/CURRENT",
)
ORDERER = (ORDERER_BLOCKS, "orderer/index/CURRENT", LOG)


def tree(names: Sequence[str]) -> Tree:
    """Empty files of these names."""
    content = Content(size=0, sha256="e" * 64, chunks=())
    files = (File(path=name, mode=0o640, content=content) for name in sorted(names))
    return Tree(files=tuple(files), folders=(), links=())


def at(height: int, chain: str = "a") -> Ledger:
    """A height on a chain; none has a hash of another's."""
    return Ledger(height=height, last_hash=f"{chain}{height}".encode().hex())


def peer(name: str, organization: str, ledger: Ledger, *, names: Sequence[str] = PEER) -> Node:
    return Node(
        name=name,
        msp_id=organization,
        role="peer",
        tree=tree(names),
        ledgers={CHANNEL: ledger},
    )


def orderer(name: str, ledger: Ledger, *, names: Sequence[str] = ORDERER) -> Node:
    return Node(
        name=name,
        msp_id="Operator",
        role="orderer",
        tree=tree(names),
        ledgers={CHANNEL: ledger},
    )


def other(name: str, role: str, names: Sequence[str]) -> Node:
    return Node(name=name, msp_id="", role=role, tree=tree(names))


def manifest(
    nodes: Sequence[Node], *, kind: str = "etcdraft", expected: Mapping[str, str] | None = None
) -> Manifest:
    """A backup of nodes; the network has `expected`, or just these."""
    return Manifest(
        key="made",
        begun="2026-11-25T09:00:00Z",
        ended="2026-11-25T09:10:00Z",
        network=Origin(
            namespace="fabric",
            stack="dev",
            fabric="2.5.9",
            shape={ORDERER_TYPE: kind},
            nodes=expected or {node.name: node.role for node in nodes},
        ),
        nodes=tuple(nodes),
        objects={},
        inputs={},
    )


def sound() -> dict[str, Node]:
    """Three orderers of Raft of which one is behind, two organizations with two peers."""
    nodes = (
        orderer("orderer0", at(9)),
        orderer("orderer1", at(10)),
        orderer("orderer2", at(10)),
        peer("karga0", "Karga", at(10)),
        peer("karga1", "Karga", at(8)),
        peer("nevergreen0", "Nevergreen", at(10)),
    )
    return {node.name: node for node in nodes}


def lay(folder: Path, names: Sequence[str], *chains: Sequence[Made], first: int = 0) -> Path:
    """A node's folder; `chains` are the blocks of its block files, from number `first` on."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())
    blocks = next(name for name in names if name.endswith("/blockfile_000000"))
    for number, made in enumerate(chains, start=first):
        (folder / blocks).with_name(f"blockfile_{number:06d}").write_bytes(joined(made))
    return folder


def back_up(
    repository: Repository,
    key: str,
    nodes: Sequence[Node],
    folders: Mapping[str, Path],
    *,
    ended: str = "2026-11-25T09:10:00Z",
) -> Manifest:
    """A backup of nodes that have these folders; ledgers that a node has stay as it says."""
    with begin(repository, key) as writer:
        copied = [
            replace(
                node,
                tree=copy(writer, folders[node.name], {}),
                ledgers=node.ledgers or ledgers(folders[node.name]),
            )
            for node in nodes
        ]
        made = replace(manifest(copied), key=key, ended=ended)
        writer.commit(made)
    return made
