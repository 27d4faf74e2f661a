"""A repository: chunks and manifests in a store, all of them encrypted.

    repository.json                what the keys are derived with; nothing secret
    chunks/<2 hex>/<id>            compressed and encrypted; named by a keyed hash of the content
    backups/<key>/manifest         encrypted; written last, once and never again
    running/<kind>/...             who is at work (see `lease.py`)

A chunk is bound to its id and a manifest to its key: one that is put in another's place, or comes
from another repository, does not open. Whoever has the store can delete, and sees sizes, times and
keys of backups; he reads nothing and changes nothing unseen.
"""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

from hlf.backup import packing, sealing
from hlf.backup.errors import AlreadyThere, Damaged, NotThere, WrongPassphrase
from hlf.backup.keys import RULE, is_key
from hlf.backup.sealing import Cost, Keys
from hlf.backup.store import Entry, Store
from hlf.errors import FabricError

FORMAT = 1
"""Of `repository.json`, and of everything below it."""
CHUNK = 4 * 1024 * 1024
"""Bytes of a chunk; the last of a file is shorter.

Chunks begin at multiples of this. Block files only grow, at most 64 MB each: of one that has
grown, what was full stays as it is, and half a chunk on average is stored again. A preallocated
write-ahead log is one chunk of zeros many times. LevelDB's tables are a little over 2 MiB and never
change: each is one chunk, where 2 MiB would make two of it. Larger chunks would store more of each
open block file again, smaller ones make more requests and longer manifests for nothing.
"""

_DESCRIPTION = "repository.json"
_CHUNKS = "chunks"
_BACKUPS = "backups"
_MANIFEST = "manifest"
_CHUNK_ID = re.compile(r"[0-9a-f]{64}")
_SALT = 16
_LARGEST_MANIFEST = 1024 * 1024 * 1024
_COSTLIEST = Cost(salt=b"", n=2**20, r=16, p=4)
"""More than this is no repository of ours, but somebody who wants our memory."""
_GIVEN_UP = b"given up"
"""Stands where a manifest would, of a backup that was taken for dead; see `lease.py`."""


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A chunk's id, and how many bytes it takes in the store."""

    id: str
    size: int


class Repository:
    """An open repository; may be used from many threads at once."""

    def __init__(self, store: Store, keys: Keys) -> None:
        self.store = store
        self._keys = keys

    def __str__(self) -> str:
        return str(self.store)

    def id_of(self, data: bytes) -> str:
        """The id that a chunk with this content has."""
        return sealing.name(self._keys.names, data)

    def chunks(self) -> Iterator[tuple[str, Entry]]:
        """The ids of all chunks, with what the store says of them; in no order."""
        for entry in self.store.list(_CHUNKS):
            chunk_id = entry.path.rpartition("/")[2]
            # A chunk that is shorter than any could be is none: it is stored again.
            if _CHUNK_ID.fullmatch(chunk_id) and entry.size > sealing.OVERHEAD:
                yield chunk_id, entry

    def put_chunk(self, chunk_id: str, data: bytes) -> Stored:
        """Store a chunk under the id that its content has."""
        sealed = sealing.seal(self._keys.chunks, packing.pack(data), bound_to=f"chunk/{chunk_id}")
        self.store.put(_chunk_path(chunk_id), sealed)
        return Stored(id=chunk_id, size=len(sealed))

    def get_chunk(self, chunk_id: str) -> bytes:
        """A chunk's content; NotThere, or Damaged where the content is not what the id says."""
        sealed = self.store.get(_chunk_path(chunk_id))
        packed = sealing.unseal(self._keys.chunks, sealed, bound_to=f"chunk/{chunk_id}")
        data = None if packed is None else packing.unpack(packed, CHUNK)
        if data is None or self.id_of(data) != chunk_id:
            raise Damaged(
                f"chunk {chunk_id} in the store {self} is not what was stored ({len(sealed)} bytes)"
            )
        return data

    def discard_chunks(self, ids: frozenset[str]) -> None:
        """Delete chunks that are damaged, so that the next backup stores them anew.

        As long as a node still has their content, that mends every backup that needs them.
        """
        self.store.delete(_chunk_path(each) for each in ids)

    def backups(self) -> list[str]:
        """The keys of all backups, sorted; those that were given up are among them."""
        places = (entry.path.split("/")[1:] for entry in self.store.list(_BACKUPS))
        return sorted(place[0] for place in places if place[1:] == [_MANIFEST] and is_key(place[0]))

    def get_manifest(self, key: str) -> bytes | None:
        """A manifest's bytes; None where the backup was given up.

        NotThere where there is no such backup, Damaged where it is not what was stored.
        """
        try:
            sealed = self.store.get(manifest_path(key))
        except NotThere:
            known = ", ".join(self.backups()) or "none"
            raise NotThere(
                f"there is no whole backup {key} in the store {self}, only {known}: a manifest is "
                "written last; choose another key"
            ) from None
        packed = sealing.unseal(self._keys.manifests, sealed, bound_to=f"manifest/{key}")
        if packed is None:
            raise Damaged(
                f"the manifest of backup {key} in the store {self} is damaged, or that of another "
                f"backup or repository ({len(sealed)} bytes); choose another backup"
            )
        if packed == _GIVEN_UP:
            return None
        data = packing.unpack(packed, _LARGEST_MANIFEST)
        if data is None:
            raise Damaged(
                f"the manifest of backup {key} in the store {self} cannot be unpacked; "
                "choose another backup"
            )
        return data

    def put_manifest(self, key: str, data: bytes) -> None:
        """Make the backup: AlreadyThere where the key is taken."""
        self._create_manifest(key, packing.pack(data))

    def give_up(self, key: str) -> None:
        """See to it that a backup that is not over never will be; AlreadyThere where it is over."""
        self._create_manifest(key, _GIVEN_UP)

    def delete_manifests(self, keys: frozenset[str]) -> None:
        """Unmake backups; their chunks stay until they are pruned."""
        self.store.delete(manifest_path(key) for key in keys)

    def _create_manifest(self, key: str, packed: bytes) -> None:
        sealed = sealing.seal(self._keys.manifests, packed, bound_to=f"manifest/{key}")
        try:
            self.store.put(manifest_path(key), sealed, create=True)
        except AlreadyThere:
            raise AlreadyThere(
                f"backup {key} is already in the store {self}; choose another key: "
                "a backup is never overwritten"
            ) from None
        self.store.settle()


def manifest_path(key: str) -> str:
    """Where a backup's manifest is; FabricError where the key cannot be one."""
    if not is_key(key):
        raise FabricError(f"{key!r} is no key of a backup; {RULE}")
    return f"{_BACKUPS}/{key}/{_MANIFEST}"


def open_repository(store: Store, passphrase: str) -> Repository:
    """A repository that is there; WrongPassphrase, NotThere, Damaged."""
    try:
        described = store.get(_DESCRIPTION)
    except NotThere:
        raise NotThere(_missing_description(store)) from None
    return Repository(store, _keys(store, described, passphrase))


def open_or_create_repository(store: Store, passphrase: str) -> Repository:
    """A repository, made if there is none; of two that make it at once, one does."""
    try:
        return open_repository(store, passphrase)
    except NotThere:
        # With backups in it, this one's salt is lost, and another one would bury them.
        if next(store.list(_BACKUPS), None) or next(store.list(_CHUNKS), None):
            raise
    cost = Cost(salt=os.urandom(_SALT))
    keys = _derive(passphrase, cost)
    try:
        store.put(_DESCRIPTION, _describe(cost, keys), create=True)
        store.settle()
    except AlreadyThere:
        return open_repository(store, passphrase)
    return Repository(store, keys)


def _keys(store: Store, described: bytes, passphrase: str) -> Keys:
    place = f"{_DESCRIPTION} in the store {store}"
    try:
        read = json.loads(described)
        if read["format"] != FORMAT:
            raise Damaged(
                f"{place} is of format {read['format']}, and this program knows {FORMAT}; "
                "use the version of the program that made it"
            )
        derivation = read["scrypt"]
        cost = Cost(
            salt=bytes.fromhex(derivation["salt"]),
            n=int(derivation["n"]),
            r=int(derivation["r"]),
            p=int(derivation["p"]),
        )
        check = bytes.fromhex(read["check"])
    except (ValueError, KeyError, TypeError):
        raise Damaged(
            f"{place} cannot be read; put back a copy of it: without it nothing there can be opened"
        ) from None
    if cost.n > _COSTLIEST.n or cost.r > _COSTLIEST.r or cost.p > _COSTLIEST.p:
        raise Damaged(f"{place} asks for more memory than any repository does; put back a copy")
    try:
        keys = _derive(passphrase, cost)
    except ValueError:
        raise Damaged(f"{place} has parameters that scrypt refuses; put back a copy") from None
    if keys.check != check:
        raise WrongPassphrase(
            f"the passphrase is not that of the repository in the store {store}; "
            "it is the one that the first backup there was made with"
        )
    return keys


def _derive(passphrase: str, cost: Cost) -> Keys:
    if not passphrase:
        raise WrongPassphrase("the passphrase of the backups' repository is empty; set one")
    return sealing.derive(passphrase, cost)


def _describe(cost: Cost, keys: Keys) -> bytes:
    described = {
        "format": FORMAT,
        "scrypt": {"salt": cost.salt.hex(), "n": cost.n, "r": cost.r, "p": cost.p},
        "check": keys.check.hex(),
    }
    return json.dumps(described, indent=2).encode() + b"\n"


def _missing_description(store: Store) -> str:
    if next(store.list(_BACKUPS), None) or next(store.list(_CHUNKS), None):
        return (
            f"the store {store} holds backups, but no {_DESCRIPTION}; put back a copy of it: "
            "without it nothing there can be opened"
        )
    return f"there is no repository of backups in the store {store}; correct the URL"


def _chunk_path(chunk_id: str) -> str:
    return f"{_CHUNKS}/{chunk_id[:2]}/{chunk_id}"
