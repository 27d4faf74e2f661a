"""Whether a chaincode in Go waits for peers, as a service does, or dials one, as with Fabric 1.4.

A peer that starts no chaincode waits in vain for one that dials, so the files are read for it
before anything is touched. What cannot be told from them passes: a program may serve by a library
of its own. Only what surely dials is refused: `shim.Start` in the program itself, or a contract
API that knows no servers yet, and no `ChaincodeServer` anywhere.

Source: `shim/shim.go` and `shim/chaincodeserver.go` of fabric-chaincode-go, `Start` in
`contractapi/contract_chaincode.go` of fabric-contract-api-go, which serves since v1.2.0.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FABRIC = r"github\.com/hyperledger/fabric"
_SHIM = re.compile(rf"{_FABRIC}(?:-chaincode-go)?(?:/v\d+)?(?:/core/chaincode)?/shim")
_OLD_SHIM = "github.com/hyperledger/fabric/core/chaincode/shim"
_OLD_CONTRACT_API = re.compile(rf"{_FABRIC}-contract-api-go v1\.[01]\.\d+\S*")
_CONTRACT_API = re.compile(rf'"{_FABRIC}-contract-api-go/contractapi"')
_IMPORT = re.compile(r'(?m)^\s*(?:import\s+)?(?:(\w+)\s+)?"([^"\n]+)"')
_TOKEN = re.compile(
    r"(?P<comment>//[^\n]*|/\*.*?\*/)"
    r'|(?P<text>"(?:\\.|[^"\\\n])*"|`[^`]*`|\'(?:\\.|[^\'\\\n])+\')',
    re.DOTALL,
)
_IGNORED = re.compile(r"(?m)^//\s*(?:go:build|\+build) ignore\b")
_MAIN = re.compile(r"(?m)^\s*package\s+main\b")
_SERVER = "ChaincodeServer"
_LONGEST_SHOWN = 60


@dataclass(frozen=True, kw_only=True)
class Dials:
    """A program that dials the peer: what is in it, and what to write instead."""

    what: str
    patch: str


@dataclass(frozen=True, kw_only=True)
class _File:
    path: Path
    code: str
    """Without comments; everything is where it was."""
    bare: str
    """Without the contents of strings, too."""


def dials(folder: Path) -> Dials | None:
    """What makes the program in `folder` dial; None where it serves, or where that is not sure."""
    files = list(_files(folder))
    if any(_SERVER in file.bare for file in files):
        return None
    program = [f for f in files if f.path.parent == folder and _MAIN.search(f.bare)]
    for file in program:
        found = _starts_shim(file)
        if found:
            return found
    return _has_old_contract_api(folder, program)


def _starts_shim(file: _File) -> Dials | None:
    for alias, path in _IMPORT.findall(file.code):
        if not _SHIM.fullmatch(path):
            continue
        name = alias or "shim"
        call = re.search(rf"(?<![\w.]){name}\s*\.\s*Start\s*\(", file.bare)
        if call is None:
            continue
        chaincode = _argument(file, call.end())
        line = file.bare.count("\n", 0, call.start()) + 1
        patch = (
            f"`(&{name}.ChaincodeServer{{"
            'CCID: os.Getenv("CHAINCODE_ID"), Address: os.Getenv("CHAINCODE_SERVER_ADDRESS"), '
            f"CC: {chaincode}, TLSProps: {name}.TLSProperties{{Disabled: true}}}}).Start()` "
            f"in place of `{name}.Start({chaincode})`, and import `os` for it"
        )
        if path == _OLD_SHIM:
            patch += (
                ", and import `github.com/hyperledger/fabric-chaincode-go/shim` and "
                "`github.com/hyperledger/fabric-protos-go/peer` in place of `.../fabric/core/"
                "chaincode/shim` and `.../fabric/protos/peer`"
            )
        return Dials(
            what=f"`{name}.Start` in line {line} of {file.path.name}", patch=f"write {patch}"
        )
    return None


def _has_old_contract_api(folder: Path, program: list[_File]) -> Dials | None:
    module = folder / "go.mod"
    required = module.read_text(errors="replace") if module.is_file() else ""
    found = _OLD_CONTRACT_API.search(required)
    if not found or "replace" in required:
        return None
    if not any(_CONTRACT_API.search(file.code) for file in program):
        return None
    return Dials(
        what=f"`Start` of {found[0].rpartition('/')[2]}",
        patch="run `go get github.com/hyperledger/fabric-contract-api-go@v1.2.2` in its folder: "
        "from v1.2.0 on `Start` serves where CHAINCODE_SERVER_ADDRESS is set",
    )


def _argument(file: _File, start: int) -> str:
    """The argument of a call whose parenthesis ends at `start`; `cc` where it is a long one."""
    depth = 1
    for at in range(start, len(file.bare)):
        depth += {"(": 1, ")": -1}.get(file.bare[at], 0)
        if depth == 0:
            text = " ".join(file.code[start:at].split())
            return text if text and len(text) <= _LONGEST_SHOWN and "`" not in text else "cc"
    return "cc"


def _files(folder: Path) -> Iterator[_File]:
    """The Go files of a module that a build may compile."""
    for path in sorted(folder.rglob("*.go")):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith((".", "_")) or part == "testdata" for part in parts)
        if hidden or parts[0] == "vendor" or path.name.endswith("_test.go") or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if not _IGNORED.search(text):
            code = _TOKEN.sub(lambda found: found[0] if found["text"] else _blank(found[0]), text)
            yield _File(path=path, code=code, bare=_TOKEN.sub(lambda found: _blank(found[0]), text))


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)
