"""Chunks read back in order, some ahead of the one that is wanted.

Reading, decrypting and unpacking is done by several threads, also across the ends of files; who
takes the chunks does so in one thread and in order. Bounded memory follows.
"""

import hashlib
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from hlf.backup.errors import Damaged, NotThere
from hlf.backup.manifest import Content
from hlf.backup.progress import Tally, silent
from hlf.backup.repository import CHUNK, Repository

_DOWNLOADS = 8
_AHEAD = 12
"""Chunks in memory: read, and not yet taken."""


@contextmanager
def chunks_of(
    repository: Repository, contents: Iterable[Content]
) -> Generator[Iterator[Future[bytes]]]:
    """All chunks of all contents, in order; a result raises NotThere, Damaged or StoreError."""
    ids = (chunk_id for content in contents for chunk_id in content.chunks)
    with ThreadPoolExecutor(_DOWNLOADS, thread_name_prefix="download") as pool:
        try:
            yield _ahead(repository, pool, ids)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _ahead(
    repository: Repository, pool: ThreadPoolExecutor, ids: Iterator[str]
) -> Iterator[Future[bytes]]:
    under_way: deque[Future[bytes]] = deque()
    for chunk_id in ids:
        under_way.append(pool.submit(repository.get_chunk, chunk_id))
        if len(under_way) >= _AHEAD:
            yield under_way.popleft()
    while under_way:
        yield under_way.popleft()


class Checked:
    """One content out of a stream of chunks, checked while it is read.

    What is wrong is in `problems`, as ends of sentences; a chunk that is not right ends the
    iteration with Damaged. `finish` reads on to the end, also after damage, so that the stream
    stands at the next content, and says all that is wrong.
    """

    def __init__(self, content: Content, chunks: Iterator[Future[bytes]], tally: Tally) -> None:
        self._content = content
        self._tally = tally
        self._chunks = chunks
        self._taken = 0
        self._total = hashlib.sha256()
        self.problems: list[str] = []
        self.damaged: set[str] = set()

    def __iter__(self) -> Iterator[bytes]:
        while self._taken < len(self._content.chunks):
            data = self._next()
            if data is None:
                raise Damaged(self.problems[-1])
            yield data

    def finish(self) -> list[str]:
        """What is wrong with the content; empty where it is whole."""
        while self._taken < len(self._content.chunks):
            self._next()
        if not self.problems and self._total.hexdigest() != self._content.sha256:
            self.problems.append(
                f"its SHA-256 is {self._total.hexdigest()}, and {self._content.sha256} was saved"
            )
        return self.problems

    def _next(self) -> bytes | None:
        chunk_id = self._content.chunks[self._taken]
        self._taken += 1
        which = f"chunk {self._taken} of {len(self._content.chunks)} ({chunk_id})"
        try:
            data = next(self._chunks).result()
        except NotThere:
            self.problems.append(f"{which} is missing")
            return None
        except Damaged:
            self.problems.append(f"{which} is damaged")
            self.damaged.add(chunk_id)
            return None
        is_last = self._taken == len(self._content.chunks)
        due = self._content.size - CHUNK * (self._taken - 1) if is_last else CHUNK
        if len(data) != due:
            self.problems.append(f"{which} has {len(data)} bytes and not {due}")
            return None
        self._total.update(data)
        self._tally.add(seen=len(data))
        return data


def read_content(repository: Repository, name: str, content: Content) -> bytes:
    """A small content as a whole, such as an object or input; Damaged with its name."""
    with chunks_of(repository, [content]) as chunks:
        checked = Checked(content, chunks, Tally(silent))
        try:
            data = b"".join(checked)
        except Damaged:
            data = b""
        if problems := checked.finish():
            raise Damaged(f"{name} in the store {repository}: {problems[0]}")
    return data
