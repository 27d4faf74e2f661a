"""Whether a chaincode in Go surely speaks no TLS, for networks in which its server has to.

Where it speaks none, the call after the commit fails, after everything has come up. Only what is
sure is told: a `ChaincodeServer` that is given `TLSProperties{Disabled: true}`, in a program that
says nothing else of TLS, not in a name and not in a text, so that it cannot decide for it. With a
second `Start` it may serve by that, as the contract API does, and passes.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from hlf.spec.go_source import files_of, program_of

PROPERTIES = "tlsProperties()"
"""What a server is given that speaks TLS where the network does."""
FROM_SAMPLE = (
    "take over the functions `tlsProperties` and `contentOf` and the imports `log`, `os` and "
    "`strconv` from samples/chaincode/very-simple/main.go"
)
"""Where that comes from."""

_PLAIN = re.compile(
    r"\bTLSProps\s*:\s*(?:\w+\s*\.\s*)?TLSProperties\s*\{\s*Disabled\s*:\s*true\s*,?\s*\}"
)
_OF_TLS = re.compile(r"tls", re.IGNORECASE)
_START = re.compile(r"\.\s*Start\s*\(\s*\)")


@dataclass(frozen=True, kw_only=True)
class Plain:
    """A server without TLS: where that is said."""

    file: str
    """In the chaincode's folder."""
    line: int


def speaks_none(folder: Path) -> Plain | None:
    """Where the program in `folder` switches TLS off; None where it has some, or may have."""
    files = files_of(folder)
    said = [
        Plain(file=file.path.name, line=file.line(found.start()))
        for file in program_of(folder, files)
        for found in _PLAIN.finditer(file.bare)
    ]
    if not said or any(_OF_TLS.search(_PLAIN.sub("", file.code)) for file in files):
        return None
    starts = sum(len(_START.findall(file.bare)) for file in files)
    return said[0] if 1 <= starts <= len(said) else None
