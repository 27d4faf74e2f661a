"""A stored backup is checked completely, without a cluster and without writing anything.

Every chunk is read, decrypted and held against its id, every file against its size and SHA-256.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from hlf.backup.errors import Damaged, StoreError
from hlf.backup.manifest import Content, File, Manifest, Node
from hlf.backup.progress import Report, Tally, silent
from hlf.backup.reading import Checked, chunks_of
from hlf.backup.repository import Repository
from hlf.errors import FabricError

Inspect = Callable[[Node, File, Iterator[bytes]], Iterable[str]]
"""Looks into a file of a node while it is checked, and returns what is wrong, as ends of sentences.

The bytes come in pieces, need not be read to the end, and end with Damaged where they cannot be
read; that may be let through. Called for one file after the other, in the manifest's order, in one
thread. A FabricError that it raises is a problem of that file.
"""

_Look = Callable[[Iterator[bytes]], Iterable[str]]
_TOLD = 100
"""Problems that are told; of more only their number."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a check found; the backup is whole where there are no problems."""

    key: str
    files: int
    """Number of files, objects and inputs."""
    size: int
    """Their bytes."""
    problems: tuple[str, ...]
    """Sentences, the first 100."""
    untold: int
    """Number of further problems."""
    damaged: frozenset[str]
    """Chunks for `Repository.discard_chunks`; those that are missing are not among them."""


def verify(
    repository: Repository,
    manifest: Manifest,
    inspect: Inspect | None = None,
    report: Report = silent,
) -> Verdict:
    """Check a backup; StoreError where the store does not answer, which is no verdict."""
    tally = Tally(report)
    problems: list[str] = []
    damaged: set[str] = set()
    found = 0
    parts = list(_parts(manifest, inspect))
    with chunks_of(repository, (content for _, content, _ in parts)) as chunks:
        for name, content, look in parts:
            checked = Checked(content, chunks, tally)
            wrong = _looked_at(checked, look)
            wrong = [*checked.finish(), *wrong]
            damaged |= checked.damaged
            found += len(wrong)
            problems += [f"{name}: {each}" for each in wrong[: _TOLD - len(problems)]]
            tally.add(files=1)
    ended = tally.end()
    return Verdict(
        key=manifest.key,
        files=ended.files,
        size=sum(content.size for _, content, _ in parts),
        problems=tuple(problems),
        untold=found - len(problems),
        damaged=frozenset(damaged),
    )


def _parts(
    manifest: Manifest, inspect: Inspect | None
) -> Iterator[tuple[str, Content, _Look | None]]:
    """All contents: what users call it, and what looks into it."""
    for node in manifest.nodes:
        for file in node.tree.files:
            look = _look(inspect, node, file) if inspect else None
            yield f"file {file.path} of node {node.name}", file.content, look
    for name, content in manifest.objects.items():
        yield f"object {name}", content, None
    for name, content in manifest.inputs.items():
        yield f"input {name}", content, None


def _look(inspect: Inspect, node: Node, file: File) -> _Look:
    return lambda pieces: inspect(node, file, pieces)


def _looked_at(checked: Checked, look: _Look | None) -> list[str]:
    if look is None:
        return []
    try:
        return list(look(iter(checked)))
    except Damaged:
        # Told by the check itself.
        return []
    except StoreError:
        raise
    except FabricError as error:
        return [str(error)]
