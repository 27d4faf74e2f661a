"""Chaincode packages: readable as Fabric reads them, and the same bytes for the same content."""

import hashlib
import io
import json
import tarfile

import pytest

from hlf.client.package import Package, ccaas_package
from hlf.errors import FabricError

CONNECTION = {"address": "chaincode:9999", "dial_timeout": "10s", "tls_required": False}


def files(data: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
        return {
            entry.name: opened.read()
            for entry in archive
            if (opened := archive.extractfile(entry)) is not None
        }


def test_content() -> None:
    indexes = {"statedb/couchdb/indexes/owner.json": b'{"index":{}}'}
    package = ccaas_package(label="basic_1.0", connection=CONNECTION, metadata=indexes)
    outer = files(package.data)
    assert json.loads(outer["metadata.json"]) == {"type": "ccaas", "label": "basic_1.0", "path": ""}
    inner = files(outer["code.tar.gz"])
    assert json.loads(inner.pop("connection.json")) == CONNECTION
    assert inner == {"META-INF/statedb/couchdb/indexes/owner.json": b'{"index":{}}'}


def test_id_follows_from_the_bytes_and_the_bytes_from_the_content() -> None:
    package = ccaas_package(label="basic", connection=CONNECTION)
    turned = dict(reversed(CONNECTION.items()))
    assert ccaas_package(label="basic", connection=turned) == package
    assert package.id == f"basic:{hashlib.sha256(package.data).hexdigest()}"
    # The id in a running network must not change with a version of Python or zlib.
    assert package.id == "basic:65679054f6d60175749addcf9c448d7330c272a9a5f3a606c2c4baa8988f4a6d"
    other = ccaas_package(label="basic", connection={**CONNECTION, "address": "other:9999"})
    assert other.id != package.id


@pytest.mark.parametrize("size", [0, 1, 0xFFFF, 0x10000, 300_000])
def test_any_size(size: int) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    package = ccaas_package(label="big", connection={}, metadata={"file": content[:size]})
    inner = files(files(package.data)["code.tar.gz"])
    assert inner["META-INF/file"] == content[:size]


@pytest.mark.parametrize("label", ["", "a b", "-a", "a/b", "a:b", "ä"])
def test_labels_that_peers_refuse(label: str) -> None:
    with pytest.raises(FabricError, match="no label for a chaincode package"):
        ccaas_package(label=label, connection=CONNECTION)


def test_repr_is_short() -> None:
    assert repr(Package(label="a", id="a:1", data=b"x" * 1000)) == "Package(label='a', id='a:1')"
