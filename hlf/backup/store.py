"""An object store by its URL: a folder, S3, Azure Blob or Google Cloud Storage.

Credentials, region and endpoint come from the environment, by each cloud's own variables (or its
workload identity), which the library reads itself. They are in no argument and in no error.

| URL | the environment that matters most |
|---|---|
| `file:///folder` | - |
| `s3://bucket/prefix` | `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT_URL` |
| `az://container/prefix` | `AZURE_STORAGE_ACCOUNT_NAME`, `AZURE_STORAGE_ACCOUNT_KEY`, `AZURE_STORAGE_ENDPOINT` |
| `gs://bucket/prefix` | `GOOGLE_APPLICATION_CREDENTIALS` |

Source: obstore's `AzureConfig`, `S3Config` and `GCSConfig`.
"""  # noqa: E501 - a table

import os
import re
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import AzureStore, GCSStore, LocalStore, S3Store

from hlf.backup.errors import AlreadyThere, NotThere, StoreError
from hlf.backup.store_errors import trouble
from hlf.backup.syncing import sync

if TYPE_CHECKING:
    from obstore.store import ClientConfig, ObjectStore, RetryConfig

_FAILURES = (BaseError, OSError, ValueError)

# Eight chunks of 4 MiB at once take two minutes at 2 Mbit/s; what takes longer hangs. A store that
# refuses connections is given up after some ten seconds, while somebody waits.
_TIMES: "ClientConfig" = {"connect_timeout": "10s", "timeout": "120s"}
_RETRIES: "RetryConfig" = {"max_retries": 6, "retry_timeout": timedelta(minutes=3)}

_ENDPOINTS = (
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT",
    "AZURE_STORAGE_ENDPOINT",
    "AZURE_ENDPOINT",
)
_DELETED_AT_ONCE = 1000
"""What S3 takes in one request."""
_SYNCED_AT_ONCE = 8
_LEFTOVER = re.compile(r".*#\d+")
"""A file that the library was still writing; it lists none of these."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An object: its path below the store's URL, its size in bytes, and when it was written.

    The time is by the store's clock.
    """

    path: str
    size: int
    modified: datetime


class Store:
    """Objects below a URL; may be used from many threads at once.

    Each method raises StoreError, with a sentence that names the URL and the remedy.
    """

    def __init__(self, url: str, objects: "ObjectStore", folder: Path | None) -> None:
        self.url = url
        self._objects = objects
        self._folder = folder
        self._unsynced: set[str] = set()
        self._lock = threading.Lock()

    def __str__(self) -> str:
        return self.url

    def put(self, path: str, data: bytes, *, create: bool = False) -> None:
        """Write an object, whole or not at all; `create` refuses with AlreadyThere."""
        try:
            self._objects.put(
                path, data, mode="create" if create else "overwrite", use_multipart=False
            )
        except AlreadyExistsError:
            # The first answer may have been lost, and this be that to the library's next try.
            if self.get(path) == data:
                return
            raise AlreadyThere(f"{path} is already in the store {self.url}") from None
        except _FAILURES as error:
            raise self._trouble(f"writing {path}", error) from None
        if self._folder:
            with self._lock:
                self._unsynced.add(path)

    def get(self, path: str) -> bytes:
        """The object's bytes; NotThere."""
        try:
            return bytes(self._objects.get(path).bytes())
        except FileNotFoundError as error:
            raise self._missing(path, error) from None
        except _FAILURES as error:
            raise self._trouble(f"reading {path}", error) from None

    def about(self, path: str) -> Entry:
        """Size and time of one object; NotThere."""
        try:
            return _entry(self._objects.head(path))
        except FileNotFoundError as error:
            raise self._missing(path, error) from None
        except _FAILURES as error:
            raise self._trouble(f"looking at {path}", error) from None

    def list(self, folder: str) -> Iterator[Entry]:
        """All objects below a folder, such as `chunks`; in no order, all of them or an error."""
        # The library takes a folder that is not there for an empty one.
        self._check_folder()
        try:
            for batch in self._objects.list(folder):
                yield from (_entry(each) for each in batch)
        except _FAILURES as error:
            raise self._trouble(f"listing {folder}", error) from None

    def delete(self, paths: Iterable[str]) -> None:
        """Delete objects; one that is not there is fine."""
        todo = list(paths)
        for start in range(0, len(todo), _DELETED_AT_ONCE):
            try:
                self._objects.delete(todo[start : start + _DELETED_AT_ONCE])
            except FileNotFoundError:
                # A folder stops at the first that is missing: the others one by one.
                for path in todo[start : start + _DELETED_AT_ONCE]:
                    self._delete(path)
            except _FAILURES as error:
                raise self._trouble("deleting", error) from None

    def settle(self) -> None:
        """Wait until what was put survives a crash of the machine; object stores answer so late.

        Source: the library writes a folder's files without syncing them unless it is told to
        (arrow-rs-object-store, pull request 643), and obstore has no way to tell it.
        """
        if not self._folder:
            return
        with self._lock:
            files, self._unsynced = self._unsynced, set()
        root = self._folder
        paths = {root / path for path in files}
        folders = {above for path in paths for above in path.parents if above.is_relative_to(root)}
        try:
            with ThreadPoolExecutor(_SYNCED_AT_ONCE) as pool:
                list(pool.map(_sync, paths))
                list(pool.map(_sync, folders))
        except OSError as error:
            raise self._trouble("syncing", error) from None

    def clear_leftovers(self, before: datetime) -> None:
        """Remove what writers that were killed before that time left half written in a folder."""
        if not self._folder:
            return
        try:
            for path in self._folder.rglob("*#*"):
                if (
                    _LEFTOVER.fullmatch(path.name)
                    and path.is_file()
                    and path.stat().st_mtime < before.timestamp()
                ):
                    path.unlink(missing_ok=True)
        except OSError as error:
            raise self._trouble("clearing up", error) from None

    def _delete(self, path: str) -> None:
        try:
            self._objects.delete(path)
        except FileNotFoundError:
            pass
        except _FAILURES as error:
            raise self._trouble(f"deleting {path}", error) from None

    def _check_folder(self) -> None:
        if self._folder and not self._folder.is_dir():
            raise _no_folder(self.url)

    def _missing(self, path: str, error: Exception) -> StoreError:
        """A bucket that is not there reads like an object that is not there."""
        self._check_folder()
        told = trouble(self.url, f"reading {path}", str(error))
        if told.is_bucket_missing:
            return StoreError(told.sentence)
        return NotThere(f"{path} is not in the store {self.url}")

    def _trouble(self, doing: str, error: Exception) -> StoreError:
        return StoreError(trouble(self.url, doing, str(error)).sentence)


def open_store(url: str) -> Store:
    """The store at a URL; whether it answers shows with the first request.

    StoreError where the URL is none, or what is in the environment cannot be used.
    """
    parts = urlsplit(url)
    if parts.username or parts.password or "@" in parts.netloc or parts.query or parts.fragment:
        raise StoreError(
            f"the URL of the {parts.scheme} store holds more than a name and a path; credentials "
            "and options belong in the environment"
        )
    if parts.scheme == "file":
        return _folder_store(url, parts.netloc, unquote(parts.path))
    kinds: dict[str, Any] = {"s3": S3Store, "az": AzureStore, "gs": GCSStore}
    kind = kinds.get(parts.scheme)
    if kind is None or not parts.netloc:
        raise StoreError(
            f"{url!r} is no URL of a store; write file:///folder, s3://bucket/prefix, "
            "az://container/prefix or gs://bucket/prefix"
        )
    # An endpoint without TLS is one that somebody has written down as such.
    plain = any(os.environ.get(name, "").startswith("http://") for name in _ENDPOINTS)
    try:
        objects = kind(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            client_options={**_TIMES, "allow_http": True} if plain else _TIMES,
            retry_config=_RETRIES,
        )
    except _FAILURES as error:
        raise StoreError(trouble(url, "opening", str(error)).sentence) from None
    return Store(url, objects, None)


def _folder_store(url: str, host: str, path: str) -> Store:
    if host or not path.startswith("/"):
        raise StoreError(f"{url!r} is no URL of a folder; write file:///path/of/the/folder")
    folder = Path(path)
    # Not made here: where a volume is not mounted, the backup would go to a disk that is not meant.
    if not folder.is_dir():
        raise _no_folder(url)
    try:
        return Store(url, LocalStore(folder), folder)
    except _FAILURES as error:
        raise StoreError(trouble(url, "opening", str(error)).sentence) from None


def _no_folder(url: str) -> StoreError:
    return StoreError(f"the folder of the store {url} is not there; mount its volume or make it")


def _entry(meta: Any) -> Entry:
    return Entry(path=meta["path"], size=meta["size"], modified=meta["last_modified"])


def _sync(path: Path) -> None:
    # Where it is not there, it was deleted since, by whoever had the right to.
    with suppress(FileNotFoundError):
        sync(path)
