"""A stored backup is checked completely, without a cluster and without writing anything.

Every chunk is read, decrypted and held against its id, every file against its size and SHA-256.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass

from hlf.backup.errors import Damaged, StoreError
from hlf.backup.manifest import Content, File, Manifest, Node, contents
from hlf.backup.progress import Report, Tally, silent
from hlf.backup.reading import Checked, chunks_of
from hlf.backup.repository import Repository
from hlf.errors import FabricError

Inspect = Callable[[Node, Iterator[tuple[File, Iterator[bytes]]]], Iterable[str]]
"""Looks into a node's files while they are checked, and returns what is wrong, as sentences.

The files come in the manifest's order, that is by path, each with its bytes in pieces. Neither all
files nor all bytes need be read; a file's bytes are gone when the next file is taken. Where bytes
are damaged, reading them raises Damaged: that is told by the check, so it may be let through, or
caught to go on with the next file. Another FabricError that gets out is one more sentence. Called
for one node after the other, in one thread.
"""

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
    with chunks_of(repository, contents(manifest)) as chunks:
        found = _Found(chunks, tally)
        for node in manifest.nodes:
            files = _Files(node, found)
            if inspect:
                found.tell(f"node {node.name}", _looked_at(inspect, node, files))
            files.finish()
        for name, content in manifest.objects.items():
            found.check(f"object {name}", content)
        for name, content in manifest.inputs.items():
            found.check(f"input {name}", content)
    return Verdict(
        key=manifest.key,
        files=tally.end().files,
        size=sum(content.size for content in contents(manifest)),
        problems=tuple(found.problems),
        untold=found.count - len(found.problems),
        damaged=frozenset(found.damaged),
    )


class _Found:
    """What is found while the chunks of all contents are read in order."""

    def __init__(self, chunks: Iterator[Future[bytes]], tally: Tally) -> None:
        self._chunks = chunks
        self._tally = tally
        self.problems: list[str] = []
        self.count = 0
        self.damaged: set[str] = set()

    def begin(self, content: Content) -> Checked:
        """The next content, to be read as far as somebody wants; then comes `end`."""
        return Checked(content, self._chunks, self._tally)

    def end(self, name: str, checked: Checked) -> None:
        """Read the rest of a content."""
        self.tell(name, checked.finish())
        self.damaged |= checked.damaged
        self._tally.add(files=1)

    def check(self, name: str, content: Content) -> None:
        """Read a content that nobody looks into."""
        self.end(name, self.begin(content))

    def tell(self, name: str, problems: list[str]) -> None:
        """Take down what is wrong with what is called so."""
        self.count += len(problems)
        self.problems += [f"{name}: {each}" for each in problems[: _TOLD - len(self.problems)]]


class _Files(Iterator[tuple[File, Iterator[bytes]]]):
    """A node's files, each checked to its end before the next one is given."""

    def __init__(self, node: Node, found: _Found) -> None:
        self._node = node
        self._left = iter(node.tree.files)
        self._found = found
        self._current: tuple[File, Checked] | None = None

    def __next__(self) -> tuple[File, Iterator[bytes]]:
        self._end_current()
        file = next(self._left)
        checked = self._found.begin(file.content)
        self._current = (file, checked)
        return file, iter(checked)

    def finish(self) -> None:
        """Check the files that nobody took."""
        for _ in self:
            pass

    def _end_current(self) -> None:
        if self._current:
            file, checked = self._current
            self._current = None
            self._found.end(f"file {file.path} of node {self._node.name}", checked)


def _looked_at(inspect: Inspect, node: Node, files: _Files) -> list[str]:
    try:
        return list(inspect(node, files))
    except Damaged:
        # Told by the check itself.
        return []
    except StoreError:
        raise
    except FabricError as error:
        return [str(error)]
