"""Chaincodes from source, built and served as their pods do it, in the image that these have."""

import base64
import shlex
import shutil
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from components.chaincode_build import Build
from components.chaincode_environment import environment, java_tls_environment
from hlf.chaincode import pack_source
from hlf.client.transaction import evaluate, submit
from hlf.client.wait import Deadline, gather
from tests.official.fabric.contained import Unpacked
from tests.official.fabric.network import CHANNEL, Network
from tests.official.fabric.test_chaincode_tls import Servers

# Arguments: words for the shell, a script that knows what they export, a program and its words.
_BUILD_AND_SERVE = '(eval "$1"; exec sh -c "$2"); shift 2; exec "$@"'


@dataclass(frozen=True, kw_only=True)
class BuiltServers(Servers):
    """Starts servers of sources, each with what its language's pods have."""

    image: Unpacked
    build: Callable[[Path, str], Build]
    in_java: bool = False
    sources: dict[str, Path] = field(default_factory=dict[str, Path])

    def start(
        self, package_id: str, address: str, *, tls: bool, program: str = "chaincode"
    ) -> None:
        folder = self.root / f"server-{len(self.running)}"
        folder.mkdir()
        build = self.build(self.sources[program], "")
        env = {**environment(package_id, address), **(self._keys(folder) if tls else {})}
        source = self.image.root / "source"
        shutil.rmtree(source, ignore_errors=True)
        source.mkdir()
        for number, part in enumerate(pack_source(self.sources[program])):
            (source / f"source-{number:02}").write_bytes(part)
        told = shlex.join(["export", *(f"{key}={text}" for key, text in build.environment.items())])
        words = ["sh", "-ec", _BUILD_AND_SERVE, "sh", told, build.script, *build.command]
        self.running.append(self.image.process(folder / "contained", build.place, words, env))
        self.running[-1].start()
        host, _, port = address.partition(":")
        for _ in Deadline(60).tries():
            with suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
                return
        log = (folder / "contained" / "log").read_text()
        raise AssertionError(f"the server of {program} does not listen:\n{log}")

    def _keys(self, folder: Path) -> dict[str, str]:
        """Lay keys into the image, and return what a server is told of them."""
        env = self.certificate(folder)
        if self.in_java:
            for file in ("certificate", "key"):
                encoded = base64.b64encode((folder / file).read_bytes())
                (folder / f"{file}.base64").write_bytes(encoded)
            env |= java_tls_environment(
                certificate=str(folder / "certificate"),
                encoded_certificate=str(folder / "certificate.base64"),
                encoded_key=str(folder / "key.base64"),
            )
        keys = f"/keys-{len(self.running)}"
        shutil.copytree(folder, self.image.root / keys.lstrip("/"))
        return {name: at.replace(str(folder), keys) for name, at in env.items()}

    def stop(self) -> None:
        for process in self.running:
            process.stop()


def assert_called(network: Network, name: str) -> None:
    """Real peers call a ledger of keys and values, one call and fifty at once."""
    peers = network.admin_peers()
    orderer = network.orderer_as(peers[0].signer)
    assert submit(peers, orderer, CHANNEL, name, ["ping"]).payload == b"pong"
    assert submit(peers, orderer, CHANNEL, name, ["put", "a", "1"]).code == "VALID"
    assert {evaluate(peer, CHANNEL, name, ["get", "a"]) for peer in peers} == {b"1"}
    calls = [("put", f"key-{number}", str(number)) for number in range(50)]
    answers = gather(lambda call: submit(peers, orderer, CHANNEL, name, call).code, calls)
    assert set(answers) == {"VALID"}
