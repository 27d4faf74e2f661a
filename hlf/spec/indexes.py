"""The CouchDB indexes that a chaincode brings in its folder, below `META-INF/statedb/couchdb`.

Peers make them when the chaincode is defined. Follows Fabric's `internal/ccmetadata/validators.go`:
`indexes/<name>.json` for the chaincode's own data, `collections/<collection>/indexes/<name>.json`
for a collection's.
"""

import json
import os
import re
import tarfile
from pathlib import Path

from hlf.spec.network_yaml import ChaincodeEntry

_BELOW = "META-INF"
_FOLDER = f"{_BELOW}/statedb/couchdb"
_PLACE = re.compile(
    r"statedb/couchdb/(?:indexes|collections/[A-Za-z0-9_-]+/indexes)/[A-Za-z0-9_.-]+\.json"
)
_LARGEST = 64 * 1024
"""Bytes; they are in the previews and in the stack's state."""


def read(chaincode: ChaincodeEntry, *, folder: Path, shown: str) -> dict[str, str]:
    """The indexes, JSON texts by their paths below META-INF; what is wrong with one is told.

    `folder` is the folder of all chaincodes, which `shown` names; the chaincode need not have one.
    """
    base = folder / chaincode.name.text
    if not os.path.isdir(base / _FOLDER):  # noqa: PTH112 - Path.is_dir raises on odd paths
        return {}
    paths = sorted(each for each in (base / _FOLDER).rglob("*") if each.is_file())
    found: dict[str, str] = {}
    for path in paths:
        named = f"{shown}/{chaincode.name.text}/{path.relative_to(base).as_posix()}"
        place = path.relative_to(base / _BELOW).as_posix()
        if not _PLACE.fullmatch(place):
            chaincode.name.at.tell(
                f"Fabric takes {named} for no index",
                "put indexes into `indexes`, or into `collections/<collection>/indexes`, with "
                "names that end in `.json`",
            )
            continue
        if not _carried(f"{_BELOW}/{place}"):
            chaincode.name.at.tell(
                f"the path of {named} is too long for a chaincode package",
                "give the file a name of at most 100 characters, with its `.json`, and a "
                "collection one of at most 110",
            )
            continue
        problem, text = _problem(path)
        if problem:
            chaincode.name.at.tell(
                f"{named} {problem}",
                'write an index as for CouchDB, as in `{"index": {"fields": ["owner"]}, '
                '"ddoc": "owners", "name": "owner", "type": "json"}`',
            )
        else:
            found[place] = text
    return found


def _carried(path: str) -> bool:
    """Whether a package has room for a path; its archives are as `hlf.client.package` makes them.

    Their format splits a long path at a slash: at most 155 characters before it, 100 after it.
    """
    try:
        tarfile.TarInfo(path).tobuf(tarfile.USTAR_FORMAT)
    except ValueError:
        return False
    return True


def _problem(path: Path) -> tuple[str, str]:
    """What is wrong with a file, or nothing, and its text."""
    data = path.read_bytes()
    if len(data) > _LARGEST:
        return f"is larger than {_LARGEST // 1024} KiB", ""
    try:
        text = data.decode()
        content = json.loads(text)
    except (UnicodeDecodeError, ValueError) as error:
        return f"is no JSON ({error})", ""
    if not isinstance(content, dict) or not isinstance(content.get("index"), dict):
        return "has no `index`", ""
    fields = content["index"].get("fields")
    if not isinstance(fields, list) or not fields:
        return "has no `index.fields`", ""
    return "", text
