"""What a chaincode's package.json and npm's lock file say: how it is started, by which packages.

The script `start` is what Fabric's own builder runs, for a chaincode that dials its peer. With the
contract API it is `fabric-chaincode-node start`, whose other word, `server`, has the same contracts
wait for peers. Any other script is run as it is, so its program has to serve.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from hlf.errors import FabricError

_LOCKS = ("npm-shrinkwrap.json", "package-lock.json")
_DIALS = re.compile(r"\b(fabric-chaincode-node\s+)start\b")
_MAKES_FILES = ("preinstall", "install", "postinstall", "prepare")
_PACKAGES = "node_modules"
SHIM = "fabric-shim"


@dataclass(frozen=True, kw_only=True)
class Package:
    """What is known of a chaincode's own package."""

    start: str | None
    """The script."""
    main: str | None
    """The file with the contracts."""
    makes_files: bool
    """Whether it has a script that may make files when its packages are installed."""
    shim: str | None
    """The version of Fabric's library, or the range of versions where nothing says more."""

    @property
    def has_contracts(self) -> bool:
        """Whether Fabric's library starts it."""
        return bool(_DIALS.search(self.start or ""))


def read(folder: Path) -> Package:
    """Read the package in `folder`; raises FabricError for a file that is no JSON object."""
    declared = _json(folder / "package.json")
    scripts = _map(declared, "scripts")
    return Package(
        start=_text(scripts, "start"),
        main=_text(declared, "main"),
        makes_files=any(name in scripts for name in _MAKES_FILES),
        shim=_installed(folder / _PACKAGES / SHIM)
        or _locked(folder).get(f"{_PACKAGES}/{SHIM}")
        or _text(_map(declared, "dependencies"), SHIM),
    )


def server(package: Package) -> str:
    """Return the shell's words that start it as a server."""
    return _DIALS.sub(r"\1server", package.start or "")


def stale(folder: Path) -> str | None:
    """Which package below node_modules is not the lock file's; None where all are, or none is."""
    if not (folder / _PACKAGES).is_dir():
        return None
    for path, version in sorted(_locked(folder).items()):
        found = _installed(folder / path)
        if found != version:
            name = path.rpartition(f"{_PACKAGES}/")[2]
            return f"{name} is {found or 'missing'}, not {version}"
    return None


def _locked(folder: Path) -> dict[str, str]:
    """The version of every package that has to be there, by its path; of no older lock files."""
    for lock in _LOCKS:
        if (folder / lock).is_file():
            return dict(_needed(_map(_json(folder / lock), "packages")))
    return {}


def _needed(packages: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for path in packages:
        about = _map(packages, path)
        version = _text(about, "version")
        left_out = any(about.get(key) for key in ("dev", "optional", "devOptional", "peer"))
        if path.startswith(f"{_PACKAGES}/") and version and not left_out:
            yield path, version


def _installed(package: Path) -> str | None:
    try:
        return _text(_json(package / "package.json"), "version")
    except (OSError, FabricError):
        return None


def _json(path: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise FabricError(f"{path.name} is no JSON object")
    return cast("Mapping[str, Any]", found)


def _map(of: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = of.get(key)
    return cast("Mapping[str, Any]", found) if isinstance(found, dict) else {}


def _text(of: Mapping[str, Any], key: str) -> str | None:
    found = of.get(key)
    return found if isinstance(found, str) and found.strip() else None
