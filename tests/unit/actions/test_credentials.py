"""A password is made once, and taken over from the Secret that a namespace has kept."""

import base64

import pytest

from actions.cluster import ClusterError
from actions.credentials import CredentialsProvider
from tests.unit.actions.kubernetes import Kubernetes

SECRET = "hlf-couchdb--karga--peer0"
PROPS = {"user": "peer", "namespace": "fabric", "secret": SECRET, "resource": "urn"}


def keep(kubernetes: Kubernetes, **files: str) -> None:
    data = {name: base64.b64encode(text.encode()).decode() for name, text in files.items()}
    kubernetes.put("fabric", "secrets", {"metadata": {"name": SECRET}, "data": data})


def test_every_database_gets_a_password_of_its_own(kubernetes: Kubernetes) -> None:
    made = {CredentialsProvider().create(dict(PROPS)).outs["password"] for _ in range(3)}
    assert len(made) == 3
    assert all(len(password) >= 32 for password in made)
    assert CredentialsProvider.secrets == ("password",)


def test_a_kept_password_is_taken_over(kubernetes: Kubernetes) -> None:
    keep(kubernetes, user="peer", password="kept")
    assert CredentialsProvider().create(dict(PROPS)).outs["password"] == "kept"


def test_an_update_keeps_the_password(kubernetes: Kubernetes) -> None:
    updated = CredentialsProvider().update("id", {**PROPS, "password": "old"}, dict(PROPS))
    assert updated.outs["password"] == "old"


@pytest.mark.parametrize("files", [{"user": "peer"}, {"user": "other", "password": "kept"}, {}])
def test_a_secret_without_it_is_told(kubernetes: Kubernetes, files: dict[str, str]) -> None:
    keep(kubernetes, **files)
    with pytest.raises(
        ClusterError, match=rf"{SECRET} in fabric has kept no password of user peer"
    ):
        CredentialsProvider().create(dict(PROPS))
