"""Which objects of a namespace are in a backup, and which of them a restore makes again."""

from dataclasses import replace
from typing import Any

import pytest

from hlf.backup.manifest import Manifest
from hlf.backup.repository import Repository
from hlf.backup.writing import begin
from hlf.errors import FabricError
from jobs import objects
from tests.unit.actions.kubernetes import Kubernetes
from tests.unit.backup import networks

SECRETS = ("hlf-authority--karga", "hlf-user--karga--admin", "hlf-chaincode-authority")
TASKS = ("hlf-backup", "hlf-first-block--common", "hlf-leaving--karga--peer0", "hlf-restoring")


def secret(name: str, value: str = "a2V5") -> dict[str, Any]:
    return {"metadata": {"name": name, "uid": "1"}, "type": "Opaque", "data": {"key.pem": value}}


def config_map(name: str) -> dict[str, Any]:
    return {"metadata": {"name": name}, "data": {"mspid": "KargaMSP"}, "binaryData": {"b": "AA=="}}


@pytest.fixture
def backup(kubernetes: Kubernetes, repository: Repository) -> Manifest:
    """A backup of the objects of a namespace, which are gone since."""
    kubernetes.put_namespace("fabric")
    for name in (*SECRETS, "hlf-backup", "hlf-chaincode--basic--1234", "of-the-user"):
        kubernetes.put("fabric", "secrets", secret(name))
    for name in ("hlf-msp--karga", "hlf-genesis", "hlf-peer-config", *TASKS, "kube-root-ca.crt"):
        kubernetes.put("fabric", "configmaps", config_map(name))
    with begin(repository, "first") as writer:
        saved = objects.save("fabric", writer)
        made = replace(networks.manifest(networks.sound().values()), objects=saved)
    kubernetes.objects.clear()
    kubernetes.put_namespace("fabric")
    return made


def test_what_is_the_networks_is_in_a_backup(backup: Manifest) -> None:
    assert set(backup.objects) == {
        *(f"Secret/{name}" for name in SECRETS),
        "Secret/hlf-chaincode--basic--1234",
        *(f"ConfigMap/{name}" for name in ("hlf-msp--karga", "hlf-genesis", "hlf-peer-config")),
    }


def test_a_restore_makes_what_nothing_else_can(
    kubernetes: Kubernetes, repository: Repository, backup: Manifest
) -> None:
    made = objects.bring_back("fabric", repository, backup)
    assert set(made) == {
        *(f"Secret/{name}" for name in SECRETS),
        "ConfigMap/hlf-msp--karga",
        "ConfigMap/hlf-genesis",
    }
    found = kubernetes.objects["fabric", "secrets", "hlf-authority--karga"]
    assert (found["type"], found["data"]) == ("Opaque", {"key.pem": "a2V5"})
    genesis = kubernetes.objects["fabric", "configmaps", "hlf-genesis"]
    assert genesis["binaryData"] == {"b": "AA=="}
    assert objects.bring_back("fabric", repository, backup) == []


def test_another_networks_keys_are_left_as_they_are(
    kubernetes: Kubernetes, repository: Repository, backup: Manifest
) -> None:
    kubernetes.put("fabric", "secrets", secret("hlf-authority--karga", "b3RoZXI="))
    before = dict(kubernetes.objects)
    with pytest.raises(FabricError, match=r"Secret/hlf-authority--karga in fabric is not that of"):
        objects.bring_back("fabric", repository, backup)
    assert kubernetes.objects == before
