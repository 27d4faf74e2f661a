"""What runs on the nodes: chaincodes' servers, channels, and the chaincodes on each channel.

The system channel is a channel without peers. Its first block is what orderers start with; from
then on it is kept as the files say, and before the others, which may need what it learns.
"""

from collections.abc import Collection, Iterable
from dataclasses import asdict
from typing import Any

import pulumi

from actions import legacy_chaincodes
from actions.access import Access
from actions.authority import Authority
from actions.chaincodes import Chaincodes
from actions.channel import Channel
from actions.definitions import definition_inputs
from actions.invocation import Invocation
from actions.legacy_chaincodes import LSCC
from components import reach
from components.chaincode import Chaincode
from components.chaincode_tls import chaincode_authority, with_root
from components.organization import Organization
from components.pod import resources
from components.site import Site
from hlf import names
from hlf.config import policy
from hlf.config.model import ChannelConfig
from hlf.config.plain import to_plain
from hlf.spec import model


class Channels:
    """All channels of a network with their chaincodes; no component, they are the network's own.

    Chaincodes' servers start at once, beside the nodes; channels are made when these are up.
    """

    def __init__(
        self,
        network: model.Network,
        *,
        site: Site,
        organizations: dict[str, Organization],
        after: pulumi.Resource,
        parent: pulumi.Resource,
    ) -> None:
        """Make them `after` the nodes are up."""
        self.made: list[pulumi.Resource] = []
        """Everything that this is, for what comes when a network is whole."""
        self._network = network
        self._site = site
        self._organizations = organizations
        self._parent = parent
        self._authority = chaincode_authority(site=site, parent=parent) if network.tls else None
        self._servers = _servers(network, self._authority, site=site, parent=parent)
        system = network.system_channel
        before = (
            self._channel(system.name, system.config, (), signing=network.orgs, after=after)
            if system
            else after
        )
        for channel in network.channels:
            self._populate(channel, after=before)

    def _channel(
        self,
        name: str,
        config: ChannelConfig,
        members: Iterable[model.Org],
        *,
        signing: Iterable[model.Org],
        after: pulumi.Resource,
        without: Collection[model.Node] = (),
        by_snapshot: bool = False,
    ) -> Channel:
        members, signing = list(members), list(signing)
        made = Channel(
            name,
            channel=name,
            config=to_plain(config),
            msps=reach.msps(self._network, config),
            system_channel=self._site.system_channel,
            access=reach.access(
                self._network,
                self._site.namespace,
                members=members,
                admins=signing,
                without=without,
            ),
            outside={
                names.peer(node.org, node.host): org.msp_id
                for org in members
                for node in org.nodes
                if node in without
            },
            join_by_snapshot=snapshot_workers(self._site.settings) if by_snapshot else None,
            restored=self._site.settings.restore_from,
            opts=self._site.passing(
                self._parent,
                depends_on=[after, *(self._organizations[org.name].admin for org in signing)],
            ),
        )
        self.made.append(made)
        return made

    def _populate(self, channel: model.Channel, *, after: pulumi.Resource) -> None:
        """Make a channel with its chaincodes, and make the calls that they are to get."""
        members = [org for org in self._network.peer_orgs if org.name in channel.orgs]
        signing = (*self._network.orderer_orgs, *members)
        without = channel.without_peers
        made = self._channel(
            channel.name,
            channel.config,
            members,
            signing=signing,
            after=after,
            without=without,
            by_snapshot=channel.join_by_snapshot,
        )

        def access(orgs: Iterable[model.Org]) -> Access:
            orgs = list(orgs)
            namespace = self._site.namespace
            return reach.access(
                self._network, namespace, members=orgs, admins=orgs, without=without
            )

        here = [
            (chaincode, on)
            for chaincode in self._network.chaincodes
            for on in chaincode.channels
            if on.channel == channel.name
        ]
        if not here:
            return
        chaincodes = Chaincodes(
            channel.name,
            channel=channel.name,
            definitions={
                cc.name: self._definition(cc, on, members, legacy=channel.legacy) for cc, on in here
            },
            access=access(members),
            lifecycle=LSCC if channel.legacy else None,
            restored=self._site.settings.restore_from,
            opts=self._site.passing(self._parent, depends_on=[made]),
        )
        self.made.append(chaincodes)
        for chaincode, on in here:
            if on.call is None:
                continue
            server = self._servers[chaincode.name, channel.legacy]
            called = [org for org in members if org.name in on.orgs]
            call = Invocation(
                f"{channel.name}/{chaincode.name}",
                channel=channel.name,
                chaincode=chaincode.name,
                function=on.call.function,
                arguments=on.call.arguments,
                transient={name: asdict(each) for name, each in on.call.transient.items()},
                trigger=on.call.trigger,
                server=server.server,
                package_id=server.package_id,
                access=access(called),
                code=server.code,
                opts=self._site.passing(self._parent, depends_on=[chaincodes, server]),
            )
            self.made.append(call)

    def _definition(
        self,
        chaincode: model.Chaincode,
        on: model.ChaincodeOnChannel,
        members: Iterable[model.Org],
        *,
        legacy: bool,
    ) -> pulumi.Input[dict[str, Any]]:
        server = self._servers[chaincode.name, legacy]
        rule = None if on.policy is None else policy.canonical(on.policy)
        organizations = [org.msp_id for org in members if org.name in chaincode.orgs]

        def inputs(root: str | None) -> dict[str, Any]:
            if legacy:
                return legacy_chaincodes.definition_inputs(
                    name=chaincode.name,
                    version=chaincode.version,
                    policy=rule,
                    address=server.address,
                    organizations=organizations,
                    indexes=chaincode.indexes,
                    private=chaincode.collections,
                    init=chaincode.init,
                    root=root,
                )
            return definition_inputs(
                version=chaincode.version,
                policy=rule,
                label=server.label,
                address=server.address,
                organizations=organizations,
                indexes=chaincode.indexes,
                private=chaincode.collections,
                init=chaincode.init,
                root=root,
            )

        return with_root(self._authority, inputs)


def snapshot_workers(settings: model.Settings) -> dict[str, Any]:
    """Return what pods are made of that bring snapshots from peer to peer.

    Their place, their user and their security are those of the peers whose volumes they have.
    """
    pod = settings.pods["backup"]
    return {
        "image": pod.image_of(names.JOBS_IMAGE),
        "pullSecrets": dict.fromkeys(pod.pull_secrets, ""),
        "labels": dict(pod.labels),
        "annotations": dict(pod.annotations),
        **resources(pod),
    }


def _servers(
    network: model.Network, authority: Authority | None, *, site: Site, parent: pulumi.Resource
) -> dict[tuple[str, bool], Chaincode]:
    """Start a server for each chaincode, by its name and whether the lifecycle is the old one.

    A server registers by one id, so a chaincode on channels of both kinds has two.
    """
    old = {channel.name: channel.legacy for channel in network.channels}
    return {
        (chaincode.name, legacy): Chaincode(
            chaincode,
            authority=authority,
            site=site,
            opts=pulumi.ResourceOptions(parent=parent),
            old_lifecycle=legacy,
        )
        for chaincode in network.chaincodes
        for legacy in sorted({old[on.channel] for on in chaincode.channels} or {False})
    }
