"""What is in a folder, and by what it is told that a file has not changed."""

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from hlf.backup.errors import Changed
from hlf.backup.volume import is_nodes
from hlf.errors import FabricError


@dataclass(frozen=True, kw_only=True, slots=True)
class Stamp:
    """A file whose stamp is the same has the same content; times are nanoseconds.

    The time of change (`ctime`) cannot be set back as that of modification can.
    """

    size: int
    mtime: int
    ctime: int
    inode: int
    mode: int


@dataclass(frozen=True, kw_only=True)
class Found:
    """All entries of a folder by their paths in it: stamps, permissions, links' texts."""

    files: dict[str, Stamp] = field(default_factory=dict[str, Stamp])
    folders: dict[str, int] = field(default_factory=dict[str, int])
    links: dict[str, str] = field(default_factory=dict[str, str])


def stamp_of(about: os.stat_result) -> Stamp:
    """The stamp of a file."""
    return Stamp(
        size=about.st_size,
        mtime=about.st_mtime_ns,
        ctime=about.st_ctime_ns,
        inode=about.st_ino,
        mode=stat.S_IMODE(about.st_mode),
    )


def walk(folder: Path, *, is_quiet: bool) -> Found:
    """Everything in a folder, but for what is not the node's.

    While somebody writes (not `is_quiet`), what vanishes is left out; else it is Changed.
    FabricError where there is something that no backup can hold, or that may not be read.
    """
    found = Found()
    todo = [""]
    while todo:
        below = todo.pop()
        try:
            with os.scandir(folder / below) as entries:
                here = sorted(entries, key=lambda entry: entry.name)
            for entry in here:
                if below or is_nodes(entry.name):
                    path = f"{below}/{entry.name}" if below else entry.name
                    _add(found, folder, path, entry.stat(follow_symlinks=False))
                    if path in found.folders:
                        todo.append(path)
        except FileNotFoundError:
            if not below:
                raise FabricError(
                    f"the folder {folder} is not there; see that the volume is mounted"
                ) from None
            if is_quiet:
                raise Changed(
                    f"{folder / below} vanished while it was copied; see that the node is stopped"
                ) from None
        except OSError as error:
            raise unreadable(error) from None
    return found


def difference(before: Found, after: Found) -> str | None:
    """The path of one entry that is not the same any more."""
    for was, now in (
        (before.files, after.files),
        (before.folders, after.folders),
        (before.links, after.links),
    ):
        if was != now:
            return min(path for path in was | now if was.get(path) != now.get(path))
    return None


def unreadable(error: OSError) -> FabricError:
    """The sentence for what the operating system refuses."""
    return FabricError(
        f"{error.filename} cannot be read ({error.strerror}); run as the user whose the volume is"
    )


def _add(found: Found, folder: Path, path: str, about: os.stat_result) -> None:
    try:
        path.encode()
    except UnicodeEncodeError:
        raise FabricError(
            f"a name in {folder} is not UTF-8: {path!r}; no node makes such files, so see whose "
            "it is, and move it away"
        ) from None
    mode = stat.S_IMODE(about.st_mode)
    if stat.S_ISREG(about.st_mode):
        found.files[path] = stamp_of(about)
    elif stat.S_ISDIR(about.st_mode):
        found.folders[path] = mode
    elif stat.S_ISLNK(about.st_mode):
        try:
            found.links[path] = str((folder / path).readlink())
        except FileNotFoundError:
            # Gone again: as if it had not been listed.
            return
    else:
        raise FabricError(
            f"{folder / path} is a socket, pipe or device, which no backup can hold; "
            "remove it if no node needs it"
        )
