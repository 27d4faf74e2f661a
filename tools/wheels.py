"""Programs that come as Python packages: wheels of exact versions with their hashes, unpacked."""

import zipfile
from dataclasses import dataclass
from pathlib import Path

from tools import command, products, venv
from tools.home import Home


@dataclass(frozen=True, kw_only=True)
class Wheel:
    """A wheel of which the files below some folders are wanted.

    ``requirement`` has the form ``name==version``, ``sha256`` the form ``sha256:<hex>``.
    """

    requirement: str
    sha256: str
    folders: tuple[str, ...]

    @property
    def name(self) -> str:
        """The package's name."""
        return self.requirement.partition("==")[0]

    @property
    def version(self) -> str:
        """The package's version."""
        return self.requirement.partition("==")[2]

    @property
    def made_of(self) -> str:
        """A digest of what decides the content."""
        return products.digest(repr(self))


def unpack(home: Home, wheel: Wheel, at: Path) -> Path:
    """Return ``at`` with the wheel's files below it, in their folders; make it if needed."""
    products.make(at, wheel.made_of, lambda new: _unpack(home, wheel, new))
    return at


def _unpack(home: Home, wheel: Wheel, into: Path) -> None:
    requirements = into / "requirements.txt"
    requirements.write_text(f"{wheel.requirement} --hash={wheel.sha256}\n")
    command.run(
        [
            *(venv.make(home) / "bin" / "python", "-m", "pip", "download", "--no-deps"),
            *("--only-binary=:all:", "--require-hashes", "-r", requirements, "-d", into),
        ],
        what=f"download {wheel.requirement}",
        log=home.logs / f"wheel-{wheel.name}.log",
    )
    file = next(into.glob("*.whl"))
    wanted = tuple(f"{folder}/" for folder in wheel.folders)
    with zipfile.ZipFile(file) as archive:
        for entry in archive.infolist():
            if entry.filename.startswith(wanted):
                unpacked = Path(archive.extract(entry, into))
                # zipfile leaves permissions out, and programs have to run.
                if permissions := entry.external_attr >> 16 & 0o777:
                    unpacked.chmod(permissions)
    file.unlink()
