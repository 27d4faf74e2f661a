"""Chaincode packages for chaincode as a service, the same bytes for the same content.

A package's id follows from its bytes, and it is needed before the package is installed: the
chaincode's server is started with it. So neither the clock, nor the user, nor the version of a
compression library may have a say: archives hold fixed times and are stored, not compressed.

Source: Fabric's `core/chaincode/persistence/chaincode_package.go` and `persistence.go`.
"""

import hashlib
import io
import json
import re
import struct
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from hlf.errors import FabricError

_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]*")
_GZIP_HEADER = bytes([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF])
"""Deflate, no name, no time, unknown system (RFC 1952)."""
_LARGEST_STORED = 0xFFFF


@dataclass(frozen=True, kw_only=True)
class Package:
    """A package to install; `id` is `label:sha256`, as peers name it."""

    label: str
    id: str
    data: bytes = field(repr=False)


def ccaas_package(
    *,
    label: str,
    connection: Mapping[str, object],
    metadata: Mapping[str, bytes] | None = None,
) -> Package:
    """A package of type `ccaas`; see `ccaas_code` for what it is made of."""
    if _LABEL.fullmatch(label) is None:
        raise FabricError(
            f"{label!r} is no label for a chaincode package; use letters, digits and _.+-, "
            "and begin with a letter or digit"
        )
    data = _archive(
        {
            "metadata.json": _json({"label": label, "path": "", "type": "ccaas"}),
            "code.tar.gz": ccaas_code(connection=connection, metadata=metadata),
        }
    )
    return Package(label=label, id=f"{label}:{hashlib.sha256(data).hexdigest()}", data=data)


def ccaas_code(
    *, connection: Mapping[str, object], metadata: Mapping[str, bytes] | None = None
) -> bytes:
    """The code of a package of either lifecycle: where the server is, and database indexes.

    `connection` becomes `connection.json`: `address`, `dial_timeout`, `tls_required`, and with TLS
    `root_cert`, `client_auth_required`, `client_cert`, `client_key`. `metadata` are files below
    `META-INF` by their paths, such as `statedb/couchdb/indexes/owner.json`.
    """
    indexes = {f"META-INF/{path}": content for path, content in (metadata or {}).items()}
    return _archive({"connection.json": _json(connection)} | indexes)


def _json(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _archive(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path in sorted(files):
            entry = tarfile.TarInfo(path)
            entry.size = len(files[path])
            archive.addfile(entry, io.BytesIO(files[path]))
    return _stored(buffer.getvalue())


def _stored(data: bytes) -> bytes:
    """The data as gzip with blocks of type "stored" (RFC 1951, 3.2.4)."""
    parts = [_GZIP_HEADER]
    for start in range(0, len(data), _LARGEST_STORED):
        chunk = data[start : start + _LARGEST_STORED]
        last = start + _LARGEST_STORED >= len(data)
        parts += [struct.pack("<BHH", last, len(chunk), len(chunk) ^ 0xFFFF), chunk]
    parts.append(struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF))
    return b"".join(parts)
