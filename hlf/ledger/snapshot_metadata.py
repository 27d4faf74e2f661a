"""What a peer writes down about a snapshot that it made: of what it is, and which files it has.

`_snapshot_signable_metadata.json` has the SHA-256 of each other file. It is the same on all peers
that made a snapshot of a channel at the same block, whose hashes of states are equal then.
`_snapshot_additional_metadata.json` has the SHA-256 of that file. A peer that joins by the snapshot
checks all of them.

Source: Fabric's `core/ledger/kvledger/snapshot.go`.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hlf.errors import FabricError

SIGNABLE = "_snapshot_signable_metadata.json"
ADDITIONAL = "_snapshot_additional_metadata.json"

_SHA256 = re.compile("[0-9a-f]{64}")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
"""Of a file in the folder itself."""


@dataclass(frozen=True, kw_only=True)
class SnapshotMetadata:
    """A snapshot."""

    channel: str
    last_block: int
    """The number of the last block whose transactions are in it."""
    files: Mapping[str, str]
    """SHA-256 in hex of each file, but for the two that say so."""


def read_metadata(signable: bytes, additional: bytes) -> SnapshotMetadata:
    """What the two files say. Raises FabricError where a peer did not write them so."""
    told = _parsed(ADDITIONAL, additional).get("snapshot_hash")
    if told != hashlib.sha256(signable).hexdigest():
        raise _damaged(f"{SIGNABLE} has not the hash that {ADDITIONAL} says")
    content = _parsed(SIGNABLE, signable)
    channel, last_block = content.get("channel_name"), content.get("last_block_number")
    files = content.get("snapshot_files_raw_hashes")
    if not (isinstance(channel, str) and isinstance(last_block, int) and isinstance(files, dict)):
        raise _damaged(f"{SIGNABLE} does not say its channel, its block and its files")
    for name, digest in files.items():
        if not _NAME.fullmatch(name) or name in {SIGNABLE, ADDITIONAL}:
            raise _damaged(f"{SIGNABLE} names a file {name!r}, which none of a snapshot is called")
        if not isinstance(digest, str) or not _SHA256.fullmatch(digest):
            raise _damaged(f"{SIGNABLE} has no SHA-256 for {name}")
    return SnapshotMetadata(channel=channel, last_block=last_block, files=files)


def _parsed(name: str, content: bytes) -> dict[str, Any]:
    try:
        value = json.loads(content)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise _damaged(f"{name} is no JSON object")
    return value


def _damaged(wrong: str) -> FabricError:
    return FabricError(f"this snapshot is not as a peer made it: {wrong}; make another")
