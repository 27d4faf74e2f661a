"""Making a thing once: whole or not at all, however often and wherever the making is killed.

A product is a folder. It is made under another name and then renamed, and it carries a digest of
what it was made of: it is made again only when that changes. A lock that ends with its process
keeps two makers of the same product apart.
"""

import fcntl
import hashlib
import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

STAMP = ".made-of"
"""The file in a product that says what it was made of."""


def digest(*parts: str | bytes | Path) -> str:
    """Return a digest of texts and of files' contents."""
    total = hashlib.sha256()
    for part in parts:
        content = part.read_bytes() if isinstance(part, Path) else part
        content = content.encode() if isinstance(content, str) else content
        total.update(hashlib.sha256(content).digest())
    return total.hexdigest()


def is_made(folder: Path, made_of: str) -> bool:
    """Say whether the product is there and made of just this."""
    try:
        return (folder / STAMP).read_text() == made_of
    except FileNotFoundError:
        return False


@contextmanager
def locked(path: Path) -> Generator[None]:
    """Be the only process that works on ``path``; wait for others to end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f".{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def make(folder: Path, made_of: str, build: Callable[[Path], None]) -> None:
    """Make the product ``folder``: ``build`` fills the empty folder that it is given."""
    if is_made(folder, made_of):
        return
    with locked(folder):
        if is_made(folder, made_of):
            return
        new = folder.with_name(f".{folder.name}.new")
        old = folder.with_name(f".{folder.name}.old")
        shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
        new.mkdir(parents=True)
        build(new)
        (new / STAMP).write_text(made_of)
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
        shutil.rmtree(old, ignore_errors=True)


def write(path: Path, content: str | bytes, *, mode: int = 0o644) -> None:
    """Write a file whole or not at all, with the permissions ``mode`` from the start."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    new.touch(mode=mode)
    new.write_bytes(content.encode() if isinstance(content, str) else content)
    new.chmod(mode)
    new.rename(path)
