"""Chaincodes in Node.js, built and served as their pods do it, in the image that these have.

With the contract API, whose `start` is run as a server, and with the shim alone after the change
that `preview` tells.
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.chaincode_node import node
from hlf.spec.node_service import refusal
from tests.official.fabric.built_servers import BuiltServers, assert_called
from tests.official.fabric.contained import unpack
from tests.official.fabric.network import Network
from tests.official.fabric.test_chaincode_tls import ROOT, roll_out
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


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BuiltServers]:
    vendor.make(home.find(), vendor.stale(vendor.NODE))
    root = tmp_path_factory.mktemp("node")
    image = unpack(images.NODEENV, root / "image")
    made = BuiltServers(
        root=root, running=[], image=image, build=node, sources={"contract": SAMPLE}
    )
    yield made
    made.stop()


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
    network: Network, servers: BuiltServers, tmp_path: Path, program: str, *, tls: bool
) -> None:
    if program == "shim":
        servers.sources[program] = changed(tmp_path / "cc", tls=tls)
    name = f"node-{program}-{'tls' if tls else 'plain'}"
    roll_out(network, servers, name, tls=tls, root=ROOT if tls else None, program=program)
    assert_called(network, name)
