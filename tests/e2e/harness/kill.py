"""`up` killed while it is in a certain step."""

import re

from tests.e2e.harness import lingering
from tests.e2e.harness.stack import Stack


def kill_in(stack: Stack, step: str, *, held_up: tuple[str, ...]) -> None:
    """Kill `up` with its plugins while a resource shows `step`, and clear away what is left.

    Steps in `held_up` take a while, so that nothing gets beyond them. The operation that the kill
    left pending proves that it came inside the step.
    """
    status = re.compile(
        rf"fabric:(\w+) (\S+) (creating|updating) \(\d+s\) (?:\[diff: .*?\]; )?{re.escape(step)}\b"
    )
    found: list[tuple[str, str, str]] = []

    def is_there(line: str) -> bool:
        match = status.search(line)
        if match:
            found.append((match[1], match[2], match[3]))
        return match is not None

    run = stack.up(ok=False, on_line=is_there, environment=lingering.environment(held_up))
    assert found, f"`{step}` did not come up:\n{run.tail()}"
    (kind, name, operation) = found[0]
    pending = stack.export()["deployment"].get("pending_operations", [])
    assert (f":{kind}::{name}", operation) in {
        (re.sub(r"^.*(?=:\w+::)", "", each["resource"]["urn"]), each["type"]) for each in pending
    }, f"the kill came after `{step}` was done"
    stack.prepare()
