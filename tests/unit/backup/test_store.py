"""Stores by their URLs, and what their errors become."""

import os
import traceback
from datetime import timedelta
from pathlib import Path

import pytest

from hlf.backup import store as stores
from hlf.backup.errors import AlreadyThere, NotThere, StoreError
from hlf.backup.store import open_store
from hlf.backup.store_errors import trouble

CLOSED = "http://127.0.0.1:1"


@pytest.fixture
def local(tmp_path: Path) -> stores.Store:
    return open_store(f"file://{tmp_path}")


def test_objects(local: stores.Store) -> None:
    local.put("a/b/one", b"1")
    local.put("a/two", b"22")
    local.put("a/two", b"222")
    local.put("b/three", b"")
    assert {(entry.path, entry.size) for entry in local.list("a")} == {("a/b/one", 1), ("a/two", 3)}
    assert local.get("a/two") == b"222"
    assert local.about("a/two").size == 3
    assert list(local.list("none")) == []
    local.settle()
    local.delete(["a/none", "a/two", "a/none", "a/b/one"])
    assert list(local.list("a")) == []
    local.settle()
    for ask in (local.get, local.about):
        with pytest.raises(NotThere, match="a/two is not in the store file://"):
            ask("a/two")


def test_made_only_where_there_is_none(local: stores.Store) -> None:
    local.put("a", b"1", create=True)
    with pytest.raises(AlreadyThere, match="a is already in the store file://"):
        local.put("a", b"2", create=True)
    assert local.get("a") == b"1"
    # A try whose answer was lost is followed by another one.
    local.put("a", b"1", create=True)


def test_names_with_spaces_and_percent_signs(tmp_path: Path) -> None:
    folder = tmp_path / "a b%20c"
    folder.mkdir()
    open_store(f"file://{tmp_path}/a%20b%2520c").put("x", b"")
    assert (folder / "x").exists()


def test_what_was_put_is_synced_with_the_folders_that_lead_to_it(
    local: stores.Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: set[str] = set()
    monkeypatch.setattr(
        os, "fsync", lambda handle: synced.add(str(Path(f"/proc/self/fd/{handle}").readlink()))
    )
    local.put("a/b/c", b"")
    local.put("d", b"")
    local.settle()
    assert synced == {str(tmp_path / path) for path in ("a/b/c", "a/b", "a", "d", ".")}
    synced.clear()
    local.settle()
    assert synced == set()


@pytest.mark.parametrize("url", ["s3://bucket/a/b", "gs://bucket/a", "gs://bucket"])
def test_opening_asks_nobody(url: str) -> None:
    assert str(open_store(url)) == url


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("", "is no URL of a store; write file:///folder, s3://bucket/prefix"),
        ("backups", "is no URL of a store"),
        ("/backups", "is no URL of a store"),
        ("s3://", "is no URL of a store"),
        ("s4://bucket", "is no URL of a store"),
        ("https://bucket", "is no URL of a store"),
        ("file://backups", "is no URL of a folder; write file:///path"),
        ("file:backups", "is no URL of a folder"),
        ("file:///no/such/folder", "is not there; mount its volume or make it"),
        ("s3://SECRETID:SECRETKEY@bucket", "s3 store holds more than a name and a path; cred"),
        ("az://container/x?sig=SECRETKEY", "az store holds more than a name and a path"),
        ("az://container/x#SECRETKEY", "az store holds more than a name and a path"),
    ],
)
def test_urls_that_are_none(url: str, told: str) -> None:
    with pytest.raises(StoreError) as caught:
        open_store(url)
    assert told in str(caught.value)
    assert "SECRET" not in str(caught.value)


def _secretly(monkeypatch: pytest.MonkeyPatch, **variables: str) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(
        stores, "_RETRIES", {"max_retries": 1, "retry_timeout": timedelta(seconds=2)}
    )


@pytest.mark.parametrize("url", ["s3://bucket/prefix", "az://container/prefix"])
def test_a_store_that_cannot_be_reached(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _secretly(
        monkeypatch,
        AWS_ENDPOINT_URL=CLOSED,
        AWS_ACCESS_KEY_ID="SECRETID",
        AWS_SECRET_ACCESS_KEY="SECRETKEY",
        AZURE_STORAGE_ENDPOINT=f"{CLOSED}/account",
        AZURE_STORAGE_ACCOUNT_NAME="account",
        AZURE_STORAGE_SAS_TOKEN="sv=2020-01-01&sig=SECRETKEY",
    )
    store = open_store(url)
    for ask in (
        lambda: store.put("x", b"", create=True),
        lambda: store.get("x"),
        lambda: list(store.list("x")),
        lambda: store.delete(["x"]),
        lambda: store.about("x"),
    ):
        with pytest.raises(
            StoreError, match=f"in the store {url}.*; it cannot be reached"
        ) as caught:
            ask()
        shown = "".join(traceback.format_exception(caught.value))
        assert "SECRET" not in shown


def test_azure_without_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)
    with pytest.raises(StoreError, match="set AZURE_STORAGE_ACCOUNT_NAME"):
        open_store("az://container")


def test_a_key_that_is_none_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "account")
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", "SECRET not base64!")
    with pytest.raises(StoreError) as caught:
        open_store("az://container").get("x")
    assert "SECRET" not in "".join(traceback.format_exception(caught.value))
    assert "no usable credential" in str(caught.value)


@pytest.mark.parametrize(
    ("said", "known", "remedy"),
    [
        (
            "Server returned non-2xx status code: 404 Not Found: <Error><Code>NoSuchBucket</Code>",
            "404 Not: NoSuchBucket",
            "make the bucket or container first",
        ),
        ("<Code>ExpiredToken</Code>", "ExpiredToken", "the credential has expired; renew it"),
        ("403 Forbidden: <Code>InvalidAccessKeyId</Code>", "InvalidAccessKeyId", "set the right"),
        ("403 Forbidden: <Code>RequestTimeTooSkewed</Code>", "TooSkewed", "set this machine's"),
        ("401 Unauthorized", "401 Unauthorized", "set the right key, token or workload identity"),
        ("No space left on device (os error 28)", "No space left", "make room there"),
        ("[Errno 122] Disk quota exceeded", "Disk quota exceeded", "make room there"),
        ("Read-only file system (os error 30)", "Read-only", "give this user the right"),
        ("Input/output error (os error 5)", "Input/output error", "the disk under it is failing"),
        ("builder error: No CA certificates were loaded", "", "install the package ca-cert"),
        ("dns error: failed to look up", "", "it cannot be reached"),
        ("503 Service Unavailable", "503 Service", "the store is busy"),
        ("something new", "", "see the store's own log"),
        ("GET http://host/credential/Connect/503 in 2s: something new", "", "see the store's own"),
        ("error sending request: http://169.254.169.254/latest", "", "no usable credential is in"),
    ],
)
def test_sentences(said: str, known: str, remedy: str) -> None:
    sentence = trouble("s3://b", "writing x", said).sentence
    assert sentence.startswith("writing x failed in the store s3://b")
    assert known in sentence
    assert remedy in sentence
