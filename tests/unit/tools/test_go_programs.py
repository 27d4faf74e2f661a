"""The tests of the Go programs that are our own and have decisions in them."""

import subprocess

from tools import go, home


def test_the_builder_for_chaincode_as_a_service() -> None:
    at = home.find()
    ended = subprocess.run(
        [go.find(at).binary, "test", "./..."],
        cwd=go.SOURCES / "ccaas_builder",
        env=go.environment(at),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "ok" in ended.stdout
