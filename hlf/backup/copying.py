"""A node's folder goes into the repository, in two passes.

The first (`prepare`) runs while the node writes: it stores chunks of whatever it reads, and
remembers by which stamp. The second (`copy`) runs while nobody writes, and reads only what has
changed since: the time that a node is down does not grow with its ledger.
"""

import os
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from hlf.backup.errors import Changed
from hlf.backup.manifest import Content, File, Folder, Link, Tree
from hlf.backup.progress import Report, Tally, silent
from hlf.backup.restoring import refuse_unfinished
from hlf.backup.walking import Stamp, difference, stamp_of, unreadable, walk
from hlf.backup.writing import Writer

_Answer = TypeVar("_Answer")

_FILES = 4
"""Files that are read at once: while one waits for the disk, others are hashed."""
_SETTLED = 2_000_000_000
"""Nanoseconds after which a file's time is its own: file systems' clocks tick in milliseconds, some
in seconds, and what is written twice within a tick has one time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What a file held when it had this stamp."""

    stamp: Stamp
    content: Content


def prepare(writer: Writer, folder: Path, report: Report = silent) -> Mapping[str, Seen]:
    """The first pass, while nodes write: by path what was seen of files that can be told again.

    Files may grow, change and vanish meanwhile.
    """
    tally = Tally(report)
    paths = walk(folder, is_quiet=False).files
    seen = _side_by_side(lambda path: _prepare(writer, folder / path, tally), paths)
    tally.end()
    return {path: each for path, each in zip(paths, seen, strict=True) if each}


def copy(writer: Writer, folder: Path, seen: Mapping[str, Seen], report: Report = silent) -> Tree:
    """The second pass: the exact content of a folder that nobody writes.

    `seen` is what `prepare` returned for this folder, or nothing. Changed where somebody writes;
    FabricError where a restore into the folder is not over.
    """
    refuse_unfinished(folder)
    tally = Tally(report)
    found = walk(folder, is_quiet=True)

    def read(path: str) -> File:
        content = _copy(writer, folder / path, found.files[path], seen.get(path), tally)
        return File(path=path, mode=found.files[path].mode, content=content)

    files = _side_by_side(read, found.files)
    changed = difference(found, walk(folder, is_quiet=True))
    if changed is not None:
        raise _changed(folder / changed)
    tally.end()
    return Tree(
        files=tuple(sorted(files, key=lambda file: file.path)),
        folders=tuple(Folder(path=path, mode=mode) for path, mode in sorted(found.folders.items())),
        links=tuple(Link(path=path, target=text) for path, text in sorted(found.links.items())),
    )


def _prepare(writer: Writer, path: Path, tally: Tally) -> Seen | None:
    try:
        with path.open("rb") as source:
            handle = source.fileno()
            # What is written through a memory map (Kafka's indexes) gets a new time only when its
            # page was clean. So pages are made clean first, and then the time is looked at.
            os.fsync(handle)
            now = time.time_ns()
            before = stamp_of(os.fstat(handle))
            content = writer.add(source, tally)
            after = stamp_of(os.fstat(handle))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unreadable(error) from None
    tally.add(files=1)
    is_settled = max(before.mtime, before.ctime) < now - _SETTLED
    return Seen(stamp=before, content=content) if before == after and is_settled else None


def _copy(writer: Writer, path: Path, stamp: Stamp, seen: Seen | None, tally: Tally) -> Content:
    try:
        # Opened although the stamp is known: NFS promises fresh times to those who open.
        with path.open("rb") as source:
            if stamp_of(os.fstat(source.fileno())) != stamp:
                raise _changed(path)
            if seen and seen.stamp == stamp:
                content = seen.content
                tally.add(seen=content.size)
            else:
                content = writer.add(source, tally)
            if stamp_of(os.fstat(source.fileno())) != stamp or content.size != stamp.size:
                raise _changed(path)
    except FileNotFoundError:
        raise _changed(path) from None
    except OSError as error:
        raise unreadable(error) from None
    tally.add(files=1)
    return content


def _side_by_side(function: Callable[[str], _Answer], paths: Iterable[str]) -> list[_Answer]:
    """The answers in order; after a failure no further file is begun."""
    with ThreadPoolExecutor(_FILES, thread_name_prefix="read") as pool:
        futures = [pool.submit(function, path) for path in paths]
        wait(futures, return_when=FIRST_EXCEPTION)
        pool.shutdown(wait=False, cancel_futures=True)
    failures = (future.exception() for future in futures if not future.cancelled())
    for failure in failures:
        if failure:
            raise failure
    return [future.result() for future in futures]


def _changed(path: Path) -> Changed:
    return Changed(
        f"{path} was written while it was copied; see that the node is stopped, and copy again"
    )
