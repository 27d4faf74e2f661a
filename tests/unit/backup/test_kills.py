"""Processes that are killed (SIGKILL) at random moments leave a repository that is whole.

HLF_SEED repeats a run.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hlf.backup.repository import CHUNK
from hlf.backup.restoring import put_back, restore
from hlf.backup.verifying import verify
from tests.unit.backup import saved as making
from tests.unit.backup.saved import BLOCKS, KEY, NODE, Saved, age, content

SEED = int(os.environ.get("HLF_SEED", "6"))
KILLS = 7
"""Of each kind."""
_CHECKOUT = Path(__file__).parents[3]


def _run(what: str, saved: Saved, key: str, kill_after: float | None) -> tuple[bool, float]:
    """Whether it came to its end, and how many seconds it had since it began."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.unit.backup.killed", what, saved.store, saved.node, key],
        stdout=subprocess.PIPE,
        text=True,
        cwd=_CHECKOUT,
    )
    try:
        assert process.stdout
        assert process.stdout.readline() == "begins\n"
        began = time.monotonic()
        try:
            process.wait(kill_after if kill_after is not None else 60)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        return process.wait(60) == 0, time.monotonic() - began
    finally:
        process.kill()
        process.wait()


def _moments(what: str, longest: float) -> list[float]:
    source = random.Random(f"{SEED} {what}")
    return [source.uniform(0, longest) for _ in range(KILLS)]


def _all_whole(saved: Saved) -> list[str]:
    """The keys of all backups that there are."""
    repository = saved.repository()
    for key in repository.backups():
        assert verify(repository, saved.manifest(key)).problems == (), f"HLF_SEED={SEED}"
    return repository.backups()


def _dead(saved: Saved) -> None:
    """An hour later."""
    age(saved.store / "running", hours=2)


@pytest.fixture
def larger(saved: Saved) -> Saved:
    (saved.node / BLOCKS).write_bytes(random.Random(3).randbytes(10 * CHUNK))
    return saved


def test_backups(larger: Saved) -> None:
    _, seconds = _run("backup", larger, "first", None)
    assert _all_whole(larger) == ["first"]
    whole = ["first"]
    for number, moment in enumerate(_moments("backup", 1.1 * seconds)):
        (larger.node / BLOCKS).write_bytes(random.Random(100 + number).randbytes(10 * CHUNK))
        key = f"killed-{number}"
        ended, _ = _run("backup", larger, key, moment)
        whole += [key] if ended else []
        found = _all_whole(larger)
        # It may have been killed between the manifest and its own end.
        assert set(whole) <= set(found) <= {*whole, key}
        whole = found
    if "again" not in whole:
        # Whoever comes next is held up by nobody, and takes what the killed ones have left.
        larger.back_up("again")
    assert "again" in _all_whole(larger)


def test_prunings(larger: Saved) -> None:
    for number, moment in enumerate(_moments("prune", 0.15)):
        _dead(larger)
        for part in ("a", "b"):
            (larger.node / BLOCKS).write_bytes(random.Random(f"{number}{part}").randbytes(CHUNK))
            larger.back_up(f"{number}-{part}")
        age(larger.store / "chunks", days=2)
        before = larger.repository().backups()
        _run("prune", larger, "-", moment)
        after = _all_whole(larger)
        assert set(after) <= set(before)
        assert f"{number}-b" in after or f"{number}-a" in after
    _dead(larger)
    assert _run("prune", larger, "-", None)[0]
    (left,) = _all_whole(larger)
    needed = larger.manifest(left)
    assert len(larger.chunks()) == len(
        {chunk for file in needed.nodes[0].tree.files for chunk in file.content.chunks}
        | {
            chunk
            for each in (*needed.objects.values(), *needed.inputs.values())
            for chunk in each.chunks
        }
    )


def test_restores(larger: Saved, tmp_path: Path) -> None:
    larger.back_up()
    expected = content(larger.node)
    later = tmp_path / "later"
    making.lay_node(later, seed=9, size=100_000, log=0)
    (later / ".dot").touch()

    def anew() -> dict[str, object]:
        shutil.rmtree(larger.node)
        shutil.copytree(later, larger.node, symlinks=True)
        return content(larger.node)

    was = anew()
    _, seconds = _run("restore", larger, KEY, None)
    assert content(larger.node) == expected
    for number, moment in enumerate(_moments("restore", 1.1 * seconds)):
        was = anew()
        _run("restore", larger, KEY, moment)
        if number % 2:
            restore(larger.repository(), KEY, larger.manifest().nodes[0], larger.node)
            assert content(larger.node) == expected, f"HLF_SEED={SEED}"
        put_back(larger.node)
        assert content(larger.node) == was, f"HLF_SEED={SEED}"
    assert larger.manifest().nodes[0].name == NODE
