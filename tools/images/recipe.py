"""What an image is made of, and making its archive."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tools import archive, products
from tools.archive import Image
from tools.home import CHECKOUT, Home
from tools.images import base


class Part(Protocol):
    """Something of an exact version that goes into an image: a program, packages, libraries."""

    @property
    def made_of(self) -> str:
        """A digest of everything that decides the part's content."""
        ...


@dataclass(frozen=True, kw_only=True)
class Sources:
    """What an image has of our own: the files of a folder of ``tools``, but for tests."""

    name: str

    @property
    def folder(self) -> Path:
        """Where they are."""
        return CHECKOUT / "tools" / self.name

    @property
    def files(self) -> tuple[Path, ...]:
        """The files, in the order of their names."""
        found = sorted(path for path in self.folder.iterdir() if path.is_file())
        return tuple(path for path in found if ".test." not in path.name)

    @property
    def made_of(self) -> str:
        """A digest of all of them."""
        return products.digest(repr([path.name for path in self.files]), *self.files)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How to make an image: what it is called, what it is made of, and its content."""

    name: str
    parts: tuple[Part, ...] = ()
    image: Callable[[Home], Image]

    @property
    def folder(self) -> str:
        """The image's name as a file name."""
        return self.name.replace("/", "_").replace(":", "_")


def made_of(recipe: Recipe) -> str:
    """Return a digest of everything that decides the image's content."""
    code = (inspect.getfile(recipe.image), base.__file__, archive.__file__)
    parts = [part.made_of for part in recipe.parts]
    return products.digest(recipe.name, repr(parts), *map(Path, code))


def is_made(home: Home, recipe: Recipe) -> bool:
    """Say whether the image's archive is there, as it is made today."""
    return products.is_made(home.images / recipe.folder, made_of(recipe))


def make(home: Home, recipe: Recipe) -> Path:
    """Return the image's archive; make it if needed."""
    folder = home.images / recipe.folder
    products.make(
        folder,
        made_of(recipe),
        lambda new: archive.write(recipe.image(home), new / "image.tar"),
    )
    return folder / "image.tar"
