"""What a preview says, as lines: each resource that changes, and what about it."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.e2e.harness.stack import Stack

_QUIET = ("same", "read", "read-replacement")
_WHOLE = ("create", "delete", "create-replacement", "delete-replaced")
"""Steps that are told without what is in the resource."""
_MADE_UP = ("__provider", "resource")
_DIGEST = re.compile(r"\b[0-9a-f]{8,64}\b")


def changes(stack: Stack, *options: str) -> list[str]:
    """Return `update Channel common`, and below it `  ~ config.orderer.batchTimeout: 1s => 2s`.

    Digests are left out, because they change with whatever they are made of.
    """
    steps = json.loads(stack.preview("--json", *options).output)["steps"]
    lines: list[str] = []
    for step in sorted(steps, key=lambda s: (s["op"], s["urn"])):
        if step["op"] in _QUIET:
            continue
        *_, type_, name = step["urn"].split("::")
        kind = type_.rpartition("$")[2].rpartition(":")[2]
        lines.append(f"{step['op']} {kind} {name}")
        if step["op"] not in _WHOLE:
            before, after = step["oldState"].get("inputs", {}), step["newState"].get("inputs", {})
            lines += [f"  {each}" for each in _differences(before, after)]
    return [_DIGEST.sub("<digest>", line) for line in lines]


def changes_with(stack: Stack, *options: str, **settings: Any) -> list[str]:
    """Return what a preview says with other settings, which are taken back."""
    before = dict(stack.settings)
    stack.configure(**settings)
    try:
        return changes(stack, *options)
    finally:
        stack.settings.clear()
        stack.configure(**before)


def _differences(before: Any, after: Any, path: str = "") -> Iterator[str]:
    if before == after:
        return
    if isinstance(before, list):
        yield f"~ {path}"
        return
    if not (isinstance(before, Mapping) and isinstance(after, Mapping)):
        yield f"~ {path}: {before} => {after}"
        return
    for key in sorted({*before, *after}):
        if key in _MADE_UP:
            continue
        below = f"{path}.{key}" if path else key
        if key not in before:
            yield f"+ {below}"
        elif key not in after:
            yield f"- {below}"
        else:
            yield from _differences(before[key], after[key], below)
