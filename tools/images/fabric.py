"""Fabric's images of each version: peer, orderer and the environment that chaincode is built in.

What a peer's or orderer's image holds follows ``images/*/Dockerfile`` and ``sampleconfig`` of
Fabric's source.
"""

from dataclasses import dataclass
from pathlib import Path

from tools import archive, go, programs
from tools.archive import Folder, Image
from tools.go import Program
from tools.home import Home
from tools.images import base
from tools.images.recipe import Recipe

_MODULE = "github.com/hyperledger/fabric"
_FOLDER = "/etc/hyperledger/fabric"
_USERS = {"chaincode": 500}
# What compiling needs of Go; the rest is documentation, tests and tools.
_GO_FOLDERS = ("bin", "lib", "pkg/include", "pkg/tool", "src")
_GO_CACHE = "/usr/local/go/cache"
_GO_TOOLS = {"asm", "compile", "link"}


@dataclass(frozen=True, kw_only=True)
class Fabric:
    """The images of one version of Fabric."""

    peer: Recipe
    orderer: Recipe
    ccenv: Recipe


def _images(fabric: Program) -> Fabric:
    def name(image: str) -> str:
        return f"hyperledger/fabric-{image}:{fabric.version}"

    return Fabric(
        peer=Recipe(
            name=name("peer"),
            parts=(fabric, programs.CCAAS_BUILDER),
            image=lambda home: _peer(home, fabric, name("peer")),
        ),
        orderer=Recipe(
            name=name("orderer"),
            parts=(fabric,),
            image=lambda home: _orderer(home, fabric, name("orderer")),
        ),
        ccenv=Recipe(name=name("ccenv"), image=lambda home: _ccenv(home, name("ccenv"))),
    )


def _peer(home: Home, fabric: Program, name: str) -> Image:
    samples = _sample_configuration(home, fabric)
    builder = archive.copy(programs.make(home, programs.CCAAS_BUILDER) / "ccaas_builder")
    builders = "/opt/hyperledger/ccaas_builder/bin"
    root = base.busybox(home, _USERS)
    root |= archive.tree(samples / "msp", f"{_FOLDER}/msp")
    root |= {f"{builders}/{step}": builder for step in ("detect", "build", "release")}
    root |= {
        "/usr/local/bin/peer": archive.copy(programs.make(home, fabric) / "peer"),
        f"{_FOLDER}/core.yaml": archive.copy(samples / "core.yaml"),
        "/var/hyperledger": Folder(),
    }
    configuration = _configuration(fabric, ["peer", "node", "start"], port=7051)
    return Image(name=name, root=root, configuration=configuration)


def _orderer(home: Home, fabric: Program, name: str) -> Image:
    samples = _sample_configuration(home, fabric)
    root = base.busybox(home, _USERS)
    root |= archive.tree(samples / "msp", f"{_FOLDER}/msp")
    root |= {
        "/usr/local/bin/orderer": archive.copy(programs.make(home, fabric) / "orderer"),
        f"{_FOLDER}/orderer.yaml": archive.copy(samples / "orderer.yaml"),
        f"{_FOLDER}/configtx.yaml": archive.copy(samples / "configtx.yaml"),
        "/var/hyperledger": Folder(),
    }
    configuration = _configuration(fabric, ["orderer", "start"], port=7050)
    return Image(name=name, root=root, configuration=configuration)


def _ccenv(home: Home, name: str) -> Image:
    found = go.find(home)
    root = base.busybox(home, _USERS)
    for folder in _GO_FOLDERS:
        files = archive.tree(found.root / folder, f"/usr/local/go/{folder}")
        root |= {path: file for path, file in files.items() if _is_for_compiling(path)}
    for file in ("VERSION", "go.env"):
        root[f"/usr/local/go/{file}"] = archive.copy(found.root / file)
    root |= archive.tree(go.compiled_library(home, found), _GO_CACHE)
    for folder in ("/chaincode/input", "/chaincode/output", "/home/chaincode"):
        root[folder] = Folder(owner=_USERS["chaincode"])
    environment = [
        f"{base.PATH}:/usr/local/go/bin",
        # For users without a home folder; nothing outside can be reached anyway.
        *("GOPATH=/tmp/go", "GOENV=off", "GOTOOLCHAIN=local"),
        # Compiling a chaincode takes a third of the time with it. Go is content to read it only,
        # but for an index of packages that it would write and can do without.
        *(f"GOCACHE={_GO_CACHE}", "GODEBUG=goindex=0"),
    ]
    configuration = {"Env": environment, "User": "chaincode", "Cmd": ["/bin/sh"]}
    return Image(name=name, root=root, configuration=configuration)


def _sample_configuration(home: Home, fabric: Program) -> Path:
    return programs.source(home, fabric, _MODULE) / "sampleconfig"


def _configuration(fabric: Program, words: list[str], *, port: int) -> dict[str, object]:
    return {
        "Env": [base.PATH, f"FABRIC_CFG_PATH={_FOLDER}", f"FABRIC_VER={fabric.version}"],
        "Cmd": words,
        "ExposedPorts": {f"{port}/tcp": {}},
        "Volumes": {_FOLDER: {}, "/var/hyperledger": {}},
    }


def _is_for_compiling(path: str) -> bool:
    if "/pkg/tool/" in path:
        return path.rpartition("/")[2] in _GO_TOOLS
    return not (path.endswith("_test.go") or "/testdata/" in path or "/go/src/cmd/" in path)


FABRICS = {version: _images(program) for version, program in programs.FABRICS.items()}
"""The images of Fabric, by version."""
