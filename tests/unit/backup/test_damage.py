"""Every kind of damage is told in a sentence that says what and where, and changes nothing."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import pytest

from hlf.backup.errors import AlreadyThere, Damaged, NotThere, StoreError, WrongPassphrase
from hlf.backup.manifest import File, Manifest, Node, encode
from hlf.backup.reading_manifest import read_manifest
from hlf.backup.repository import CHUNK, Repository, open_or_create_repository, open_repository
from hlf.backup.restoring import restore
from hlf.backup.store import open_store
from hlf.backup.verifying import Verdict, verify
from hlf.backup.writing import begin
from hlf.errors import FabricError
from hlf.ledger.blocks import BlockFile
from hlf.ledger.chain import check
from hlf.ledger.errors import LedgerDamaged
from tests.unit.backup import saved as making
from tests.unit.backup.saved import BLOCKS, KEY, NODE, PASSPHRASE, Saved, content

Files = Iterator[tuple[File, Iterator[bytes]]]
FIRST_OF_3 = rf"^file {BLOCKS} of node {NODE}: chunk 1 of 3 \([0-9a-f]{{64}}\) is "


@pytest.fixture
def backup(saved: Saved) -> Manifest:
    return saved.back_up()


def _chunks(saved: Saved, manifest: Manifest, path: str = BLOCKS) -> list[Path]:
    """The objects of a file, in order."""
    file = next(file for file in manifest.nodes[0].tree.files if file.path == path)
    return [saved.store / "chunks" / each[:2] / each for each in file.content.chunks]


def _check(saved: Saved) -> Verdict:
    return verify(saved.repository(), saved.manifest())


def _flip(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


def _flipped_at(place: int) -> Callable[[list[Path], Path], None]:
    return lambda chunks, _: _flip(chunks[0], place)


def _missing(chunks: list[Path], _: Path) -> None:
    chunks[0].unlink()


def _truncated(chunks: list[Path], _: Path) -> None:
    os.truncate(chunks[0], 1_000_000)


def _emptied(chunks: list[Path], _: Path) -> None:
    os.truncate(chunks[0], 0)


def _extended(chunks: list[Path], _: Path) -> None:
    with chunks[0].open("ab") as file:
        file.write(b"more")


def _swapped(chunks: list[Path], _: Path) -> None:
    one, two = chunks[0].read_bytes(), chunks[1].read_bytes()
    chunks[0].write_bytes(two)
    chunks[1].write_bytes(one)


def _of_another_repository(chunks: list[Path], folder: Path) -> None:
    """The same content, the same passphrase, another salt."""
    (folder / "other").mkdir()
    other = making.make(folder / "other")
    manifest = other.back_up()
    shutil.copy(_chunks(other, manifest)[0], chunks[0])


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (_flipped_at(0), "damaged"),
        (_flipped_at(1_000_000), "damaged"),
        (_flipped_at(-1), "damaged"),
        (_missing, "missing"),
        (_truncated, "damaged"),
        (_emptied, "damaged"),
        (_extended, "damaged"),
        (_swapped, "damaged"),
        (_of_another_repository, "damaged"),
    ],
    ids=[
        *("flipped nonce", "flipped byte", "flipped tag", "missing", "truncated", "emptied"),
        *("extended", "swapped", "of another repository"),
    ],
)
def test_of_a_chunk(
    saved: Saved,
    backup: Manifest,
    tmp_path: Path,
    damage: Callable[[list[Path], Path], None],
    told: str,
) -> None:
    damage(_chunks(saved, backup), tmp_path)
    verdict = _check(saved)
    assert re.search(FIRST_OF_3 + f"{told}$", verdict.problems[0])
    assert len(verdict.problems) == (2 if damage is _swapped else 1)
    assert verdict.untold == 0
    assert len(verdict.damaged) == (0 if told == "missing" else len(verdict.problems))

    was = content(saved.node)
    with pytest.raises(Damaged, match=f"file {BLOCKS} of node {NODE}: chunk 1 of 3 .* is {told}"):
        restore(saved.repository(), KEY, backup.nodes[0], saved.node)
    assert content(saved.node) == was

    # As long as a node has the content, the next backup mends this one.
    saved.repository().discard_chunks(verdict.damaged)
    saved.back_up("next")
    assert _check(saved).problems == ()


def test_of_one_chunk_of_many_files_names_each(saved: Saved, tmp_path: Path) -> None:
    with begin(saved.repository(), KEY) as writer:
        manifest = making.commit(writer, KEY, {"one": saved.node, "two": saved.node})
    log = _chunks(saved, manifest, "etcdraft/wal/0.wal")
    log[1].unlink()
    assert [problem.partition(" (")[0] for problem in _check(saved).problems] == [
        "file etcdraft/wal/0.wal of node one: chunk 2 of 3",
        "file etcdraft/wal/0.wal of node two: chunk 2 of 3",
    ]


def test_of_everything_is_told_to_a_bound(saved: Saved, tmp_path: Path) -> None:
    node = tmp_path / "many"
    node.mkdir()
    for number in range(150):
        (node / f"{number:03}").write_bytes(os.urandom(10))
    with begin(saved.repository(), KEY) as writer:
        making.commit(writer, KEY, {NODE: node})
    shutil.rmtree(saved.store / "chunks")
    verdict = _check(saved)
    assert verdict.files == 152
    assert len(verdict.problems) == 100
    assert verdict.untold == 52


def test_of_objects_and_inputs(saved: Saved, backup: Manifest) -> None:
    for which in (backup.objects, backup.inputs):
        for each in which.values():
            (saved.store / "chunks" / each.chunks[0][:2] / each.chunks[0]).unlink()
    assert [problem.partition(": ")[0] for problem in _check(saved).problems] == [
        "object ConfigMap/hlf-network",
        "input network.yaml",
    ]


def test_of_hashes_and_sizes_in_a_manifest(saved: Saved, backup: Manifest) -> None:
    """Written wrongly by a mistake of the program: authenticated, and still not believed."""
    node = backup.nodes[0]

    def altered(path: str, **changes: object) -> Node:
        files = tuple(
            replace(file, content=replace(file.content, **changes)) if file.path == path else file
            for file in node.tree.files
        )
        return replace(node, tree=replace(node.tree, files=files))

    table = "ledgersData/stateLeveldb/000001.ldb"
    for wrong, told in (
        (altered(BLOCKS, sha256="0" * 64), "its SHA-256 is .*, and 0000.* was saved"),
        (altered(BLOCKS, size=9_000_001), r"chunk 3 of 3 .* has 611392 bytes and not 611393"),
        (
            altered(table, size=CHUNK),
            rf"chunk 1 of 1 .* has 20000 bytes and not {CHUNK}",
        ),
    ):
        verdict = verify(saved.repository(), replace(backup, nodes=(wrong,)))
        assert len(verdict.problems) == 1
        assert re.search(told, verdict.problems[0])


def test_wrong_passphrase(saved: Saved, backup: Manifest) -> None:
    for wrong in ("correct horse", PASSPHRASE + " ", PASSPHRASE.upper()):
        with pytest.raises(WrongPassphrase, match="is not that of the repository in the store"):
            open_repository(open_store(saved.url), wrong)
        with pytest.raises(WrongPassphrase):
            open_or_create_repository(open_store(saved.url), wrong)
    with pytest.raises(WrongPassphrase, match="is empty"):
        open_repository(open_store(saved.url), "")


def test_missing_manifest(saved: Saved, backup: Manifest) -> None:
    saved.manifest_path().unlink()
    with pytest.raises(NotThere, match=f"no whole backup {KEY} in the store .*, only none: a man"):
        saved.manifest()
    saved.back_up("next")
    with pytest.raises(NotThere, match="only next"):
        saved.manifest()


@pytest.mark.parametrize("length", [0, 10, 100])
def test_truncated_manifest(saved: Saved, backup: Manifest, length: int) -> None:
    os.truncate(saved.manifest_path(), length)
    with pytest.raises(Damaged, match=rf"manifest of backup {KEY} .* damaged.*\({length} bytes\)"):
        saved.manifest()
    with pytest.raises(FabricError), begin(saved.repository(), KEY):
        pass


def test_flipped_byte_in_a_manifest(saved: Saved, backup: Manifest) -> None:
    for place in (0, 20, -1):
        _flip(saved.manifest_path(), place)
        with pytest.raises(Damaged, match=f"manifest of backup {KEY}"):
            saved.manifest()
        _flip(saved.manifest_path(), place)
    assert saved.manifest() == backup


def test_manifest_of_another_key_in_its_place(saved: Saved, backup: Manifest) -> None:
    saved.back_up("other")
    shutil.copy(saved.manifest_path("other"), saved.manifest_path())
    with pytest.raises(Damaged, match=f"manifest of backup {KEY} .* or that of another backup"):
        saved.manifest()


def test_manifest_that_says_another_key(saved: Saved, backup: Manifest) -> None:
    saved.repository().put_manifest("renamed", encode(backup))
    with pytest.raises(Damaged, match=f"backup renamed .* says that it is that of {KEY}"):
        read_manifest(saved.repository(), "renamed")


def test_manifest_of_another_repository(saved: Saved, backup: Manifest, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = making.make(tmp_path / "other")
    other.back_up()
    shutil.copy(other.manifest_path(), saved.manifest_path())
    with pytest.raises(Damaged, match="or that of another backup or repository"):
        saved.manifest()


def test_manifest_of_another_version(saved: Saved, backup: Manifest) -> None:
    newer = json.loads(encode(backup)) | {"format": 2, "key": "newer"}
    saved.repository().put_manifest("newer", json.dumps(newer).encode())
    with pytest.raises(Damaged, match="format: it is 2, and this program knows 1; use the vers"):
        read_manifest(saved.repository(), "newer")


def test_mixed_backups(saved: Saved, backup: Manifest, tmp_path: Path) -> None:
    """A manifest and description of one repository over the chunks of another."""
    (tmp_path / "other").mkdir()
    other = making.make(tmp_path / "other")
    other.back_up()
    shutil.rmtree(other.store / "chunks")
    shutil.copytree(saved.store / "chunks", other.store / "chunks")
    verdict = verify(other.repository(), other.manifest())
    assert len(verdict.problems) == 3 + 3 + 5 + 2
    assert all(problem.endswith("is missing") for problem in verdict.problems)


def test_a_key_is_never_taken_twice(saved: Saved, backup: Manifest) -> None:
    with pytest.raises(AlreadyThere, match=f"backup {KEY} is already .* choose another key"):
        saved.back_up()
    repository = saved.repository()
    with begin(repository, "x") as one, begin(repository, "x") as two:
        making.commit(one, "x", {NODE: saved.node})
        (saved.node / "more").touch()
        with pytest.raises(AlreadyThere, match="backup x is already in the store"):
            making.commit(two, "x", {NODE: saved.node})
    assert "more" not in {file.path for file in saved.manifest("x").nodes[0].tree.files}


def test_missing_description(saved: Saved, backup: Manifest) -> None:
    (saved.store / "repository.json").unlink()
    for opening in (open_repository, open_or_create_repository):
        with pytest.raises(NotThere, match=r"holds backups, but no repository\.json; put back a c"):
            opening(open_store(saved.url), PASSPHRASE)
    assert not (saved.store / "repository.json").exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "cannot be read; put back a copy"),
        ("{}", "cannot be read"),
        ("[]", "cannot be read"),
        ('{"format": 2}', "is of format 2, and this program knows 1"),
        ('"n": 1073741824', "asks for more memory than any repository does"),
        ('"n": 17', "has parameters that scrypt refuses"),
        ('"n": 32', "passphrase is not that"),
        ('"n": "x"', "cannot be read"),
    ],
)
def test_changed_description(saved: Saved, text: str, told: str) -> None:
    path = saved.store / "repository.json"
    path.write_text(path.read_text().replace('"n": 16', text) if '"n"' in text else text)
    with pytest.raises(FabricError, match=told):
        saved.repository()


def test_empty_store(tmp_path: Path) -> None:
    with pytest.raises(NotThere, match=f"no repository of backups in the store file://{tmp_path}"):
        open_repository(open_store(f"file://{tmp_path}"), PASSPHRASE)


def test_folder_that_goes_away(saved: Saved, backup: Manifest) -> None:
    repository = saved.repository()
    saved.store.rename(saved.store.with_name("elsewhere"))
    with pytest.raises(StoreError, match="is not there; mount its volume or make it"):
        verify(repository, backup)
    with pytest.raises(StoreError, match="is not there; mount its volume or make it"):
        repository.backups()
    with pytest.raises(StoreError, match="is not there; mount its volume or make it"):
        open_store(saved.url)


@contextmanager
def _as_nobody() -> Iterator[None]:
    """Root may write everywhere."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


def test_unwritable_folder(saved: Saved) -> None:
    saved.store.chmod(0o555)
    (saved.store / "repository.json").chmod(0o644)
    repository = saved.repository()
    for parent in (saved.store, *saved.store.parents):
        if parent.owner() == "root" and "pytest" in str(parent):
            parent.chmod(parent.stat().st_mode | 0o555)
    with (
        _as_nobody(),
        pytest.raises(StoreError, match=r"Permission denied\); give this user the right to read"),
        begin(repository, KEY),
    ):
        pass


def test_unreadable_chunk(saved: Saved, backup: Manifest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not damage: nobody has looked at it."""

    def refuse(*_: object) -> bytes:
        raise StoreError("the store is away")

    monkeypatch.setattr(Repository, "get_chunk", refuse)
    with pytest.raises(StoreError, match="the store is away"):
        verify(saved.repository(), backup)
    with pytest.raises(StoreError, match="the store is away"):
        verify(saved.repository(), backup, lambda _, files: [str(list(next(files)[1]))])


FULL = """
import resource, signal, sys
from pathlib import Path
from tests.unit.backup.saved import Saved
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
saved = Saved(store=Path(sys.argv[1]), node=Path(sys.argv[2]))
try:
    saved.back_up()
except Exception as error:
    print(f"{type(error).__name__}: {error}")
"""


def test_full_volume(saved: Saved) -> None:
    """As far as a process can tell: the system lets it write no more into a file."""
    ended = subprocess.run(
        [sys.executable, "-c", FULL, saved.store, saved.node],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert re.search(
        rf"^StoreError: writing chunks/.* failed in the store {saved.url} \(File too large\); "
        "make room there",
        ended.stdout,
    ), ended.stdout + ended.stderr
    assert saved.repository().backups() == []
    saved.back_up()
    assert _check(saved).problems == ()


def test_hooks_see_every_file_of_every_node_in_order_and_can_find_fault(
    saved: Saved, backup: Manifest
) -> None:
    seen: list[tuple[str, int]] = []

    def look(node: Node, files: Files) -> Iterator[str]:
        for file, pieces in files:
            data = b"".join(pieces)
            assert data == (saved.node / file.path).read_bytes()
            seen.append((file.path, len(data)))
        yield "block 7 does not follow block 6"

    verdict = verify(saved.repository(), backup, look)
    assert seen == [(file.path, file.content.size) for file in backup.nodes[0].tree.files]
    assert verdict.problems == (f"node {NODE}: block 7 does not follow block 6",)
    assert verdict.files == len(seen) + 2


def test_hooks_may_skip_stop_and_fail(saved: Saved, backup: Manifest) -> None:
    """Whatever they do not read is checked all the same."""
    _chunks(saved, backup)[1].unlink()
    told = rf"file {BLOCKS} of node {NODE}: chunk 2 of 3 \(\w+\) is missing"

    def skip(node: Node, files: Files) -> list[str]:
        return [str(len(list(files)))]

    def read_a_piece(node: Node, files: Files) -> list[str]:
        return [str(len(next(pieces))) for file, pieces in files if file.content.size]

    def stop(node: Node, files: Files) -> list[str]:
        next(files)
        return []

    def fail(node: Node, files: Files) -> list[str]:
        next(next(files)[1])
        raise FabricError("it is no log")

    for look, others in (
        (skip, [f"node {NODE}: 8"]),
        (read_a_piece, [f"node {NODE}: {size}" for size in (CHUNK, CHUNK, *[20_000] * 5)]),
        (stop, []),
        (fail, [f"node {NODE}: it is no log"]),
    ):
        problems = list(verify(saved.repository(), backup, look).problems)
        assert [problem for problem in problems if not re.fullmatch(told, problem)] == others
        assert len(problems) == 1 + len(others)


def test_hooks_that_meet_damage_may_let_it_through_or_go_on(saved: Saved, backup: Manifest) -> None:
    _chunks(saved, backup)[1].unlink()
    seen: list[str] = []

    def let_through(node: Node, files: Files) -> list[str]:
        for file, pieces in files:
            list(pieces)
            seen.append(file.path)
        return []

    def go_on(node: Node, files: Files) -> list[str]:
        for file, pieces in files:
            with suppress(Damaged):
                list(pieces)
                seen.append(file.path)
        return []

    for look, number in ((let_through, 1), (go_on, 7)):
        seen.clear()
        assert len(verify(saved.repository(), backup, look).problems) == 1
        assert len(seen) == number


def test_the_ledgers_reader_takes_a_channels_files_from_a_backup(
    saved: Saved, tmp_path: Path
) -> None:
    """A channel is read across its files, and what it finds is told."""
    node = tmp_path / "peer"
    chains = node / "ledgersData" / "chains" / "chains"
    for channel in ("common", "other"):
        (chains / channel).mkdir(parents=True)
        for number in range(2):
            (chains / channel / f"blockfile_{number:06}").write_bytes(os.urandom(10))
    with begin(saved.repository(), KEY) as writer:
        manifest = making.commit(writer, KEY, {NODE: node})

    def look(node: Node, files: Files) -> Iterator[str]:
        channels = groupby(files, lambda each: each[0].path.split("/")[3])
        for channel, of_channel in channels:
            try:
                check(
                    channel,
                    (BlockFile(name=file.path, chunks=pieces) for file, pieces in of_channel),
                )
            except LedgerDamaged as error:
                yield str(error)

    problems = verify(saved.repository(), manifest, look).problems
    assert len(problems) == 2
    assert "common" in problems[0]
    assert "other" in problems[1]
