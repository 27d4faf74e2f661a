"""Peers speak TLS to a chaincode's server, with both lifecycles, and say so where it does not.

Servers find what their pods find (`components.chaincode_environment`), the contract API's too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from actions import legacy_chaincodes
from actions.definitions import definition_inputs, package_of
from actions.server_certificate import ServerCertificateProvider
from components.chaincode_environment import environment, tls_environment
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
    """Starts servers of chaincodes in `tests/fixtures`, each in a folder of its own."""

    root: Path
    running: list[Process]

    def start(
        self, package_id: str, address: str, *, tls: bool, program: str = "chaincode"
    ) -> None:
        folder = self.root / f"server-{len(self.running)}"
        folder.mkdir()
        env = {**environment(package_id, address), **(self.certificate(folder) if tls else {})}
        if not (self.root / program).exists():
            build_chaincode(self.root, program)
        self.running.append(Process([str(self.root / program)], folder, env))
        self.running[-1].start()

    def certificate(self, folder: Path) -> dict[str, str]:
        inputs = {
            "server": HOST,
            "tlscaCertificate": ROOT,
            "tlscaKey": AUTHORITY.key.decode(),
        }
        made = ServerCertificateProvider().apply(inputs, lambda _: None)
        for name, text in made.items():
            (folder / name).write_text(text)
        return tls_environment(certificate=str(folder / "certificate"), key=str(folder / "key"))


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    made = Servers(root=tmp_path_factory.mktemp("servers"), running=[])
    yield made
    for process in made.running:
        process.stop()


def roll_out(
    network: Network,
    servers: Servers,
    name: str,
    *,
    tls: bool,
    root: str | None = ROOT,
    program: str = "chaincode",
) -> None:
    """Commit a chaincode and start its server; with a `root` its package says that it has TLS."""
    address = f"{HOST}:{free_port()}"
    inputs = definition_inputs(
        version="1.0",
        policy=None,
        label=f"{name}_1.0",
        address=address,
        organizations=[member.msp_id for member in network.members],
        root=root,
    )
    package = package_of(inputs)
    assert package.id == inputs["packageId"]
    servers.start(package.id, address, tls=tls, program=program)
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


@pytest.mark.parametrize(("name", "root"), [("contract", None), ("secured-contract", ROOT)])
def test_the_contract_api_serves_by_its_own_start(
    network: Network, servers: Servers, name: str, root: str | None
) -> None:
    roll_out(network, servers, name, tls=root is not None, root=root, program="contract")
    peers = network.admin_peers()
    orderer = network.orderer_as(peers[0].signer)
    assert submit(peers, orderer, CHANNEL, name, ["ping"]).payload == b"pong"
    assert submit(peers, orderer, CHANNEL, name, ["Put", "a", "1"]).code == "VALID"
    assert {evaluate(peer, CHANNEL, name, ["Get", "a"]) for peer in peers} == {b"1"}


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
