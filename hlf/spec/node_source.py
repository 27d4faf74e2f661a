"""The file that a chaincode in Node.js is started by, as far as it starts Fabric's library."""

import re
from dataclasses import dataclass
from pathlib import Path

from hlf.spec.comments import without_comments
from hlf.spec.node_package import SHIM, Package

_PROGRAM = re.compile(r"(?:^|&&)\s*node\s+(?:-\S+\s+)*([^\s&|;<>-][^\s&|;<>]*)\s*$")
_TOKEN = re.compile(
    r"(?P<comment>//[^\n]*|/\*.*?\*/)"
    r'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\'(?:\\.|[^\'\\\n])*\'',
    re.DOTALL,
)
_QUOTED = rf"['\"]{SHIM}['\"]"
_REQUIRED = rf"\s*=\s*require\(\s*{_QUOTED}\s*\)"
_IMPORTED = rf"\s+from\s+{_QUOTED}"
_NAMES = (
    re.compile(rf"\b(?:const|let|var)\s+(\w+){_REQUIRED}"),
    re.compile(rf"\b(?:const|let|var)\s*\{{[^}}]*\b(Shim)\b[^}}:]*\}}{_REQUIRED}"),
    re.compile(rf"\bimport\s+(?:\*\s+as\s+)?(\w+){_IMPORTED}"),
    re.compile(rf"\bimport\s*\{{[^}}]*\b(Shim)\b[^}}]*\}}{_IMPORTED}"),
)
_ARGUMENT = re.compile(r"\s*((?:[^()]|\((?:[^()]|\([^()]*\))*\))+?)\s*\)")
_LONGEST_SHOWN = 60
_SERVER = re.compile(r"\bserver\s*\(")
_PLAIN = re.compile(r"\.\s*server\s*\([^;{}]*\{[^{}]*\baddress\b[^{}]*\}\s*\)")


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call of the library: by which name, with what, and where."""

    name: str
    argument: str
    line: int


@dataclass(frozen=True, kw_only=True)
class Program:
    """A JavaScript file."""

    path: Path
    code: str
    """Without comments; everything is where it was."""

    def dials(self) -> Call | None:
        """Where it surely dials the peer: it starts the library, and there is no server."""
        if _SERVER.search(self.code):
            return None
        for name in (found for each in _NAMES for found in each.findall(self.code)):
            call = re.search(rf"(?m)(?:^|[;{{])\s*{name}\s*\.\s*start\s*\(", self.code)
            if call:
                at = self.code.index(name, call.start())
                return Call(name=name, argument=self._argument(call.end()), line=self._line(at))
        return None

    def serves_plainly(self) -> int | None:
        """The line of a server that surely speaks no TLS: there is no word of it in the file."""
        found = _PLAIN.search(self.code)
        if found is None or "..." in found[0] or "tls" in self.code.lower():
            return None
        return self._line(found.start())

    def _argument(self, start: int) -> str:
        """What a call whose parenthesis ends at `start` is given; `chaincode` if that is long."""
        found = _ARGUMENT.match(self.code, start)
        text = " ".join(found[1].split()) if found else ""
        return text if text and len(text) <= _LONGEST_SHOWN and "`" not in text else "chaincode"

    def _line(self, at: int) -> int:
        return self.code.count("\n", 0, at) + 1


def program_of(folder: Path, package: Package) -> Program | None:
    """The file that the script `start` names; None where it names none that is there."""
    named = _PROGRAM.search(package.start or "")
    if named is None:
        return None
    path = file_of(folder, (package.main or "index.js") if named[1] == "." else named[1])
    if path is None:
        return None
    text = path.read_text(encoding="utf-8", errors="replace")
    return Program(path=path, code=without_comments(text, _TOKEN))


def file_of(folder: Path, name: str) -> Path | None:
    """The file that Node.js means by a name."""
    at = folder / name
    return next((p for p in (at, Path(f"{at}.js"), at / "index.js") if p.is_file()), None)
