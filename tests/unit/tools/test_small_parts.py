"""Versions, durations, links, control groups: the small decisions."""

import io
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tools import cgroups, command, go, home, progress, stack, toolchain, vendor, venv
from tools.environment import Stack
from tools.errors import ToolsError
from tools.go import Program
from tools.home import Home
from tools.stack import Pulumi


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("go1.25.11", True),
        ("go1.26.0", True),
        ("go1.26rc1", True),
        ("go1.25.10", False),
        ("go1.19.8", False),
        ("devel", False),
    ],
)
def test_an_old_go_is_not_used(version: str, *, expected: bool) -> None:
    assert go.new_enough(version, (1, 25, 11)) is expected


@pytest.mark.parametrize(
    ("version", "expected"),
    [("v3.259.0\n", True), ("3.216.0", True), ("v3.79.0", False), ("", False), ("v2.9.9", False)],
)
def test_an_old_pulumi_is_not_used(version: str, *, expected: bool) -> None:
    assert toolchain.new_enough(version) is expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0.2, "0 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (125, "2 min 05 s")],
)
def test_durations_are_said_as_people_do(seconds: float, expected: str) -> None:
    assert progress.duration(seconds) == expected


def test_the_cache_folder_is_the_users_choice() -> None:
    assert home.find({"HLF_HOME": "/a"}).path == Path("/a")
    assert home.find({"XDG_CACHE_HOME": "/b"}).path == Path("/b/hlf")
    assert home.find({}).path == Path.home() / ".cache" / "hlf"


def test_a_step_that_fails_says_so() -> None:
    stream = io.StringIO()
    with pytest.raises(KeyError), progress.Progress(stream).step("build x"):
        raise KeyError
    assert stream.getvalue() == "build x ...\nbuild x: stopped after 0 s\n"


def test_a_brief_step_is_one_line() -> None:
    stream = io.StringIO()
    with progress.Progress(stream).step("build x"):
        time.sleep(0.01)
    assert stream.getvalue() == "build x ...\n"


def test_a_failed_program_is_a_sentence_with_its_last_lines(tmp_path: Path) -> None:
    with pytest.raises(ToolsError, match=r"(?s)cannot build x: sh ended with status 3.*boom"):
        command.run(["sh", "-c", "echo boom; exit 3"], what="build x", log=tmp_path / "log")


def test_a_missing_program_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ToolsError, match="cannot build x: there is no program /no/such"):
        command.run(["/no/such"], what="build x", log=tmp_path / "log")
    with pytest.raises(ToolsError, match="cannot ask: there is no program /no/such"):
        command.read(["/no/such"], what="ask")


def test_venv_is_linked_but_never_replaces_the_users_own(tmp_path: Path) -> None:
    for target in ("one", "two"):
        venv.link(tmp_path / target, tmp_path)
        assert (tmp_path / "venv").readlink() == tmp_path / target
    (tmp_path / "venv").unlink()
    (tmp_path / "venv").mkdir()
    venv.link(tmp_path / "one", tmp_path)
    assert not (tmp_path / "venv").is_symlink()


def test_settings_are_linked_but_never_replace_other_ones(tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.simple.yaml"
    for home_ in ("one", "two"):
        embedded = Stack(name="simple", home=Home(path=tmp_path / home_))
        stack.link_settings(embedded, tmp_path)
        assert file.readlink() == embedded.settings
    file.unlink()
    file.write_text("config: {}")
    with pytest.raises(ToolsError, match=r"Pulumi.simple.yaml has the settings of another stack"):
        stack.link_settings(embedded, tmp_path)
    assert not file.is_symlink()


def test_what_destroy_leaves_is_in_the_state() -> None:
    root = {"type": "pulumi:pulumi:Stack", "outputs": {"namespace": "fabric"}}
    claim = {"type": "pulumi-python:dynamic/fabric:Claim"}
    assert stack.kept({"deployment": {}}) is None
    assert stack.kept({"deployment": {"resources": [root, claim]}}) is None
    authority = {"type": "kubernetes:core/v1:Secret", "retainOnDelete": True}
    assert stack.kept({"deployment": {"resources": [root, claim, authority]}}) is None
    lasting = {**claim, "retainOnDelete": True}
    assert stack.kept({"deployment": {"resources": [root, lasting]}}) == "fabric"
    killed = {"type": "pulumi:pulumi:Stack"}
    assert stack.kept({"deployment": {"resources": [killed, lasting]}}) is not None


def test_a_stack_that_is_not_there_is_not_selected(tmp_path: Path) -> None:
    embedded = Stack(name="simple", home=Home(path=tmp_path))
    with pytest.raises(ToolsError, match="run `make up SAMPLE=simple`"):
        stack.select(Pulumi(stack=embedded, binary=tmp_path / "pulumi", variables={}))


def test_what_a_program_is_made_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(go, "SOURCES", tmp_path)
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "main.go").write_text("package main")
    program = Program(name="x", version="1")
    first = program.made_of
    assert Program(name="x", version="2").made_of != first
    (tmp_path / "x" / "main_test.go").write_text("package main")
    assert program.made_of == first
    (tmp_path / "x" / "go.sum").write_text("")
    assert program.made_of != first


@pytest.mark.parametrize("language", [vendor.GO, vendor.NODE])
def test_copies_are_stale_until_they_are_of_these_versions(
    tmp_path: Path, language: vendor.Language
) -> None:
    def copy(_home: Home, folder: Path) -> None:
        (folder / language.copies).mkdir(exist_ok=True)

    languages = (replace(vendor.GO, copy=copy), replace(vendor.NODE, copy=copy))
    chaincode = tmp_path / "asset"
    (chaincode / language.copies).mkdir(parents=True)
    assert vendor.stale(*languages, samples=tmp_path) == []
    (chaincode / language.file).write_text("{}")
    (found,) = vendor.stale(*languages, samples=tmp_path)
    assert (found.folder, found.language.copies) == (chaincode, language.copies)
    vendor.make(Home(path=tmp_path), [found])
    assert vendor.stale(*languages, samples=tmp_path) == []
    locked = {"go.mod": "go.sum", "package.json": "package-lock.json"}[language.file]
    (chaincode / locked).write_text("{}")
    assert vendor.stale(*languages, samples=tmp_path) == [found]


def hierarchy(root: Path, *names: str) -> None:
    for name in names:
        (root / name).mkdir(parents=True)


def test_a_control_group_in_every_hierarchy(tmp_path: Path) -> None:
    hierarchy(tmp_path, "cpu", "memory")
    cgroups.create(tmp_path)
    pods = tmp_path / "cpu" / "hlf" / "kubepods" / "pod1"
    pods.mkdir(parents=True)
    (pods / "cgroup.procs").write_text("12\n13\n")
    assert cgroups.members(tmp_path) == {12, 13}
    (pods / "cgroup.procs").unlink()
    cgroups.remove(tmp_path)
    assert [path.name for path in sorted(tmp_path.glob("**/*"))] == ["cpu", "memory"]


def test_a_control_group_in_the_unified_hierarchy(tmp_path: Path) -> None:
    (tmp_path / "cgroup.controllers").write_text("cpu memory\n")
    cgroups.create(tmp_path)
    assert (tmp_path / "hlf").is_dir()
    assert (tmp_path / "cgroup.subtree_control").read_text() == "+cpu +memory"


@pytest.mark.parametrize(
    ("file", "cores", "weight"),
    [
        ("cpu.shares", 2, "2048"),
        ("cpu.shares", 400, "102400"),
        ("cpu.weight", 2, "200"),
        ("cpu.weight", 400, "10000"),
    ],
)
def test_pods_weigh_as_much_as_a_process_on_each_core(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, cores: int, weight: str
) -> None:
    hierarchy(tmp_path, "cpu", "memory")
    group = tmp_path / "cpu" / "hlf"
    group.mkdir()
    (group / file).write_text("1")  # as the kernel makes it
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    cgroups.create(tmp_path)
    assert (group / file).read_text() == weight
    assert not (tmp_path / "memory" / "hlf" / file).exists()
