"""What a backup may be called."""

import subprocess
import sys

import pytest

from hlf.backup.keys import is_key


@pytest.mark.parametrize("text", ["a", "2026-11-25", "before-2.5.9_x", "x" * 100])
def test_a_key(text: str) -> None:
    assert is_key(text)


@pytest.mark.parametrize("text", ["", ".", "-a", "a/b", "a b", "a\n", "ü", "x" * 101])
def test_no_key(text: str) -> None:
    assert not is_key(text)


def test_settings_are_read_without_the_library_of_object_stores() -> None:
    script = "import sys, hlf.spec; sys.exit('obstore' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
