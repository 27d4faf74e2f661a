"""What is as the files say stays as it is."""

import hashlib
import subprocess

from tests.e2e.conftest import Measure
from tests.e2e.main.conftest import Launched
from tools.home import CHECKOUT

LIMIT = 10.0
"""Seconds for an `up` without changes."""


def test_preview_up_and_refresh_find_nothing_to_do(launched: Launched, measure: Measure) -> None:
    stack, before = launched.stack, _settings_files()

    preview = stack.preview("--expect-no-changes")
    measure("preview, nothing changes", preview.seconds)

    heights = _heights(launched)
    second_up = stack.up()
    measure("second up", second_up.seconds)
    assert _changed(second_up.output) == []
    assert _heights(launched) == heights

    refresh = stack.refresh("--expect-no-changes")
    measure("refresh, no drift", refresh.seconds)

    assert _settings_files() == before
    assert second_up.seconds <= LIMIT


def _heights(launched: Launched) -> list[int]:
    return [launched.client.height(channel) for channel in ("common", "private-karga-atlantis")]


def _changed(output: str) -> list[str]:
    """Return the lines of the resources that something was done to."""
    return [line for line in output.splitlines() if line.startswith((" +", " ~", " -"))]


def _settings_files() -> dict[str, str]:
    """Return a digest of every file of the program that git tracks and Pulumi might write to."""
    words = ["git", "ls-files", "*.yaml", "requirements*"]
    listed = subprocess.run(words, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    names = listed.stdout.splitlines()
    return {name: hashlib.sha256((CHECKOUT / name).read_bytes()).hexdigest() for name in names}
