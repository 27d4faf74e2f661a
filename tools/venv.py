"""The virtual environment with the project's Python packages, in the cache folder.

Its name is a digest of the requirements, so that checkouts with the same ones share it. The
checkout gets a link to it, ``venv``, which is what Pulumi.yaml names: a folder of that name that
a user made is left alone.
"""

import shutil
import sys
from pathlib import Path

from tools import command, debian, products
from tools.errors import ToolsError
from tools.home import CHECKOUT, Home

_REQUIREMENTS = ("requirements.txt", "requirements-dev.txt")
_PYTHON_MINIMUM = (3, 11)
_DONE = ".complete"


def is_made(home: Home) -> bool:
    """Say whether the virtual environment is there."""
    return (_folder(home) / _DONE).exists()


def make(home: Home) -> Path:
    """Return the folder of the virtual environment; make it if needed."""
    if sys.version_info < _PYTHON_MINIMUM:
        raise ToolsError(
            f"{sys.executable} is Python {sys.version.split()[0]}, and the project needs "
            f"{'.'.join(map(str, _PYTHON_MINIMUM))} or later: run this with a newer python3"
        )
    folder = _folder(home)
    # Its scripts name its path, so it cannot be made elsewhere and renamed: a mark ends it.
    if not (folder / _DONE).exists():
        with products.locked(folder):
            if not (folder / _DONE).exists():
                shutil.rmtree(folder, ignore_errors=True)
                _fill(home, folder)
                (folder / _DONE).touch()
    return folder


def link(folder: Path, checkout: Path = CHECKOUT) -> None:
    """Let ``venv`` in the checkout point to the folder, unless it is the user's own."""
    path = checkout / "venv"
    if path.is_symlink():
        if path.readlink() == folder:
            return
        path.unlink()
    if not path.exists():
        path.symlink_to(folder)


def _folder(home: Home) -> Path:
    made_of = products.digest(sys.version, sys.base_prefix, *_requirements())
    return home.path / "venv" / made_of[:16]


def _requirements() -> list[Path]:
    return [CHECKOUT / name for name in _REQUIREMENTS]


def _fill(home: Home, folder: Path) -> None:
    try:
        _create(home, folder)
    except ToolsError:
        # Debian's Python comes without the module that puts pip into a virtual environment.
        if not debian.may_install():
            raise
        debian.install(home, ["python3-venv"])
        _create(home, folder)
    options = [word for path in _requirements() for word in ("-r", str(path))]
    command.run(
        [
            *(folder / "bin" / "python", "-m", "pip", "install", "--require-hashes"),
            *("--no-input", "--disable-pip-version-check", *options),
        ],
        what="install the Python packages of the project",
        log=home.logs / "venv.log",
    )


def _create(home: Home, folder: Path) -> None:
    command.run(
        [sys.executable, "-m", "venv", "--clear", folder],
        what="make a virtual environment",
        log=home.logs / "venv-create.log",
    )
