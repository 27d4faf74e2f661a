"""A worker that copies: before the nodes stop what it can, and when it is told to the rest."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from hlf.backup.copying import Seen, copy, prepare
from hlf.backup.ledgers import ledgers
from hlf.backup.manifest import Content, Ledger, Node, encode_node
from hlf.backup.reading import read_content
from hlf.backup.reading_manifest import decode_node
from hlf.backup.repository import Repository
from hlf.backup.writing import Writer, begin
from hlf.client.wait import gather
from jobs.place import Place
from jobs.work import Folder, Teller, Work, await_go
from jobs.workers import REACHED, annotate, highest

_WITH_LEDGERS = frozenset({"orderer", "peer"})


def run(place: Place) -> dict[str, Any]:
    """Copy this worker's folders; return where the list of them is, and what was stored."""
    work = Work.here()
    teller = Teller(place)
    with begin(place.repository(), work.key) as writer:
        seen = gather(
            lambda folder: prepare(writer, folder.path, teller.of(f"prepare {folder.name}")),
            work.folders,
        )
        teller.prepared()
        await_go(place)
        reached = gather(_reached, work.folders)
        _tell(place, reached)
        copied = gather(
            lambda each: _copy(writer, *each, teller),
            zip(work.folders, reached, seen, strict=True),
        )
        listed = writer.add_bytes(b"\n".join(map(encode_node, copied)))
    return {"nodes": asdict(listed), "stored": teller.stored}


def read(repository: Repository, result: Mapping[str, Any]) -> list[Node]:
    """Return the nodes that a worker has copied, from its result."""
    where = result["nodes"]
    listed = Content(size=where["size"], sha256=where["sha256"], chunks=tuple(where["chunks"]))
    data = read_content(repository, "a worker's list of nodes", listed)
    return [decode_node(line, place="a worker's list of nodes") for line in data.split(b"\n")]


def _reached(folder: Folder) -> Mapping[str, Ledger]:
    return ledgers(folder.path) if folder.role in _WITH_LEDGERS else {}


def _tell(place: Place, reached: Iterable[Mapping[str, Ledger]]) -> None:
    """Tell how far the nodes are, for which somebody waits while they are copied."""
    heights = highest({name: each.height for name, each in node.items()} for node in reached)
    annotate(place, place.pod, {REACHED: json.dumps(heights)})


def _copy(
    writer: Writer,
    folder: Folder,
    reached: Mapping[str, Ledger],
    seen: Mapping[str, Seen],
    teller: Teller,
) -> Node:
    return Node(
        name=folder.name,
        msp_id=folder.msp_id,
        role=folder.role,
        tree=copy(writer, folder.path, seen, teller.of(folder.name)),
        ledgers=reached,
    )
