"""What is written down while peers join a channel by a snapshot: a Secret for each source.

It has the ticket of the transfer, and what there is to be removed afterwards, so that the run after
one that was killed does it. A peer that is named in it has not joined as it should: it may lack its
organization's approvals.
"""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from actions import cluster
from hlf import names

LABEL = "hlf/joining"
"""Label of all that is there meanwhile."""
SELECTOR = f"{LABEL}=true"
CHANNEL = "hlf/channel"
"""Annotation of it: the channel, whose name may be longer than a label's value."""
_SOURCE, _TARGETS, _BLOCKS = "source", "targets", "blocks"


@dataclass(frozen=True, kw_only=True)
class Note:
    """Peers join a channel by a snapshot of another peer, the source."""

    channel: str
    source: str
    targets: frozenset[str]
    blocks: frozenset[int] = frozenset()
    """Of snapshots that the source was asked for, and that are to be removed again."""

    @property
    def name(self) -> str:
        """Of the Secret."""
        return names.joining(self.source, self.channel)


def find(namespace: str, channel: str) -> list[Note]:
    """Return the notes of a channel."""
    notes: list[Note] = []
    for secret in cluster.find(namespace, "secrets", SELECTOR):
        if secret["metadata"]["annotations"][CHANNEL] == channel:
            data = {key: base64.b64decode(text).decode() for key, text in secret["data"].items()}
            notes.append(
                Note(
                    channel=channel,
                    source=data[_SOURCE],
                    targets=frozenset(data[_TARGETS].split()),
                    blocks=frozenset(map(int, data[_BLOCKS].split())),
                )
            )
    return notes


def targets(namespace: str, channel: str) -> frozenset[str]:
    """Return the peers that have not joined a channel to the end."""
    return frozenset[str]().union(*(note.targets for note in find(namespace, channel)))


def write(namespace: str, note: Note, ticket: Mapping[str, bytes] | None = None) -> None:
    """Write a note down, in the place of an earlier one, whose ticket it may keep."""
    texts = {
        _SOURCE: note.source,
        _TARGETS: _listed(note.targets),
        _BLOCKS: _listed(map(str, note.blocks)),
    }
    files = {key: text.encode() for key, text in texts.items()} | dict(ticket or {})
    data = {key: base64.b64encode(content).decode() for key, content in files.items()}
    if cluster.merge(namespace, "secrets", note.name, {"data": data}):
        return
    metadata = {
        "name": note.name,
        "labels": {LABEL: "true"},
        "annotations": {CHANNEL: note.channel},
    }
    cluster.create(namespace, "secrets", {"metadata": metadata, "type": "Opaque", "data": data})


def forget(namespace: str, note: Note) -> None:
    """Delete a note, and the ticket with it."""
    cluster.delete(namespace, "secrets", note.name)


def _listed(words: Iterable[str]) -> str:
    return " ".join(sorted(words))
