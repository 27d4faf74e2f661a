"""A node's files from a backup into a folder: all of them, or what was there before.

The folder is the root of a volume, which cannot be renamed, and what is beside it is another disk.
So everything happens within it, under names that begin with `.hlf-restore-`, and by renames, each
of which happens or does not:

| name | what it holds |
|---|---|
| `filling/<key>` | files that are being written; worth nothing |
| `filled/<key>` | all files, checked and synced; what was there is being moved to `kept` |
| `moving/<key>` | all that was there is in `kept`; files are being moved to their places |
| `kept/<key>` | what was there before the restore of this backup |
| `returning/<key>` | what was kept is being moved back; nothing else is left |
| `dropped` | what is being deleted |

Which of them is there says how far it is, so a process that was killed at any moment is followed by
one that goes on. The node must not run until `restore`, or `put_back`, has returned.
"""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NoReturn

from hlf.backup.errors import Damaged, NoRoom
from hlf.backup.manifest import Node, Tree
from hlf.backup.progress import Report, Tally, silent
from hlf.backup.reading import Checked, chunks_of
from hlf.backup.repository import Repository
from hlf.backup.syncing import sync
from hlf.backup.volume import RESTORING, is_nodes
from hlf.errors import FabricError

_SYNCED_AT_ONCE = 8
_BLOCK = 4096
"""What a file's size is rounded up to on most file systems."""
_SPARE = 16 * 1024 * 1024
"""Bytes for what a file system keeps of its own while it is filled."""


class _Places:
    """The names in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.filling = folder / f"{RESTORING}filling"
        self.filled = folder / f"{RESTORING}filled"
        self.moving = folder / f"{RESTORING}moving"
        self.kept = folder / f"{RESTORING}kept"
        self.returning = folder / f"{RESTORING}returning"
        self.dropped = folder / f"{RESTORING}dropped"


def restore(
    repository: Repository, key: str, node: Node, folder: Path, report: Report = silent
) -> None:
    """Put the files of a node, as backup `key` has them, in the place of what is in a folder.

    What was there is kept until `forget_kept` or `put_back`; until then, a further call for the
    same backup changes nothing. Damaged and NoRoom before anything is touched.
    """
    places = _Places(folder)
    try:
        _refuse_other(places, key)
        if not places.moving.exists():
            if not (places.filled / key).exists():
                if (places.kept / key).exists():
                    return
                _fill(repository, key, node, places, report)
            _set_aside(places, key)
        _move_in(places, key)
    except OSError as error:
        _refuse(error, folder)


def put_back(folder: Path) -> None:
    """What was there before the restore is there again; nothing where nothing was kept."""
    places = _Places(folder)
    try:
        if places.filled.exists():
            # The restore had only begun to set aside, so what is in the folder is of before, too.
            for kept in _entries(places.kept):
                _move_all(kept, folder)
            _remove(places.kept, places)
            _remove(places.filled, places)
        elif not places.returning.exists() and places.kept.exists():
            places.dropped.mkdir(exist_ok=True)
            _move_all(folder, places.dropped)
            _remove(places.moving, places)
            places.kept.rename(places.returning)
            sync(folder)
        for returning in _entries(places.returning):
            _move_all(returning, folder)
        _remove(places.returning, places)
        _remove(places.filling, places)
        _drop(places)
    except OSError as error:
        _refuse(error, folder)


def forget_kept(folder: Path) -> None:
    """Delete what was there before the restore, for good."""
    refuse_unfinished(folder)
    places = _Places(folder)
    try:
        _remove(places.kept, places)
    except OSError as error:
        _refuse(error, folder)


def refuse_unfinished(folder: Path) -> None:
    """FabricError where what is in a folder is neither all of a backup nor all of before."""
    places = _Places(folder)
    for place in (places.filled, places.moving):
        if place.exists():
            raise FabricError(
                f"a restore in {places.folder} is not over; run it again, or put back what was kept"
            )
    if places.returning.exists():
        raise FabricError(
            f"what was kept in {places.folder} is being put back; run that again to its end"
        )


def _refuse_other(places: _Places, key: str) -> None:
    """Two restores do not mix."""
    if places.returning.exists():
        refuse_unfinished(places.folder)
    for place in (places.moving, places.filled, places.kept):
        for other in _entries(place):
            if other.name != key:
                raise FabricError(
                    f"{places.folder} is in the middle of the restore of backup {other.name}; "
                    "run that again to its end, then put back or forget what it kept"
                )


def _fill(repository: Repository, key: str, node: Node, places: _Places, report: Report) -> None:
    """Write everything to `filling`, and rename that to `filled`."""
    _remove(places.filling, places)
    _drop(places)
    _refuse_too_small(node.tree, places.folder)
    new = places.filling / key
    try:
        new.mkdir(parents=True)
        _write(repository, node, new, report)
        _sync_tree(node.tree, new)
    except BaseException:
        # Room is given back at once: a full volume would keep the node from starting again.
        shutil.rmtree(places.filling, ignore_errors=True)
        raise
    places.filling.rename(places.filled)
    sync(places.folder)


def _refuse_too_small(tree: Tree, folder: Path) -> None:
    room = os.statvfs(folder)
    free = room.f_bavail * room.f_frsize
    sizes = (-(-file.content.size // _BLOCK) * _BLOCK for file in tree.files)
    due = sum(sizes) + _BLOCK * len(tree.folders) + _SPARE
    if free < due:
        raise NoRoom(
            f"{folder} has room for {free // 10**6} MB, and the restore takes {due // 10**6} MB "
            "beside what is there until it is proved; make the volume larger"
        )
    entries = len(tree.files) + len(tree.folders) + len(tree.links)
    # Some file systems have no fixed number of inodes, and say 0.
    if 0 < room.f_favail < entries:
        raise NoRoom(
            f"{folder} has room for {room.f_favail} files, and the restore has {entries} of them "
            "beside what is there until it is proved; make the volume larger"
        )


def _write(repository: Repository, node: Node, new: Path, report: Report) -> None:
    tally = Tally(report)
    tree = node.tree
    for folder in tree.folders:
        (new / folder.path).mkdir()
    with chunks_of(repository, (file.content for file in tree.files)) as chunks:
        for file in tree.files:
            checked = Checked(file.content, chunks, tally)
            with (new / file.path).open("xb") as target:
                try:
                    for piece in checked:
                        target.write(piece)
                except Damaged:
                    # All that is wrong with the file is said below.
                    pass
                os.fchmod(target.fileno(), file.mode)
            if problems := checked.finish():
                raise Damaged(
                    f"backup in the store {repository} is not restored: file {file.path} of node "
                    f"{node.name}: {problems[0]}; nothing was changed. Choose another backup"
                )
            tally.add(files=1)
    for link in tree.links:
        (new / link.path).symlink_to(link.target)
    # Last, and from below, because a folder may be one that nobody may write to.
    for folder in reversed(tree.folders):
        (new / folder.path).chmod(folder.mode)
    tally.end()


def _set_aside(places: _Places, key: str) -> None:
    """From `filled` to `moving`."""
    kept = places.kept / key
    kept.mkdir(parents=True, exist_ok=True)
    sync(places.kept)
    _move_all(places.folder, kept)
    places.filled.rename(places.moving)
    sync(places.folder)


def _move_in(places: _Places, key: str) -> None:
    """From `moving` to the end."""
    _move_all(places.moving / key, places.folder)
    _remove(places.moving, places)


def _move_all(source: Path, target: Path) -> None:
    """Rename all of the node's entries of a folder into another one of the same volume."""
    for entry in _entries(source):
        if is_nodes(entry.name):
            entry.rename(target / entry.name)
    sync(target)
    sync(source)


def _remove(place: Path, places: _Places) -> None:
    """Delete by way of `dropped`: what is half deleted must not be taken for something whole."""
    if place.exists():
        _drop(places)
        place.rename(places.dropped)
        sync(places.folder)
    _drop(places)


def _drop(places: _Places) -> None:
    if places.dropped.exists():
        for folder, _, _ in os.walk(places.dropped):
            # A folder that nobody may write to cannot be emptied.
            Path(folder).chmod(0o700)
        shutil.rmtree(places.dropped)


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.exists() else []


def _sync_tree(tree: Tree, new: Path) -> None:
    places = [*(each.path for each in tree.files), *(each.path for each in tree.folders), ""]
    with ThreadPoolExecutor(_SYNCED_AT_ONCE) as pool:
        list(pool.map(sync, [new / place for place in places]))
    sync(new.parent)


def _refuse(error: OSError, folder: Path) -> NoReturn:
    where = error.filename or folder
    raise FabricError(
        f"{where} cannot be written ({error.strerror}); see that the volume has room and belongs "
        "to the user that this runs as, and run it again"
    ) from None
