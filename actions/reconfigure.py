"""Brings a live channel to the configuration that the files say.

That is one update, and several where orderers come or go: each new one has caught up, and each
that stays serves, before the next step.
"""

from actions import handoff
from actions.channel_site import ChannelSite
from actions.progress import Report
from hlf.client.envelope import sign_update
from hlf.client.errors import Refused, Unreachable
from hlf.client.orderer import Orderer
from hlf.client.protos import ConfigSignature, ConfigUpdate
from hlf.client.wait import gather
from hlf.config import authorize
from hlf.config.adjust import adjust
from hlf.config.model import ChannelConfig, Consenter
from hlf.config.protos import Block, ConfigGroup
from hlf.config.read import channel_config, config_of
from hlf.config.steps import steps
from hlf.config.update import compute_update
from hlf.errors import FabricError
from hlf.spec.capabilities import LIFECYCLE, has_lifecycle

_CAUGHT_UP = 300.0
_SETTLING = 30.0
"""Seconds in which an orderer that stays has to serve the channel."""


def reconfigure(site: ChannelSite, block: Block, report: Report) -> Block:
    """Return the channel's last config block, which `block` was before.

    Raises FabricError where the admins here cannot sign for it, or where it would cost the
    orderers their majority.
    """
    live = _read(site, block)
    check_lifecycle(site.channel, live, site.config)
    for wanted in steps(live, site.config):
        config = config_of(block)
        group = adjust(config.channel_group, site.group(wanted, config.channel_group))
        update = compute_update(config, group, channel=site.channel)
        if update is None:
            continue
        come, go = _difference(_read(site, block), wanted)
        if come or go:
            _check_majority(site, wanted, come)
        if come:
            report(f"adding orderer {come[0].host} to {site.channel}")
        elif go:
            report(f"taking orderer {go[0].host} out of {site.channel}")
        else:
            report(f"updating the configuration of {site.channel}")
        block = site.orderer.update_channel(update, _signatures(site, config.channel_group, update))
        handoff.forget(site.update_file)
        for each in come:
            _wait_for(site, each, block)
    return block


def _signatures(
    site: ChannelSite, live: ConfigGroup, update: ConfigUpdate
) -> list[ConfigSignature]:
    """Return as many as the policies need: of the admins here, and those that the file brings."""
    brought = handoff.signatures(site.update_file, update)
    own = {msp_id: sign_update(update, signer) for msp_id, signer in site.signers.items()}
    signed = {**brought, **own}
    try:
        needed = authorize.signers(live, update, admins=signed)
    except authorize.UnsatisfiedError as error:
        handoff.write(site.update_file, update, signed, site.orderer.signer)
        raise FabricError(
            f"channel {site.channel} cannot be changed yet: {error}. The update is in "
            f"{site.update_file}: have it signed there with `python -m hlf.sign` or Fabric's "
            "`peer channel signconfigtx`, and run `pulumi up` again."
        ) from None
    return [signed[each] for each in sorted(needed)]


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


def _read(site: ChannelSite, block: Block) -> ChannelConfig:
    group = config_of(block).channel_group
    return channel_config(group, certificates=site.certificates)


def _difference(
    live: ChannelConfig, wanted: ChannelConfig
) -> tuple[list[Consenter], list[Consenter]]:
    """Return the consenters that come and those that go."""
    before = live.orderer.consenters if live.orderer else ()
    after = wanted.orderer.consenters if wanted.orderer else ()
    come = [each for each in after if each not in before]
    addresses = {(each.host, each.port) for each in after}
    return come, [each for each in before if (each.host, each.port) not in addresses]


def _check_majority(site: ChannelSite, wanted: ChannelConfig, come: list[Consenter]) -> None:
    """Raise FabricError unless every orderer that stays serves the channel.

    With one more, more of them have to agree; with one less, nobody stands in for who is away.
    """
    stay = wanted.orderer.consenters if wanted.orderer else ()
    members = [each for each in map(site.orderer_of, stay) if each is not None]
    new = {each.endpoint.name for each in map(site.orderer_of, come) if each is not None}
    staying = [each for each in members if each.endpoint.name not in new]

    def check(orderer: Orderer) -> None:
        try:
            orderer.newest_block(site.channel, timeout=_SETTLING)
        except (Refused, Unreachable) as error:
            raise FabricError(
                f"the orderers of channel {site.channel} are left as they are, because with one "
                f"that is away another change might cost the majority: {error}"
            ) from None

    gather(check, staying)


def _wait_for(site: ChannelSite, consenter: Consenter, block: Block) -> None:
    """Wait until a new orderer has the block that made it one."""
    orderer = site.orderer_of(consenter)
    if orderer is None:
        return
    name = orderer.endpoint.name
    if name in site.participations:
        height = block.header.number + 1
        site.participations[name].wait_active(site.channel, height=height, timeout=_CAUGHT_UP)
    orderer.genesis_block(site.channel, timeout=_CAUGHT_UP)  # until then it refuses all others
    orderer.catch_up(site.channel, block.header.number, timeout=_CAUGHT_UP)
