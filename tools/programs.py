"""The Go programs: what is built of each folder below ``tools/go``, and where it lies."""

from pathlib import Path

from tools import go, products, versions
from tools.go import Go, Program
from tools.home import Home

_FABRIC = "github.com/hyperledger/fabric"
_KUBERNETES_VERSION = "k8s.io/component-base/version"
_MAJOR, _MINOR, _ = versions.KUBERNETES.split(".")

PULUMI = Program(
    name="pulumi",
    version=versions.PULUMI,
    packages=("github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",),
    linker=(f"github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{versions.PULUMI}",),
    tags=("grpcnotrace",),
)
KUBERNETES_PROVIDER = Program(
    name="kubernetes_provider",
    version=versions.KUBERNETES_PROVIDER,
    linker=(f"main.version={versions.KUBERNETES_PROVIDER}",),
)
KUBERNETES = Program(
    name="kubernetes",
    version=versions.KUBERNETES,
    linker=(
        f"{_KUBERNETES_VERSION}.gitVersion=v{versions.KUBERNETES}",
        f"{_KUBERNETES_VERSION}.gitMajor={_MAJOR}",
        f"{_KUBERNETES_VERSION}.gitMinor={_MINOR}",
        f"{_KUBERNETES_VERSION}.gitTreeState=clean",
    ),
)


def _fabric(name: str, version: str, commit: str) -> Program:
    tools = ("peer", "orderer", "configtxgen", "configtxlator", "cryptogen", "osnadmin")
    return Program(
        name=name,
        version=version,
        packages=tuple(f"{_FABRIC}/cmd/{tool}" for tool in tools),
        linker=(
            f"{_FABRIC}/common/metadata.Version={version}",
            f"{_FABRIC}/common/metadata.CommitSHA={commit}",
        ),
    )


FABRIC = _fabric("fabric", versions.FABRIC, versions.FABRIC_COMMIT)
FABRIC_3 = _fabric("fabric_3", versions.FABRIC_3, versions.FABRIC_3_COMMIT)
FABRICS = {program.version: program for program in (FABRIC, FABRIC_3)}
"""Fabric's nodes and tools, by version."""

COREDNS = Program(name="coredns", version=versions.COREDNS)
CCAAS_BUILDER = Program(name="ccaas_builder", version=versions.FABRIC)
PAUSE = Program(name="pause", version=versions.PAUSE)


def folder(home: Home, program: Program) -> Path:
    """Return where the program's executables lie once they are made."""
    return home.path / program.name / program.version / "bin"


def is_made(home: Home, program: Program) -> bool:
    """Say whether the program's executables are there, built of what is there now."""
    return products.is_made(folder(home, program).parent, program.made_of)


def make(home: Home, program: Program) -> Path:
    """Return the folder with the program's executables; build them if needed."""
    made = folder(home, program)
    products.make(
        made.parent,
        program.made_of,
        lambda new: go.build(home, _go(home), program, new, subfolder="bin"),
    )
    return made


def source(home: Home, program: Program, module: str) -> Path:
    """Return the folder with the sources of a module that the program is built of."""
    return go.module_folder(home, _go(home), program, module)


def _go(home: Home) -> Go:
    return go.find(home)
