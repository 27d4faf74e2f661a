"""A small network of real peers and an orderer as processes on loopback, for tests.

An orderer organization with one orderer, Solo or by Kafka, two peer organizations with a peer each,
TLS on.
Processes are ended by their id; everything they write is below one folder.
"""

import json
import os
import secrets
import shutil
import socket
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from hlf.client.connection import Endpoint
from hlf.client.envelope import sign_update
from hlf.client.identity import Signer
from hlf.client.lifecycle import Definition, approve, commit, install
from hlf.client.orderer import Orderer
from hlf.client.package import ccaas_package
from hlf.client.peer import Peer
from hlf.client.wait import Deadline, gather
from hlf.config import model
from hlf.config.build import block_bytes, channel_group, genesis_block
from hlf.config.protos import Block
from hlf.config.update import create_channel
from tests.official.fabric.nodes import (
    FIXTURES,
    STANDARD,
    Node,
    Organization,
    Process,
    fabric_bin,
    free_port,
    lay_peer,
)

CHANNEL = "common"
CONSORTIUM = "SampleConsortium"
OWNER_INDEX = {
    "index": {"fields": ["owner", "size"]},
    "ddoc": "owners",
    "name": "owner",
    "type": "json",
}


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """Of the parts of all channels' configuration."""

    channel: tuple[str, ...] = ("V2_0",)
    orderer: tuple[str, ...] = ("V2_0",)
    application: tuple[str, ...] = ("V2_5",)
    policies: Mapping[str, str] = field(
        default_factory=lambda: {
            "LifecycleEndorsement": "MAJORITY Endorsement",
            "Endorsement": "MAJORITY Endorsement",
        }
    )
    """Of the Application part, beside the standard ones."""


PIVT = Capabilities(channel=("V1_4_3",), orderer=("V1_4_2",), application=("V1_4_2",), policies={})
"""As in PIVT's samples."""


class Network:
    """The whole network below `root`; `mutual` asks TLS clients for a certificate.

    `brokers` are those of Kafka, if it is to order. `states` are the sections `ledger.state` of the
    peers' configuration, by organization; a peer without one has LevelDB.
    """

    def __init__(
        self,
        root: Path,
        *,
        mutual: bool = False,
        brokers: Sequence[str] = (),
        states: Mapping[str, Mapping[str, Any]] | None = None,
        capabilities: Capabilities | None = None,
    ) -> None:
        self.root = root
        self.mutual = mutual
        self.capabilities = capabilities or Capabilities()
        self.brokers = tuple(brokers)
        self.states = states or {}
        self.operator = Organization("Groeifabriek", "groeifabriek.nl")
        endorsing = bool(self.capabilities.policies)
        self.members = (
            Organization("Karga", "aptalkarga.tr", endorsing=endorsing),
            Organization("Nevergreen", "nevergreen.nl", endorsing=endorsing),
        )
        organizations = (self.operator, *self.members)
        self.msps = {organization.name: organization.msp for organization in organizations}
        self.orderer = self._orderer_node()
        client = self.members[0].tls_client() if mutual else None
        self.peers = {
            each.name: lay_peer(
                root,
                each,
                binaries=fabric_bin(),
                client=client,
                state=self.states.get(each.name),
            )
            for each in self.members
        }

    def start(self) -> None:
        for node in (self.orderer, *self.peers.values()):
            node.process.start()

    def stop(self) -> None:
        for node in (self.orderer, *self.peers.values()):
            node.process.stop()

    def orderer_as(self, signer: Signer) -> Orderer:
        return Orderer(self.orderer.endpoint, signer)

    def peer_as(self, signer: Signer, name: str) -> Peer:
        return Peer(self.peers[name].endpoint, signer)

    def admin_peers(self) -> tuple[Peer, ...]:
        """Each organization's peer, as its admin sees it."""
        return tuple(self.peer_as(member.admin, member.name) for member in self.members)

    def system_channel(self) -> model.ChannelConfig:
        return model.ChannelConfig(
            policies=STANDARD,
            capabilities=self.capabilities.channel,
            orderer=self._orderer_config(),
            consortiums={CONSORTIUM: {each.name: each.config() for each in self.members}},
        )

    def channel(self, **anchors: tuple[str, ...]) -> model.ChannelConfig:
        """The application channel; `anchors` are anchor peers by organization."""
        return model.ChannelConfig(
            policies=STANDARD,
            capabilities=self.capabilities.channel,
            orderer=self._orderer_config(),
            consortium=CONSORTIUM,
            application=model.Application(
                policies={**STANDARD, **self.capabilities.policies},
                capabilities=self.capabilities.application,
                organizations={
                    each.name: each.config(anchor_peers=anchors.get(each.name, ()))
                    for each in self.members
                },
            ),
        )

    def create(self, channel: str = CHANNEL) -> Block:
        """Create the channel with the first member's admin; gives the genesis block."""
        admin = self.members[0].admin
        update = create_channel(self.channel(), msps=self.msps, channel=channel)
        return self.orderer_as(admin).create_channel(update, [sign_update(update, admin)])

    def _orderer_config(self) -> model.Orderer:
        return model.Orderer(
            type="kafka" if self.brokers else "solo",
            kafka_brokers=self.brokers,
            addresses=(self.orderer.endpoint.address,),
            batch_timeout="200ms",
            max_message_count=50,
            absolute_max_bytes=10 * 1024 * 1024,
            preferred_max_bytes=2 * 1024 * 1024,
            policies={**STANDARD, "BlockValidation": "ANY Writers"},
            capabilities=self.capabilities.orderer,
            organizations={self.operator.name: self.operator.config()},
        )

    def _orderer_node(self) -> Node:
        folder = self.root / "orderer0"
        self.operator.lay_node(folder, "orderer", "orderer0")
        port = free_port()
        node = Node(
            organization=self.operator,
            process=Process([f"{fabric_bin()}/orderer"], folder, {"FABRIC_CFG_PATH": str(folder)}),
            endpoint=Endpoint(
                name=f"orderer {self.operator.name.lower()}/orderer0",
                address=f"127.0.0.1:{port}",
                tls_roots=self.operator.tlsca.certificate,
                client=self.members[0].tls_client() if self.mutual else None,
            ),
        )
        self.orderer = node
        group = channel_group(self.system_channel(), msps=self.msps, certificates={})
        block = genesis_block(
            group,
            channel="testchainid",
            timestamp=datetime.now(UTC),
            nonce=secrets.token_bytes(24),
        )
        (folder / "genesis.block").write_bytes(block_bytes(block))
        for member in self.members:
            ca = folder / "tls" / f"{member.name}.crt"
            ca.write_bytes(member.tlsca.certificate)
        config = {
            "General": {
                "ListenAddress": "127.0.0.1",
                "ListenPort": port,
                "LocalMSPID": self.operator.msp_id,
                "LocalMSPDir": "msp",
                "BootstrapMethod": "file",
                "BootstrapFile": "genesis.block",
                "TLS": {
                    "Enabled": True,
                    "Certificate": "tls/server.crt",
                    "PrivateKey": "tls/server.key",
                    "RootCAs": ["tls/ca.crt"],
                    "ClientAuthRequired": self.mutual,
                    "ClientRootCAs": [f"tls/{member.name}.crt" for member in self.members],
                },
            },
            "FileLedger": {"Location": "ledger"},
            # One broker cannot keep more copies than one.
            "Kafka": {"Retry": {"ShortInterval": "1s"}, "Topic": {"ReplicationFactor": 1}},
            "Operations": {"ListenAddress": "127.0.0.1:0"},
            "Metrics": {"Provider": "disabled"},
        }
        (folder / "orderer.yaml").write_text(yaml.safe_dump(config))
        return node


def build_chaincode(folder: Path, name: str = "chaincode") -> Path:
    """The program of a chaincode in `tests/fixtures`, compiled below `folder`."""
    go = shutil.which("go")
    if go is None:
        raise AssertionError("there is no Go on the PATH to compile the test chaincode with")
    program = folder / name
    done = subprocess.run(
        [go, "build", "-mod=readonly", "-o", str(program), "."],
        cwd=FIXTURES / name,
        env={**os.environ, "CGO_ENABLED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{name} does not compile: {done.stderr}"
    return program


class Served:
    """The test chaincode as a service, and its package."""

    def __init__(self, program: Path, folder: Path) -> None:
        self.address = f"127.0.0.1:{free_port()}"
        self.package = ccaas_package(
            label="basic_1",
            connection={"address": self.address, "dial_timeout": "10s", "tls_required": False},
            metadata={"statedb/couchdb/indexes/owner.json": json.dumps(OWNER_INDEX).encode()},
        )
        self.process = Process(
            [str(program)],
            folder,
            {"CHAINCODE_ID": self.package.id, "CHAINCODE_SERVER_ADDRESS": self.address},
        )

    def wait(self) -> None:
        """Until the service listens."""
        host, _, port = self.address.rpartition(":")
        for _ in Deadline(20).tries():
            with suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
                return
        raise AssertionError(f"the test chaincode does not listen at {self.address}")

    def roll_out(self, network: Network, definition: Definition, channel: str = CHANNEL) -> None:
        """Installed on all peers, approved by all organizations, committed."""
        peers = network.admin_peers()
        gather(lambda peer: install(peer, self.package), peers)

        def approve_with(peer: Peer) -> None:
            orderer = network.orderer_as(peer.signer)
            approve(peer, orderer, channel, definition, package_id=self.package.id)

        gather(approve_with, peers)
        commit(peers, network.orderer_as(peers[0].signer), channel, definition)
