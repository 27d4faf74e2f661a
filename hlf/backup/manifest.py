"""What a backup is: of which network, which files of which nodes, and the chunks of each.

As JSON it has the same names and shapes; times are ISO 8601 in UTC, hashes are hex.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime

FORMAT = 1
"""Of manifests; another one is refused by its number."""
ROLES = frozenset({"peer", "orderer", "couchdb", "kafka", "zookeeper"})
ORDERER_TYPE = "ordererType"
"""In a network's shape, by which consensus its orderers agree: solo, kafka, etcdraft or BFT."""


@dataclass(frozen=True, kw_only=True)
class Content:
    """Bytes in chunks: their number, their SHA-256, and the chunks' ids in order."""

    size: int
    sha256: str
    chunks: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class File:
    """A regular file: path below its node's folder with `/`, permissions, content."""

    path: str
    mode: int
    content: Content


@dataclass(frozen=True, kw_only=True)
class Folder:
    """A folder, also an empty one: path below its node's folder, permissions."""

    path: str
    mode: int


@dataclass(frozen=True, kw_only=True)
class Link:
    """A symbolic link: path below its node's folder, and the text that it holds."""

    path: str
    target: str


@dataclass(frozen=True, kw_only=True)
class Tree:
    """All that is in a node's folder, each sorted by path."""

    files: tuple[File, ...]
    folders: tuple[Folder, ...]
    links: tuple[Link, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.content.size for file in self.files)


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """How far a node was in a channel: number of blocks, and the last one's header hash as hex."""

    height: int
    last_hash: str


@dataclass(frozen=True, kw_only=True)
class Node:
    """A node, with what it had."""

    name: str
    msp_id: str
    """Of its organization; empty for brokers and ZooKeeper servers, which belong to none."""
    role: str
    """One of `ROLES`."""
    tree: Tree
    ledgers: Mapping[str, Ledger] = field(default_factory=dict[str, Ledger])
    """By channel."""
    stopped: str = ""
    """When it had stopped, as `moment` writes it; empty in backups that do not say."""


@dataclass(frozen=True, kw_only=True)
class Origin:
    """The network that it is a backup of."""

    namespace: str
    stack: str
    fabric: str
    """Fabric's version."""
    shape: Mapping[str, str]
    """The network's choices for good."""
    nodes: Mapping[str, str]
    """All nodes that it has, by name, with their roles; CouchDBs may be among them, which need not
    be in the backup. From its files, not from what was copied: it tells what was forgotten."""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """A backup; which bytes it is made of, and that they are all, follows from this alone."""

    key: str
    begun: str
    ended: str
    """Both as `2026-11-25T09:14:00Z`."""
    network: Origin
    nodes: tuple[Node, ...]
    objects: Mapping[str, Content]
    """Secrets and ConfigMaps of the namespace, by `kind/name`."""
    inputs: Mapping[str, Content]
    """The three files and the settings, by name."""


def moment(time: datetime) -> str:
    """A time in UTC, as manifests have it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def contents(manifest: Manifest) -> Iterator[Content]:
    """All contents of a backup."""
    for node in manifest.nodes:
        yield from (file.content for file in node.tree.files)
    yield from manifest.objects.values()
    yield from manifest.inputs.values()


def chunk_ids(manifest: Manifest) -> set[str]:
    """The ids of all chunks that a backup needs."""
    return {chunk for content in contents(manifest) for chunk in content.chunks}


def encode(manifest: Manifest) -> bytes:
    """The manifest as JSON."""
    return _json({"format": FORMAT, **asdict(manifest)})


def encode_node(node: Node) -> bytes:
    """One node as JSON: what a worker hands to whoever writes the manifest."""
    return _json(asdict(node))


def _json(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
