"""What a backup may be called."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from hlf.backup.keys import by_day, by_time, is_by_time, is_key


@pytest.mark.parametrize("text", ["a", "2026-11-25", "before-2.5.9_x", "x" * 100])
def test_a_key(text: str) -> None:
    assert is_key(text)


@pytest.mark.parametrize("text", ["", ".", "-a", "a/b", "a b", "a\n", "ü", "x" * 101])
def test_no_key(text: str) -> None:
    assert not is_key(text)


def test_who_called_it_so() -> None:
    time = datetime(2026, 11, 25, 9, 14, 3, tzinfo=UTC)
    assert by_day(time) == "2026-11-25"
    assert by_time("2026-11-25", time) == "2026-11-25T091403"
    for key in (by_day(time), by_time("2026-11-25", time)):
        assert is_key(key)
        assert is_by_time(key)
    for key in ("before-upgrade", "2026-11-25-before", "2026-11-25T09", "day-1"):
        assert not is_by_time(key)


def test_settings_are_read_without_the_library_of_object_stores() -> None:
    script = "import sys, hlf.spec; sys.exit('obstore' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
