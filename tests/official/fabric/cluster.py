"""A cluster of real orderers without a system channel, Raft or BFT, and a peer; mutual TLS.

An orderer organization with three or four orderers, a peer organization with one peer, and more of
these where they are asked for.
"""

import re
import secrets
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import yaml

from hlf.client.connection import Endpoint
from hlf.client.identity import Signer
from hlf.client.orderer import Orderer
from hlf.client.orderers import Orderers
from hlf.client.participation import Participation
from hlf.client.peer import Peer
from hlf.client.wait import Deadline, gather
from hlf.config import model, reference
from hlf.config.build import channel_group, genesis_block
from hlf.config.protos import Block, ConfigGroup
from tests.official.fabric.nodes import (
    STANDARD,
    Node,
    Organization,
    Process,
    fabric_bin,
    free_port,
    lay_peer,
)

CHANNEL = "common"
LEADER = re.compile(r'consensus_(?:etcdraft|smartbft|BFT)_is_leader\{channel="common"\} 1')
# Fail-over in seconds, with what a loaded machine needs to spare
OPTIONS = model.BftOptions(
    request_forward_timeout="1s",
    request_complain_timeout="4s",
    view_change_resend_interval="2s",
    view_change_timeout="8s",
    leader_heartbeat_timeout="5s",
)


@dataclass(frozen=True, kw_only=True)
class ClusterNode(Node):
    """An orderer, with its admin server and where its metrics are."""

    admin: Endpoint
    metrics: str


class Cluster:
    """The orderers, `etcdraft` or `BFT`, and the peers, below `root`.

    `others` are further organizations, name and domain, with a peer each.
    """

    def __init__(
        self,
        root: Path,
        kind: str,
        *,
        binaries: str,
        others: Mapping[str, str] | None = None,
        raft: model.RaftOptions | None = None,
    ) -> None:
        self.raft = raft or model.RaftOptions()
        self.root = root
        self.kind = kind
        self.binaries = fabric_bin(binaries)
        self.operator = Organization("Groeifabriek", "groeifabriek.nl")
        self.member = Organization("Karga", "aptalkarga.tr")
        self.members = (
            self.member,
            *(Organization(name, domain) for name, domain in (others or {}).items()),
        )
        self.msps = {each.name: each.msp for each in (self.operator, *self.members)}
        self.client = self.member.tls_client()
        count = 4 if kind == "BFT" else 3
        self.orderers = [self._orderer(f"orderer{number}") for number in range(count)]
        self.peers = [
            lay_peer(root, each, binaries=self.binaries, client=self.client)
            for each in self.members
        ]
        self.peer = self.peers[0]
        for peer in self.peers:
            self._ask_for_certificates(peer)

    def start(self) -> None:
        for node in (*self.orderers, *self.peers):
            node.process.start()

    def stop(self) -> None:
        for node in (*self.orderers, *self.peers):
            node.process.kill()

    def another_peer(self, host: str) -> Node:
        """One more peer of the first organization, which is not started and in no channel."""
        peer = lay_peer(
            self.root,
            self.member,
            binaries=self.binaries,
            client=self.client,
            host=host,
            bootstrap=self.peer.endpoint.address,
        )
        self._ask_for_certificates(peer)
        return peer

    def create(self) -> Block:
        """Let every orderer join the channel, and wait until it has a leader."""
        group = channel_group(self.config(), msps=self.msps, certificates=self.certificates())
        block = genesis_block(
            group, channel=CHANNEL, timestamp=datetime.now(UTC), nonce=secrets.token_bytes(24)
        )
        gather(lambda node: self.participation(node).join(block), self.orderers)
        self.orderer_as(self.member.admin).wait_for_leader(CHANNEL, timeout=30)
        return block

    def participation(self, node: ClusterNode) -> Participation:
        return Participation(node.admin)

    def orderer_as(self, signer: Signer) -> Orderers:
        """All orderers, as a signer sees them."""
        members = [Orderer(node.endpoint, signer) for node in self.orderers]
        return Orderers(members, is_bft=self.kind == "BFT")

    def admin_peers(self) -> tuple[Peer, ...]:
        return tuple(Peer(peer.endpoint, peer.organization.admin) for peer in self.peers)

    def leader(self) -> ClusterNode:
        """The orderer that says of itself that it leads; waited for."""
        for _ in Deadline(30).tries():
            for node in self.orderers:
                if LEADER.search(metrics(node)):
                    return node
        raise AssertionError(f"no orderer leads: {[metrics(each) for each in self.orderers]}")

    def certificates(self) -> dict[str, bytes]:
        """The orderers' certificates by reference."""
        found: dict[str, bytes] = {}
        for node in self.orderers:
            host, folder = node.process.folder.name, node.process.folder
            (identity,) = (folder / "msp" / "signcerts").iterdir()
            certificate = (folder / "tls" / "server.crt").read_bytes()
            found[reference.tls(self.operator.name, host)] = certificate
            found[reference.identity(self.operator.name, host)] = identity.read_bytes()
        return found

    def config(self) -> model.ChannelConfig:
        addresses = tuple(node.endpoint.address for node in self.orderers)
        bft = self.kind == "BFT"
        own = STANDARD if bft else {**STANDARD, "BlockValidation": "ANY Writers"}
        return model.ChannelConfig(
            policies=STANDARD,
            capabilities=("V3_0",) if bft else ("V2_0",),
            orderer=model.Orderer(
                type=self.kind,
                batch_timeout="200ms",
                max_message_count=50,
                absolute_max_bytes=10 * 1024 * 1024,
                preferred_max_bytes=2 * 1024 * 1024,
                raft=None if bft else model.Raft(consenters=self._consenters(), options=self.raft),
                bft=model.Bft(consenters=self._bft_consenters(), options=OPTIONS) if bft else None,
                policies=own,
                capabilities=("V2_0",),
                organizations={
                    self.operator.name: self.operator.config(orderer_endpoints=addresses)
                },
            ),
            application=model.Application(
                policies={
                    **STANDARD,
                    "LifecycleEndorsement": "MAJORITY Endorsement",
                    "Endorsement": "MAJORITY Endorsement",
                },
                capabilities=("V2_5",),
                organizations={each.name: each.config() for each in self.members},
            ),
        )

    def group(self, **orderer: object) -> ConfigGroup:
        """The channel's root group, with other fields of the orderer's part."""
        config = self.config()
        assert config.orderer is not None
        changed = replace(config, orderer=replace(config.orderer, **orderer))
        return channel_group(changed, msps=self.msps, certificates=self.certificates())

    def _consenters(self) -> tuple[model.Consenter, ...]:
        return tuple(
            model.Consenter(
                host="127.0.0.1",
                port=each.port,
                client_tls_cert=each.client_tls_cert,
                server_tls_cert=each.server_tls_cert,
            )
            for each in self._bft_consenters()
        )

    def _bft_consenters(self) -> tuple[model.BftConsenter, ...]:
        def consenter(number: int, node: ClusterNode) -> model.BftConsenter:
            tls = reference.tls(self.operator.name, node.process.folder.name)
            return model.BftConsenter(
                id=number,
                host="127.0.0.1",
                port=int(node.endpoint.address.rpartition(":")[2]),
                msp_id=self.operator.msp_id,
                identity=reference.identity(self.operator.name, node.process.folder.name),
                client_tls_cert=tls,
                server_tls_cert=tls,
            )

        return tuple(consenter(number, each) for number, each in enumerate(self.orderers, start=1))

    def _orderer(self, host: str) -> ClusterNode:
        folder = self.root / host
        ledger = folder / "production" / "orderer"
        self.operator.lay_node(folder, "orderer", host)
        (folder / "tls" / "members.crt").write_bytes(self._members_tls())
        port, admin, operations = free_port(), free_port(), free_port()
        roots = ["tls/ca.crt", "tls/members.crt"]
        tls = {
            "Enabled": True,
            "Certificate": "tls/server.crt",
            "PrivateKey": "tls/server.key",
            "RootCAs": roots,
            "ClientAuthRequired": True,
            "ClientRootCAs": roots,
        }
        config = {
            "General": {
                "ListenAddress": "127.0.0.1",
                "ListenPort": port,
                "LocalMSPID": self.operator.msp_id,
                "LocalMSPDir": "msp",
                "BootstrapMethod": "none",
                "TLS": tls,
                "Cluster": {
                    "ClientCertificate": "tls/server.crt",
                    "ClientPrivateKey": "tls/server.key",
                    "RootCAs": roots,
                    "SendBufferSize": 100,
                    **self._replication(),
                },
            },
            "FileLedger": {"Location": str(ledger)},
            "Consensus": {"WALDir": str(ledger / "wal"), "SnapDir": str(ledger / "snapshot")},
            "ChannelParticipation": {"Enabled": True, "MaxRequestBodySize": "1 MB"},
            "Admin": {"ListenAddress": f"127.0.0.1:{admin}", "TLS": tls},
            "Operations": {"ListenAddress": f"127.0.0.1:{operations}"},
            "Metrics": {"Provider": "prometheus"},
        }
        (folder / "orderer.yaml").write_text(yaml.safe_dump(config))
        endpoint = Endpoint(
            name=f"orderer groeifabriek/{host}",
            address=f"127.0.0.1:{port}",
            tls_roots=self.operator.tlsca.certificate,
            server_name=f"{host}.groeifabriek.nl",
            client=self.client,
        )
        env = {"FABRIC_CFG_PATH": str(folder)}
        return ClusterNode(
            organization=self.operator,
            process=Process([f"{self.binaries}/orderer"], folder, env),
            endpoint=endpoint,
            admin=replace(endpoint, address=f"127.0.0.1:{admin}"),
            metrics=f"http://127.0.0.1:{operations}/metrics",
        )

    def _replication(self) -> dict[str, str]:
        """How an orderer of BFT that was away has the blocks it lacks.

        With the default, `consensus`, it asks for them without the hash of its certificate, which
        mutual TLS refuses. Fabric 2.5 does not start with a key that it does not know.
        """
        return {"ReplicationPolicy": "simple"} if self.kind == "BFT" else {}

    def _members_tls(self) -> bytes:
        return b"".join(each.tlsca.certificate for each in self.members)

    def _ask_for_certificates(self, peer: Node) -> None:
        """Mutual TLS at the peer too, and its own certificate towards the orderers."""
        (peer.process.folder / "tls" / "members.crt").write_bytes(self._members_tls())
        path = peer.process.folder / "core.yaml"
        config = yaml.safe_load(path.read_text())
        config["peer"]["tls"] |= {
            "clientAuthRequired": True,
            "clientRootCAs": {"files": ["tls/members.crt"]},
            "clientCert": {"file": "tls/server.crt"},
            "clientKey": {"file": "tls/server.key"},
        }
        path.write_text(yaml.safe_dump(config))


def metrics(node: ClusterNode) -> str:
    """What an orderer measures; empty where it does not run."""
    try:
        with urllib.request.urlopen(node.metrics, timeout=5) as answer:
            return answer.read().decode()
    except OSError:
        return ""
