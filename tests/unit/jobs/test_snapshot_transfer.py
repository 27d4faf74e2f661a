"""Over loopback, with real processes that are killed."""

import hashlib
import http.client
import json
import os
import pickle
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from hlf.client.errors import Unreachable, Untrusted
from hlf.errors import FabricError
from hlf.ledger.snapshot_metadata import ADDITIONAL, SIGNABLE
from jobs import snapshot_transfer
from jobs.snapshot_transfer import Ticket, fetch, make_ticket, serve

HOST = "127.0.0.1"
FILES = {
    "confighistory.metadata": b"",
    "public_state.data": os.urandom(5_000_001),
    "public_state.metadata": b"states",
    "txids.data": os.urandom(1024 * 1024),
}


@pytest.fixture
def made(tmp_path: Path) -> Path:
    return lay(tmp_path / "made", FILES)


@pytest.fixture(scope="module")
def ticket() -> Ticket:
    return make_ticket()


def lay(folder: Path, files: dict[str, bytes]) -> Path:
    """A snapshot as a peer leaves it."""
    folder.mkdir()
    signable = json.dumps(
        {
            "channel_name": "common",
            "last_block_number": 7,
            "snapshot_files_raw_hashes": {
                name: hashlib.sha256(content).hexdigest() for name, content in files.items()
            },
        }
    ).encode()
    additional = json.dumps({"snapshot_hash": hashlib.sha256(signable).hexdigest()}).encode()
    for name, content in {**files, SIGNABLE: signable, ADDITIONAL: additional}.items():
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o444)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_all_files(made: Path, ticket: Ticket, tmp_path: Path):
    into = tmp_path / "volume" / "common" / "7"
    with serve(made, ticket, host=HOST) as port:
        metadata = fetch(f"{HOST}:{port}", ticket, into)
    assert (metadata.channel, metadata.last_block) == ("common", 7)
    assert contents(into) == contents(made)
    assert [path.name for path in into.parent.iterdir()] == ["7"]
    assert fetch("127.0.0.1:1", ticket, into) == metadata


def test_a_server_that_comes_later(made: Path, ticket: Ticket, tmp_path: Path):
    with socket.create_server((HOST, 0)) as listener:
        port = listener.getsockname()[1]
    done = threading.Thread(target=lambda: fetch(f"{HOST}:{port}", ticket, tmp_path / "7"))
    done.start()
    time.sleep(0.2)
    with serve(made, ticket, host=HOST, port=port):
        done.join()
    assert contents(tmp_path / "7") == contents(made)


def test_no_server(ticket: Ticket, tmp_path: Path):
    with pytest.raises(Unreachable) as raised:
        fetch("127.0.0.1:1", ticket, tmp_path / "7", timeout=0.2)
    assert str(raised.value) == (
        "the server of the snapshot at 127.0.0.1:1 does not answer (connection refused) while "
        "fetching _snapshot_signable_metadata.json; see that it runs and that its address is right"
    )


def test_another_ticket_on_either_side(made: Path, ticket: Ticket, tmp_path: Path):
    other = make_ticket()
    with serve(made, ticket, host=HOST) as port:
        with pytest.raises(Untrusted):
            fetch(f"{HOST}:{port}", other, tmp_path / "7", timeout=1)
        known = Ticket(authority=ticket.authority, pair=other.pair)
        # the server closes the connection, and whether its reason is read before is chance
        with pytest.raises(Unreachable):
            fetch(f"{HOST}:{port}", known, tmp_path / "7", timeout=1)
        context = ssl.create_default_context(cadata=ticket.authority.decode())
        context.check_hostname = False
        nobody = http.client.HTTPSConnection(HOST, port, context=context, timeout=5)
        with pytest.raises((OSError, http.client.HTTPException)):
            ask(nobody, SIGNABLE)
        with pytest.raises((OSError, http.client.HTTPException)):
            ask(http.client.HTTPConnection(HOST, port, timeout=5), SIGNABLE)
        fetch(f"{HOST}:{port}", ticket, tmp_path / "7")


@pytest.mark.parametrize("name", ["../secret", "..%2fsecret", "/etc/passwd", "secret", "", "."])
def test_nothing_but_the_snapshot(made: Path, ticket: Ticket, tmp_path: Path, name: str):
    (tmp_path / "secret").write_bytes(b"secret")
    (made / "secret").write_bytes(b"secret")
    context = ssl.create_default_context(cadata=ticket.authority.decode())
    context.check_hostname = False
    snapshot_transfer.tls.load(context, ticket.pair)
    with serve(made, ticket, host=HOST) as port:
        assert ask(http.client.HTTPSConnection(HOST, port, context=context), name) == 404
        assert ask(http.client.HTTPSConnection(HOST, port, context=context), SIGNABLE) == 200


def ask(connection: http.client.HTTPConnection, name: str) -> int:
    connection.request("GET", f"/{name}")
    return connection.getresponse().status


def test_a_file_that_has_changed(made: Path, ticket: Ticket, tmp_path: Path):
    changed = made / "public_state.data"
    changed.chmod(0o644)
    with changed.open("r+b") as file:
        file.seek(3_000_000)
        file.write(b"changed")
    into = tmp_path / "7"
    with serve(made, ticket, host=HOST) as port:
        with pytest.raises(FabricError, match=r"public_state.data of the snapshot has the SHA-256"):
            fetch(f"{HOST}:{port}", ticket, into)
        assert not into.exists()
        changed.write_bytes(FILES["public_state.data"])
        fetch(f"{HOST}:{port}", ticket, into)
    assert contents(into) == contents(made)


def test_a_file_that_is_cut_off(made: Path, ticket: Ticket, tmp_path: Path):
    cut = made / "public_state.data"
    cut.chmod(0o644)
    os.truncate(cut, 1_000_000)
    with (
        serve(made, ticket, host=HOST) as port,
        pytest.raises(FabricError, match=r"public_state.data of the snapshot has the SHA-256"),
    ):
        fetch(f"{HOST}:{port}", ticket, tmp_path / "7")


def test_a_file_that_is_gone(made: Path, ticket: Ticket, tmp_path: Path):
    (made / "txids.data").unlink()
    with (
        serve(made, ticket, host=HOST) as port,
        pytest.raises(FabricError, match=r"has no txids.data \(404\); see that nobody deletes"),
    ):
        fetch(f"{HOST}:{port}", ticket, tmp_path / "7")


def test_what_is_no_snapshot(ticket: Ticket, tmp_path: Path):
    with (
        pytest.raises(FabricError, match=r"holds no snapshot \(No such file or directory\); "),
        serve(tmp_path, ticket, host=HOST),
    ):
        pass


def test_a_volume_that_cannot_be_written(made: Path, ticket: Ticket, tmp_path: Path):
    (tmp_path / "volume").write_bytes(b"")
    with serve(made, ticket, host=HOST) as port, pytest.raises(FabricError) as raised:
        fetch(f"{HOST}:{port}", ticket, tmp_path / "volume" / "7")
    assert "(Not a directory); see that the volume has room for it" in str(raised.value)
    (tmp_path / "7.part" / "public_state.data").mkdir(parents=True)
    with serve(made, ticket, host=HOST) as port, pytest.raises(FabricError) as raised:
        fetch(f"{HOST}:{port}", ticket, tmp_path / "7")
    assert "(Is a directory); see that" in str(raised.value)


@contextmanager
def breaking(port: int, connections: range, after: int, garbage: bytes = b"") -> Iterator[int]:
    """A way to a server that closes some connections when so many bytes have come back.

    `garbage` comes before the end.
    """
    with socket.create_server((HOST, 0)) as listener:

        def forward(number: int, client: socket.socket) -> None:
            with client, socket.create_connection((HOST, port)) as server:
                threading.Thread(target=pump, args=(client, server, None), daemon=True).start()
                pump(server, client, after if number in connections else None, garbage)

        def accept() -> None:
            number = 0
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=forward, args=(number, client), daemon=True).start()
                number += 1

        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def pump(
    source: socket.socket, sink: socket.socket, limit: int | None, garbage: bytes = b""
) -> None:
    passed = 0
    with suppress(OSError):
        while (limit is None or passed < limit) and (data := source.recv(65536)):
            sink.sendall(data)
            passed += len(data)
        if limit is not None:
            sink.sendall(garbage)
    for each in (source, sink):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


def test_connections_that_break(made: Path, ticket: Ticket, tmp_path: Path):
    """Within the handshake, within a file, and again and again."""
    with serve(made, ticket, host=HOST) as port:
        with breaking(port, range(2, 6), 1_000_000) as way:
            fetch(f"{HOST}:{way}", ticket, tmp_path / "once")
        assert contents(tmp_path / "once") == contents(made)
        with breaking(port, range(3), 500) as way:
            fetch(f"{HOST}:{way}", ticket, tmp_path / "handshake")
        assert contents(tmp_path / "handshake") == contents(made)
        with breaking(port, range(2, 6), 1_000_000, os.urandom(100_000)) as way:
            fetch(f"{HOST}:{way}", ticket, tmp_path / "garbage")
        assert contents(tmp_path / "garbage") == contents(made)
        with breaking(port, range(1000), 1_000_000) as way, pytest.raises(Unreachable) as raised:
            fetch(f"{HOST}:{way}", ticket, tmp_path / "always")
    assert "(the connection was closed, 5 times) while fetching public_state" in str(raised.value)
    assert not (tmp_path / "always").exists()


FETCH = """
import pickle, sys
from pathlib import Path
from jobs.snapshot_transfer import fetch
address, into = sys.argv[1:]
fetch(address, pickle.loads(sys.stdin.buffer.read()), Path(into))
"""


def test_one_that_is_killed(ticket: Ticket, tmp_path: Path):
    """At moments all over it; the next one goes on with what is there."""
    files = {f"file{number}.data": os.urandom(3_000_000) for number in range(12)}
    made = lay(tmp_path / "made", files)
    into = tmp_path / "7"
    part = tmp_path / "7.part"
    kills = 0
    with serve(made, ticket, host=HOST) as port:
        for at in range(0, 12, 3):
            process = subprocess.Popen(
                [sys.executable, "-c", FETCH, f"{HOST}:{port}", str(into)], stdin=subprocess.PIPE
            )
            assert process.stdin
            process.stdin.write(pickle.dumps(ticket))
            process.stdin.close()
            while process.poll() is None and len(list(part.glob("file*"))) <= at:
                time.sleep(0.001)
            process.send_signal(signal.SIGKILL)
            kills += process.wait() == -signal.SIGKILL
            assert not into.exists() or contents(into) == contents(made)
        assert kills
        fetch(f"{HOST}:{port}", ticket, into)
    assert contents(into) == contents(made)
    assert not part.exists()


def test_what_is_whole_is_not_fetched_again(made: Path, ticket: Ticket, tmp_path: Path):
    part = tmp_path / "7.part"
    part.mkdir()
    (part / "public_state.data").write_bytes(FILES["public_state.data"])
    (part / "txids.data").write_bytes(b"half")
    (part / "left over").write_bytes(b"")
    (made / "public_state.data").unlink()
    with serve(made, ticket, host=HOST) as port:
        fetch(f"{HOST}:{port}", ticket, tmp_path / "7")
    assert contents(tmp_path / "7") == contents(made) | {
        "public_state.data": FILES["public_state.data"]
    }
