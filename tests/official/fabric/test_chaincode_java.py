"""Chaincodes in Java, built and served as their pods do it, with Fabric's own library.

The wrapper of the build tool is a stand-in that calls the JDK: a real one fetches a tool. What it
builds is no uber jar but one that names the others.
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.chaincode_java import java
from hlf.spec.java_service import refusal
from tests.official.fabric import javaenv
from tests.official.fabric.built_servers import BuiltServers, assert_called
from tests.official.fabric.contained import unpack
from tests.official.fabric.network import Network
from tests.official.fabric.test_chaincode_tls import ROOT, roll_out

WRAPPER = f"""
set -e
mkdir -p {{made}} /tmp/classes
javac -nowarn -cp '{javaenv.LIBRARIES}/*' -d /tmp/classes $(find src -name '*.java')
{{{{
  echo 'Main-Class: {{main}}'
  echo 'Class-Path: '
  for jar in {javaenv.LIBRARIES}/*; do echo "  $jar"; done
}}}} > /tmp/manifest
jar --create --file {{made}}/chaincode.jar --manifest /tmp/manifest -C /tmp/classes .
"""
PROGRAM = """
package ledger;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.hyperledger.fabric.shim.ChaincodeBase;
import org.hyperledger.fabric.shim.ChaincodeStub;

public final class Ledger extends ChaincodeBase {
    @Override
    public Response init(final ChaincodeStub stub) {
        return newSuccessResponse();
    }

    @Override
    public Response invoke(final ChaincodeStub stub) {
        final List<String> words = stub.getParameters();
        switch (stub.getFunction()) {
            case "ping":
                return newSuccessResponse("pong".getBytes(StandardCharsets.UTF_8));
            case "put":
                stub.putStringState(words.get(0), words.get(1));
                return newSuccessResponse();
            default:
                return newSuccessResponse(stub.getState(words.get(0)));
        }
    }

    public static void main(final String[] args) {
        new Ledger().start(args);
    }
}
"""
TELLS = re.compile(r"write `(?P<new>[^`]+)` in place of `(?P<old>[^`]+)`")


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BuiltServers]:
    root = tmp_path_factory.mktemp("java")
    image = unpack(javaenv.JAVAENV, root / "image")
    contract = root / "contract"
    shutil.copytree(javaenv.PROJECT, contract)
    main = "org.hyperledger.fabric.contract.ContractRouter"
    (contract / "mvnw").write_text(WRAPPER.format(made="target", main=main))
    sources = {"contract": contract, "shim": changed(root / "shim")}
    made = BuiltServers(
        root=root, running=[], image=image, build=java, in_java=True, sources=sources
    )
    yield made
    made.stop()


def changed(folder: Path) -> Path:
    """A program that dials, and what it was told to do."""
    at = folder / "src" / "main" / "java" / "ledger" / "Ledger.java"
    at.parent.mkdir(parents=True)
    at.write_text(PROGRAM)
    (folder / "build.gradle").write_text("")
    (folder / "gradlew").write_text(WRAPPER.format(made="build/libs", main="ledger.Ledger"))
    told = refusal(folder)
    assert told is not None
    patch = TELLS.search(told.remedy)
    assert patch is not None
    text = PROGRAM.replace(patch["old"], patch["new"])
    at.write_text(text.replace("args) {", "args) throws Exception {"))
    assert refusal(folder) is None
    return folder


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("program", ["contract", "shim"])
def test_peers_call_a_server_in_java(
    network: Network, servers: BuiltServers, program: str, *, tls: bool
) -> None:
    name = f"java-{program}-{'tls' if tls else 'plain'}"
    roll_out(network, servers, name, tls=tls, root=ROOT if tls else None, program=program)
    assert_called(network, name)
