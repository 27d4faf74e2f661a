"""The jars of Maven Central: only those with the checksums of this repository are used."""

import hashlib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tools import command, java, versions
from tools.errors import ToolsError
from tools.home import CHECKOUT, Home

KAFKA = CHECKOUT / "tools" / "kafka"


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({"a": "1", "b": "2"}, None),
        ({"a": "1"}, "missing: b"),
        ({"a": "1", "b": "2", "c": "3"}, "unknown: c"),
        ({"a": "3", "c": "3"}, "missing: b; unknown: c; of other content: a"),
    ],
)
def test_differences_are_told(found: dict[str, str], expected: str | None) -> None:
    assert java.difference({"a": "1", "b": "2"}, found) == expected


def program(folder: Path, content: bytes) -> Path:
    folder.mkdir()
    (folder / "pom.xml").write_text("<project/>")
    (folder / "SHA256SUMS").write_text(f"{hashlib.sha256(content).hexdigest()}  a.jar\n")
    return folder


@pytest.fixture
def maven(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What Maven was asked; it fetches one jar."""
    asked: list[list[str]] = []

    def run(argv: list[Any], **_: object) -> None:
        words = [str(word) for word in argv]
        asked.append(words)
        into = next(word.partition("=")[2] for word in words if word.startswith("-DoutputDir"))
        (Path(into) / "a.jar").write_bytes(b"jar")

    monkeypatch.setattr(command, "run", run)
    return asked


def test_jars_are_fetched_once(tmp_path: Path, maven: list[list[str]]) -> None:
    home = Home(path=tmp_path / "cache")
    wanted = program(tmp_path / "x", b"jar")
    for _ in range(2):
        assert (java.jars(home, wanted) / "a.jar").read_bytes() == b"jar"
    assert len(maven) == 1
    assert "--strict-checksums" in maven[0]


def test_jars_of_other_content_are_not_used(tmp_path: Path, maven: list[list[str]]) -> None:
    home = Home(path=tmp_path / "cache")
    with pytest.raises(ToolsError, match=r"not those of .*SHA256SUMS: of other content: a\.jar"):
        java.jars(home, program(tmp_path / "x", b"other"))
    assert not (home.path / "jars" / "x").exists()


def test_kafkas_jars_are_named_with_their_versions() -> None:
    pom = ET.parse(KAFKA / "pom.xml")
    listed = {
        each.findtext("artifactId"): each.findtext("version")
        for each in pom.iterfind("dependencies/dependency")
    }
    assert listed["kafka_2.13"] == versions.KAFKA
    assert listed["zookeeper"] == "3.8.4"
    sums = java.read_sums((KAFKA / "SHA256SUMS").read_text())
    for artifact, version in listed.items():
        assert f"{artifact}-{version}.jar" in sums
    assert all(len(checksum) == 64 for checksum in sums.values())
