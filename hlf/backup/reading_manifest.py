"""Manifests read back: exactly right, or refused with a sentence that names the place.

A manifest is encrypted and authenticated, so what is wrong in it was written so: by another version
of this program, or by a mistake. Either way nothing of it is guessed.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, NoReturn, TypeVar, cast

from hlf.backup.errors import Damaged
from hlf.backup.manifest import (
    FORMAT,
    ROLES,
    Content,
    File,
    Folder,
    Ledger,
    Link,
    Manifest,
    Node,
    Origin,
    Tree,
)
from hlf.backup.repository import CHUNK, Repository

_Value = TypeVar("_Value")

_HASH = re.compile(r"[0-9a-f]{64}")
_HEX = re.compile(r"([0-9a-f]{2})*")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_HIGHEST_MODE = 0o7777


class _Wrong(Exception):  # noqa: N818 - never leaves this module
    """Where, and what; the rest of the sentence is the caller's."""


def read_manifest(repository: Repository, key: str) -> Manifest | None:
    """A backup's manifest; None where the backup was given up. NotThere, Damaged."""
    data = repository.get_manifest(key)
    if data is None:
        return None
    manifest = decode(data, place=f"the manifest of backup {key} in the store {repository}")
    if manifest.key != key:
        raise Damaged(
            f"the manifest of backup {key} in the store {repository} says that it is that of "
            f"{manifest.key}; choose another backup"
        )
    return manifest


def decode(data: bytes, *, place: str) -> Manifest:
    """The manifest that `encode` wrote; `place` is what errors call it. Damaged."""
    return _decoded(data, place, _manifest)


def decode_node(data: bytes, *, place: str) -> Node:
    """The node that `encode_node` wrote; `place` is what errors call it. Damaged."""
    return _decoded(data, place, lambda value: _node(value, "node"))


def _decoded(data: bytes, place: str, read: Callable[[Any], _Value]) -> _Value:
    try:
        return read(json.loads(data, object_pairs_hook=_no_duplicates))
    except _Wrong as wrong:
        raise Damaged(
            f"{place} is not right: {wrong}; use the version of the program that made it, "
            "or another backup"
        ) from None
    except ValueError:
        raise Damaged(f"{place} is not JSON; choose another backup") from None


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Wrong("a name is there twice")
    return found


def _manifest(value: Any) -> Manifest:
    if isinstance(value, dict) and value.get("format") != FORMAT:
        _refuse("format", f"it is {value.get('format')!r}, and this program knows {FORMAT}")
    read = _object(
        value, "", "format", "key", "begun", "ended", "network", "nodes", "objects", "inputs"
    )
    nodes = tuple(
        _node(each, f"nodes[{number}]") for number, each in enumerate(_list(read["nodes"], "nodes"))
    )
    _distinct([node.name for node in nodes], "nodes")
    return Manifest(
        key=_text(read["key"], "key"),
        begun=_time(read["begun"], "begun"),
        ended=_time(read["ended"], "ended"),
        network=_origin(read["network"], "network"),
        nodes=nodes,
        objects=_mapping(read["objects"], "objects", _content),
        inputs=_mapping(read["inputs"], "inputs", _content),
    )


def _origin(value: Any, place: str) -> Origin:
    read = _object(value, place, "namespace", "stack", "fabric", "shape", "nodes")
    return Origin(
        namespace=_text(read["namespace"], f"{place}.namespace"),
        stack=_text(read["stack"], f"{place}.stack"),
        fabric=_text(read["fabric"], f"{place}.fabric"),
        shape=_mapping(read["shape"], f"{place}.shape", _text),
        nodes=_mapping(read["nodes"], f"{place}.nodes", _role),
    )


def _node(value: Any, place: str) -> Node:
    # which backups of before do not have
    later = {"stopped": ""}
    read = _object(
        {**later, **value} if isinstance(value, dict) else value,
        place,
        *("name", "msp_id", "role", "tree", "ledgers", *later),
    )
    return Node(
        name=_text(read["name"], f"{place}.name"),
        msp_id=_text(read["msp_id"], f"{place}.msp_id"),
        role=_role(read["role"], f"{place}.role"),
        tree=_tree(read["tree"], f"{place}.tree"),
        ledgers=_mapping(read["ledgers"], f"{place}.ledgers", _ledger),
        stopped=_time(read["stopped"], f"{place}.stopped") if read["stopped"] else "",
    )


def _role(value: Any, place: str) -> str:
    role = _text(value, place)
    if role not in ROLES:
        _refuse(place, f"{role!r} is none of {', '.join(sorted(ROLES))}")
    return role


def _ledger(value: Any, place: str) -> Ledger:
    read = _object(value, place, "height", "last_hash")
    last_hash = _text(read["last_hash"], f"{place}.last_hash")
    if _HEX.fullmatch(last_hash) is None:
        _refuse(f"{place}.last_hash", f"{last_hash!r} is not hexadecimal")
    return Ledger(height=_number(read["height"], f"{place}.height"), last_hash=last_hash)


def _tree(value: Any, place: str) -> Tree:
    read = _object(value, place, "files", "folders", "links")
    files: list[File] = []
    for at, each in _each(read["files"], f"{place}.files"):
        entry = _object(each, at, "path", "mode", "content")
        path = _path(entry["path"], f"{at}.path")
        files.append(
            File(
                path=path,
                mode=_mode(entry["mode"], f"{at}.mode"),
                content=_content(entry["content"], f"{at} ({path})"),
            )
        )
    folders: list[Folder] = []
    for at, each in _each(read["folders"], f"{place}.folders"):
        entry = _object(each, at, "path", "mode")
        folders.append(
            Folder(path=_path(entry["path"], f"{at}.path"), mode=_mode(entry["mode"], f"{at}.mode"))
        )
    links: list[Link] = []
    for at, each in _each(read["links"], f"{place}.links"):
        entry = _object(each, at, "path", "target")
        links.append(
            Link(
                path=_path(entry["path"], f"{at}.path"),
                target=_text(entry["target"], f"{at}.target"),
            )
        )
    tree = Tree(files=tuple(files), folders=tuple(folders), links=tuple(links))
    _check_places(tree, place)
    return tree


def _check_places(tree: Tree, place: str) -> None:
    """Everything has one place, in a folder that is there: nothing is written through a link."""
    files = [file.path for file in tree.files]
    folders = [folder.path for folder in tree.folders]
    paths = [each.path for each in (*tree.files, *tree.folders, *tree.links)]
    _distinct(paths, place)
    for name, listed in (("files", files), ("folders", folders)):
        if listed != sorted(listed):
            _refuse(f"{place}.{name}", "they are not sorted")
    known = set(folders)
    for path in paths:
        above = str(PurePosixPath(path).parent)
        if above != "." and above not in known:
            _refuse(place, f"{path} is in no folder of it")


def _content(value: Any, place: str) -> Content:
    read = _object(value, place, "size", "sha256", "chunks")
    size = _number(read["size"], f"{place}.size")
    chunks = tuple(_hash(each, at) for at, each in _each(read["chunks"], f"{place}.chunks"))
    if len(chunks) != -(-size // CHUNK):
        _refuse(place, f"{size} bytes are not in {len(chunks)} chunks")
    return Content(size=size, sha256=_hash(read["sha256"], f"{place}.sha256"), chunks=chunks)


def _object(value: Any, place: str, *names: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        _refuse(place, "it is no object")
    read = cast("dict[str, Any]", value)
    for name in names:
        if name not in read:
            _refuse(place, f"`{name}` is missing")
    for name in read:
        if name not in names:
            _refuse(place, f"`{name}` is not known")
    return read


def _mapping(value: Any, place: str, read: Callable[[Any, str], _Value]) -> Mapping[str, _Value]:
    if not isinstance(value, dict):
        _refuse(place, "it is no object")
    return {name: read(each, f"{place}.{name}") for name, each in value.items()}


def _list(value: Any, place: str) -> list[Any]:
    if not isinstance(value, list):
        _refuse(place, "it is no list")
    return cast("list[Any]", value)


def _each(value: Any, place: str) -> list[tuple[str, Any]]:
    return [(f"{place}[{number}]", each) for number, each in enumerate(_list(value, place))]


def _text(value: Any, place: str) -> str:
    if not isinstance(value, str):
        _refuse(place, f"{value!r} is no text")
    return value


def _number(value: Any, place: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        _refuse(place, f"{value!r} is no whole number")
    return value


def _mode(value: Any, place: str) -> int:
    mode = _number(value, place)
    if mode > _HIGHEST_MODE:
        _refuse(place, f"{mode:o} are no permissions")
    return mode


def _hash(value: Any, place: str) -> str:
    text = _text(value, place)
    if _HASH.fullmatch(text) is None:
        _refuse(place, f"{text!r} is no SHA-256")
    return text


def _time(value: Any, place: str) -> str:
    text = _text(value, place)
    try:
        datetime.fromisoformat(text)
    except ValueError:
        _refuse(place, f"{text!r} is no time")
    if _TIME.fullmatch(text) is None:
        _refuse(place, f"{text!r} is no time in UTC, such as 2026-11-25T09:14:00Z")
    return text


def _path(value: Any, place: str) -> str:
    """A path that stays where it is put."""
    text = _text(value, place)
    parts = text.split("/")
    if "\0" in text or any(part in ("", ".", "..") for part in parts):
        _refuse(place, f"{text!r} is no path below the node's folder")
    return text


def _distinct(names: list[str], place: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            _refuse(place, f"{name} is there twice")
        seen.add(name)


def _refuse(place: str, what: str) -> NoReturn:
    raise _Wrong(f"{place}: {what}" if place else what)
