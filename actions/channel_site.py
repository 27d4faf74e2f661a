"""One channel as its action sees it: what the inputs refer to, found in the namespace."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from actions import first_block, handoff, nodes
from actions.nodes import Nodes
from actions.progress import Report, count
from actions.provider import Props
from hlf import names
from hlf.client.envelope import sign_update
from hlf.client.errors import ChannelNotFound
from hlf.client.identity import Signer
from hlf.client.orderer import Orderer
from hlf.client.orderers import Orderers
from hlf.client.participation import Participation
from hlf.client.peer import Peer
from hlf.client.wait import gather
from hlf.config import read
from hlf.config.build import channel_group
from hlf.config.model import ChannelConfig, Consenter
from hlf.config.plain import from_plain
from hlf.config.protos import Block, ConfigGroup
from hlf.config.update import create_channel
from hlf.pki.msp import Msp


@dataclass(frozen=True, kw_only=True)
class ChannelSite:
    """The inputs of one channel with what they refer to."""

    channel: str
    namespace: str
    config: ChannelConfig
    certificates: Mapping[str, bytes]
    """Of the consenters, by reference."""
    msps: Mapping[str, Msp]
    signers: Mapping[str, Signer]
    orderer: Orderers
    participations: Mapping[str, Participation]
    """Those of the orderers, where these have no system channel."""
    peers: Mapping[str, Peer]
    outside: Mapping[str, Peer]
    """Its organizations' peers that are not to be in it."""
    snapshot_workers: Mapping[str, Any] | None = None
    """What workers are made of that bring snapshots, where peers join by these."""

    @classmethod
    def of(cls, inputs: Props) -> "ChannelSite":
        """Find what the inputs of the action `Channel` name."""
        found = Nodes.of(inputs)
        submitter = _submitter(inputs, found.signers)
        config = from_plain(inputs["config"])
        return cls(
            channel=inputs["channel"],
            namespace=found.namespace,
            config=config,
            certificates=nodes.certificates(found.namespace, config),
            msps=nodes.msps(found.namespace, inputs["msps"]),
            signers=found.signers,
            orderer=found.ordering(inputs["orderers"], submitter),
            participations={}
            if inputs["systemChannel"]
            else nodes.participations(found.namespace, inputs["orderers"], inputs["admins"]),
            peers=found.peers(inputs["peers"]),
            outside=found.peers(inputs.get("outside", {})),
            snapshot_workers=inputs.get("joinBySnapshot"),
        )

    @property
    def update_file(self) -> Path:
        """Where an update waits for signatures that cannot be made here."""
        return handoff.file_of(self.namespace, self.channel)

    def join_orderers(self, report: Report) -> None:
        """Have orderers without a system channel join this one; the first time, make it."""
        outside = first_block.outsiders(self.channel, self.participations)
        if not outside:
            return
        report(f"joining {count(len(outside), 'orderer')} to {self.channel}: {', '.join(outside)}")
        is_being_made = first_block.is_written(self.namespace, self.channel)
        if len(outside) < len(self.participations) and not is_being_made:
            # its configuration knows the orderers of today, from whom they fetch the rest
            block = self.orderer.config_block(self.channel)
        else:
            block = first_block.make(self.namespace, self.channel, lambda: self.group(self.config))
        gather(lambda name: self.participations[name].join(block), outside)
        self.orderer.wait_for_leader(self.channel)
        first_block.forget(self.namespace, self.channel)

    def orderer_of(self, consenter: Consenter) -> Orderer | None:
        """Return the orderer that a consenter is, if it is one of this network's."""
        name = names.orderer(*consenter.node) if consenter.node else ""
        return next((each for each in self.orderer.members if each.endpoint.name == name), None)

    def last_config(self) -> Block | None:
        """Return the channel's last config block, None where there is no such channel."""
        try:
            return self.orderer.config_block(self.channel)
        except ChannelNotFound:
            return None

    def create(self) -> Block:
        """Create the channel through the system channel; return its first block."""
        update = create_channel(self.config, channel=self.channel, msps=self.msps)
        signatures = [sign_update(update, signer) for signer in self.signers.values()]
        return self.orderer.create_channel(update, signatures)

    def group(self, config: ChannelConfig, live: ConfigGroup | None = None) -> ConfigGroup:
        """Return a configuration's root group; what only a `live` one knows is taken from there."""
        old = ConfigGroup() if live is None else live
        return channel_group(
            config,
            msps={**read.msps(old), **self.msps},
            certificates={**read.consenter_certificates(old), **self.certificates},
        )


def _submitter(inputs: Props, signers: Mapping[str, Signer]) -> Signer:
    """Return the admin of an orderer's organization, which may read and write on every channel.

    An application organization's would not do: it may be the one that is about to join.
    """
    return signers[min(inputs["orderers"].values())]
