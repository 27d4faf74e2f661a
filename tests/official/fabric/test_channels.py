"""Channels: created, joined, read and changed; and what the nodes say to who may not."""

from dataclasses import replace

import pytest

from hlf.client.envelope import sign_update
from hlf.client.errors import ChannelNotFound, Refused, Unreachable
from hlf.client.identity import Signer
from hlf.config.build import channel_group
from hlf.config.protos import ConfigUpdate
from hlf.config.read import channel_config, config_of
from hlf.config.update import compute_update, create_channel
from tests.official.fabric.network import CHANNEL, Network


def anchor_update(network: Network, channel: str, **anchors: tuple[str, ...]) -> ConfigUpdate:
    orderer = network.orderer_as(network.members[0].admin)
    config = config_of(orderer.config_block(channel))
    group = channel_group(network.channel(**anchors), msps=network.msps, certificates={})
    update = compute_update(config, group, channel=channel)
    assert update is not None
    return update


def test_peers_have_joined_and_join_again(network: Network) -> None:
    genesis = network.orderer_as(network.members[0].admin).genesis_block(CHANNEL)
    for peer in network.admin_peers():
        assert CHANNEL in peer.channels()
        peer.join(genesis)
        assert peer.block(CHANNEL, 0).header == genesis.header


def test_peer_and_orderer_have_the_same_configuration(network: Network) -> None:
    block = network.orderer_as(network.operator.admin).config_block(CHANNEL)
    for peer in network.admin_peers():
        peer.wait_for_height(CHANNEL, block.header.number + 1)
        assert peer.config_block(CHANNEL).data == block.data


def test_update_gives_its_config_block_and_peers_follow(network: Network) -> None:
    network.create("anchored")
    orderer = network.orderer_as(network.members[0].admin)
    anchors = {member.name: (f"{member.name}.example:7051",) for member in network.members}
    update = anchor_update(network, "anchored", **anchors)
    signatures = [sign_update(update, member.admin) for member in network.members]

    block = orderer.update_channel(update, signatures)

    application = channel_config(config_of(block).channel_group).application
    assert application is not None
    assert {n: o.anchor_peers for n, o in application.organizations.items()} == anchors
    assert orderer.config_block("anchored") == block
    assert orderer.newest_block("anchored") == block


def test_a_peer_whose_organization_joins_later_is_waited_for(network: Network) -> None:
    """It knows its organization only when it has the block that admits it."""
    first, second = network.members
    whole = network.channel()
    assert whole.application is not None
    alone = {first.name: whole.application.organizations[first.name]}
    small = replace(whole, application=replace(whole.application, organizations=alone))
    orderer = network.orderer_as(first.admin)
    update = create_channel(small, msps=network.msps, channel="growing")
    genesis = orderer.create_channel(update, [sign_update(update, first.admin)])
    group = channel_group(whole, msps=network.msps, certificates={})
    admission = compute_update(config_of(orderer.config_block("growing")), group, channel="growing")
    assert admission is not None
    peer = network.peer_as(second.admin, second.name)
    peer.join(genesis)
    with pytest.raises(Unreachable, match="no blocks that know its organization"):
        peer.wait_for_height("growing", 1, timeout=0.5)

    block = orderer.update_channel(admission, [sign_update(admission, first.admin)])

    assert peer.wait_for_height("growing", block.header.number + 1).height == 2


def test_stale_update_is_told(network: Network) -> None:
    network.create("stale")
    member = network.members[0]
    orderer = network.orderer_as(member.admin)
    update = anchor_update(network, "stale", **{member.name: ("first.example:7051",)})
    orderer.update_channel(update, [sign_update(update, member.admin)])

    with pytest.raises(Refused) as caught:
        orderer.update_channel(update, [sign_update(update, member.admin)])

    assert caught.value.status == "BAD_REQUEST"
    assert "orderer groeifabriek/orderer0 at 127.0.0.1:" in str(caught.value)
    assert "channel stale" in str(caught.value)
    assert "currently at version" in str(caught.value)


@pytest.mark.parametrize("signers", [(), ("client",)])
def test_update_without_an_admin_is_refused(network: Network, signers: tuple[str, ...]) -> None:
    channel = f"refused{len(signers)}"
    network.create(channel)
    member = network.members[0]
    update = anchor_update(network, channel, **{member.name: ("first.example:7051",)})
    signatures = [sign_update(update, getattr(member, signer)) for signer in signers]

    with pytest.raises(Refused, match="policy") as caught:
        network.orderer_as(member.admin).update_channel(update, signatures)

    assert caught.value.status in {"FORBIDDEN", "BAD_REQUEST"}


def test_channel_that_exists_is_not_created_again(network: Network) -> None:
    with pytest.raises(Refused, match="BAD_REQUEST"):
        network.create(CHANNEL)


def test_unknown_channel(network: Network) -> None:
    admin = network.members[0].admin
    with pytest.raises(ChannelNotFound, match=r"orderer groeifabriek/orderer0 .* channel nowhere"):
        network.orderer_as(admin).newest_block("nowhere")
    with pytest.raises(ChannelNotFound, match="channel nowhere"):
        network.orderer_as(admin).genesis_block("nowhere", timeout=1)
    with pytest.raises(ChannelNotFound, match=r"peer karga/peer0 .* channel nowhere.* not found"):
        network.peer_as(admin, "Karga").chain_info("nowhere")
    with pytest.raises(ChannelNotFound):
        network.peer_as(admin, "Karga").config_block("nowhere")


def test_block_beyond_the_last_is_not_a_missing_channel(network: Network) -> None:
    orderer = network.orderer_as(network.members[0].admin)
    last = orderer.newest_block(CHANNEL).header.number
    with pytest.raises(Refused, match=rf"no block 999 of channel common, whose last is {last}"):
        orderer.block(CHANNEL, 999, timeout=5)
    with pytest.raises(Unreachable, match=r"gave no answer in 0\.5 s"):
        orderer.block(CHANNEL, last + 1, timeout=0.5)
    with pytest.raises(ChannelNotFound):
        orderer.block("nowhere", 999, timeout=5)


def test_only_an_admin_joins_and_the_peer_says_why(network: Network) -> None:
    genesis = network.create("adminsonly")
    peer = network.peer_as(network.members[0].client, "Karga")

    with pytest.raises(Refused, match="not an admin") as caught:
        peer.join(genesis)

    assert str(caught.value).startswith("peer karga/peer0 at 127.0.0.1:")
    assert "joining channel adminsonly" in str(caught.value)
    assert "Traceback" not in str(caught.value)


def test_key_that_is_not_the_certificates_is_refused(network: Network) -> None:
    karga, nevergreen = network.members
    wrong = Signer(
        msp_id=karga.msp_id, certificate=karga.admin.certificate, key=nevergreen.admin.key
    )
    with pytest.raises(Refused, match="access denied"):
        network.peer_as(wrong, "Karga").channels()
    with pytest.raises(Refused) as caught:
        network.orderer_as(wrong).newest_block(CHANNEL)
    assert caught.value.status == "FORBIDDEN"
    update = create_channel(network.channel(), msps=network.msps, channel="wrongsigner")
    with pytest.raises(Refused):
        network.orderer_as(wrong).create_channel(update, [sign_update(update, wrong)])


def test_stranger_may_not_read(network: Network) -> None:
    stranger = Signer(
        msp_id="AtlantisMSP",
        certificate=network.members[0].admin.certificate,
        key=network.members[0].admin.key,
    )
    with pytest.raises(Refused) as caught:
        network.orderer_as(stranger).newest_block(CHANNEL)
    assert caught.value.status == "FORBIDDEN"
    assert "AtlantisMSP" in str(caught.value)
