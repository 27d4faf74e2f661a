"""Container images as archives (``docker save`` format), written without a container engine.

An image is one layer, made of files of this machine and of texts. The same content gives the same
bytes: no times, no names of users.
"""

import hashlib
import io
import json
import platform
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True, kw_only=True)
class File:
    """A regular file: its content, or the file of this machine that has it."""

    content: bytes | Path
    mode: int = 0o644


@dataclass(frozen=True, kw_only=True)
class Link:
    """A symbolic link."""

    target: str


@dataclass(frozen=True, kw_only=True)
class Folder:
    """A folder; those on the way to something need not be named."""

    mode: int = 0o755
    owner: int = 0


Root = Mapping[str, File | Link | Folder]
"""What is in an image, by absolute path."""


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image: its name with tag, its root folder by absolute path, and how it is run.

    ``configuration`` has the words of Docker's image configuration: Env, Entrypoint, Cmd, ...
    """

    name: str
    root: Root
    configuration: Mapping[str, Any] = field(default_factory=dict)


def write(image: Image, path: Path) -> None:
    """Write the archive of the image to a file."""
    with tempfile.TemporaryFile(dir=path.parent) as layer:
        _write_layer(image.root, layer)
        layer.seek(0)
        layer_digest = hashlib.file_digest(layer, "sha256").hexdigest()
        configuration = json.dumps(
            {
                "architecture": _ARCHITECTURES.get(platform.machine(), platform.machine()),
                "os": "linux",
                "config": dict(image.configuration),
                "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer_digest}"]},
            },
            sort_keys=True,
        ).encode()
        configuration_name = f"{hashlib.sha256(configuration).hexdigest()}.json"
        layer_name = f"{layer_digest}/layer.tar"
        manifest = [
            {"Config": configuration_name, "RepoTags": [image.name], "Layers": [layer_name]}
        ]
        with tarfile.open(path, "w") as archive:
            _add(archive, configuration_name, configuration)
            size = layer.tell()
            layer.seek(0)
            member = tarfile.TarInfo(layer_name)
            member.size = size
            archive.addfile(member, layer)
            _add(archive, "manifest.json", json.dumps(manifest).encode())


def copy(path: Path) -> File:
    """Return a file of this machine as it is, open to everyone who may need it."""
    return File(content=path, mode=0o755 if path.stat().st_mode & 0o100 else 0o644)


def tree(
    source: Path, at: str, *, pattern: str = "*", keep_links: bool = False
) -> dict[str, File | Link]:
    """Return all files below a folder of this machine, to lie below ``at`` in an image.

    ``pattern`` is what their names match. Symbolic links become the files that they lead to here;
    ``keep_links`` leaves them as they are, for what is to lie where it thinks that it lies.
    """
    return {
        f"{at}/{path.relative_to(source)}": Link(target=str(path.readlink()))
        if keep_links and path.is_symlink()
        else copy(path)
        for path in sorted(source.rglob(pattern))
        if path.is_file() or (keep_links and path.is_symlink())
    }


def _write_layer(root: Root, into: IO[bytes]) -> None:
    with tarfile.open(fileobj=into, mode="w") as layer:
        for name, entry in _with_parents(root):
            member = tarfile.TarInfo(name.lstrip("/"))
            if isinstance(entry, Folder):
                member.type, member.mode = tarfile.DIRTYPE, entry.mode
                member.uid = member.gid = entry.owner
                layer.addfile(member)
            elif isinstance(entry, Link):
                member.type, member.linkname, member.mode = tarfile.SYMTYPE, entry.target, 0o777
                layer.addfile(member)
            elif isinstance(entry.content, bytes):
                member.mode, member.size = entry.mode, len(entry.content)
                layer.addfile(member, io.BytesIO(entry.content))
            else:
                member.mode, member.size = entry.mode, entry.content.stat().st_size
                with entry.content.open("rb") as content:
                    layer.addfile(member, content)


def _with_parents(root: Root) -> Iterator[tuple[str, File | Link | Folder]]:
    """Yield everything in the order of paths, each folder before what is in it."""
    parents = {
        str(parent): Folder()
        for path in root
        for parent in PurePosixPath(path).parents
        if str(parent) != "/"
    }
    yield from sorted((parents | dict(root)).items())


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))
