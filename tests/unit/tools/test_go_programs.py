"""The tests of the Go programs that are our own and have decisions in them."""

import subprocess
from pathlib import Path

import pytest

from tools import go, home
from tools.home import CHECKOUT

SAMPLES = CHECKOUT / "samples" / "chaincode"


@pytest.mark.parametrize(
    "folder", [go.SOURCES / "ccaas_builder", SAMPLES / "very-simple", SAMPLES / "even-simpler"]
)
def test_a_program(folder: Path) -> None:
    at = home.find()
    ended = subprocess.run(
        [go.find(at).binary, "test", "-mod=readonly", "./..."],
        cwd=folder,
        env=go.environment(at),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "ok" in ended.stdout
