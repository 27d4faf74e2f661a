"""Creates a channel, keeps its configuration as the files say, and joins peers to it.

A channel is never deleted: Fabric has no such thing. `pulumi destroy` forgets it, and its ledger
goes with the nodes' volumes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pulumi

from actions import first_block, nodes
from actions.nodes import Access, Nodes
from actions.progress import Report, count
from actions.provider import Action, ActionResource, Props
from hlf.client.envelope import sign_update
from hlf.client.errors import ChannelNotFound
from hlf.client.identity import Signer
from hlf.client.ordering import Ordering
from hlf.client.participation import Participation
from hlf.client.peer import Peer
from hlf.client.wait import gather
from hlf.config import authorize
from hlf.config.adjust import adjust
from hlf.config.build import channel_group
from hlf.config.model import ChannelConfig
from hlf.config.plain import from_plain, to_plain
from hlf.config.protos import Block, Config, ConfigGroup, ConfigUpdate
from hlf.config.read import channel_config, config_of, msps
from hlf.config.update import compute_update, create_channel
from hlf.errors import FabricError
from hlf.pki.msp import Msp
from hlf.spec.capabilities import LIFECYCLE, has_lifecycle

_JOIN_TIMEOUT = 120.0
_OTHER_MSP = "another than "
_NO_MSP = "none"


class ChannelProvider(Action):
    """Inputs.

    channel; config (as hlf.config.plain); msps (organization -> ConfigMap); systemChannel (whether
    the orderers have one, through which channels are made); actions.nodes.Access.
    """

    replace_on: ClassVar = ("channel", "namespace")

    def identity(self, inputs: Props) -> str:  # noqa: D102
        return inputs["channel"]

    def apply(self, inputs: Props, report: Report) -> Props:  # noqa: D102
        site = _Site.of(inputs)
        site.join_orderers(report)
        block = site.last_config()
        if block is None:
            report(f"creating channel {site.channel}")
            block = site.create()
        live = config_of(block)
        update = site.missing_update(live)
        if update is not None:
            report(f"updating the configuration of {site.channel}")
            block = site.update(live, update)
        joined = _members(site.channel, site.peers)
        new = sorted(set(site.peers) - joined)
        if new:
            genesis = site.orderer.genesis_block(site.channel)
            report(f"joining {count(len(new), 'peer')} to {site.channel}: {', '.join(new)}")
            gather(lambda n: site.peers[n].join(genesis, timeout=_JOIN_TIMEOUT), new)
            # what is called on them next was defined in a block later than the configuration
            block = site.orderer.newest_block(site.channel)
        report(f"waiting for block {block.header.number} of {site.channel} on its peers")
        height = block.header.number + 1
        gather(lambda p: p.wait_for_height(site.channel, height), site.peers.values())
        return {}

    def remove(self, inputs: Props) -> None:
        """Forget the channel, and the first block that a run may have left that was killed."""
        first_block.forget(inputs["namespace"], inputs["channel"])

    def observe(self, inputs: Props) -> Props | None:  # noqa: D102
        namespace = inputs["namespace"]
        ready = nodes.ready(namespace, inputs["peers"])
        orderers = nodes.ready(namespace, inputs["orderers"])
        if not (ready or orderers):
            return inputs
        references = _references(inputs["msps"])
        site = _Site.of({**inputs, "msps": references, "orderers": orderers or inputs["orderers"]})
        asked = {name: site.peers[name] for name in ready}
        left = set(asked) - _members(site.channel, asked)
        live = {**inputs, "peers": {n: m for n, m in inputs["peers"].items() if n not in left}}
        if not orderers:
            return live
        outside = first_block.outsiders(site.channel, site.participations)
        if len(outside) == len(orderers):
            return None
        inside = {n: m for n, m in inputs["orderers"].items() if n not in outside}
        live = {**live, "orderers": inside}
        block = site.last_config()
        if block is None:
            return None
        group = config_of(block).channel_group
        return {
            **live,
            "config": to_plain(channel_config(group, certificates=site.certificates)),
            "msps": _live_msps(msps(group), site.msps, references),
        }


@dataclass(frozen=True, kw_only=True)
class _Site:
    """The inputs of one channel with what they refer to."""

    channel: str
    namespace: str
    config: ChannelConfig
    certificates: Mapping[str, bytes]
    """Of the consenters, by reference."""
    msps: Mapping[str, Msp]
    signers: Mapping[str, Signer]
    orderer: Ordering
    participations: Mapping[str, Participation]
    """Those of the orderers, where these have no system channel."""
    peers: Mapping[str, Peer]

    @classmethod
    def of(cls, inputs: Props) -> "_Site":
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
        )

    def join_orderers(self, report: Report) -> None:
        """Have orderers without a system channel join this one; the first time, make it."""
        outside = first_block.outsiders(self.channel, self.participations)
        if not outside:
            return
        report(f"joining {count(len(outside), 'orderer')} to {self.channel}: {', '.join(outside)}")
        is_being_made = first_block.is_written(self.namespace, self.channel)
        if len(outside) < len(self.participations) and not is_being_made:
            block = self.orderer.genesis_block(self.channel)
        else:
            block = first_block.make(self.namespace, self.channel, self._group)
        gather(lambda name: self.participations[name].join(block), outside)
        self.orderer.wait_for_leader(self.channel)
        first_block.forget(self.namespace, self.channel)

    def last_config(self) -> Block | None:
        try:
            return self.orderer.config_block(self.channel)
        except ChannelNotFound:
            return None

    def create(self) -> Block:
        update = create_channel(self.config, channel=self.channel, msps=self.msps)
        signatures = [sign_update(update, signer) for signer in self.signers.values()]
        return self.orderer.create_channel(update, signatures)

    def missing_update(self, live: Config) -> ConfigUpdate | None:
        check_lifecycle(self.channel, channel_config(live.channel_group), self.config)
        wanted = adjust(live.channel_group, self._group())
        return compute_update(live, wanted, channel=self.channel)

    def update(self, live: Config, update: ConfigUpdate) -> Block:
        try:
            needed = authorize.signers(live.channel_group, update, admins=self.signers)
        except authorize.UnsatisfiedError as error:
            raise FabricError(f"channel {self.channel} cannot be changed: {error}") from None
        signatures = [sign_update(update, self.signers[each]) for each in sorted(needed)]
        return self.orderer.update_channel(update, signatures)

    def _group(self) -> ConfigGroup:
        return channel_group(self.config, msps=self.msps, certificates=self.certificates)


def check_lifecycle(channel: str, live: ChannelConfig, wanted: ChannelConfig) -> None:
    """Raise FabricError where a channel would lose the current chaincode lifecycle.

    Orderers let that pass, and then peers find none of its chaincodes any more.
    """
    before, after = live.application, wanted.application
    if before is None or after is None or not has_lifecycle(before.capabilities):
        return
    if not has_lifecycle(after.capabilities):
        current = " or ".join(f"`{each}`" for each in LIFECYCLE)
        raise FabricError(
            f"channel {channel} has the current chaincode lifecycle, which cannot be taken back: "
            f"its chaincodes would be gone; switch on its Application capability {current} in "
            "configtx.yaml, or set hlf:raiseApplicationCapability again"
        )


def _submitter(inputs: Props, signers: Mapping[str, Signer]) -> Signer:
    """Return the admin of an orderer's organization, which may read and write on every channel.

    An application organization's would not do: it may be the one that is about to join.
    """
    return signers[min(inputs["orderers"].values())]


def _members(channel: str, peers: Mapping[str, Peer]) -> set[str]:
    names = list(peers)
    joined = gather(lambda name: channel in peers[name].channels(), names)
    return {name for name, is_member in zip(names, joined, strict=True) if is_member}


def _live_msps(
    live: Mapping[str, Msp], wanted: Mapping[str, Msp], names: Mapping[str, str]
) -> dict[str, str]:
    """Return the reference of each MSP that is what it should be, and say which are not."""
    return {
        org: names[org] if wanted.get(org) == msp else _OTHER_MSP + names.get(org, _NO_MSP)
        for org, msp in live.items()
    }


def _references(observed: Mapping[str, str]) -> dict[str, str]:
    """Return the references in what `_live_msps` made, so that one can look again."""
    references = {org: name.removeprefix(_OTHER_MSP) for org, name in observed.items()}
    return {org: name for org, name in references.items() if name != _NO_MSP}


class Channel(ActionResource, module="fabric", name="Channel"):
    """An application channel with its members."""

    def __init__(
        self,
        name: str,
        *,
        channel: str,
        config: Mapping[str, Any],
        msps: Mapping[str, str],
        system_channel: bool,
        access: Access,
        opts: pulumi.ResourceOptions,
    ) -> None:
        inputs = {
            "channel": channel,
            "config": config,
            "msps": msps,
            "systemChannel": system_channel,
            **access.inputs(),
        }
        super().__init__(ChannelProvider(), name, inputs, opts)
