"""Python for images: Debian's interpreter, and packages of exact versions with their hashes.

Which Python that is follows from the machine's release, and packages are fetched for just that one:
the interpreter that this runs on may be another. Nothing is looked up before an image is made, as
tools run on machines that can make none.
"""

from dataclasses import dataclass
from pathlib import Path

from tools import command, debian, products, venv
from tools.debian import Packages
from tools.errors import ToolsError
from tools.home import CHECKOUT, Home

_VERSIONS = {"debian-12": "3.11", "debian-13": "3.13", "ubuntu-24.04": "3.12"}
_SSL = {"debian-12": "libssl3"}
"""Later releases renamed it, when times became longer than 32 bits."""
_LIBRARIES = (
    *("libexpat1", "zlib1g", "libffi8", "libbz2-1.0", "liblzma5", "libuuid1"),
    *("libgcc-s1", "libstdc++6"),
)


@dataclass(frozen=True, kw_only=True)
class Interpreter:
    """The Python of the machine's release."""

    @property
    def version(self) -> str:
        """Its version, as ``3.11``; ToolsError where it is not known."""
        release = debian.release()
        if release not in _VERSIONS:
            raise ToolsError(
                f"which Python {release} has is not known here (known: {', '.join(_VERSIONS)}); "
                "run this on one of these, or name a cluster of your own in HLF_CONTEXT"
            )
        return _VERSIONS[release]

    @property
    def packages(self) -> Packages:
        """The packages with the interpreter, its library, and what these are linked with.

        Of the library the parts for terminals and small databases are left without theirs.
        """
        number = self.version
        parts = (
            f"python{number}-minimal",
            f"libpython{number}-minimal",
            f"libpython{number}-stdlib",
        )
        names = (*parts, _SSL.get(debian.release(), "libssl3t64"), *_LIBRARIES)
        return Packages(names=names, suffix="-python")

    @property
    def made_of(self) -> str:
        """A digest of what decides its files."""
        return self.packages.made_of


INTERPRETER = Interpreter()


@dataclass(frozen=True, kw_only=True)
class Requirements:
    """Python packages that a file of the checkout names."""

    file: str

    @property
    def made_of(self) -> str:
        """A digest of what decides which packages these are."""
        return products.digest(INTERPRETER.version, CHECKOUT / self.file)


def unpack(home: Home) -> Path:
    """Return a folder with the interpreter, laid out as Debian does; fetch it if needed."""
    return debian.unpack(home, INTERPRETER.packages)


def packages(home: Home, requirements: Requirements) -> Path:
    """Return a folder with packages, as ``PYTHONPATH`` has it; fetch them if needed."""
    folder = home.path / "python" / Path(requirements.file).stem
    products.make(
        folder, requirements.made_of, lambda new: _install(home, requirements.file, into=new)
    )
    return folder


def _install(home: Home, file: str, *, into: Path) -> None:
    command.run(
        [
            *(venv.make(home) / "bin" / "python", "-m", "pip", "install", "--require-hashes"),
            *("--no-input", "--disable-pip-version-check", "--only-binary=:all:", "--no-compile"),
            *("--python-version", INTERPRETER.version, "--target", into, "-r", CHECKOUT / file),
        ],
        what=f"install the Python packages of {file}",
        log=home.logs / f"{Path(file).stem}.log",
    )
