"""Which capabilities there are, and since which Fabric they are understood.

Follows Fabric's `common/capabilities`. What the nodes' version of Fabric understands is
`hlf.spec.versions`.
"""

from collections.abc import Iterable

from hlf.spec.errors import suggest
from hlf.spec.reader import Fields, Reader, Word

_KNOWN = {
    "Channel": ("V1_1", "V1_3", "V1_4_2", "V1_4_3", "V2_0", "V3_0"),
    "Orderer": ("V1_1", "V1_4_2", "V2_0"),
    "Application": (
        "V1_1",
        "V1_1_PVTDATA_EXPERIMENTAL",
        "V1_1_RESOURCETREE_EXPERIMENTAL",
        "V1_2",
        "V1_3",
        "V1_4_2",
        "V2_0",
        "V2_5",
    ),
}
V3_0 = "V3_0"
"""The Channel capability of Fabric 3, with which BFT comes and global addresses go."""
LIFECYCLE = ("V2_0", "V2_5")
"""Application capabilities with which chaincodes have the current lifecycle."""
ADMINS_BY_NODE_OUS = ("V1_4_3", "V2_0", V3_0)
"""Channel capabilities with which certificates themselves say who is an admin."""


def read_section(at: Reader) -> None:
    """The top-level `Capabilities`: one mapping for each part of the configuration."""
    fields = at.fields(*_KNOWN)
    for part in fields.present:
        if part in _KNOWN:
            read_capabilities(fields, part, key=part)


def read_capabilities(fields: Fields, part: str, *, key: str = "Capabilities") -> tuple[Word, ...]:
    """The capabilities at `key` that are switched on; `part` is Channel, Orderer or Application."""
    known = _KNOWN[part]
    required: list[Word] = []
    for name, at in fields.entries(key).items():
        on = at.flag()
        if name not in known:
            remedy = suggest(name, known)
            at.tell(f"there is no capability `{name}` for {part}", remedy)
        elif on:
            required.append(Word(text=name, at=at))
    return tuple(required)


def has_lifecycle(application: Iterable[str]) -> bool:
    """Whether these Application capabilities bring the current chaincode lifecycle.

    Without it channels have that of Fabric 1: install, instantiate, upgrade (`lscc`).
    """
    return any(name in LIFECYCLE for name in application)
