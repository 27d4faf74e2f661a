"""The base system of images: Debian's busybox, and the libraries that programs are linked with."""

from collections.abc import Mapping
from pathlib import Path

from tools import archive, command, debian
from tools.archive import File, Folder, Link
from tools.home import Home

PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
Contents = dict[str, File | Link | Folder]
_NAME_SERVICES = "passwd: files\ngroup: files\nhosts: files dns\n"


def busybox(home: Home, users: Mapping[str, int]) -> Contents:
    """Return a system with a shell and with these users, by name; each has a group of its own.

    Not Debian's static busybox, which fails when it looks up a name.
    """
    system = debian.unpack(home)
    binary = system / "bin" / "busybox"
    commands = command.read([binary, "--list"], what="ask busybox for its commands").split()
    loader = next(system.glob("lib*/ld-linux*"))
    root: Contents = {
        f"/bin/{name}": Link(target="/bin/busybox") for name in commands if name != "busybox"
    }
    root |= {"/bin/busybox": archive.copy(binary), "/tmp": Folder(mode=0o1777)}  # noqa: S108
    root |= libraries(system, "libc.so.6", "libresolv.so.2")
    # In the package it is a link to an absolute path, which is this machine's own.
    root[f"/{loader.relative_to(system)}"] = archive.copy(_library(system, loader.name))
    root |= {path: File(content=text.encode()) for path, text in _accounts(users).items()}
    return root


def libraries(system: Path, *names: str) -> Contents:
    """Return shared libraries of a folder with unpacked packages, where the loader finds them."""
    found = [_library(system, name) for name in names]
    return {f"/lib/{path.parent.name}/{path.name}": archive.copy(path) for path in found}


def _library(system: Path, name: str) -> Path:
    return next(system.glob(f"**/lib/*/{name}"))


def _accounts(users: Mapping[str, int]) -> dict[str, str]:
    people = [(name, number, f"/home/{name}", "/bin/sh") for name, number in users.items()]
    everyone = [
        ("root", 0, "/root", "/bin/sh"),
        *people,
        ("nobody", 65534, "/nonexistent", "/bin/false"),
    ]
    groups = [("root", 0), *users.items(), ("nogroup", 65534)]
    return {
        "/etc/passwd": "".join(
            f"{name}:x:{number}:{number}::{folder}:{shell}\n"
            for name, number, folder, shell in everyone
        ),
        "/etc/group": "".join(f"{name}:x:{number}:\n" for name, number in groups),
        "/etc/nsswitch.conf": _NAME_SERVICES,
    }
