"""Whether a chaincode in Go waits for peers, as a service does, or dials one, as with Fabric 1.4.

A peer that starts no chaincode waits in vain for one that dials, so the files are read for it
before anything is touched. What cannot be told from them passes: a program may serve by a library
of its own. Only what surely dials is refused: `shim.Start` in the program itself, or a contract
API that knows no servers yet, and no `ChaincodeServer` anywhere.

Source: `shim/shim.go` and `shim/chaincodeserver.go` of fabric-chaincode-go, `Start` in
`contractapi/contract_chaincode.go` of fabric-contract-api-go, which serves since v1.2.0 where its
variables are set (`components.chaincode_environment`).
"""

import re
from dataclasses import dataclass
from pathlib import Path

from hlf.spec import go_tls
from hlf.spec.go_source import GoFile, files_of, program_of

_FABRIC = r"github\.com/hyperledger/fabric"
_SHIM = re.compile(rf"{_FABRIC}(?:-chaincode-go)?(?:/v\d+)?(?:/core/chaincode)?/shim")
_OLD_SHIM = "github.com/hyperledger/fabric/core/chaincode/shim"
_OLD_CONTRACT_API = re.compile(rf"{_FABRIC}-contract-api-go v1\.[01]\.\d+\S*")
_SERVING_CONTRACT_API = "github.com/hyperledger/fabric-contract-api-go@v1.2.2"
_CONTRACT_API = re.compile(rf'"{_FABRIC}-contract-api-go/contractapi"')
_IMPORT = re.compile(r'(?m)^\s*(?:import\s+)?(?:(\w+)\s+)?"([^"\n]+)"')
_SERVER = "ChaincodeServer"
_LONGEST_SHOWN = 60


@dataclass(frozen=True, kw_only=True)
class Dials:
    """A program that dials the peer: what is in it, and what to write instead."""

    what: str
    patch: str


def dials(folder: Path, *, tls: bool) -> Dials | None:
    """What makes the program in `folder` dial; None where it serves, or where that is not sure.

    What to write instead is for a network with `tls` or without.
    """
    files = files_of(folder)
    if any(_SERVER in file.bare for file in files):
        return None
    program = program_of(folder, files)
    for file in program:
        found = _starts_shim(file, tls=tls)
        if found:
            return found
    return _has_old_contract_api(folder, program)


def _starts_shim(file: GoFile, *, tls: bool) -> Dials | None:
    for alias, path in _IMPORT.findall(file.code):
        if not _SHIM.fullmatch(path):
            continue
        name = alias or "shim"
        call = re.search(rf"(?<![\w.]){name}\s*\.\s*Start\s*\(", file.bare)
        if call is None:
            continue
        chaincode = _argument(file, call.end())
        properties = go_tls.PROPERTIES if tls else f"{name}.TLSProperties{{Disabled: true}}"
        needed = go_tls.FROM_SAMPLE if tls else "import `os` for it"
        patch = (
            f"write `(&{name}.ChaincodeServer{{"
            'CCID: os.Getenv("CHAINCODE_ID"), Address: os.Getenv("CHAINCODE_SERVER_ADDRESS"), '
            f"CC: {chaincode}, TLSProps: {properties}}}).Start()` "
            f"in place of `{name}.Start({chaincode})`, and {needed}"
        )
        if path == _OLD_SHIM:
            patch += (
                ", and import `github.com/hyperledger/fabric-chaincode-go/shim` and "
                "`github.com/hyperledger/fabric-protos-go/peer` in place of `.../fabric/core/"
                "chaincode/shim` and `.../fabric/protos/peer`"
            )
        line = file.line(call.start())
        return Dials(what=f"`{name}.Start` in line {line} of {file.path.name}", patch=patch)
    return None


def _has_old_contract_api(folder: Path, program: list[GoFile]) -> Dials | None:
    module = folder / "go.mod"
    required = module.read_text(errors="replace") if module.is_file() else ""
    found = _OLD_CONTRACT_API.search(required)
    if not found or "replace" in required:
        return None
    if not any(_CONTRACT_API.search(file.code) for file in program):
        return None
    # `go get` alone leaves a go.sum without some of the new modules, and the build fails
    commands = [f"go get {_SERVING_CONTRACT_API}", "go mod tidy"]
    if (folder / "vendor").is_dir():
        commands.append("go mod vendor")
    return Dials(
        what=f"`Start` of {found[0].rpartition('/')[2]}",
        patch=f"run `{' && '.join(commands)}` in its folder: from v1.2.0 on `Start` serves where "
        "CHAINCODE_SERVER_ADDRESS is set",
    )


def _argument(file: GoFile, start: int) -> str:
    """The argument of a call whose parenthesis ends at `start`; `cc` where it is a long one."""
    depth = 1
    for at in range(start, len(file.bare)):
        depth += {"(": 1, ")": -1}.get(file.bare[at], 0)
        if depth == 0:
            text = " ".join(file.code[start:at].split())
            return text if text and len(text) <= _LONGEST_SHOWN and "`" not in text else "cc"
    return "cc"
