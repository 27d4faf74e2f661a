"""What an update would change, after `adjust`, of a channel that another tool has touched."""

from collections.abc import Mapping
from dataclasses import replace

from fabric_protos.common.configuration_pb2 import OrdererAddresses
from fabric_protos.orderer.configuration_pb2 import BatchTimeout, ConsensusType
from fabric_protos.orderer.etcdraft.configuration_pb2 import ConfigMetadata
from fabric_protos.peer.configuration_pb2 import AnchorPeer, AnchorPeers

from hlf.config import build
from hlf.config.adjust import adjust
from hlf.config.consensus import block_validation
from hlf.config.model import Bft, ChannelConfig
from hlf.config.protos import BftOptions, Config, ConfigGroup, Orderers
from hlf.config.update import compute_update
from tests.unit.config import networks

MAINTENANCE = 1


def live_group(given) -> ConfigGroup:
    """The etcdraft channel in other spellings, with what no ChannelConfig can say."""
    group = build.channel_group(networks.application_channel("etcdraft"), **given)
    orderer, application = group.groups["Orderer"], group.groups["Application"]
    group.version, orderer.version = 3, 4

    orderer.values["BatchTimeout"].value = BatchTimeout(timeout="1500ms").SerializeToString()
    addresses = OrdererAddresses.FromString(group.values["OrdererAddresses"].value)
    addresses.addresses[:] = addresses.addresses[::-1]
    group.values["OrdererAddresses"].value = addresses.SerializeToString()

    consensus = ConsensusType.FromString(orderer.values["ConsensusType"].value)
    raft = ConfigMetadata.FromString(consensus.metadata)
    reverse = list(raft.consenters)[::-1]
    del raft.consenters[:]
    raft.consenters.extend(reverse)
    raft.options.tick_interval = "0.5s"
    consensus.metadata, consensus.state = raft.SerializeToString(), MAINTENANCE
    orderer.values["ConsensusType"].value = consensus.SerializeToString()

    capabilities = application.values["Capabilities"]
    # The same two entries of a map in the other order.
    first, second = b"\x0a\x08\x0a\x04V2_0\x12\x00", b"\x0a\x08\x0a\x04V2_5\x12\x00"
    assert capabilities.value == first + second
    capabilities.value = second + first

    application.mod_policy = "/Channel/Application/Writers"
    application.policies["Admins"].mod_policy = "/Channel/Admins"
    application.groups["Karga"].values["Custom"].value = b"of another tool"
    return group


def update(live: ConfigGroup, config: ChannelConfig, given):
    wanted = build.channel_group(config, **given)
    return compute_update(Config(channel_group=live), adjust(live, wanted), channel="common")


def changed(group: ConfigGroup, before: ConfigGroup, path: str = "") -> set[str]:
    """The paths of elements in a write set in another version than before."""
    found: set[str] = set()
    for kind in ("values", "policies"):
        elements: Mapping[str, object] = getattr(group, kind)
        for name, element in elements.items():
            old = getattr(before, kind)
            if name not in old or old[name].version != element.version:
                found.add(f"{path}/{name}")
    for name, child in group.groups.items():
        found |= changed(child, before.groups.get(name, ConfigGroup()), f"{path}/{name}")
    return found


def test_a_channel_that_says_the_same_is_left_alone(given):
    live = live_group(given)
    assert update(live, networks.application_channel("etcdraft"), given) is None
    bare = build.channel_group(networks.application_channel("etcdraft"), **given)
    assert compute_update(Config(channel_group=live), bare, channel="common") is not None


def test_only_what_differs_is_written(given):
    live, config = live_group(given), networks.application_channel("etcdraft")
    assert config.orderer is not None
    config = replace(config, orderer=replace(config.orderer, max_message_count=99))
    change = update(live, config, given)
    assert change is not None
    assert changed(change.write_set, live) == {"/Orderer/BatchSize"}


def test_a_policy_keeps_who_may_modify_it(given):
    live, config = live_group(given), networks.application_channel("etcdraft")
    assert config.application is not None
    policies = {**config.application.policies, "Admins": "ALL Admins"}
    config = replace(config, application=replace(config.application, policies=policies))
    change = update(live, config, given)
    assert change is not None
    assert changed(change.write_set, live) == {"/Application/Admins"}
    written = change.write_set.groups["Application"].policies["Admins"]
    assert written.mod_policy == "/Channel/Admins"


def test_what_is_no_longer_wanted_goes(given):
    live = live_group(given)
    anchors = AnchorPeers(anchor_peers=[AnchorPeer(host="a", port=1)])
    wanted = networks.application_channel("etcdraft")
    assert wanted.application is not None
    orgs = {
        name: replace(org, anchor_peers=())
        for name, org in wanted.application.organizations.items()
        if name != "Atlantis"
    }
    live.groups["Application"].groups["Karga"].values[
        "AnchorPeers"
    ].value = anchors.SerializeToString()
    config = replace(wanted, application=replace(wanted.application, organizations=orgs))
    group = adjust(live, build.channel_group(config, **given))
    application = group.groups["Application"]
    assert set(application.groups) == {"Karga", "Nevergreen"}
    assert set(application.groups["Karga"].values) == {"MSP", "Custom"}


def test_a_consenter_that_goes_leaves_the_others_in_place_and_the_state_as_it_is(given):
    live, config = live_group(given), networks.application_channel("etcdraft")
    assert config.orderer is not None
    assert config.orderer.raft is not None
    raft = replace(config.orderer.raft, consenters=config.orderer.raft.consenters[1:])
    config = replace(config, orderer=replace(config.orderer, raft=raft))
    change = update(live, config, given)
    assert change is not None
    assert changed(change.write_set, live) == {"/Orderer/ConsensusType"}
    value = change.write_set.groups["Orderer"].values["ConsensusType"].value
    consensus = ConsensusType.FromString(value)
    assert consensus.state == MAINTENANCE
    hosts = [each.host[-1] for each in ConfigMetadata.FromString(consensus.metadata).consenters]
    assert hosts == ["2", "1"]


def bft_group(given) -> ConfigGroup:
    """The BFT channel with the consenters and options of another tool."""
    config = networks.own_channel("BFT")
    assert config.orderer is not None
    options = replace(networks.bft().options, request_forward_timeout="1500ms")
    bft = Bft(consenters=networks.bft_consenters()[::-1], options=options)
    group = build.channel_group(replace(config, orderer=replace(config.orderer, bft=bft)), **given)
    value = group.groups["Orderer"].values["ConsensusType"]
    consensus = ConsensusType.FromString(value.value)
    metadata = BftOptions.FromString(consensus.metadata)
    metadata.leader_rotation = BftOptions.ROTATION_OFF
    consensus.metadata = metadata.SerializeToString()
    value.value = consensus.SerializeToString()
    return group


def test_a_bft_channel_that_says_the_same_is_left_alone(given):
    live, config = bft_group(given), networks.own_channel("BFT")
    assert update(live, config, given) is None
    bare = build.channel_group(config, **given)
    assert compute_update(Config(channel_group=live), bare, channel="common") is not None


def test_a_bft_consenter_more_changes_the_policy_with_it(given):
    live, config = bft_group(given), networks.own_channel("BFT")
    removed = live.groups["Orderer"].values["Orderers"]
    mapping = Orderers.FromString(removed.value)
    del mapping.consenter_mapping[1]
    removed.value = mapping.SerializeToString()
    policy = live.groups["Orderer"].policies["BlockValidation"].policy
    policy.CopyFrom(block_validation(mapping))

    change = update(live, config, given)
    assert change is not None
    assert changed(change.write_set, live) == {"/Orderer/Orderers", "/Orderer/BlockValidation"}
    written = change.write_set.groups["Orderer"]
    orderers = Orderers.FromString(written.values["Orderers"].value)
    assert [each.id for each in orderers.consenter_mapping] == [4, 2, 1, 3]
    assert written.policies["BlockValidation"].policy == block_validation(orderers)


def test_a_bft_option_changes_alone(given):
    live, config = bft_group(given), networks.own_channel("BFT")
    assert config.orderer is not None
    bft = replace(networks.bft(), options=replace(networks.bft().options, sync_on_start=True))
    change = update(live, replace(config, orderer=replace(config.orderer, bft=bft)), given)
    assert change is not None
    assert changed(change.write_set, live) == {"/Orderer/ConsensusType"}


def test_a_consortium_keeps_its_creation_policy(given):
    live = build.channel_group(networks.system_channel("solo"), **given)
    consortium = live.groups["Consortiums"].groups["TheConsortium"]
    consortium.values["ChannelCreationPolicy"].value = b"another"
    assert update(live, networks.system_channel("solo"), given) is None
