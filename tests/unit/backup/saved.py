"""Repositories on `file://`, and nodes' folders that look like Fabric's."""

import os
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hlf.backup.copying import copy
from hlf.backup.manifest import Content, Ledger, Manifest, Node, Origin
from hlf.backup.reading_manifest import read_manifest
from hlf.backup.repository import Repository, open_or_create_repository, open_repository
from hlf.backup.store import open_store
from hlf.backup.writing import Writer, begin

PASSPHRASE = "correct horse battery staple"
NODE = "peer0.atlantis.com"
BLOCKS = "ledgersData/chains/chains/common/blockfile_000000"
KEY = "2026-11-25"


@dataclass(frozen=True)
class Saved:
    """A store's folder, a repository in it, and a node's folder."""

    store: Path
    node: Path

    @property
    def url(self) -> str:
        return f"file://{self.store}"

    def repository(self) -> Repository:
        return open_repository(open_store(self.url), PASSPHRASE)

    def back_up(self, key: str = KEY) -> Manifest:
        repository = self.repository()
        with begin(repository, key) as writer:
            return commit(writer, key, {NODE: self.node})

    def manifest(self, key: str = KEY) -> Manifest:
        manifest = read_manifest(self.repository(), key)
        assert manifest
        return manifest

    def chunks(self) -> list[Path]:
        return sorted(path for path in (self.store / "chunks").rglob("*") if path.is_file())

    def manifest_path(self, key: str = KEY) -> Path:
        return self.store / "backups" / key / "manifest"


def make(folder: Path, *, size: int = 9_000_000, log: int = 12_000_000) -> Saved:
    """An empty repository, and a node with a ledger."""
    store, node = folder / "store", folder / "node"
    store.mkdir()
    open_or_create_repository(open_store(f"file://{store}"), PASSPHRASE)
    lay_node(node, seed=1, size=size, log=log)
    return Saved(store=store, node=node)


def lay_node(node: Path, *, seed: int, size: int = 9_000_000, log: int = 12_000_000) -> None:
    """Block files, a preallocated log, tables, a link, empty files and folders."""
    source = random.Random(seed)
    (node / BLOCKS).parent.mkdir(parents=True)
    (node / BLOCKS).write_bytes(source.randbytes(size))
    wal = node / "etcdraft" / "wal" / "0.wal"
    wal.parent.mkdir(parents=True)
    wal.write_bytes(source.randbytes(1000) + bytes(log))
    tables = node / "ledgersData" / "stateLeveldb"
    tables.mkdir()
    for number in range(5):
        (tables / f"{number:06}.ldb").write_bytes(source.randbytes(20_000))
    (tables / "LOCK").touch()
    (tables / "CURRENT").symlink_to("000001.ldb")
    (node / "lifecycle" / "chaincodes").mkdir(parents=True)
    (node / "externalbuilder").mkdir(mode=0o750)
    (node / BLOCKS).chmod(0o640)


def origin() -> Origin:
    return Origin(namespace="fabric", stack="dev", fabric="2.5.15", shape={"tls": "true"}, nodes={})


def commit(writer: Writer, key: str, nodes: dict[str, Path], ended: str = "") -> Manifest:
    """Copy nodes' folders, and make the backup."""
    made = tuple(
        Node(
            name=name,
            msp_id="AtlantisMSP",
            role="peer",
            tree=copy(writer, folder, {}),
            ledgers={"common": Ledger(height=7, last_hash="ab" * 32)},
        )
        for name, folder in nodes.items()
    )
    objects = {"ConfigMap/hlf-network": writer.add_bytes(b"owner: dev")}
    return commit_contents(writer, key, objects, made, ended)


def commit_contents(
    writer: Writer,
    key: str,
    objects: dict[str, Content],
    nodes: tuple[Node, ...] = (),
    ended: str = "",
) -> Manifest:
    """Make a backup of what is stored already."""
    manifest = Manifest(
        key=key,
        begun="2026-11-25T09:00:00Z",
        ended=ended or "2026-11-25T09:10:00Z",
        network=origin(),
        nodes=nodes,
        objects=objects,
        inputs={"network.yaml": writer.add_bytes(b"network: {}\n")},
    )
    writer.commit(manifest)
    return manifest


def content(folder: Path) -> dict[str, object]:
    """All that is in a folder: what a restore has to bring back."""
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if name.startswith(".hlf-restore-"):
            continue
        if path.is_symlink():
            found[name] = f"-> {path.readlink()}"
        elif path.is_dir():
            found[name] = path.stat().st_mode
        else:
            found[name] = (path.stat().st_mode, path.read_bytes())
    return found


def age(folder: Path, **ago: float) -> None:
    """Everything below a folder was written that long ago."""
    moment = (datetime.now(UTC) - timedelta(**ago)).timestamp()
    for path in folder.rglob("*"):
        if not path.is_symlink():
            os.utime(path, (moment, moment))
