"""The files of a peer's snapshot from one machine to another.

They are served beside the volume of the peer that made it, and fetched beside that of the peer that
joins by it. Both sides have a `Ticket`, made for one transfer: who has none neither gets the files,
which hold the channel's states, nor can hand out others. What was fetched has the hashes that the
peer wrote down (`hlf.ledger.snapshot_metadata`), is synced, and comes to its place by one rename: a
folder that is there is whole. After a kill, files that are whole already are not fetched again.
"""

import hashlib
import http.client
import os
import shutil
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from hlf.backup.syncing import sync
from hlf.client import tls
from hlf.client.connection import Endpoint, away, untrusted
from hlf.client.wait import Deadline
from hlf.errors import FabricError
from hlf.ledger.snapshot_metadata import ADDITIONAL, SIGNABLE, SnapshotMetadata, read_metadata
from hlf.pki.authority import issue_tls, make_authority
from hlf.pki.pair import Pair

_NAME = "snapshot.hlf"
"""What the certificate of a ticket is for; pods have no names of their own."""
_CHUNK = 1024 * 1024
_IDLE = 60.0
"""Seconds after which a side that gives no sign is given up."""
_NOTICED = 0.1
"""Seconds after which a server notices that it is to end."""
_TIMES = 5
"""How often a file is begun that does not come to its end."""
_LARGEST_METADATA = 1024 * 1024
_PART = ".part"
FILES = _AUTHORITY, _CERTIFICATE, _KEY = "ca.crt", "tls.crt", "tls.key"
"""A ticket's files."""


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """By what the two sides of a transfer know each other."""

    authority: bytes
    """Certificate in PEM of a CA that has issued `pair` and nothing else."""
    pair: Pair


def make_ticket() -> Ticket:
    """Make one; nobody keeps the CA's key."""
    authority = make_authority(_NAME, "tlsca")
    pair = issue_tls(authority, common_name=_NAME, sans=(_NAME,))
    return Ticket(authority=authority.certificate, pair=pair)


def ticket_files(ticket: Ticket) -> dict[str, bytes]:
    """A ticket as files by name, of which one is secret."""
    return {
        _AUTHORITY: ticket.authority,
        _CERTIFICATE: ticket.pair.certificate,
        _KEY: ticket.pair.key,
    }


def read_ticket(folder: Path) -> Ticket:
    """The ticket of these files. Raises FabricError where they are not there."""
    try:
        authority, certificate, key = (
            (folder / name).read_bytes() for name in (_AUTHORITY, _CERTIFICATE, _KEY)
        )
    except OSError as error:
        raise FabricError(
            f"{folder} holds no ticket of a transfer ({error.strerror}); begin it again"
        ) from None
    return Ticket(authority=authority, pair=Pair(certificate=certificate, key=key))


@contextmanager
def serve(folder: Path, ticket: Ticket, *, host: str, port: int = 0) -> Generator[int]:
    """Hand out a snapshot while the context is entered; yields the port, a free one for 0.

    `host` is the address to listen on. Raises FabricError where the folder is no snapshot.
    """
    names = frozenset({SIGNABLE, ADDITIONAL, *_metadata(folder).files})
    server = _Server(folder, names, _server_context(ticket), (host, port))
    thread = threading.Thread(target=server.serve_forever, args=(_NOTICED,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def fetch(address: str, ticket: Ticket, into: Path, *, timeout: float = 120.0) -> SnapshotMetadata:
    """Have the snapshot that is served at `host:port` in a folder, and return what it is.

    A folder that is there is taken for it. `timeout` is in seconds for which a server is waited for
    that is not there. Raises Unreachable, and FabricError where the files are not what the peer
    wrote down, or cannot be written.
    """
    try:
        if not into.exists():
            _fetch(_Source(address, ticket, timeout), into)
        return _metadata(into)
    except FabricError:
        raise
    except OSError as error:
        raise FabricError(
            f"the snapshot cannot be written into {into} ({error.strerror}); "
            "see that the volume has room for it and belongs to the peer's user"
        ) from None


def clear_others(into: Path) -> None:
    """Remove what earlier transfers have left beside a folder that is to be fetched into.

    Folders there are called by the snapshots' blocks.
    """
    if not into.parent.exists():
        return
    for each in into.parent.iterdir():
        number = each.name.removesuffix(_PART)
        if number.isdecimal() and number != into.name:
            shutil.rmtree(each)


def _fetch(source: "_Source", into: Path) -> None:
    part = into.with_name(into.name + _PART)
    part.mkdir(parents=True, exist_ok=True)
    about = {name: source.small(name) for name in (SIGNABLE, ADDITIONAL)}
    metadata = read_metadata(about[SIGNABLE], about[ADDITIONAL])
    for left in part.iterdir():
        if left.name not in metadata.files:
            left.unlink()
    for name, digest in sorted(metadata.files.items()):
        if not _has(part / name, digest):
            source.file(name, digest, part / name)
    for name, content in about.items():
        with _synced(part / name) as write:
            write(content)
    sync(part)
    part.rename(into)
    sync(into.parent)


class _Source:
    """The other side, as the one that fetches sees it."""

    def __init__(self, address: str, ticket: Ticket, timeout: float) -> None:
        self._timeout = timeout
        self._endpoint = Endpoint(
            name=f"the server of the snapshot at {address}",
            address=address,
            tls_roots=ticket.authority,
            server_name=_NAME,
            client=ticket.pair,
        )

    def small(self, name: str) -> bytes:
        """A file that is held in memory."""
        content = b""

        def take(chunks: Iterator[bytes]) -> None:
            nonlocal content
            content = b""
            for chunk in chunks:
                content += chunk
                if len(content) > _LARGEST_METADATA:
                    raise FabricError(f"{name} of the snapshot has more than 1 MiB; make another")

        self._get(name, take)
        return content

    def file(self, name: str, digest: str, path: Path) -> None:
        """A file, written where it is to be; FabricError where it has another SHA-256."""
        found = hashlib.sha256()

        def take(chunks: Iterator[bytes]) -> None:
            nonlocal found
            found = hashlib.sha256()
            with _synced(path) as write:
                for chunk in chunks:
                    found.update(chunk)
                    write(chunk)

        self._get(name, take)
        if found.hexdigest() != digest:
            raise FabricError(
                f"{name} of the snapshot has the SHA-256 {found.hexdigest()}, and the peer wrote "
                f"down {digest}; make another snapshot, and see to the disk of the peer that made "
                "it if that is so again"
            )

    def _get(self, name: str, take: Callable[[Iterator[bytes]], None]) -> None:
        """Give a file to `take`, from its beginning again where the connection breaks."""
        cause = ""
        for _ in range(_TIMES):
            with closing(tls.Connection(self._endpoint, timeout=_IDLE)) as connection:
                response = self._asked(connection, name)
                try:
                    take(_chunks(response))
                except _Broken as error:
                    cause = str(error)
                else:
                    return
        raise away(self._endpoint.name, _doing(name), f"{cause}, {_TIMES} times")

    def _asked(self, connection: tls.Connection, name: str) -> http.client.HTTPResponse:
        """The answer to the request for a file, asked again while the other side is not there."""
        cause = ""
        for _ in Deadline(self._timeout).tries():
            connection.close()
            try:
                with _network():
                    connection.request("GET", f"/{name}")
                    response = connection.getresponse()
            except _Broken as error:
                cause = str(error)
                continue
            except ssl.SSLError as error:
                raise untrusted(self._endpoint.name, _doing(name), tls.cause(error)) from None
            if response.status != HTTPStatus.OK:
                raise FabricError(
                    f"{self._endpoint.name} has no {name} ({response.status}); "
                    "see that nobody deletes the snapshot, and make another"
                )
            return response
        raise away(self._endpoint.name, _doing(name), cause)


class _Broken(Exception):  # noqa: N818 - never leaves this module
    """The connection does not come about, or broke."""


@contextmanager
def _network() -> Generator[None]:
    """Errors of the connection told from those of files, which are OSErrors as well."""
    try:
        yield
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
        raise _Broken("the connection was closed") from None
    except ssl.SSLError:
        raise
    except TimeoutError:
        raise _Broken("it gives no sign") from None
    except ConnectionRefusedError:
        raise _Broken("connection refused") from None
    except (OSError, http.client.HTTPException):
        raise _Broken("the connection was closed") from None


def _chunks(response: http.client.HTTPResponse) -> Iterator[bytes]:
    """What the other side sends, all of it; without this, an early end looks like the end."""
    left = int(response.headers["Content-Length"])
    while left:
        try:
            with _network():
                chunk = response.read(min(left, _CHUNK))
        except ssl.SSLError:
            raise _Broken("what comes is not what was sent") from None
        if not chunk:
            raise _Broken("the connection was closed")
        left -= len(chunk)
        yield chunk


def _doing(name: str) -> str:
    return f"fetching {name}"


class _Server(ThreadingHTTPServer):
    """Hands out some files of a folder to who has the ticket."""

    daemon_threads = True

    def __init__(
        self, folder: Path, names: frozenset[str], context: ssl.SSLContext, address: tuple[str, int]
    ) -> None:
        self.folder = folder
        self.names = names
        self._context = context
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, _Handler)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Serve one connection, in a thread of its own; so a handshake holds nobody up."""
        request.settimeout(_IDLE)
        with self._context.wrap_socket(request, server_side=True) as secured:
            super().finish_request(secured, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Connections that break are for the other side to tell, which asks again."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """One request for a file."""

    server: _Server  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_GET(self) -> None:
        """Send the file; nothing but the snapshot's own."""
        name = self.path.removeprefix("/")
        if name not in self.server.names:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        try:
            file = (self.server.folder / name).open("rb")
        except OSError:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        with file:
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Length", str(os.fstat(file.fileno()).st_size))
            self.end_headers()
            shutil.copyfileobj(file, self.wfile, _CHUNK)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Say nothing."""


def _server_context(ticket: Ticket) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=ticket.authority.decode())
    tls.load(context, ticket.pair)
    return context


def _metadata(folder: Path) -> SnapshotMetadata:
    try:
        about = [(folder / name).read_bytes() for name in (SIGNABLE, ADDITIONAL)]
    except OSError as error:
        raise FabricError(
            f"{folder} holds no snapshot ({error.strerror}); make it, or see who has deleted it"
        ) from None
    return read_metadata(*about)


def _has(path: Path, digest: str) -> bool:
    if not path.exists():
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == digest


@contextmanager
def _synced(path: Path) -> Generator[Callable[[bytes], object]]:
    """Writing a file, which is on the disk afterwards."""
    with path.open("wb") as file:
        yield file.write
        file.flush()
        os.fsync(file.fileno())
