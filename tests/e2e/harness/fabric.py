"""The test as a client and as an admin of a network, beside the program."""

from dataclasses import dataclass, field

from actions import nodes
from actions.nodes import Nodes
from hlf import names
from hlf.client import lifecycle
from hlf.client.envelope import config_envelope, sign_update
from hlf.client.identity import Signer
from hlf.client.lifecycle import Definition
from hlf.client.orderers import Orderers
from hlf.client.peer import ChainInfo, Peer
from hlf.client.transaction import evaluate, submit
from hlf.client.wait import gather
from hlf.config.model import ChannelConfig, Organization
from hlf.config.protos import ConfigGroup
from hlf.config.read import channel_config, config_of
from hlf.config.update import compute_update
from hlf.spec import load, model
from tests.e2e.harness.stack import Stack
from tools.home import CHECKOUT

ORDERER = names.orderer("Groeifabriek", "orderer0")
MEMBERS = {
    "common": ("Karga", "Nevergreen", "Atlantis"),
    "private-karga-atlantis": ("Karga", "Atlantis"),
}
"""The organizations of each channel of samples/simple."""
CHAINCODES = {"common": "very-simple", "private-karga-atlantis": "even-simpler"}
"""The one of each channel."""


@dataclass(frozen=True, kw_only=True)
class Client:
    """Everybody of a network: its users, admins and nodes, in one namespace."""

    network: model.Network
    nodes: Nodes
    _signers: dict[tuple[str, str], Signer] = field(default_factory=dict)
    _orderers: dict[Signer, Orderers] = field(default_factory=dict)

    @classmethod
    def of(cls, stack: Stack) -> "Client":
        """Return the client of a network that is up, as the stack's files describe it."""
        network = load(stack.settings, root=CHECKOUT, stack=stack.name)
        roots = {org.msp_id: names.msp(org.name) for org in network.orgs}
        inputs = {
            "namespace": stack.namespace.name,
            "admins": {org.msp_id: names.user(org.name, "Admin") for org in network.orgs},
            "tlsRoots": roots if network.tls else {},
            "ordererType": network.orderer_type,
        }
        return cls(network=network, nodes=Nodes.of(inputs))

    def admin(self, org: str) -> Signer:
        """Return an organization's admin."""
        return self.nodes.signers[self._org(org).msp_id]

    def members(self, channel: str) -> list[str]:
        """Return the organizations whose peers are in a channel."""
        return next(list(each.orgs) for each in self.network.channels if each.name == channel)

    def peers(self, channel: str, *, user: str = "User1") -> list[Peer]:
        """Return the peers of a channel, each as seen by a user of its organization."""
        return [
            peer for org in self.members(channel) for peer in self.peers_of(org, channel, user=user)
        ]

    def peers_of(self, org: str, channel: str, *, user: str = "User1") -> list[Peer]:
        """Return the peers of one member of a channel, as seen by a user of it."""
        assert org in self.members(channel)
        without = next(c.without_peers for c in self.network.channels if c.name == channel)
        found = self._org(org)
        signer = self._signer(found, user)
        return [
            self.nodes.peer(names.peer(org, node.host), found.msp_id, signer)
            for node in found.nodes
            if node not in without
        ]

    def orderer(self, signer: Signer) -> Orderers:
        """Return the ordering service, as seen by `signer`."""
        if signer not in self._orderers:
            orderers = {
                names.orderer(node.org, node.host): org.msp_id
                for org in self.network.orderer_orgs
                for node in org.nodes
            }
            self._orderers[signer] = self.nodes.ordering(orderers, signer)
        return self._orderers[signer]

    def submit(self, channel: str, chaincode: str, *args: str, creator: str | None = None) -> str:
        """Have all peers of a channel endorse and commit a transaction; return its answer.

        `creator` is the organization whose user submits it, the first of the channel if not given.
        """
        peers = self.peers(channel)
        if creator is not None:
            mine = self._org(creator).msp_id
            peers.sort(key=lambda peer: peer.signer.msp_id != mine)
        orderer = self.orderer(peers[0].signer)
        return submit(peers, orderer, channel, chaincode, args).payload.decode()

    def evaluate(self, channel: str, chaincode: str, *args: str) -> set[str]:
        """Ask all peers of a channel; return the different answers, one if they agree."""
        peers = self.peers(channel)
        return set(gather(lambda p: evaluate(p, channel, chaincode, args).decode(), peers))

    def ledgers(self, channel: str) -> set[ChainInfo]:
        """Return the different ends of a channel on its peers, one if they agree."""
        return set(gather(lambda p: p.chain_info(channel), self.peers(channel)))

    def height(self, channel: str) -> int:
        """Return the height of a channel, on which all its peers agree."""
        (info,) = self.ledgers(channel)
        return info.height

    def config_blocks(self, channel: str) -> list[int]:
        """Return the numbers of the blocks of a channel that hold a configuration."""
        peer = self.peers(channel)[0]
        return [
            number
            for number in range(self.height(channel))
            if config_envelope(peer.block(channel, number)) is not None
        ]

    def config(self, channel: str) -> ChannelConfig:
        """Return a channel's configuration."""
        block = self.orderer(self.admin(self.members(channel)[0])).config_block(channel)
        return channel_config(config_of(block).channel_group)

    def organizations(self, channel: str) -> dict[str, Organization]:
        """Return the organizations of a channel's configuration."""
        return self.config(channel).organizations()

    def consenters(self, channel: str) -> frozenset[str]:
        """Return the hosts of a channel's consenters."""
        orderer = self.config(channel).orderer
        return frozenset(each.host for each in orderer.consenters) if orderer else frozenset()

    def consenters_everywhere(self) -> frozenset[str]:
        """Return the hosts of the consenters of every channel, which are the same."""
        (found,) = {self.consenters(channel.name) for channel in self.network.channels}
        return found

    def remove_anchor_peers(self, channel: str, org: str) -> None:
        """Take an organization's anchor peers out of a channel, as its admin."""
        admin = self.admin(org)
        orderer = self.orderer(admin)
        config = config_of(orderer.config_block(channel))
        wanted = ConfigGroup()
        wanted.CopyFrom(config.channel_group)
        del wanted.groups["Application"].groups[f"{org}MSP"].values["AnchorPeers"]
        update = compute_update(config, wanted, channel=channel)
        assert update is not None
        orderer.update_channel(update, [sign_update(update, admin)])

    def definitions(self, channel: str) -> dict[str, Definition]:
        """Return the chaincode definitions of a channel."""
        return dict(lifecycle.committed(self.peers(channel, user="Admin")[0], channel))

    def commit(self, channel: str, definition: Definition) -> None:
        """Have all members approve and commit a definition, without a package."""
        peers = self.peers(channel, user="Admin")
        orderer = self.orderer(peers[0].signer)
        gather(lambda p: lifecycle.approve(p, orderer, channel, definition, package_id=None), peers)
        lifecycle.commit(peers, orderer, channel, definition)

    def approve(self, channel: str, org: str, definition: Definition) -> None:
        """Have an organization approve a definition without a package."""
        peer = self.peers_of(org, channel, user="Admin")[0]
        lifecycle.approve(peer, self.orderer(peer.signer), channel, definition, package_id=None)

    def _org(self, name: str) -> model.Org:
        return next(org for org in self.network.orgs if org.name == name)

    def _signer(self, org: model.Org, user: str) -> Signer:
        if (org.msp_id, user) not in self._signers:
            secret = {org.msp_id: names.user(org.name, user)}
            made = nodes.signers(self.nodes.namespace, secret)[org.msp_id]
            self._signers[org.msp_id, user] = made
        return self._signers[org.msp_id, user]
