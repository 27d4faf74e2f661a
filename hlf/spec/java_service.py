"""Whether a chaincode in Java surely cannot be built, or dials its peer where it should serve.

As for Go (`hlf.spec.go_service`), only what is sure is refused: a wrapper that is not there or has
not what it names, a library that knows no servers yet, a program that starts the library to dial.
Whether a build makes chaincode.jar only the build itself can tell, and it does
(`components.chaincode_java`).

Source: `ContractRouter.java`, which serves since 2.4.0 where its variables are set, and
`ChaincodeBase.java`, whose `start` dials, of fabric-chaincode-java; `NettyChaincodeServer` is there
since 2.3.0.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from hlf.spec import java_project
from hlf.spec.comments import without_comments
from hlf.spec.java_project import GRADLE, Project
from hlf.spec.refusal import Refusal

SHIM = "fabric-chaincode-shim"
_SERVING = "2.5.8"
_NO_SERVERS = re.compile(r"1\.\S+|2\.[0-2]\.\S+")
_IN_GRADLE = re.compile(rf"['\"][\w.-]+:{SHIM}:([^'\":]+)['\"]")
_IN_POM = re.compile(rf"<artifactId>\s*{SHIM}\s*</artifactId>\s*<version>\s*([^<\s]+)\s*</version>")
_PROPERTY = re.compile(r"\$\{([\w.-]+)\}")
_COMMENT = re.compile(
    r"(?P<comment>(?<!:)//[^\n]*|/\*.*?\*/|<!--.*?-->)"
    r'|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'',
    re.DOTALL,
)
_CHAINCODE = re.compile(r"\bclass\s+(\w+)\s+extends\s+ChaincodeBase\b")
_SERVER = re.compile(r"\bChaincodeServer|\bNettyChaincodeServer\b")
_ROUTER = "ContractRouter"
_FABRIC = "org.hyperledger.fabric"
_SERVES = (
    "{name} chaincode = new {name}({arguments}); chaincode.processEnvironmentOptions(); "
    f"{_FABRIC}.metrics.Metrics.initialize(chaincode.getChaincodeConfig()); "
    f"{_FABRIC}.traces.Traces.initialize(chaincode.getChaincodeConfig()); "
    f"new {_FABRIC}.shim.NettyChaincodeServer(chaincode, chaincode.getChaincodeServerConfig())"
    ".start();"
)
"""What the library's `ContractRouter` does before it serves, and `start` before it dials."""


def refusal(folder: Path) -> Refusal | None:
    """Why the chaincode in `folder` surely cannot run here; None where it may."""
    project = java_project.find(folder)
    if project is None:
        return None
    at = folder / project.place
    return _without_wrapper(project, at) or _dials(at) or _with_old_library(project, at)


def _without_wrapper(project: Project, at: Path) -> Refusal | None:
    tool = project.tool
    remedy = f"run `{tool.makes_wrapper}` beside its {project.file}"
    script = at / tool.wrapper
    if not script.is_file():
        return Refusal(
            what=f"has no {tool.wrapper} beside its {project.file}, and the cluster has no "
            f"{tool.name} of its own",
            remedy=remedy,
        )
    # a script of one's own may need none of it
    named = script.read_text(encoding="utf-8", errors="replace")
    for file in tool.brought:
        if Path(file).name in named and not (at / file).is_file():
            return Refusal(
                what=f"has no {file}, which its {tool.wrapper} needs",
                remedy=f"{remedy}, and see that no .gitignore leaves that file out",
            )
    return None


def _dials(at: Path) -> Refusal | None:
    """A program of its own that starts the library to dial, and has no word of a server."""
    files = {path: _code(path) for path in _programs(at)}
    build = "".join(_code(at / file) for file in java_project.MARKS if (at / file).is_file())
    # contracts may be beside a program that nobody starts
    if _ROUTER in build or any(_SERVER.search(code) for code in files.values()):
        return None
    for path, code in files.items():
        for name in _CHAINCODE.findall(code):
            call = re.search(rf"\bnew\s+{name}\s*\(([^()]*)\)\s*\.\s*start\s*\(\s*\w+\s*\)", code)
            if call:
                return _refused_call(name, call, path, code)
    return None


def _refused_call(name: str, call: re.Match[str], path: Path, code: str) -> Refusal:
    line = code.count("\n", 0, call.start()) + 1
    served = _SERVES.format(name=name, arguments=call[1].strip())
    return Refusal(
        what=f"dials the peer (`start` in line {line} of {path.name}), and here peers dial it",
        remedy=f"write `{served}` in place of `{' '.join(call[0].split())};`, let `main` throw "
        f"`Exception`, and name {SHIM} {_SERVING} in the build file",
    )


def _with_old_library(project: Project, at: Path) -> Refusal | None:
    version = _library(project, at)
    if version is None or not _NO_SERVERS.fullmatch(version):
        return None
    return Refusal(
        what=f"uses {SHIM} {version}, which dials the peer, and here peers dial it",
        remedy=f"name version {_SERVING} in its {project.file}",
    )


def _library(project: Project, at: Path) -> str | None:
    """The version of Fabric's library that the build file names, where it names one."""
    code = _code(at / project.file)
    if project.tool is GRADLE:
        named = set(_IN_GRADLE.findall(code))
    else:
        named = {_resolved(version, code) for version in _IN_POM.findall(code)}
    return named.pop() if len(named) == 1 else None


def _resolved(version: str, pom: str) -> str:
    named = _PROPERTY.fullmatch(version)
    if named is None:
        return version
    key = re.escape(named[1])
    values = re.findall(rf"<{key}>\s*([^<\s]+)\s*</{key}>", pom)
    return values[0] if len(values) == 1 else version


def _programs(at: Path) -> Iterator[Path]:
    for path in sorted(at.rglob("*.java")):
        parts = path.relative_to(at).parts
        hidden = any(part.startswith(".") for part in parts)
        if path.is_file() and not hidden and "test" not in parts:
            yield path


def _code(path: Path) -> str:
    """A file without comments; everything is where it was."""
    text = path.read_text(encoding="utf-8", errors="replace")
    return without_comments(text, _COMMENT)
