"""Restoring: all of the backup or all of what was there, whenever the process ends."""

import os
import shutil
from collections import namedtuple
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from hlf.backup import restoring
from hlf.backup.copying import copy
from hlf.backup.errors import Damaged, NoRoom
from hlf.backup.manifest import Node
from hlf.backup.progress import Progress
from hlf.backup.restoring import forget_kept, put_back, restore
from hlf.backup.writing import begin
from hlf.errors import FabricError
from tests.unit.backup import saved as making
from tests.unit.backup.saved import BLOCKS, KEY, NODE, Saved, content


@pytest.fixture
def node(saved: Saved) -> Node:
    """A backup is there, and since then the node's folder has become another one."""
    manifest = saved.back_up()
    shutil.rmtree(saved.node)
    making.lay_node(saved.node, seed=2, size=1_000, log=0)
    (saved.node / ".dot").write_text("of later")
    return manifest.nodes[0]


@pytest.fixture
def small(tmp_path: Path) -> tuple[Saved, Node, dict[str, object]]:
    """The same with little in it, for what is done often; and what the backup holds."""
    (tmp_path / "small").mkdir()
    saved = making.make(tmp_path / "small", size=10_000, log=0)
    was, manifest = content(saved.node), saved.back_up()
    shutil.rmtree(saved.node)
    making.lay_node(saved.node, seed=2, size=1_000, log=0)
    (saved.node / ".dot").write_text("of later")
    return saved, manifest.nodes[0], was


def _restore(saved: Saved, node: Node, key: str = KEY) -> None:
    restore(saved.repository(), key, node, saved.node)


def _expected(tmp_path: Path) -> dict[str, object]:
    making.lay_node(tmp_path / "expected", seed=1)
    return content(tmp_path / "expected")


def _ours(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.name.startswith(".hlf-restore-")}


def test_it_is_as_it_was_and_what_was_there_is_kept(
    saved: Saved, node: Node, tmp_path: Path
) -> None:
    later = content(saved.node)
    told: list[Progress] = []
    restore(saved.repository(), KEY, node, saved.node, told.append)
    assert content(saved.node) == _expected(tmp_path)
    assert content(saved.node / ".hlf-restore-kept" / KEY) == later
    assert _ours(saved.node) == {".hlf-restore-kept"}
    assert told[-1] == Progress(files=8, seen=node.tree.size, stored=0)


def test_again_changes_nothing_until_what_was_kept_is_forgotten(saved: Saved, node: Node) -> None:
    _restore(saved, node)
    (saved.node / "since").touch()
    _restore(saved, node)
    assert (saved.node / "since").exists()
    forget_kept(saved.node)
    assert _ours(saved.node) == set()
    _restore(saved, node)
    assert not (saved.node / "since").exists()


def test_what_was_kept_is_put_back(saved: Saved, node: Node) -> None:
    later = content(saved.node)
    put_back(saved.node)
    _restore(saved, node)
    put_back(saved.node)
    assert content(saved.node) == later
    assert _ours(saved.node) == set()
    put_back(saved.node)
    assert content(saved.node) == later


def test_into_an_empty_volume(saved: Saved, node: Node, tmp_path: Path) -> None:
    volume = tmp_path / "volume"
    (volume / "lost+found").mkdir(parents=True)
    restore(saved.repository(), KEY, node, volume)
    forget_kept(volume)
    (volume / "lost+found").rmdir()
    assert content(volume) == _expected(tmp_path)
    (volume / "lost+found").mkdir()


def test_folders_that_nobody_may_write_to(saved: Saved, tmp_path: Path) -> None:
    (saved.node / "externalbuilder").chmod(0o555)
    was = content(saved.node)
    node = saved.back_up().nodes[0]
    _restore(saved, node)
    assert content(saved.node) == was
    forget_kept(saved.node)
    assert _ours(saved.node) == set()


def test_two_restores_do_not_mix(saved: Saved, node: Node) -> None:
    _restore(saved, node)
    with pytest.raises(FabricError, match=f"in the middle of the restore of backup {KEY}"):
        _restore(saved, node, key="another")


def test_there_has_to_be_room_before_anything_is_written(
    saved: Saved, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sorted(saved.node.rglob("*"))
    Room = namedtuple("Room", "f_bavail f_frsize f_favail")  # noqa: PYI024
    for room, told in (
        (Room(20_000_000, 1, 100), "has room for 20 MB, and the restore takes 37 MB"),
        (Room(50_000_000, 1, 10), "has room for 10 files, and the restore has 19 of them"),
    ):
        monkeypatch.setattr(os, "statvfs", lambda _, room=room: room)
        with pytest.raises(NoRoom, match=told):
            _restore(saved, node)
        assert sorted(saved.node.rglob("*")) == before
    # 0 inodes: a file system that does not count them
    monkeypatch.setattr(os, "statvfs", lambda _: Room(50_000_000, 1, 0))
    _restore(saved, node)


@pytest.mark.parametrize("kind", ["sha256", "chunk"])
def test_a_damaged_backup_changes_nothing(saved: Saved, node: Node, kind: str) -> None:
    later = content(saved.node)
    if kind == "chunk":
        first = next(file for file in node.tree.files if file.path == BLOCKS).content.chunks[1]
        (saved.store / "chunks" / first[:2] / first).write_bytes(b"x" * 100)
        told = r"chunk 2 of 3 \([0-9a-f]{64}\) is damaged"
    else:
        files = tuple(
            replace(file, content=replace(file.content, sha256="0" * 64))
            if file.path == BLOCKS
            else file
            for file in node.tree.files
        )
        node = replace(node, tree=replace(node.tree, files=files))
        told = f"and {'0' * 64} was saved"
    with pytest.raises(Damaged, match=f"file {BLOCKS} of node {NODE}: .*{told}; nothing was ch"):
        _restore(saved, node)
    assert content(saved.node) == later
    assert _ours(saved.node) == set()


class _Killed(BaseException):
    """The process ends here."""


@contextmanager
def _killed_after(number: int) -> Iterator[None]:
    """At the so many'th change of the folder, which does not happen any more."""
    left = number

    def counted(real: Callable[..., object]) -> Callable[..., object]:
        def change(*arguments: object, **named: object) -> object:
            nonlocal left
            left -= 1
            if left < 0:
                raise _Killed
            return real(*arguments, **named)

        return change

    with pytest.MonkeyPatch.context() as patch:
        for name in ("rename", "mkdir", "rmdir", "unlink"):
            patch.setattr(os, name, counted(getattr(os, name)))
        # Nothing tidies up after a process that is killed.
        patch.setattr(restoring.shutil, "rmtree", _rmtree)
        yield


_REAL_RMTREE = shutil.rmtree


def _rmtree(path: Path, *, ignore_errors: bool = False) -> None:
    if not ignore_errors:
        _REAL_RMTREE(path)


def _every_kill(run: Callable[[], None], after: Callable[[int], None]) -> int:
    for number in range(1000):
        try:
            with _killed_after(number):
                run()
        except _Killed:
            after(number)
        else:
            return number
    raise AssertionError("it never ends")


def test_killed_at_every_change_a_restore_goes_on_or_is_put_back(
    small: tuple[Saved, Node, dict[str, object]], tmp_path: Path
) -> None:
    saved, node, expected = small
    template = tmp_path / "template"
    shutil.copytree(saved.node, template, symlinks=True)
    later = content(saved.node)

    def anew() -> None:
        _REAL_RMTREE(saved.node)
        shutil.copytree(template, saved.node, symlinks=True)

    def after(number: int) -> None:
        broken = tmp_path / "broken"
        shutil.copytree(saved.node, broken, symlinks=True)
        _restore(saved, node)
        assert content(saved.node) == expected, number
        assert content(saved.node / ".hlf-restore-kept" / KEY) == later, number
        put_back(broken)
        assert content(broken) == later, number
        assert _ours(broken) == set(), number
        _REAL_RMTREE(broken)
        anew()

    assert _every_kill(lambda: _restore(saved, node), after) > 15


def test_killed_at_every_change_putting_back_goes_on(
    small: tuple[Saved, Node, dict[str, object]], tmp_path: Path
) -> None:
    saved, node, _ = small
    later = content(saved.node)
    _restore(saved, node)
    template = tmp_path / "template"
    shutil.copytree(saved.node, template, symlinks=True)

    def after(number: int) -> None:
        if _ours(saved.node) & {".hlf-restore-returning"}:
            with pytest.raises(FabricError, match="being put back"):
                _restore(saved, node)
        put_back(saved.node)
        assert content(saved.node) == later, number
        assert _ours(saved.node) == set(), number
        _REAL_RMTREE(saved.node)
        shutil.copytree(template, saved.node, symlinks=True)

    assert _every_kill(lambda: put_back(saved.node), after) > 10


def test_what_is_kept_is_not_forgotten_before_the_restore_is_over(
    small: tuple[Saved, Node, dict[str, object]], tmp_path: Path
) -> None:
    saved, node, _ = small

    def after(number: int) -> None:
        if _ours(saved.node) & {".hlf-restore-filled", ".hlf-restore-moving"}:
            with pytest.raises(FabricError, match="is not over; run it again"):
                forget_kept(saved.node)
            with (
                begin(saved.repository(), f"half-{number}") as writer,
                pytest.raises(FabricError, match="is not over; run it again"),
            ):
                copy(writer, saved.node, {})
        put_back(saved.node)

    _every_kill(lambda: _restore(saved, node), after)


def test_a_volume_that_gets_full_is_told_and_emptied(
    saved: Saved, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = content(saved.node)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fchmod", full)
    with pytest.raises(FabricError, match=r"cannot be written .No space left.*see that the volume"):
        _restore(saved, node)
    assert content(saved.node) == later
    assert _ours(saved.node) == set()
