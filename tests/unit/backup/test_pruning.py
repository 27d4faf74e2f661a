"""Pruning: what nothing needs goes, and nothing else, whoever is at work beside it."""

import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hlf.backup import lease, pruning
from hlf.backup.errors import AlreadyThere, Busy, Damaged, Overtaken
from hlf.backup.pruning import prune
from hlf.backup.retention import Retention
from hlf.backup.store import Store
from hlf.backup.verifying import verify
from hlf.backup.writing import begin
from hlf.errors import FabricError
from tests.unit.backup import saved as making
from tests.unit.backup.saved import BLOCKS, NODE, Saved, age

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
LAST = Retention(last=1)


@pytest.fixture
def old(saved: Saved) -> Saved:
    """Backups of two days, with ledgers that have nothing in common."""
    for number in (1, 2):
        (saved.node / BLOCKS).write_bytes(bytes([number]) * 9_000_000)
        (saved.node / "etcdraft/wal/0.wal").write_bytes(bytes([number]) * 100)
        with begin(saved.repository(), f"day-{number}") as writer:
            making.commit(
                writer,
                f"day-{number}",
                {NODE: saved.node},
                ended=f"2026-11-2{number}T09:00:00Z",
            )
    return saved


def _is_whole(saved: Saved, key: str) -> bool:
    return not verify(saved.repository(), saved.manifest(key)).problems


def _marks(saved: Saved) -> list[Path]:
    return [path for path in (saved.store / "running").rglob("*") if path.is_file()]


def test_expired_backups_and_their_chunks_go(old: Saved) -> None:
    before = len(old.chunks())
    age(old.store / "chunks", days=2)
    pruned = prune(old.repository(), LAST, NOW)
    assert pruned.backups == {"day-1"}
    # the ledger's full and last chunk, the log
    assert pruned.chunks == 3 == before - len(old.chunks())
    assert pruned.size > 0
    assert old.repository().backups() == ["day-2"]
    assert _is_whole(old, "day-2")
    assert _marks(old) == []
    assert prune(old.repository(), LAST, NOW).chunks == 0


def test_what_does_not_expire_stays_and_does_not_count(old: Saved) -> None:
    assert prune(old.repository(), LAST, NOW, expires=lambda key: key != "day-1").backups == set()
    assert old.repository().backups() == ["day-1", "day-2"]


def test_young_chunks_stay(old: Saved) -> None:
    before = old.chunks()
    assert prune(old.repository(), LAST, NOW).chunks == 0
    age(old.store / "chunks", hours=23)
    assert prune(old.repository(), LAST, NOW).chunks == 0
    assert old.chunks() == before


def test_what_killed_writers_left_half_written_goes(old: Saved) -> None:
    left = old.chunks()[0].with_name("ab#1")
    left.write_bytes(b"half")
    prune(old.repository(), LAST, NOW)
    assert left.exists()
    age(old.store / "chunks", days=2)
    prune(old.repository(), LAST, NOW)
    assert not left.exists()


def test_nothing_is_pruned_beside_a_backup(old: Saved) -> None:
    age(old.store / "chunks", days=2)
    before = old.chunks()
    with begin(old.repository(), "day-3"):
        with pytest.raises(Busy, match=r"takes in backup day-3, by a mark of .* UTC; run this"):
            prune(old.repository(), LAST, NOW)
        assert old.repository().backups() == ["day-1", "day-2"]
        assert old.chunks() == before
    assert prune(old.repository(), LAST, NOW).chunks == 3


def test_a_backup_waits_for_a_pruning(old: Saved, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "_PAUSE", 0.01)
    repository = old.repository()
    with lease.hold(repository, "prune", "-", wait=0.0):
        with pytest.raises(Busy, match="is being pruned"), begin(repository, "day-3", wait=0.05):
            pass
        begun = threading.Event()

        def back_up() -> None:
            with begin(repository, "day-3"):
                begun.set()

        thread = threading.Thread(target=back_up)
        thread.start()
        assert not begun.wait(0.2)
    assert begun.wait(10)
    thread.join()
    assert _marks(old) == []


def test_backups_do_not_wait_for_each_other(old: Saved) -> None:
    with begin(old.repository(), "day-3"):
        old.back_up("day-4")
    assert _is_whole(old, "day-4")


def test_a_backup_that_was_killed_holds_nobody_up_for_long_and_never_ends(old: Saved) -> None:
    age(old.store / "chunks", days=2)
    with begin(old.repository(), "x") as writer:
        age(old.store / "running", minutes=59)
        with pytest.raises(Busy, match="takes in backup x"):
            prune(old.repository(), LAST, NOW)
        age(old.store / "running", minutes=61)
        prune(old.repository(), LAST, NOW)
        # As if it had slept, and had just now looked for its mark.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(lease.Lease, "check", lambda _: None)
            with pytest.raises(AlreadyThere):
                making.commit(writer, "x", {NODE: old.node})
        with pytest.raises(Overtaken, match="away for so long"):
            making.commit(writer, "x", {NODE: old.node})
    assert old.repository().backups() == ["day-2", "x"]
    with (
        pytest.raises(AlreadyThere, match=r"x .* was killed, and given up by a pruning; choose"),
        begin(old.repository(), "x"),
    ):
        pass
    prune(old.repository(), LAST, NOW)
    assert _is_whole(old, "day-2")


def test_a_backup_that_is_made_again_is_not_given_up_for_its_dead_mark(old: Saved) -> None:
    repository = old.repository()
    repository.store.put("running/backup/x/dead", b"")
    age(old.store / "running", hours=2)
    with begin(old.repository(), "x") as writer:
        with pytest.raises(Busy):
            prune(repository, LAST, NOW)
        making.commit(writer, "x", {NODE: old.node})
    prune(repository, Retention(last=2), NOW)
    assert _is_whole(old, "x")
    assert _marks(old) == []


def test_a_pruning_that_slept_deletes_no_more(old: Saved, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "_AT_ONCE", 1)
    age(old.store / "chunks", days=2)
    repository = old.repository()
    real = type(repository.store).delete
    deleted: list[str] = []

    def delete(store, paths):
        paths = list(paths)
        real(store, paths)
        deleted.extend(path for path in paths if path.startswith("chunks/"))
        if len(deleted) == 1 and paths[0].startswith("chunks/"):
            age(old.store / "running", hours=2)
            with begin(old.repository(), "day-3") as writer:
                making.commit(writer, "day-3", {NODE: old.node})

    monkeypatch.setattr(type(repository.store), "delete", delete)
    with pytest.raises(Overtaken):
        prune(repository, LAST, NOW)
    assert len(deleted) == 1
    assert _is_whole(old, "day-3")


def test_a_backup_whose_chunks_have_gone_is_none(old: Saved) -> None:
    chunk = old.manifest("day-2").nodes[0].tree.files[0].content.chunks[0]
    with begin(old.repository(), "x") as writer:
        writer.repository.store.delete([f"chunks/{chunk[:2]}/{chunk}"])
        with pytest.raises(Damaged, match=r"1 chunks of backup x have gone .* see who deletes"):
            making.commit(writer, "x", {NODE: old.node})
    assert old.repository().backups() == ["day-1", "day-2"]


def test_nothing_is_pruned_while_a_manifest_cannot_be_read(old: Saved) -> None:
    age(old.store / "chunks", days=2)
    before = old.chunks()
    old.manifest_path("day-2").write_bytes(b"x")
    with pytest.raises(
        Damaged, match=r"nothing is pruned: .*day-2.* delete backups/day-2/manifest"
    ):
        prune(old.repository(), LAST, NOW)
    assert old.chunks() == before
    assert _is_whole(old, "day-1")


def test_a_mark_is_renewed_and_not_made_again(
    saved: Saved, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "_RENEWED_EVERY", 0.01)
    with lease.hold(saved.repository(), "backup", "x", wait=0.0) as held:
        age(saved.store / "running", hours=1)
        (mark,) = _marks(saved)
        _until(lambda: time.time() - mark.stat().st_mtime < 60)
        held.check()
        # A renewal that is under way may make it once more.
        _until(lambda: _stays_away(saved))
        with pytest.raises(Overtaken):
            held.check()


def _stays_away(saved: Saved) -> bool:
    """Delete the marks, and say whether none comes back."""
    for each in _marks(saved):
        each.unlink(missing_ok=True)
    time.sleep(0.1)
    return _marks(saved) == []


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_other_files_among_the_marks_are_nobodys(old: Saved) -> None:
    (old.store / "running").mkdir(exist_ok=True)
    (old.store / "running" / "README").touch()
    prune(old.repository(), LAST, NOW)
    old.back_up("day-3")


def test_a_key_that_cannot_be_one(old: Saved) -> None:
    for key in ("", "../x", "a/b", ".x", "x" * 101, "a b", "a\n"):
        with (
            pytest.raises(FabricError, match="is no key of a backup"),
            begin(old.repository(), key),
        ):
            pass


def test_backups_and_prunings_side_by_side_at_random(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the bound of a day: backups count all the time on chunks that nothing needs."""
    monkeypatch.setattr(lease, "_PAUSE", 0.001)
    monkeypatch.setattr(pruning, "_YOUNG", timedelta(seconds=-60))
    # Without that bound, it would take files away that others are about to rename.
    monkeypatch.setattr(Store, "clear_leftovers", lambda *_: None)
    saved = making.make(tmp_path, size=10, log=0)
    repository = saved.repository()
    ended = threading.Event()
    failures: list[BaseException] = []
    pruned: list[int] = []

    def back_up(name: str) -> None:
        source = random.Random(name)
        for number in range(500):
            # On a busy machine prunings come late, so a number of rounds is not enough.
            if number >= 25 and sum(pruned) > 20:
                return
            with begin(repository, f"{name}-{number}") as writer:
                repository.delete_manifests(frozenset({f"{name}-{number - 1}"}))
                contents = {
                    str(part): writer.add_bytes(b"%d" % source.randrange(40)) for part in range(10)
                }
                making.commit_contents(writer, f"{name}-{number}", contents)
            assert _is_whole(saved, f"{name}-{number}")

    def prune_all() -> None:
        while not ended.wait(0.01):
            with suppress(Busy):
                pruned.append(prune(repository, Retention(last=9), NOW).chunks)

    def caught(function: Callable[..., None], *arguments: str) -> None:
        try:
            function(*arguments)
        except BaseException as error:  # noqa: BLE001 - told below
            failures.append(error)

    pruner = threading.Thread(target=caught, args=(prune_all,))
    backups = [threading.Thread(target=caught, args=(back_up, name)) for name in ("one", "two")]
    for thread in (pruner, *backups):
        thread.start()
    for thread in backups:
        thread.join()
    ended.set()
    pruner.join()
    assert failures == []
    assert sum(pruned) > 20
