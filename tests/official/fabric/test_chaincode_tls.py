"""Peers speak TLS to a chaincode's server, with both lifecycles, and say so where it does not."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from actions import legacy_chaincodes
from actions.definitions import definition_inputs, package_of
from actions.server_certificate import ServerCertificateProvider
from hlf.client.errors import Refused
from hlf.client.lifecycle import Definition, approve, commit, install
from hlf.client.transaction import evaluate, submit
from hlf.client.wait import gather
from hlf.pki.authority import make_authority
from tests.official.fabric.legacy_bench import Bench
from tests.official.fabric.network import CHANNEL, Network, build_chaincode
from tests.official.fabric.nodes import Process, free_port

HOST = "127.0.0.1"
AUTHORITY = make_authority("chaincodes", "tlsca")
ROOT = AUTHORITY.certificate.decode()


@dataclass(frozen=True, kw_only=True)
class Servers:
    """Starts servers of the test chaincode, each in a folder of its own."""

    root: Path
    program: Path
    running: list[Process]

    def start(self, package_id: str, address: str, *, tls: bool) -> None:
        folder = self.root / f"server-{len(self.running)}"
        folder.mkdir()
        env = {"CHAINCODE_ID": package_id, "CHAINCODE_SERVER_ADDRESS": address}
        if tls:
            env |= self._certificate(folder)
        self.running.append(Process([str(self.program)], folder, env))
        self.running[-1].start()

    def _certificate(self, folder: Path) -> dict[str, str]:
        inputs = {
            "server": HOST,
            "tlscaCertificate": ROOT,
            "tlscaKey": AUTHORITY.key.decode(),
        }
        made = ServerCertificateProvider().apply(inputs, lambda _: None)
        for name, text in made.items():
            (folder / name).write_text(text)
        return {
            "CHAINCODE_TLS_DISABLED": "false",
            "CHAINCODE_TLS_CERT": str(folder / "certificate"),
            "CHAINCODE_TLS_KEY": str(folder / "key"),
        }


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    root = tmp_path_factory.mktemp("servers")
    made = Servers(root=root, program=build_chaincode(root), running=[])
    yield made
    for process in made.running:
        process.stop()


def roll_out(network: Network, servers: Servers, name: str, *, tls: bool) -> None:
    """Commit a chaincode whose package says that its server speaks TLS, and start one."""
    address = f"{HOST}:{free_port()}"
    inputs = definition_inputs(
        version="1.0",
        policy=None,
        label=f"{name}_1.0",
        address=address,
        organizations=[member.msp_id for member in network.members],
        root=ROOT,
    )
    package = package_of(inputs)
    assert package.id == inputs["packageId"]
    servers.start(package.id, address, tls=tls)
    definition = Definition(name=name, version="1.0", sequence=1)
    peers = network.admin_peers()
    gather(lambda peer: install(peer, package), peers)
    for peer in peers:
        orderer = network.orderer_as(peer.signer)
        approve(peer, orderer, CHANNEL, definition, package_id=package.id)
    commit(peers, network.orderer_as(peers[0].signer), CHANNEL, definition)


def test_peers_speak_tls_to_a_server(network: Network, servers: Servers) -> None:
    roll_out(network, servers, "secured", tls=True)
    peers = network.admin_peers()
    orderer = network.orderer_as(peers[0].signer)
    assert submit(peers, orderer, CHANNEL, "secured", ["put", "a", "1"]).code == "VALID"
    assert {evaluate(peer, CHANNEL, "secured", ["get", "a"]) for peer in peers} == {b"1"}


def test_a_server_without_tls_is_told(network: Network, servers: Servers) -> None:
    roll_out(network, servers, "plain", tls=False)
    with pytest.raises(Refused, match=r"could not launch chaincode.*speaks TLS where the network"):
        evaluate(network.admin_peers()[0], CHANNEL, "plain", ["get", "a"])


def test_the_old_lifecycle_knows_it_too(
    bench: Bench, legacy_channel: str, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(legacy_chaincodes, "await_servers", lambda *_: None)
    address = f"{HOST}:{free_port()}"
    definition = legacy_chaincodes.definition_inputs(
        name="secured",
        version="1.0",
        policy=None,
        address=address,
        organizations=[member.msp_id for member in bench.network.members],
        root=ROOT,
    )
    servers.start(definition["packageId"], address, tls=True)
    members = bench.members(legacy_channel)
    legacy_chaincodes.apply(members, {"secured": definition}, lambda _: None)
    assert legacy_chaincodes.observe(members, {"secured": definition}) == {"secured": definition}
    submit(bench.peers, bench.orderer, legacy_channel, "secured", ["put", "a", "1"])
