"""The Go files of a chaincode as a build would compile them, without what means nothing in them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hlf.spec.comments import blanked, without_comments

_TOKEN = re.compile(
    r"(?P<comment>//[^\n]*|/\*.*?\*/)"
    r'|(?P<text>"(?:\\.|[^"\\\n])*"|`[^`]*`|\'(?:\\.|[^\'\\\n])+\')',
    re.DOTALL,
)
_IGNORED = re.compile(r"(?m)^//\s*(?:go:build|\+build) ignore\b")
_MAIN = re.compile(r"(?m)^\s*package\s+main\b")


@dataclass(frozen=True, kw_only=True)
class GoFile:
    """One file."""

    path: Path
    code: str
    """Without comments; everything is where it was."""
    bare: str
    """Without the contents of strings, too."""

    def line(self, at: int) -> int:
        """The line of a place in the code; the first is 1."""
        return self.bare.count("\n", 0, at) + 1


def files_of(folder: Path) -> list[GoFile]:
    """The files of the module in `folder` that a build may compile."""
    return list(_files(folder))


def program_of(folder: Path, files: list[GoFile]) -> list[GoFile]:
    """Those of `files` that are the program itself."""
    return [each for each in files if each.path.parent == folder and _MAIN.search(each.bare)]


def _files(folder: Path) -> Iterator[GoFile]:
    for path in sorted(folder.rglob("*.go")):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith((".", "_")) or part == "testdata" for part in parts)
        if hidden or parts[0] == "vendor" or path.name.endswith("_test.go") or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if not _IGNORED.search(text):
            code = without_comments(text, _TOKEN)
            bare = _TOKEN.sub(lambda found: blanked(found[0]), text)
            yield GoFile(path=path, code=code, bare=bare)
