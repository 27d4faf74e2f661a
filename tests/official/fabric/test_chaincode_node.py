"""Chaincodes in Node.js, built and served as their pods do it, in the image that these have.

With the contract API, whose `start` is run as a server, and with the shim alone after the change
that `preview` tells.
"""

import re
import shutil
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from components.chaincode_environment import environment
from components.chaincode_node import node
from hlf.chaincode import pack_source
from hlf.client.transaction import evaluate, submit
from hlf.client.wait import Deadline, gather
from hlf.spec.node_service import refusal
from tests.official.fabric.contained import Unpacked, unpack
from tests.official.fabric.network import CHANNEL, Network
from tests.official.fabric.test_chaincode_tls import ROOT, Servers, roll_out
from tools import home, images, vendor
from tools.home import CHECKOUT

SAMPLE = CHECKOUT / "samples" / "chaincode" / "node-simple"
PROGRAM = """
const fs = require('fs');
const shim = require('fabric-shim');

class Chaincode {
  async Init() {
    return shim.success();
  }
  async Invoke(stub) {
    const { fcn, params } = stub.getFunctionAndParameters();
    if (fcn === 'put') {
      await stub.putState(params[0], Buffer.from(params[1]));
      return shim.success();
    }
    return shim.success(fcn === 'ping' ? Buffer.from('pong') : await stub.getState(params[0]));
  }
}

shim.start(new Chaincode());
"""
PACKAGE = '{"name": "cc", "scripts": {"start": "node index.js"}, "dependencies": {}}'
TELLS = re.compile(r"write `(?P<new>[^`]+)` in place of `(?P<old>[^`]+)`")


@dataclass(frozen=True, kw_only=True)
class NodeServers(Servers):
    """Starts servers of sources in Node.js."""

    image: Unpacked
    sources: dict[str, Path] = field(default_factory=dict[str, Path])

    def start(
        self, package_id: str, address: str, *, tls: bool, program: str = "chaincode"
    ) -> None:
        folder = self.root / f"server-{len(self.running)}"
        folder.mkdir()
        build = node(self.sources[program], "")
        env = {**build.environment, **environment(package_id, address)}
        if tls:
            keys = f"/keys-{len(self.running)}"
            (self.image.root / keys.lstrip("/")).mkdir()
            for name, at in self.certificate(folder).items():
                env[name] = at.replace(str(folder), keys)
            for file in ("certificate", "key"):
                shutil.copy(folder / file, self.image.root / keys.lstrip("/") / file)
        source = self.image.root / "source"
        shutil.rmtree(source, ignore_errors=True)
        source.mkdir()
        for number, part in enumerate(pack_source(self.sources[program])):
            (source / f"source-{number:02}").write_bytes(part)
        words = ["sh", "-ec", 'sh -c "$1"; shift; exec "$@"', "sh", build.script, *build.command]
        self.running.append(self.image.process(folder / "contained", build.place, words, env))
        self.running[-1].start()
        host, _, port = address.partition(":")
        for _ in Deadline(60).tries():
            with suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
                return
        log = (folder / "contained" / "log").read_text()
        raise AssertionError(f"the server of {program} does not listen:\n{log}")


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeServers]:
    vendor.make(home.find(), vendor.stale(vendor.NODE))
    root = tmp_path_factory.mktemp("node")
    image = unpack(images.NODEENV, root / "image")
    made = NodeServers(root=root, running=[], image=image, sources={"contract": SAMPLE})
    yield made
    for process in made.running:
        process.stop()


def changed(folder: Path, *, tls: bool) -> Path:
    """A program that dials, and what it was told to do."""
    shutil.copytree(SAMPLE / "node_modules", folder / "node_modules")
    (folder / "package.json").write_text(PACKAGE)
    (folder / "index.js").write_text(PROGRAM)
    told = refusal(folder, tls=tls)
    assert told is not None
    patch = TELLS.search(told.remedy)
    assert patch is not None
    (folder / "index.js").write_text(PROGRAM.replace(patch["old"], patch["new"]))
    assert refusal(folder, tls=tls) is None
    return folder


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("program", ["contract", "shim"])
def test_peers_call_a_server_in_node(
    network: Network, servers: NodeServers, tmp_path: Path, program: str, *, tls: bool
) -> None:
    if program == "shim":
        servers.sources[program] = changed(tmp_path / "cc", tls=tls)
    name = f"node-{program}-{'tls' if tls else 'plain'}"
    roll_out(network, servers, name, tls=tls, root=ROOT if tls else None, program=program)
    peers = network.admin_peers()
    orderer = network.orderer_as(peers[0].signer)
    assert submit(peers, orderer, CHANNEL, name, ["ping"]).payload == b"pong"
    assert submit(peers, orderer, CHANNEL, name, ["put", "a", "1"]).code == "VALID"
    assert {evaluate(peer, CHANNEL, name, ["get", "a"]) for peer in peers} == {b"1"}
    calls = [("put", f"key-{number}", str(number)) for number in range(50)]
    answers = gather(lambda call: submit(peers, orderer, CHANNEL, name, call).code, calls)
    assert set(answers) == {"VALID"}
