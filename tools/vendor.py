"""The packages of the sample chaincodes, copied beside their source.

Chaincode is built in the cluster, where nothing can be downloaded. The copies are not part of the
checkout's history.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tools import command, go, javascript, products
from tools.home import CHECKOUT, Home

_SAMPLES = CHECKOUT / "samples" / "chaincode"


@dataclass(frozen=True, kw_only=True)
class Language:
    """What the packages of a language's chaincodes are declared in, and copied to."""

    file: str
    declared: str
    """A pattern of the names of all files that decide about them."""
    copies: str
    copy: Callable[[Home, Path], None]


@dataclass(frozen=True, kw_only=True)
class Stale:
    """A chaincode whose copies are missing or of other versions."""

    folder: Path
    language: Language

    @property
    def stamp(self) -> Path:
        """The file that says what the copies were made of."""
        return self.folder / self.language.copies / products.STAMP


def stale(*languages: Language, samples: Path = _SAMPLES) -> list[Stale]:
    """Return those chaincodes in these languages."""
    return [
        Stale(folder=path.parent, language=language)
        for language in languages
        for path in sorted(samples.glob(f"*/{language.file}"))
        if not products.is_made(path.parent / language.copies, _made_of(path.parent, language))
    ]


def make(home: Home, chaincodes: list[Stale]) -> None:
    """Copy the packages of these chaincodes."""
    for each in chaincodes:
        each.language.copy(home, each.folder)
        each.stamp.parent.mkdir(exist_ok=True)
        each.stamp.write_text(_made_of(each.folder, each.language))


def _made_of(folder: Path, language: Language) -> str:
    return products.digest(*(each for each in sorted(folder.glob(language.declared))))


def _go_modules(home: Home, folder: Path) -> None:
    command.run(
        [go.find(home).binary, "mod", "vendor"],
        what=f"copy the modules of the chaincode {folder.name}",
        log=home.logs / f"vendor-{folder.name}.log",
        cwd=folder,
        env=go.environment(home),
    )


def _npm_packages(home: Home, folder: Path) -> None:
    javascript.install(home, folder, name=folder.name)


GO = Language(file="go.mod", declared="go.*", copies="vendor", copy=_go_modules)
NODE = Language(
    file="package.json", declared="package*.json", copies="node_modules", copy=_npm_packages
)
