"""A network with the lifecycle of Fabric 1 as processes on loopback, and servers of chaincodes."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from actions.definitions import definition_inputs as current_inputs
from actions.legacy_chaincodes import definition_inputs
from actions.members import Members
from hlf.client import legacy
from hlf.client.legacy import LegacyPackage, legacy_package
from hlf.client.orderer import Orderer
from hlf.client.package import ccaas_code
from hlf.client.peer import Peer
from hlf.client.wait import gather
from tests.official.fabric.lifecycle_bench import members_of
from tests.official.fabric.network import (
    Capabilities,
    Network,
    Process,
    build_chaincode,
    free_port,
)

BOTH = "AND('KargaMSP.member', 'NevergreenMSP.member')"
ANY = "OR('KargaMSP.member', 'NevergreenMSP.member')"


@dataclass(frozen=True, kw_only=True)
class Server:
    """A chaincode's server with the package that leads to it."""

    package: LegacyPackage
    address: str
    process: Process


class Bench:
    """A network with the old lifecycle, and the servers that tests start."""

    def __init__(self, root: Path, network: Network) -> None:
        self.root = root
        self.network = network
        self.program = build_chaincode(root)
        self.servers: list[Server] = []

    @property
    def peers(self) -> tuple[Peer, ...]:
        return self.network.admin_peers()

    @property
    def orderer(self) -> Orderer:
        return self.network.orderer_as(self.peers[0].signer)

    def server(self, name: str, version: str, *, start: bool = True) -> Server:
        address = f"127.0.0.1:{free_port()}"
        connection = {"address": address, "dial_timeout": "10s", "tls_required": False}
        indexes = {"statedb/couchdb/indexes/owner.json": b'{"index":{"fields":["owner"]}}'}
        code = ccaas_code(connection=connection, metadata=indexes)
        package = legacy_package(name=name, version=version, code=code)
        return self._run(package, address, start=start)

    def _run(self, package: LegacyPackage, address: str, *, start: bool = True) -> Server:
        folder = self.root / f"server-{len(self.servers)}"
        folder.mkdir()
        env = {"CHAINCODE_ID": package.ccid, "CHAINCODE_SERVER_ADDRESS": address}
        made = Server(
            package=package, address=address, process=Process([str(self.program)], folder, env)
        )
        self.servers.append(made)
        if start:
            made.process.start()
        return made

    def running(self, name: str, version: str) -> Server:
        """Installed on all peers and served."""
        server = self.server(name, version)
        gather(lambda peer: legacy.install(peer, server.package), self.peers)
        return server

    def listed(self, name: str, version: str) -> dict[str, dict]:
        """A server that the action installs: as its inputs."""
        package = legacy_package(name=name, version=version, code=b"")
        server = self._run(package, f"127.0.0.1:{free_port()}")
        return {name: self.inputs(name, version, server.address)}

    def current(self, name: str, version: str) -> tuple[dict[str, dict], Process]:
        """The same for the current lifecycle: inputs, and the server that they lead to."""
        address = f"127.0.0.1:{free_port()}"
        made = current_inputs(
            version=version,
            policy=None,
            label=f"{name}_{version}",
            address=address,
            organizations=[member.msp_id for member in self.network.members],
        )
        folder = self.root / f"current-{name}"
        folder.mkdir()
        env = {"CHAINCODE_ID": made["packageId"], "CHAINCODE_SERVER_ADDRESS": address}
        return {name: made}, Process([str(self.program)], folder, env)

    def inputs(self, name: str, version: str, address: str, policy: str | None = None) -> dict:
        return definition_inputs(
            name=name,
            version=version,
            policy=policy,
            address=address,
            organizations=[member.msp_id for member in self.network.members],
        )

    def members(self, channel: str) -> Members:
        return members_of(self.network, channel)

    def join(self, channel: str) -> str:
        genesis = self.network.create(channel)
        gather(lambda peer: peer.join(genesis), self.peers)
        return channel

    def stop(self) -> None:
        for server in self.servers:
            server.process.stop()
        self.network.stop()


def made(root: Path, capabilities: Capabilities) -> Iterator[Bench]:
    network = Network(root / "network", capabilities=capabilities)
    bench = Bench(root, network)
    network.start()
    try:
        yield bench
    finally:
        bench.stop()
