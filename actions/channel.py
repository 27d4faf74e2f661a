"""Creates a channel, keeps its configuration as the files say, and joins peers to it.

A channel is never deleted: Fabric has no such thing. `pulumi destroy` forgets it, and its ledger
goes with the nodes' volumes.
"""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

import pulumi
from pulumi.dynamic import CheckResult

from actions import first_block, joining, joining_note, leaving, nodes, restores, snapshot_workers
from actions.access import Access
from actions.channel_site import ChannelSite
from actions.members import await_block
from actions.progress import Report, count
from actions.provider import RESTORED, Action, ActionResource, Props
from actions.reconfigure import reconfigure
from hlf.client.peer import Peer
from hlf.client.wait import gather
from hlf.config.plain import to_plain
from hlf.config.read import channel_config, config_of, msps
from hlf.pki.msp import Msp

_JOIN_TIMEOUT = 120.0
_BY_SNAPSHOT = "joinBySnapshot"
_OTHER_MSP = "another than "
_STRANGER = "of an organization that is not in the files"


class ChannelProvider(Action):
    """Inputs.

    channel; config (as hlf.config.plain); msps (organization -> ConfigMap); systemChannel (whether
    the orderers have one, through which channels are made); actions.access.Access. Outside (name
    -> MSP ID), where members have peers that are not to be in it. JoinBySnapshot, where new peers
    join by snapshots: what workers are made of that bring these (image, pullSecrets, resources,
    labels, annotations). Restored (see `actions.provider`).
    """

    replace_on: ClassVar = ("channel", "namespace")
    # no difference to peers that have joined
    how: ClassVar = (_BY_SNAPSHOT,)

    def identity(self, inputs: Props) -> str:  # noqa: D102
        return inputs["channel"]

    def apply(self, inputs: Props, report: Report) -> Props:  # noqa: D102
        site = ChannelSite.of(inputs)
        site.join_orderers(report)
        block = site.last_config()
        if block is None:
            report(f"creating channel {site.channel}")
            block = site.create()
        block = reconfigure(site, block, report)
        leaving.forget(site.namespace, site.channel)
        snapshot_workers.forget(site.namespace, site.channel)
        new = sorted(set(site.peers) - _members(site.channel, site.peers))
        if new:
            _join(site, new, report)
            # what is called on them next was defined in a block later than the configuration
            block = site.orderer.newest_block(site.channel)
        number = block.header.number
        await_block(site.channel, number, site.peers.values(), report, timeout=_JOIN_TIMEOUT)
        joining.finish(site, report)
        # last: what they had is with the others of their organizations now
        for name in sorted(_members(site.channel, site.outside)):
            leaving.leave(site.namespace, name, site.outside[name], site.channel, report)
        return {}

    def remove(self, inputs: Props) -> None:
        """Forget the channel, and what a run may have left that was killed."""
        first_block.forget(inputs["namespace"], inputs["channel"])
        leaving.forget(inputs["namespace"], inputs["channel"])
        joining.forget(inputs["namespace"], inputs["channel"])

    def check(self, _olds: Props, news: Props) -> CheckResult:
        """Find out which restore the network has been through."""
        return CheckResult(restores.check(news), [])

    def observe(self, inputs: Props) -> Props | None:  # noqa: D102
        namespace = inputs["namespace"]
        ready = nodes.ready(namespace, inputs["peers"])
        orderers = nodes.ready(namespace, inputs["orderers"])
        if not (ready or orderers):
            return inputs
        references = _references(inputs["msps"])
        site = ChannelSite.of(
            {**inputs, "msps": references, "orderers": orderers or inputs["orderers"]}
        )
        live = {**inputs, **_peers(inputs, site, ready)}
        if not orderers:
            return live
        outside = first_block.outsiders(site.channel, site.participations)
        if len(outside) == len(orderers):
            return None
        lost = nodes.lost(namespace, inputs["orderers"].keys() - orderers.keys())
        inside = {n: m for n, m in inputs["orderers"].items() if n not in {*outside, *lost}}
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


def _peers(inputs: Props, site: ChannelSite, ready: Collection[str]) -> Props:
    """Return who is in the channel and who is not, of those who can be asked or are lost."""
    outside: Mapping[str, str] = inputs.get("outside", {})
    seen: Props = {"peers": _seen(site, inputs["peers"], ready, inside=True)}
    # a run that was killed has left them half way
    for name in joining_note.targets(site.namespace, site.channel):
        seen["peers"].pop(name, None)
    if outside:
        ready = nodes.ready(site.namespace, outside)
        seen["outside"] = _seen(site, outside, ready, inside=False)
    return seen


def _seen(
    site: ChannelSite, wanted: Mapping[str, str], ready: Collection[str], *, inside: bool
) -> dict[str, str]:
    """Return those of the wanted peers of whom nobody knows that they are on the other side."""
    peers = {**site.peers, **site.outside}
    members = _members(site.channel, {name: peers[name] for name in ready})
    known = {*ready, *nodes.lost(site.namespace, wanted.keys() - set(ready))}
    return {
        name: msp_id
        for name, msp_id in wanted.items()
        if name not in known or (name in members) == inside
    }


def _join(site: ChannelSite, new: list[str], report: Report) -> None:
    """Have new peers join, by the first block where they do not by a snapshot."""
    by_snapshots = site.snapshot_workers is not None
    left = joining.by_snapshot(site, new, report)
    if not left:
        return
    genesis = site.orderer.genesis_block(site.channel)
    how = " by the first block, as no peer of theirs has more" if by_snapshots else ""
    report(f"joining {count(len(left), 'peer')} to {site.channel}{how}: {', '.join(left)}")
    gather(lambda n: site.peers[n].join(genesis, timeout=_JOIN_TIMEOUT), left)


def _members(channel: str, peers: Mapping[str, Peer]) -> set[str]:
    names = list(peers)
    joined = gather(lambda name: channel in peers[name].channels(), names)
    return {name for name, is_member in zip(names, joined, strict=True) if is_member}


def _live_msps(
    live: Mapping[str, Msp], wanted: Mapping[str, Msp], names: Mapping[str, str]
) -> dict[str, str]:
    """Return the reference of each MSP that is what it should be, and say which are not."""

    def reference(org: str, msp: Msp) -> str:
        if org not in names:
            return _STRANGER
        return names[org] if wanted.get(org) == msp else _OTHER_MSP + names[org]

    return {org: reference(org, msp) for org, msp in live.items()}


def _references(observed: Mapping[str, str]) -> dict[str, str]:
    """Return the references in what `_live_msps` made, so that one can look again."""
    known = {org: name for org, name in observed.items() if name != _STRANGER}
    return {org: name.removeprefix(_OTHER_MSP) for org, name in known.items()}


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
        outside: Mapping[str, str],
        join_by_snapshot: Mapping[str, Any] | None,
        restored: str | None,
        opts: pulumi.ResourceOptions,
    ) -> None:
        inputs = {
            "channel": channel,
            "config": config,
            "msps": msps,
            "systemChannel": system_channel,
            **access.inputs(),
            **({"outside": outside} if outside else {}),
            **({} if join_by_snapshot is None else {_BY_SNAPSHOT: join_by_snapshot}),
            **({} if restored is None else {RESTORED: restored}),
        }
        super().__init__(ChannelProvider(), name, inputs, opts)
