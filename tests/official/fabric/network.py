"""A small network of real peers and an orderer as processes on loopback, for tests.

An orderer organization with one Solo orderer, two peer organizations with a peer each, TLS on.
Processes are ended by their id; everything they write is below one folder.
"""

import os
import secrets
import shutil
import socket
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

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
from hlf.pki.authority import issue, issue_tls, make_authority
from hlf.pki.folder import identity_files
from hlf.pki.msp import make_msp
from hlf.pki.pair import Pair

FIXTURES = Path(__file__).parents[2] / "fixtures"
LEGACY_BUILDER = Path(__file__).parents[3] / "components" / "legacy_builder"
CHANNEL = "common"
CONSORTIUM = "SampleConsortium"
STANDARD = {"Readers": "ANY Readers", "Writers": "ANY Writers", "Admins": "MAJORITY Admins"}


def fabric_bin() -> Path:
    """The folder of the official programs."""
    folder = os.environ.get("HLF_FABRIC_BIN", "")
    if not folder or not (Path(folder) / "peer").exists():
        raise AssertionError(
            "HLF_FABRIC_BIN does not name a folder with Fabric's peer and orderer; "
            "`python3 -m tools fabric` makes one and prints it"
        )
    return Path(folder)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Organization:
    """An organization's CAs and what they issue; `endorsing` adds an `Endorsement` policy."""

    node_ous = True

    def __init__(self, name: str, domain: str, *, endorsing: bool = True) -> None:
        self.endorsing = endorsing
        self.name = name
        self.msp_id = f"{name}MSP"
        self.domain = domain
        self.ca = make_authority(domain, "ca")
        self.tlsca = make_authority(domain, "tlsca")
        self.admin = self.signer("admin")
        self.msp = make_msp(
            self.msp_id,
            ca=self.ca.certificate,
            tlsca=self.tlsca.certificate,
            node_ous=self.node_ous,
            admins=() if self.node_ous else (self.admin.certificate,),
        )
        self.client = self.signer("client")

    def signer(self, role: str) -> Signer:
        pair = issue(self.ca, common_name=f"{role}@{self.domain}", role=role)
        return Signer(msp_id=self.msp_id, certificate=pair.certificate, key=pair.key)

    def tls_client(self) -> Pair:
        return issue_tls(self.tlsca, common_name=f"Admin@{self.domain}")

    def lay_node(self, folder: Path, kind: str, host: str) -> None:
        fqdn = f"{host}.{self.domain}"
        files = identity_files(
            self.msp,
            identity=issue(self.ca, common_name=fqdn, role=kind),
            tls=issue_tls(self.tlsca, common_name=fqdn, sans=(fqdn, "127.0.0.1")),
            server=True,
        )
        for path, content in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)

    def config(self, **more: tuple[str, ...]) -> model.Organization:
        members = f"OR('{self.msp_id}.member')"
        endorsing = {"Endorsement": f"OR('{self.msp_id}.peer')"} if self.endorsing else {}
        return model.Organization(
            msp_id=self.msp_id,
            policies={
                "Readers": members,
                "Writers": members,
                "Admins": f"OR('{self.msp_id}.admin')",
                **endorsing,
            },
            **more,
        )


class Process:
    """A node's or a chaincode's process, with its folder and its log."""

    def __init__(self, command: list[str], folder: Path, env: Mapping[str, str]) -> None:
        self.command = command
        self.folder = folder
        self.env = {"PATH": os.environ["PATH"], **env}
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self._running = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def stop(self) -> None:
        if self._running is not None:
            self._running.terminate()
            self._running.wait(timeout=20)
            self._running = None


@dataclass(frozen=True, kw_only=True)
class Node:
    """A node's process and where it is reached."""

    organization: Organization
    process: Process
    endpoint: Endpoint


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
    """The whole network below `root`; `mutual` asks TLS clients for a certificate."""

    def __init__(
        self, root: Path, *, mutual: bool = False, capabilities: Capabilities | None = None
    ) -> None:
        self.root = root
        self.mutual = mutual
        self.capabilities = capabilities or Capabilities()
        self.operator = Organization("Groeifabriek", "groeifabriek.nl")
        endorsing = bool(self.capabilities.policies)
        self.members = (
            Organization("Karga", "aptalkarga.tr", endorsing=endorsing),
            Organization("Nevergreen", "nevergreen.nl", endorsing=endorsing),
        )
        organizations = (self.operator, *self.members)
        self.msps = {organization.name: organization.msp for organization in organizations}
        self.orderer = self._orderer_node()
        self.peers = {each.name: self._peer_node(each) for each in self.members}

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
            type="solo",
            addresses=(self.orderer.endpoint.address,),
            batch_timeout="200ms",
            max_message_count=50,
            absolute_max_bytes=10 * 1024 * 1024,
            preferred_max_bytes=2 * 1024 * 1024,
            policies={**STANDARD, "BlockValidation": "ANY Writers"},
            capabilities=self.capabilities.orderer,
            organizations={self.operator.name: self.operator.config()},
        )

    def _endpoint(self, kind: str, organization: Organization, port: int) -> Endpoint:
        return Endpoint(
            name=f"{kind} {organization.name.lower()}/{kind}0",
            address=f"127.0.0.1:{port}",
            tls_roots=organization.tlsca.certificate,
            client=self.members[0].tls_client() if self.mutual else None,
        )

    def _orderer_node(self) -> Node:
        folder = self.root / "orderer0"
        self.operator.lay_node(folder, "orderer", "orderer0")
        port = free_port()
        node = Node(
            organization=self.operator,
            process=Process([f"{fabric_bin()}/orderer"], folder, {"FABRIC_CFG_PATH": str(folder)}),
            endpoint=self._endpoint("orderer", self.operator, port),
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
            "Operations": {"ListenAddress": "127.0.0.1:0"},
            "Metrics": {"Provider": "disabled"},
        }
        (folder / "orderer.yaml").write_text(yaml.safe_dump(config))
        return node

    def _peer_node(self, organization: Organization) -> Node:
        folder = self.root / f"peer-{organization.name}"
        organization.lay_node(folder, "peer", "peer0")
        port = free_port()
        address = f"127.0.0.1:{port}"
        config = {
            "peer": {
                "id": f"peer0.{organization.domain}",
                "listenAddress": address,
                "address": address,
                "chaincodeListenAddress": f"127.0.0.1:{free_port()}",
                "localMspId": organization.msp_id,
                "mspConfigPath": "msp",
                "fileSystemPath": str(folder / "production"),
                "gossip": {
                    "bootstrap": address,
                    "externalEndpoint": address,
                    "useLeaderElection": False,
                    "orgLeader": True,
                    "pvtData": {
                        "pullRetryThreshold": "5s",
                        "pushAckTimeout": "3s",
                        "reconciliationEnabled": True,
                        "implicitCollectionDisseminationPolicy": {"maxPeerCount": 1},
                    },
                },
                "tls": {
                    "enabled": True,
                    "cert": {"file": "tls/server.crt"},
                    "key": {"file": "tls/server.key"},
                    "rootcert": {"file": "tls/ca.crt"},
                },
                "BCCSP": {"Default": "SW", "SW": {"Hash": "SHA2", "Security": 256}},
                "handlers": {
                    "authFilters": [{"name": "DefaultAuth"}, {"name": "ExpirationCheck"}],
                    "decorators": [{"name": "DefaultDecorator"}],
                    "endorsers": {"escc": {"name": "DefaultEndorsement"}},
                    "validators": {"vscc": {"name": "DefaultValidation"}},
                },
                "discovery": {"enabled": True},
            },
            "vm": {"endpoint": ""},
            "chaincode": {
                "startuptimeout": "60s",
                "externalBuilders": [
                    {"name": "ccaas_builder", "path": str(FIXTURES / "ccaas_builder")},
                    {"name": "legacy_builder", "path": str(LEGACY_BUILDER)},
                ],
                "system": dict.fromkeys(("_lifecycle", "cscc", "lscc", "qscc"), "enable"),
            },
            "ledger": {"state": {"stateDatabase": "goleveldb"}},
            "operations": {"listenAddress": "127.0.0.1:0"},
            "metrics": {"provider": "disabled"},
        }
        (folder / "core.yaml").write_text(yaml.safe_dump(config))
        command = [f"{fabric_bin()}/peer", "node", "start"]
        return Node(
            organization=organization,
            process=Process(command, folder, {"FABRIC_CFG_PATH": str(folder)}),
            endpoint=self._endpoint("peer", organization, port),
        )


def build_chaincode(folder: Path) -> Path:
    """The test chaincode's program, compiled below `folder`."""
    go = shutil.which("go")
    if go is None:
        raise AssertionError("there is no Go on the PATH to compile the test chaincode with")
    program = folder / "chaincode"
    done = subprocess.run(
        [go, "build", "-mod=readonly", "-o", str(program), "."],
        cwd=FIXTURES / "chaincode",
        env={**os.environ, "CGO_ENABLED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"the test chaincode does not compile: {done.stderr}"
    return program


class Served:
    """The test chaincode as a service, and its package."""

    def __init__(self, program: Path, folder: Path) -> None:
        self.address = f"127.0.0.1:{free_port()}"
        self.package = ccaas_package(
            label="basic_1",
            connection={"address": self.address, "dial_timeout": "10s", "tls_required": False},
            metadata={"statedb/couchdb/indexes/owner.json": b"{}"},
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
