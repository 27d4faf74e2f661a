"""A chaincode's source travels in ConfigMaps, and leaves none behind."""

import base64
import io
import os
import tarfile
from pathlib import Path
from typing import Any

import pytest

from actions.cluster import ClusterError
from actions.source import SourceProvider
from hlf.chaincode import PART_SIZE, source_digest
from tests.unit.actions.kubernetes import Kubernetes

SERVER = "hlf-chaincode--very-simple--0a1b2c3d"
Props = dict[str, Any]


@pytest.fixture(autouse=True)
def namespace(kubernetes: Kubernetes) -> None:
    kubernetes.put_namespace("fabric")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "go.mod").write_text("module cc\n")
    (tmp_path / "main.go").write_text("package main\n")
    return tmp_path


def props(folder: Path) -> Props:
    return {
        "namespace": "fabric",
        "chaincode": "very-simple",
        "folder": str(folder),
        "digest": source_digest(folder),
        "server": SERVER,
        "resource": "urn",
    }


def parts(kubernetes: Kubernetes) -> list[str]:
    return sorted(name for _, plural, name in kubernetes.objects if plural == "configmaps")


def add_vendor(folder: Path) -> None:
    """More than a part, which does not compress, and does not count for the digest."""
    (folder / "vendor").mkdir()
    (folder / "vendor" / "data").write_bytes(os.urandom(PART_SIZE))


def test_the_parts_are_the_source(kubernetes: Kubernetes, folder: Path) -> None:
    add_vendor(folder)
    SourceProvider().create(props(folder))
    assert parts(kubernetes) == [f"{SERVER}-0", f"{SERVER}-1"]
    content: dict[str, bytes] = {}
    for name in parts(kubernetes):
        data = kubernetes.objects["fabric", "configmaps", name]["binaryData"]
        content |= {key: base64.b64decode(value) for key, value in data.items()}
    # the pod's `cat *` puts them together in the order of their keys
    packed = b"".join(content[key] for key in sorted(content))
    with tarfile.open(fileobj=io.BytesIO(packed), mode="r:gz") as archive:
        assert set(archive.getnames()) == {"go.mod", "main.go", "vendor/data"}


def test_sending_again_is_the_same(kubernetes: Kubernetes, folder: Path) -> None:
    SourceProvider().create(props(folder))
    before = {key: dict(value) for key, value in kubernetes.objects.items()}
    SourceProvider().create(props(folder))
    assert kubernetes.objects == before


def test_parts_that_are_no_longer_needed_go(kubernetes: Kubernetes, folder: Path) -> None:
    add_vendor(folder)
    created = SourceProvider().create(props(folder))
    (folder / "vendor" / "data").unlink()
    SourceProvider().update(created.id, created.outs, props(folder))
    assert parts(kubernetes) == [f"{SERVER}-0"]


def test_source_that_changed_meanwhile_is_not_sent(kubernetes: Kubernetes, folder: Path) -> None:
    previewed = props(folder)
    (folder / "main.go").write_text("package other\n")
    with pytest.raises(ClusterError) as caught:
        SourceProvider().create(previewed)
    for part in ("very-simple", str(folder), "pulumi up"):
        assert part in str(caught.value)
    assert parts(kubernetes) == []


def test_a_part_that_is_missing_means_gone(kubernetes: Kubernetes, folder: Path) -> None:
    add_vendor(folder)
    created = SourceProvider().create(props(folder))
    assert SourceProvider().read(created.id, created.outs).id == SERVER
    kubernetes.remove(("fabric", "configmaps", f"{SERVER}-1"))
    assert SourceProvider().read(created.id, created.outs).id == ""
    kubernetes.remove(("fabric", "configmaps", f"{SERVER}-0"))
    assert SourceProvider().read(created.id, created.outs).id == ""


def test_delete_takes_this_servers_parts_only(kubernetes: Kubernetes, folder: Path) -> None:
    other = "hlf-chaincode--very-simple--ffffffff"
    SourceProvider().create({**props(folder), "server": other})
    created = SourceProvider().create(props(folder))
    SourceProvider().delete(created.id, created.outs)
    assert parts(kubernetes) == [f"{other}-0"]
