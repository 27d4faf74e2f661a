"""Servers of Kafka and ZooKeeper as processes on loopback, from the image of `tools`."""

import socket
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from hlf.client.wait import Deadline
from tests.official.fabric.contained import Unpacked
from tests.official.fabric.nodes import Process

VOLUME = "/data"
SMALL = {
    "KAFKA_HEAP_OPTS": "-Xmx256m -Xms64m",
    "KAFKA_JVM_PERFORMANCE_OPTS": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
    "LOG_DIR": "/tmp/logs",
}


class Server:
    """A server of the image at a port of its own, with its settings and data in one volume.

    `files` are further ones in the volume.
    """

    def __init__(
        self,
        image: Unpacked,
        folder: Path,
        script: str,
        settings: Mapping[str, object],
        port: int,
        *,
        files: Mapping[str, str] | None = None,
    ) -> None:
        self.address = f"127.0.0.1:{port}"
        self._port = port
        words = [f"/opt/kafka/bin/{script}", f"{VOLUME}/server.properties"]
        self.process: Process = image.process(folder, VOLUME, words, SMALL)
        lines = "".join(f"{name}={value}\n" for name, value in settings.items())
        for name, text in {"server.properties": lines, **(files or {})}.items():
            (folder / "volume" / name).write_text(text)

    def start(self) -> None:
        """Start it, and wait until it listens."""
        self.process.start()
        for _ in Deadline(120).tries():
            with suppress(OSError), self.connect():
                return
        raise AssertionError(f"the server does not listen: {self.process.log}")

    def connect(self) -> socket.socket:
        """Return a connection to its port; raise OSError where it does not listen."""
        return socket.create_connection(("127.0.0.1", self._port), timeout=1)
