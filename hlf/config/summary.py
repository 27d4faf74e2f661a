"""What a configuration update changes, as lines for the admin who is asked to sign it.

An update tells what it adds (`+`) and changes (`~`). What goes it does not mention: of a group
whose members change it lists all that stay, and so do the lines (`=`).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from hlf.config import policy
from hlf.config.protos import ConfigGroup, ConfigUpdate


def summary(update: ConfigUpdate) -> list[str]:
    """Return `~ Channel/Application/policies/Admins: MAJORITY Admins` and the like."""
    return list(_group("Channel", update.read_set, update.write_set))


def _group(path: str, before: ConfigGroup, after: ConfigGroup) -> Iterator[str]:
    elements = (
        (f"{path}/values", before.values, after.values),
        (f"{path}/policies", before.policies, after.policies),
    )
    if after.version > before.version:
        for kind, old, new in (*elements, (path, before.groups, after.groups)):
            if old or new:
                yield f"= {kind}: {', '.join(sorted(new)) or 'none'}"
    for kind, old, new in elements:
        yield from _elements(kind, old, new)
    for name, child in sorted(after.groups.items()):
        if name in before.groups:
            yield from _group(f"{path}/{name}", before.groups[name], child)
        else:
            yield f"+ {path}/{name}"


def _elements(path: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for name, element in sorted(after.items()):
        if name in before and element.version == before[name].version:
            continue
        rule = f": {policy.show(element.policy)}" if path.endswith("/policies") else ""
        yield f"{'~' if element.version else '+'} {path}/{name}{rule}"
