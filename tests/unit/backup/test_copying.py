"""Copying: what was there comes out, once, whatever is written meanwhile."""

import mmap
import os
import random
import socket
import threading
from pathlib import Path

import pytest

from hlf.backup import copying, writing
from hlf.backup.copying import copy, prepare
from hlf.backup.errors import Changed
from hlf.backup.manifest import Tree
from hlf.backup.progress import Progress
from hlf.backup.reading import read_content
from hlf.backup.repository import CHUNK
from hlf.backup.writing import Writer, begin
from hlf.errors import FabricError
from tests.unit.backup import saved as making
from tests.unit.backup.saved import BLOCKS, KEY, Saved


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were read."""
    found: list[str] = []
    real = Writer.add

    def add(self: Writer, source, tally):
        found.append(source.name)
        return real(self, source, tally)

    monkeypatch.setattr(writing.Writer, "add", add)
    return found


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that the tests have just written count as old."""
    monkeypatch.setattr(copying, "_SETTLED", 0)


def _content(saved: Saved, tree: Tree, path: str) -> bytes:
    file = next(file for file in tree.files if file.path == path)
    return read_content(saved.repository(), path, file.content)


def test_everything_is_in_the_tree(saved: Saved) -> None:
    told: list[Progress] = []
    with begin(saved.repository(), KEY) as writer:
        tree = copy(writer, saved.node, {}, told.append)
    paths = [file.path for file in tree.files]
    assert paths == sorted(paths)
    assert set(paths) == {
        str(path.relative_to(saved.node))
        for path in saved.node.rglob("*")
        if path.is_file() and not path.is_symlink()
    }
    assert {link.path: link.target for link in tree.links} == {
        "ledgersData/stateLeveldb/CURRENT": "000001.ldb"
    }
    modes = {folder.path: folder.mode for folder in tree.folders}
    assert modes["externalbuilder"] == 0o750
    assert "lifecycle/chaincodes" in modes
    assert next(file.mode for file in tree.files if file.path == BLOCKS) == 0o640
    for path in paths:
        assert _content(saved, tree, path) == (saved.node / path).read_bytes()
    assert told[-1].files == len(paths)
    assert told[-1].seen == tree.size
    assert 9_000_000 < told[-1].stored < 9_300_000


def test_equal_chunks_are_stored_once_also_over_two_backups(saved: Saved) -> None:
    saved.back_up("one")
    before = saved.chunks()
    # 9 MB in 3 chunks; zeros once, the log's first and last chunk; 5 tables; 2 texts
    assert len(before) == 3 + 3 + 5 + 2
    saved.back_up("two")
    assert saved.chunks() == before
    with (saved.node / BLOCKS).open("ab") as file:
        file.write(b"a block")
    saved.back_up("three")
    assert len(saved.chunks()) == len(before) + 1


def test_the_second_pass_reads_only_what_has_changed(
    saved: Saved, reads: list[str], settled: None
) -> None:
    with begin(saved.repository(), KEY) as writer:
        seen = prepare(writer, saved.node)
        assert len(reads) == len(seen) == 8
        reads.clear()
        assert copy(writer, saved.node, seen) == copy(writer, saved.node, seen)
        assert reads == []
        with (saved.node / BLOCKS).open("ab") as file:
            file.write(b"a block")
        (saved.node / "new").write_bytes(b"new")
        (saved.node / "ledgersData/stateLeveldb/000003.ldb").unlink()
        tree = copy(writer, saved.node, seen)
    assert sorted(reads) == sorted([str(saved.node / BLOCKS), str(saved.node / "new")])
    assert _content(saved, tree, BLOCKS).endswith(b"a block")
    assert "ledgersData/stateLeveldb/000003.ldb" not in {file.path for file in tree.files}


def test_content_that_changes_under_an_old_time_is_seen(
    saved: Saved, reads: list[str], settled: None
) -> None:
    """Same size, same time of modification: what cannot be set is the time of the change."""
    path = saved.node / BLOCKS
    with begin(saved.repository(), KEY) as writer:
        seen = prepare(writer, saved.node)
        reads.clear()
        about = path.stat()
        with path.open("r+b") as file:
            file.write(b"other")
        os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))
        tree = copy(writer, saved.node, seen)
    assert reads == [str(path)]
    assert _content(saved, tree, BLOCKS).startswith(b"other")


def test_what_is_written_through_a_map_is_seen(
    saved: Saved, reads: list[str], settled: None
) -> None:
    """Kafka's indexes: the page was dirty before the first pass, and is written again after it."""
    index = saved.node / "00000.index"
    index.write_bytes(bytes(1_000_000))
    with index.open("r+b") as file, mmap.mmap(file.fileno(), 0) as mapped:
        mapped[0:5] = b"first"
        with begin(saved.repository(), KEY) as writer:
            seen = prepare(writer, saved.node)
            mapped[0:5] = b"later"
            tree = copy(writer, saved.node, seen)
    assert _content(saved, tree, "00000.index").startswith(b"later")


def test_what_was_written_just_now_is_read_again(saved: Saved, reads: list[str]) -> None:
    """A file system's clock may be too coarse to tell two writes."""
    with begin(saved.repository(), KEY) as writer:
        assert prepare(writer, saved.node) == {}
        reads.clear()
        copy(writer, saved.node, {})
    assert len(reads) == 8


def test_the_first_pass_takes_files_that_grow_change_and_vanish(saved: Saved) -> None:
    ended = threading.Event()
    source = random.Random(4)

    def write() -> None:
        for number in range(10**9):
            if ended.is_set():
                return
            with (saved.node / BLOCKS).open("ab") as file:
                file.write(source.randbytes(10_000))
            table = saved.node / "ledgersData/stateLeveldb" / f"{number + 100:06}.ldb"
            table.write_bytes(source.randbytes(5_000))
            if number > 3:
                table.with_name(f"{number + 97:06}.ldb").unlink()
            ended.wait(0.002)

    writer_thread = threading.Thread(target=write)
    writer_thread.start()
    try:
        with begin(saved.repository(), KEY) as writer:
            seen = {}
            for _ in range(5):
                seen = prepare(writer, saved.node)
            ended.set()
            writer_thread.join()
            tree = copy(writer, saved.node, seen)
    finally:
        ended.set()
        writer_thread.join()
    for file in tree.files:
        assert _content(saved, tree, file.path) == (saved.node / file.path).read_bytes()


@pytest.mark.parametrize("kind", ["grows", "touched", "new", "gone", "link", "folder"])
def test_a_change_during_the_second_pass_is_an_error(
    saved: Saved, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    real = Writer.add

    def add(self: Writer, source, tally):
        content = real(self, source, tally)
        if source.name.endswith("000002.ldb"):
            path = Path(source.name)
            match kind:
                case "grows":
                    with path.open("ab") as file:
                        file.write(b"x")
                case "touched":
                    path.touch()
                case "new":
                    path.with_name("new").touch()
                case "gone":
                    path.unlink()
                case "link":
                    path.with_name("link").symlink_to("x")
                case _:
                    path.with_name("folder").mkdir()
        return content

    monkeypatch.setattr(writing.Writer, "add", add)
    with begin(saved.repository(), KEY) as writer, pytest.raises(Changed) as caught:
        copy(writer, saved.node, {})
    assert str(saved.node / "ledgersData/stateLeveldb") in str(caught.value)
    assert "see that the node is stopped" in str(caught.value)


def test_what_is_not_the_nodes_is_left_alone(saved: Saved) -> None:
    (saved.node / "lost+found").mkdir(mode=0o000)
    (saved.node / ".hlf-restore-kept").mkdir()
    (saved.node / ".hlf-restore-kept" / "file").touch()
    (saved.node / "ledgersData" / "lost+found").mkdir()
    with begin(saved.repository(), KEY) as writer:
        tree = copy(writer, saved.node, {})
    folders = {folder.path for folder in tree.folders}
    assert "ledgersData/lost+found" in folders
    assert not folders & {"lost+found", ".hlf-restore-kept"}


def test_what_no_backup_can_hold_is_refused(saved: Saved) -> None:
    path = saved.node / "socket"
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.path.relpath(path))
    with begin(saved.repository(), KEY) as writer:
        with pytest.raises(FabricError, match="socket is a socket, pipe or device"):
            copy(writer, saved.node, {})
        path.unlink()
        Path(os.fsdecode(os.fsencode(saved.node) + b"/\xff")).touch()
        with pytest.raises(FabricError, match="is not UTF-8"):
            copy(writer, saved.node, {})


def test_a_missing_folder_is_told(saved: Saved) -> None:
    with (
        begin(saved.repository(), KEY) as writer,
        pytest.raises(FabricError, match="no is not there; see that the volume is mounted"),
    ):
        copy(writer, saved.node / "no", {})


def test_bytes_of_any_length(saved: Saved) -> None:
    repository = saved.repository()
    with begin(repository, KEY) as writer:
        for length in (0, 1, CHUNK - 1, CHUNK, CHUNK + 1):
            data = random.Random(length).randbytes(length)
            assert read_content(repository, "x", writer.add_bytes(data)) == data


def test_two_nodes_share_chunks(saved: Saved, tmp_path: Path) -> None:
    making.lay_node(tmp_path / "second", seed=1)
    with begin(saved.repository(), KEY) as writer:
        making.commit(writer, KEY, {"one": saved.node, "two": tmp_path / "second"})
    assert len(saved.chunks()) == 3 + 3 + 5 + 2
