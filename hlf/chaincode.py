"""A folder of chaincode source: a digest that names it, and the parts that carry it.

The parts go into ConfigMaps, which hold at most 1 MiB each.
"""

import gzip
import hashlib
import io
import tarfile
from pathlib import Path

from hlf.errors import FabricError

PART_SIZE = 900 * 1024
"""Bytes."""
MOST_PARTS = 8
COLLECTIONS = "collections_config.json"
"""Private data collections: in the folder, and no source. They are part of the definition, and a
change of them is no reason for another server."""
_COPIES = {
    "vendor": ("go.mod",),
    "node_modules": ("package-lock.json", "npm-shrinkwrap.json"),
}
"""Folders with copies of what others wrote, and the files that say which copies these are."""
_BUILT = {
    "build": ("build.gradle", "build.gradle.kts"),
    "target": ("pom.xml",),
}
"""Folders with what Java's build tools leave, and the files that they are beside. A folder of that
name elsewhere is source, such as a package `target`."""
_OTHER_LANGUAGES = ("go.mod", "package.json")
"""Where one of these is, such a folder may be source."""
_MAVEN_SETTINGS = ".mvn"
"""The one hidden folder that is source: Maven's wrapper reads there which Maven to bring."""


def source_digest(folder: Path) -> str:
    """Return a digest of the source's files and their names.

    What `go mod vendor` and `npm ci` add does not count: go.sum and npm's lock file, which do, fix
    every byte of it.
    """
    hashed = hashlib.sha256()
    pinned = {copies for copies, marks in _COPIES.items() if _has(folder, marks)}
    for path in _files(folder):
        name = path.relative_to(folder)
        if name.parts[0] not in pinned:
            content = path.read_bytes()
            hashed.update(f"{name.as_posix()}\0{len(content)}\0".encode() + content)
    return hashed.hexdigest()


def pack_source(folder: Path) -> list[bytes]:
    """Return the source as a tar.gz, in parts. Equal files give equal bytes.

    Raises FabricError where it is too large for MOST_PARTS.
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in _files(folder):
            content = path.read_bytes()
            entry = tarfile.TarInfo(path.relative_to(folder).as_posix())
            entry.size = len(content)
            entry.mode = 0o644
            archive.addfile(entry, io.BytesIO(content))
    packed = gzip.compress(buffer.getvalue(), mtime=0)
    if len(packed) > MOST_PARTS * PART_SIZE:
        raise FabricError(
            f"The source in {folder} is {len(packed) // 2**20} MiB packed, and at most "
            f"{MOST_PARTS * PART_SIZE // 2**20} MiB can be sent to the cluster: "
            f"{_smaller(folder)}, or build an image of it and name that in network.yaml (`image`)."
        )
    return [packed[at : at + PART_SIZE] for at in range(0, len(packed), PART_SIZE)]


def _smaller(folder: Path) -> str:
    if _has(folder, ("node_modules",)):
        return (
            "run `npm ci --omit=dev` in it, which leaves out what only development needs, or take "
            "out node_modules, and the cluster fetches the packages"
        )
    return "take out what the build does not need"


def _has(folder: Path, names: tuple[str, ...]) -> bool:
    return any((folder / name).exists() for name in names)


def _files(folder: Path) -> list[Path]:
    """Every file of the source but hidden ones; a link to a file is that file.

    Raises FabricError for a link to anything else, which would be left out without a word.
    """
    left_out = {folder / COLLECTIONS, *_built(folder)}
    shown = [
        path
        for path in sorted(folder.rglob("*"))
        if not any(_is_hidden(part) for part in path.relative_to(folder).parts)
        and left_out.isdisjoint((path, *path.parents))
    ]
    for path in shown:
        if path.is_symlink() and not path.is_file():
            raise FabricError(
                f"The link {path} leads to no file, and only links to files can be sent to the "
                "cluster: put a copy of what it leads to in its place, or take it out."
            )
    return [path for path in shown if path.is_file()]


def _is_hidden(name: str) -> bool:
    return name.startswith(".") and name != _MAVEN_SETTINGS


def _built(folder: Path) -> set[Path]:
    """What Java's build tools have left in the folder and in its subprojects."""
    if _has(folder, _OTHER_LANGUAGES):
        return set()
    return {
        mark.parent / leaves
        for leaves, marks in _BUILT.items()
        for name in marks
        for mark in folder.rglob(name)
    }
