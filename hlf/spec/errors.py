"""Mistakes in the input files and settings: one sentence each, and all of them at once.

What Fabric or Kubernetes refuse later, while the network comes up, is not in here.
"""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

_LISTED_AT_MOST = 12


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """One thing that is wrong in one place, and what to do about it."""

    file: str
    """As the user named it: `samples/simple/network.yaml`, or `Pulumi.dev.yaml`."""
    path: str
    """`network.channels[1].orgs[2]`; empty where the file as a whole is meant."""
    problem: str
    remedy: str
    line: int | None = None
    """The first line is 1; None where the file has no lines to point at."""

    def __str__(self) -> str:
        """`file:line: path: problem; remedy`, in one line."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        path = f"{self.path}: " if self.path else ""
        return " ".join(f"{place}: {path}{self.problem}; {self.remedy}".split())


class SpecError(Exception):
    """Every mistake of the input, in the order of the files and of their lines."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


class Mistakes:
    """Collects mistakes while the files are read.

    The same mistake is told once, although YAML aliases make one line appear in many places.
    """

    def __init__(self) -> None:
        self._told: dict[tuple[str, str, object], Mistake] = {}

    def __bool__(self) -> bool:
        return bool(self._told)

    def tell(self, mistake: Mistake, *, place: object = None) -> None:
        """Keep `mistake`; `place` (line and column) says which ones are the same."""
        key = (mistake.file, mistake.problem, mistake.path if place is None else place)
        self._told.setdefault(key, mistake)

    def ordered(self, files: Iterable[str]) -> tuple[Mistake, ...]:
        """All mistakes, by file in the order of `files`, then by line."""
        ranks = {file: rank for rank, file in enumerate(files)}
        return tuple(
            sorted(
                self._told.values(),
                key=lambda mistake: (ranks.get(mistake.file, len(ranks)), mistake.line or 0),
            )
        )


def suggest(word: str, known: Iterable[str]) -> str:
    """The remedy for a word that is none of `known`: the closest one, else what there is."""
    words = sorted(set(known))
    by_lower = {each.lower(): each for each in reversed(words)}
    close = difflib.get_close_matches(word.lower(), by_lower, n=1)
    if close:
        return f"did you mean `{by_lower[close[0]]}`?"
    if not words:
        return "there is none to choose from"
    listed = ", ".join(f"`{each}`" for each in words[:_LISTED_AT_MOST])
    return f"there is {listed}{' and more' if len(words) > _LISTED_AT_MOST else ''}"
