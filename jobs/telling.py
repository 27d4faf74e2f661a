"""What a job says: lines of progress in its log, and at its end one message for who waits for it.

The message is the container's termination message, which Kubernetes keeps in the pod's status: JSON
with `result` or `error`, of at most 4096 bytes.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_MESSAGE = Path("/dev/termination-log")
_LONGEST = 3500
"""Characters of a sentence; JSON may make more bytes of it."""
_UNITS = ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB"))


def say(line: str) -> None:
    """Write a line of progress."""
    print(line, flush=True)


def end(**message: Any) -> None:
    """Leave the last message: `result` or `error`."""
    if isinstance(error := message.get("error"), str) and len(error) > _LONGEST:
        message["error"] = error[:_LONGEST] + " ..."
    _MESSAGE.write_text(json.dumps(message))


def read(pod: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a pod's last message, or None where its container left none."""
    for container in pod.get("status", {}).get("containerStatuses", []):
        text = container.get("state", {}).get("terminated", {}).get("message", "")
        try:
            message = json.loads(text)
        except ValueError:
            continue
        if isinstance(message, dict):
            return message
    return None


def amount(size: int) -> str:
    """Say a number of bytes: `213 MB`."""
    for unit, name in _UNITS:
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size} bytes"
