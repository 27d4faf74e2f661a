"""Manifests come back as they were, and what is not exactly right is refused by its place."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from hlf.backup.errors import Damaged
from hlf.backup.manifest import (
    Content,
    File,
    Folder,
    Ledger,
    Link,
    Manifest,
    Node,
    Origin,
    Tree,
    chunk_ids,
    encode,
    encode_node,
)
from hlf.backup.reading_manifest import decode, decode_node

ONE, TWO = "1" * 64, "2" * 64
CONTENT = Content(size=5_000_000, sha256="a" * 64, chunks=(ONE, TWO))
NODE = Node(
    name="peer0.atlantis.com",
    msp_id="AtlantisMSP",
    role="peer",
    tree=Tree(
        files=(
            File(path="a/b", mode=0o640, content=CONTENT),
            File(path="empty", mode=0o600, content=Content(size=0, sha256="b" * 64, chunks=())),
        ),
        folders=(Folder(path="a", mode=0o755), Folder(path="a/ü c", mode=0o2770)),
        links=(Link(path="a/l", target="../empty"),),
    ),
    ledgers={"common": Ledger(height=7, last_hash="cd" * 32)},
    stopped="2026-11-25T09:04:00Z",
)
MANIFEST = Manifest(
    key="k1",
    begun="2026-11-25T09:00:00Z",
    ended="2026-11-25T09:10:00Z",
    network=Origin(
        namespace="n",
        stack="s",
        fabric="2.5.15",
        shape={"tls": "true"},
        nodes={"peer0.atlantis.com": "peer"},
    ),
    nodes=(NODE,),
    objects={"Secret/x": Content(size=1, sha256="c" * 64, chunks=(ONE,))},
    inputs={"network.yaml": Content(size=1, sha256="d" * 64, chunks=(TWO,))},
)


def test_both_ways() -> None:
    assert decode(encode(MANIFEST), place="m") == MANIFEST
    assert decode_node(encode_node(NODE), place="n") == NODE
    assert chunk_ids(MANIFEST) == {ONE, TWO}


def test_what_does_not_say_when_nodes_stopped() -> None:
    """As backups did at first."""
    read = json.loads(encode(MANIFEST))
    del read["nodes"][0]["stopped"]
    (node,) = decode(json.dumps(read).encode(), place="m").nodes
    assert node == replace(NODE, stopped="")


def _set(*path: str | int, to: Any) -> Callable[[Any], None]:
    def change(manifest: Any) -> None:
        for step in path[:-1]:
            manifest = manifest[step]
        manifest[path[-1]] = to

    return change


def _drop(*path: str | int) -> Callable[[Any], None]:
    def change(manifest: Any) -> None:
        for step in path[:-1]:
            manifest = manifest[step]
        del manifest[path[-1]]

    return change


FILE = ("nodes", 0, "tree", "files", 0)
FOLDERS = ("nodes", 0, "tree", "folders")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_set("format", to=2), "format: it is 2, and this program knows 1"),
        (_drop("format"), "format: it is None"),
        (_drop("ended"), "`ended` is missing"),
        (_set("extra", to=1), "`extra` is not known"),
        (_set("key", to=1), "key: 1 is no text"),
        (_set("begun", to="2026-11-25"), "begun: '2026-11-25' is no time in UTC"),
        (_set("begun", to="2026-13-25T09:00:00Z"), "begun: '2026-13-25T09:00:00Z' is no time"),
        (_set("nodes", to={}), "nodes: it is no list"),
        (_set("network", "shape", "tls", to=True), "network.shape.tls: True is no text"),
        (_drop("network", "nodes"), "network: `nodes` is missing"),
        (_set("network", "nodes", "peer0", to="ca"), "nodes.peer0: 'ca' is none of couchdb, kafka"),
        (_set("nodes", 0, "stopped", to="late"), "nodes[0].stopped: 'late' is no time"),
        (_set("nodes", 0, "role", to="ca"), "nodes[0].role: 'ca' is none of couchdb, kafka"),
        (_set("nodes", 0, "ledgers", "common", "height", to=-1), "ledgers.common.height: -1"),
        (_set("nodes", 0, "ledgers", "common", "height", to=True), "ledgers.common.height: True"),
        (_set("nodes", 0, "ledgers", "common", "last_hash", to="x"), "'x' is not hexadecimal"),
        (_set(*FILE, "mode", to=0o10000), "tree.files[0].mode: 10000 are no permissions"),
        (_set(*FILE, "path", to="../x"), "files[0].path: '../x' is no path below"),
        (_set(*FILE, "path", to="/x"), "files[0].path: '/x' is no path below"),
        (_set(*FILE, "path", to="a//x"), "files[0].path: 'a//x' is no path below"),
        (_set(*FILE, "path", to=""), "files[0].path: '' is no path below"),
        (_set(*FILE, "path", to="a/\0"), "is no path below"),
        (_set(*FILE, "path", to="a/l"), "nodes[0].tree: a/l is there twice"),
        (_set(*FILE, "path", to="a/l/x"), "nodes[0].tree: a/l/x is in no folder of it"),
        (_set(*FILE, "path", to="b/x"), "nodes[0].tree: b/x is in no folder of it"),
        (_set(*FILE, "content", "sha256", to="z" * 64), "files[0] (a/b).sha256: 'zz"),
        (_set(*FILE, "content", "sha256", to="A" * 64), "is no SHA-256"),
        (_set(*FILE, "content", "size", to=4_000_000), "a/b): 4000000 bytes are not in 2 chunks"),
        (_set(*FILE, "content", "chunks", to=[ONE]), "a/b): 5000000 bytes are not in 1 chunks"),
        (_set(*FILE, "content", "chunks", 1, to="2"), "chunks[1]: '2' is no SHA-256"),
        (_set(*FILE, "path", to="z"), "tree.files: they are not sorted"),
        (_set(*FOLDERS, 1, "path", to="Z"), "tree.folders: they are not sorted"),
        (_set("objects", "Secret/x", to=None), "objects.Secret/x: it is no object"),
    ],
)
def test_what_is_not_right_is_refused_by_its_place(
    change: Callable[[Any], None], told: str
) -> None:
    read = json.loads(encode(MANIFEST))
    change(read)
    with pytest.raises(Damaged) as caught:
        decode(json.dumps(read).encode(), place="the manifest of backup k1")
    assert told in str(caught.value)
    assert str(caught.value).startswith("the manifest of backup k1 is not right: ")


def test_two_nodes_of_one_name_and_names_that_are_there_twice() -> None:
    read = json.loads(encode(MANIFEST))
    read["nodes"] *= 2
    with pytest.raises(Damaged, match=r"nodes: peer0\.atlantis\.com is there twice"):
        decode(json.dumps(read).encode(), place="m")
    with pytest.raises(Damaged, match="a name is there twice"):
        decode(encode(MANIFEST).replace(b'"key"', b'"format":1,"key"'), place="m")


@pytest.mark.parametrize("data", [b"", b"\xff", b"[]", b"null", encode(MANIFEST)[:-1]])
def test_what_is_no_manifest_is_refused(data: bytes) -> None:
    with pytest.raises(Damaged, match=r"^m is not"):
        decode(data, place="m")
