"""The signatures that we find an update to need are enough for a real orderer, and one less is not.

Each rule is the policy `Admins` of a channel's Application, and the update takes its ACLs away.
"""

from dataclasses import replace

import pytest

from hlf.client.envelope import sign_update
from hlf.client.errors import Refused
from hlf.config.authorize import signers
from hlf.config.build import channel_group
from hlf.config.model import ChannelConfig
from hlf.config.read import config_of
from hlf.config.update import compute_update, create_channel
from tests.official.fabric.network import Network

RULES = {
    "ANY Admins": 1,
    "ALL Admins": 2,
    "MAJORITY Admins": 2,
    "OR('NevergreenMSP.admin')": 1,
    "AND('KargaMSP.admin', 'GroeifabriekMSP.member')": 2,
    "OutOf(2, 'KargaMSP.peer', 'NevergreenMSP.admin', 'GroeifabriekMSP.admin')": 2,
    "OR(AND('KargaMSP.peer', 'NevergreenMSP.admin'), 'GroeifabriekMSP.admin')": 1,
}


@pytest.mark.parametrize("number", range(len(RULES)))
def test_as_many_as_needed(network: Network, number: int) -> None:
    rule, count = list(RULES.items())[number]
    channel = f"signed{number}"
    admins = {each.msp_id: each.admin for each in (network.operator, *network.members)}
    before = with_rule(network.channel(), rule)
    creation = create_channel(before, msps=network.msps, channel=channel)
    orderer = network.orderer_as(network.members[0].admin)
    orderer.create_channel(creation, [sign_update(creation, each) for each in admins.values()])
    live = config_of(orderer.config_block(channel))
    group = channel_group(without_acls(before), msps=network.msps, certificates={})
    update = compute_update(live, group, channel=channel)
    assert update is not None

    needed = signers(live.channel_group, update, admins=admins)

    assert len(needed) == count
    for left_out in needed:
        signatures = [sign_update(update, admins[each]) for each in needed - {left_out}]
        with pytest.raises(Refused, match="policy"):
            orderer.update_channel(update, signatures)
    orderer.update_channel(update, [sign_update(update, admins[each]) for each in needed])


def with_rule(config: ChannelConfig, rule: str) -> ChannelConfig:
    assert config.application is not None
    policies = {**config.application.policies, "Admins": rule}
    acls = {"peer/Propose": "/Channel/Application/Writers"}
    return replace(config, application=replace(config.application, policies=policies, acls=acls))


def without_acls(config: ChannelConfig) -> ChannelConfig:
    assert config.application is not None
    return replace(config, application=replace(config.application, acls={}))
