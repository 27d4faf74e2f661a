"""The whole way of a backup, in every kind of store: the same code, the same sentences."""

import http.server
import json
import re
import shutil
import subprocess
import threading
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hlf.backup import lease, pruning
from hlf.backup import store as stores
from hlf.backup.copying import prepare
from hlf.backup.errors import AlreadyThere, Busy, NotThere, StoreError
from hlf.backup.pruning import prune
from hlf.backup.reading_manifest import read_manifest
from hlf.backup.repository import Repository, open_or_create_repository, open_repository
from hlf.backup.restoring import restore
from hlf.backup.retention import Retention
from hlf.backup.store import open_store
from hlf.backup.verifying import verify
from hlf.backup.writing import begin
from tests.official.stores import servers
from tests.official.stores.servers import Server
from tests.unit.backup import saved as making
from tests.unit.backup.saved import KEY, NODE, PASSPHRASE, Saved, content


@dataclass(frozen=True)
class Place:
    """A prefix of one test, and a node's folder."""

    url: str
    node: Path

    def repository(self) -> Repository:
        return open_or_create_repository(open_store(self.url), PASSPHRASE)

    def back_up(self, key: str, ended: str = "") -> None:
        with begin(self.repository(), key) as writer:
            prepare(writer, self.node)
            making.commit(writer, key, {NODE: self.node}, ended)


@pytest.fixture
def place(server: Server, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    making.lay_node(tmp_path / "node", seed=1)
    prefix = re.sub(r"\W", "-", request.node.name)
    yield Place(f"{server.url}/some/where/{prefix}", tmp_path / "node")
    shutil.rmtree(tmp_path)


def test_backup_verify_and_restore(place: Place, tmp_path: Path) -> None:
    place.back_up(KEY)
    repository = open_repository(open_store(place.url), PASSPHRASE)
    assert repository.backups() == [KEY]
    manifest = read_manifest(repository, KEY)
    assert manifest
    assert verify(repository, manifest).problems == ()
    (tmp_path / "volume").mkdir()
    restore(repository, KEY, manifest.nodes[0], tmp_path / "volume")
    assert content(tmp_path / "volume") == content(place.node)

    chunks = len(list(repository.chunks()))
    place.back_up("next")
    assert len(list(repository.chunks())) == chunks
    assert list(repository.store.list("running")) == []


def test_a_prefix_holds_only_its_own(place: Place, server: Server) -> None:
    place.back_up(KEY)
    beside = Place(f"{place.url}-beside", place.node)
    assert beside.repository().backups() == []
    below = open_store(f"{server.url}/some/where")
    assert any(entry.path.endswith(f"{KEY}/manifest") for entry in below.list("/"))


def test_a_key_is_taken_once_of_many_at_once(place: Place) -> None:
    repository = place.repository()

    def take(number: int) -> bool:
        try:
            repository.put_manifest(KEY, str(number).encode())
        except AlreadyThere:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(8))) == 1
    with pytest.raises(AlreadyThere, match=f"backup {KEY} is already in the store"):
        place.back_up(KEY)


def test_a_repository_is_made_once_of_many_at_once(place: Place) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: place.repository(), range(8)))
    assert len({each.id_of(b"x") for each in made}) == 1


def test_damage(place: Place) -> None:
    place.back_up(KEY)
    repository = place.repository()
    manifest = read_manifest(repository, KEY)
    assert manifest
    file = next(file for file in manifest.nodes[0].tree.files if file.path == making.BLOCKS)
    one, two, three = (f"chunks/{each[:2]}/{each}" for each in file.content.chunks)
    repository.store.put(one, repository.store.get(two))
    repository.store.put(two, repository.store.get(two)[:-1])
    repository.store.delete([three, "chunks/none"])
    assert [
        re.sub(r" \(\w+\)", "", problem.partition(": ")[2])
        for problem in verify(repository, manifest).problems
    ] == ["chunk 1 of 3 is damaged", "chunk 2 of 3 is damaged", "chunk 3 of 3 is missing"]
    with pytest.raises(NotThere, match=f"no whole backup x in the store .*, only {KEY}"):
        read_manifest(repository, "x")


def test_prune(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.back_up("one", "2026-11-01T09:00:00Z")
    (place.node / making.BLOCKS).write_bytes(b"two")
    place.back_up("two", "2026-11-02T09:00:00Z")
    repository = place.repository()
    now, last = datetime(2026, 11, 25, tzinfo=UTC), Retention(last=1)
    with begin(repository, "three"), pytest.raises(Busy, match="takes in backup three"):
        prune(repository, last, now)
    before = len(list(repository.chunks()))
    # The store's clock cannot be set: the future is now.
    monkeypatch.setattr(pruning, "_YOUNG", timedelta(seconds=-60))
    pruned = prune(repository, last, now)
    assert (pruned.backups, pruned.chunks) == ({"one"}, 3)
    assert len(list(repository.chunks())) == before - 3
    manifest = read_manifest(repository, "two")
    assert manifest
    assert verify(repository, manifest).problems == ()


def test_a_dead_backup_is_given_up(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = place.repository()
    with begin(repository, "dead") as writer:
        monkeypatch.setattr(lease, "_DEAD_AFTER", timedelta(seconds=-60))
        prune(repository, Retention(last=1), datetime.now(UTC))
        monkeypatch.setattr(lease.Lease, "check", lambda _: None)
        with pytest.raises(AlreadyThere):
            making.commit(writer, "dead", {NODE: place.node})
    assert read_manifest(repository, "dead") is None


def test_more_objects_than_are_listed_or_deleted_at_once(place: Place) -> None:
    store = open_store(place.url)
    paths = [f"chunks/{number:04}" for number in range(1100)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda path: store.put(path, b"x"), paths))
    assert sorted(entry.path for entry in store.list("chunks")) == paths
    store.delete(paths[:500])
    store.delete(paths)
    assert list(store.list("chunks")) == []


def _refused(url: str) -> str:
    """What somebody is told whom the store does not let in, whatever he wants."""
    store = open_store(url)
    told = ""
    for ask in (
        lambda: store.put("x", b"", create=True),
        lambda: store.get("x"),
        lambda: store.about("x"),
        lambda: list(store.list("chunks")),
        lambda: store.delete(["x"]),
        lambda: open_or_create_repository(store, PASSPHRASE),
    ):
        with pytest.raises(StoreError) as caught:
            ask()
        told = "".join(traceback.format_exception(caught.value))
        assert not isinstance(caught.value, NotThere)
        assert f"in the store {url}" in told
        assert "set the right key, token or workload identity in the environment" in told
        assert "SECRET" not in told
    return told


def test_wrong_keys(s3: Server, azure: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (s3.environment | azure.environment).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "SECRET")
    _refused(s3.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "SECRETID")
    _refused(s3.url)
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", "U0VDUkVU")
    _refused(azure.url)


def test_shared_access_and_when_it_has_expired(
    azure: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = azure.environment["AZURE_STORAGE_ACCOUNT_KEY"]
    for name in ("AZURE_STORAGE_ENDPOINT", "AZURE_STORAGE_ACCOUNT_NAME"):
        monkeypatch.setenv(name, azure.environment[name])
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_KEY", raising=False)
    monkeypatch.setenv(
        "AZURE_STORAGE_SAS_TOKEN", servers.shared_access(key, ends_in=timedelta(hours=1))
    )
    store = open_store(f"{azure.url}/shared")
    store.put("x", b"x", create=True)
    assert store.get("x") == b"x"
    expired = servers.shared_access(key, ends_in=timedelta(hours=-1))
    monkeypatch.setenv("AZURE_STORAGE_SAS_TOKEN", expired)
    told = _refused(f"{azure.url}/shared")
    assert expired.rpartition("=")[2] not in told


@pytest.fixture
def expired_s3() -> Iterator[str]:
    """moto knows no token that expires; this answers as S3 does when one has."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = (
                b"<Error><Code>ExpiredToken</Code><Message>The provided token has expired."
                b"</Message><Token-0>SECRET</Token-0></Error>"
            )
            self.send_response(400)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = do_POST = do_DELETE = answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()


def test_an_expired_token_of_s3(expired_s3: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_ENDPOINT_URL": expired_s3,
        "AWS_ACCESS_KEY_ID": "SECRETID",
        "AWS_SECRET_ACCESS_KEY": "SECRETKEY",
        "AWS_SESSION_TOKEN": "SECRETTOKEN",
    }.items():
        monkeypatch.setenv(name, value)
    store = open_store("s3://bucket")
    for ask in (lambda: store.put("x", b""), lambda: store.get("x"), lambda: [*store.list("x")]):
        with pytest.raises(StoreError, match=r"ExpiredToken\); the credential has expired; renew"):
            ask()


def test_a_bucket_that_is_not_there(server: Server) -> None:
    url = server.url.replace(servers.BUCKET, "no-such-bucket")
    store = open_store(url)
    for ask in (
        lambda: store.put("x", b"", create=True),
        lambda: store.get("x"),
        lambda: list(store.list("chunks")),
        lambda: open_or_create_repository(store, PASSPHRASE),
    ):
        with pytest.raises(StoreError, match=f"in the store {url}.*make the bucket or container"):
            ask()


def test_a_store_that_is_away_is_told_in_bounded_time(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AZURE_STORAGE_ENDPOINT", "http://127.0.0.1:1/atlantis")
    began = datetime.now(UTC)
    with pytest.raises(StoreError, match="it cannot be reached"):
        open_store(server.url).get("x")
    assert datetime.now(UTC) - began < stores._RETRIES["retry_timeout"]


def test_a_full_file_system(tmp_path: Path) -> None:
    """A folder on a volume of 8 MB, which 9 MB of blocks do not fit into."""
    making.lay_node(tmp_path / "node", seed=1)
    volume = tmp_path / "volume"
    volume.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", volume], check=True)
    try:
        full = Saved(store=volume, node=tmp_path / "node")
        open_or_create_repository(open_store(full.url), PASSPHRASE)
        with pytest.raises(StoreError, match=r"No space left on device\); make room there, or pr"):
            full.back_up()
        repository = full.repository()
        assert repository.backups() == []
        shutil.rmtree(volume / "chunks")
        (full.node / making.BLOCKS).write_bytes(b"less")
        manifest = full.back_up("next")
        assert verify(repository, manifest).problems == ()
    finally:
        subprocess.run(["umount", volume], check=True)


def test_azurites_packages_are_locked_with_checksums_and_name_no_host() -> None:
    folder = Path(servers.__file__).parent / "azurite"
    lock = json.loads((folder / "package-lock.json").read_text())
    declared = json.loads((folder / "package.json").read_text())
    assert lock["packages"][""]["dependencies"] == declared["dependencies"]
    for name, about in lock["packages"].items():
        assert not name or about["integrity"].startswith("sha512-"), name
        assert "resolved" not in about, name
