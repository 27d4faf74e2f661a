"""The image of jobs: what it is made of, and that both ways to make it agree."""

import ast
import json
import platform
import re
import shlex
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from hlf import names
from tools import images, python
from tools.errors import ToolsError
from tools.home import CHECKOUT
from tools.images import jobs
from tools.images.jobs import Code
from tools.python import INTERPRETER, Requirements

USED = ("actions.cluster", "actions.nodes", "actions.pods")
"""What jobs use of `actions`, most of which needs Pulumi."""
DOCKERFILE = (CHECKOUT / "Dockerfile").read_text()


def pinned(file: str) -> dict[str, str]:
    """Versions by package."""
    return dict(re.findall(r"(?m)^([\w.-]+)==(\S+)", (CHECKOUT / file).read_text()))


def release(monkeypatch: pytest.MonkeyPatch, name: str, version: str) -> None:
    monkeypatch.setattr(
        platform, "freedesktop_os_release", lambda: {"ID": name, "VERSION_ID": version}
    )


def imported(path: Path) -> Iterator[str]:
    """The modules that a file imports, `from` their packages too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{each.name}" for each in node.names)


def source(module: str) -> Path | None:
    """The file of a module of our own."""
    path = CHECKOUT / module.replace(".", "/")
    return next(
        (each for each in (path.with_suffix(".py"), path / "__init__.py") if each.is_file()), None
    )


def foreign(files: Iterable[Path]) -> set[str]:
    """The packages that files import, and the modules of `actions` that they import."""
    left, seen, found = list(files), set[Path](), set[str]()
    while left:
        path = left.pop()
        if path in seen:
            continue
        seen.add(path)
        for module in imported(path):
            top = module.partition(".")[0]
            if top == "actions":
                left += filter(None, [source(module)])
            elif top not in sys.stdlib_module_names and not (CHECKOUT / top).is_dir():
                found.add(top)
    return found


def test_program_and_tools_call_it_the_same() -> None:
    assert images.JOBS.name == names.JOBS_IMAGE


def test_its_packages_are_those_of_the_program() -> None:
    of_jobs, of_program = pinned("requirements-jobs.txt"), pinned("requirements.txt")
    assert of_jobs.items() <= of_program.items()
    assert not any(name.startswith("pulumi") for name in of_jobs)


def test_what_our_code_imports_is_there() -> None:
    files = [path for folder in ("hlf", "jobs") for path in (CHECKOUT / folder).rglob("*.py")]
    files += filter(None, map(source, USED))
    have, packages = pinned("requirements-jobs.txt"), foreign(files)
    known = {
        name: {each.lower() for each in found} for name, found in packages_distributions().items()
    }
    assert {"cryptography", "fabric_protos", "grpc", "httpx_ws", "kr8s", "obstore"} <= packages
    assert {name for name in packages if not have.keys() & known.get(name, set())} == set()


def test_a_change_of_any_source_makes_it_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "CHECKOUT", tmp_path)
    deep = tmp_path / "hlf" / "backup"
    deep.mkdir(parents=True)
    code = Code(folders=("hlf",))
    digests = [code.made_of]
    (deep / "a.py").write_text("1")
    digests.append(code.made_of)
    (deep / "a.py").write_text("2")
    digests.append(code.made_of)
    (deep / "a.py").rename(deep / "b.py")
    digests.append(code.made_of)
    assert len(set(digests)) == len(digests)
    (deep / "b.pyc").write_text("")
    assert code.made_of == digests[-1]


def test_all_of_our_code_in_it_is_part_of_the_recipe() -> None:
    (code,) = (part for part in images.JOBS.parts if isinstance(part, Code))
    copied = re.findall(r"(?m)^COPY (\w+) (\w+)$", DOCKERFILE)
    assert copied == [(folder, folder) for folder in code.folders]
    ignored = (CHECKOUT / ".dockerignore").read_text().splitlines()
    assert {f"!{folder}" for folder in code.folders} < {*ignored}


def test_the_dockerfile_makes_it_run_the_same_way() -> None:
    words = {line.partition(" ")[0]: line.partition(" ")[2] for line in DOCKERFILE.splitlines()}
    of_tools = jobs.CONFIGURATION
    assert {*shlex.split(words["ENV"])} == {*of_tools["Env"]} - {jobs.base.PATH}
    assert words["USER"] == of_tools["User"]
    assert words["WORKDIR"] == of_tools["WorkingDir"]
    assert json.loads(words["ENTRYPOINT"]) == of_tools["Entrypoint"]


@pytest.mark.parametrize(
    ("name", "version", "number", "ssl"),
    [
        ("debian", "12", "3.11", "libssl3"),
        ("debian", "13", "3.13", "libssl3t64"),
        ("ubuntu", "24.04", "3.12", "libssl3t64"),
    ],
)
def test_python_is_that_of_the_release(
    monkeypatch: pytest.MonkeyPatch, name: str, version: str, number: str, ssl: str
) -> None:
    release(monkeypatch, name, version)
    assert INTERPRETER.version == number
    assert {f"libpython{number}-stdlib", ssl} < {*INTERPRETER.packages.names}
    assert INTERPRETER.packages.folder == f"{name}-{version}-python"


def test_another_python_has_packages_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(python, "CHECKOUT", tmp_path)
    (tmp_path / "requirements-x.txt").write_text("x==1")
    packages, digests = Requirements(file="requirements-x.txt"), set[str]()
    for version in ("12", "13"):
        release(monkeypatch, "debian", version)
        digests.add(packages.made_of)
    (tmp_path / "requirements-x.txt").write_text("x==2")
    digests.add(packages.made_of)
    assert len(digests) == 3


def test_a_release_that_is_not_known_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    release(monkeypatch, "debian", "99")
    with pytest.raises(ToolsError, match=r"which Python debian-99 has .*debian-12.*HLF_CONTEXT"):
        images.made_of(images.JOBS)
