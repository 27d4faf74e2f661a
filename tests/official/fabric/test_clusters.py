"""Clusters without a system channel: channels are made, changed, and go on when orderers die."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hlf.client.connection import close_all
from hlf.client.envelope import sign_update
from hlf.client.errors import ChannelNotFound, Refused
from hlf.client.lifecycle import Definition
from hlf.client.orderer import Orderer
from hlf.client.orderers import Orderers
from hlf.client.protos import Envelope
from hlf.client.transaction import evaluate, submit
from hlf.config.adjust import adjust
from hlf.config.read import channel_config, config_of
from hlf.config.update import compute_update
from tests.official.fabric.cluster import CHANNEL, Cluster, ClusterNode
from tests.official.fabric.network import Served, build_chaincode

FAIL_OVER = 30.0
KINDS = {
    "Raft on Fabric 2.5": ("etcdraft", "HLF_FABRIC_BIN"),
    "Raft on Fabric 3": ("etcdraft", "HLF_FABRIC_3_BIN"),
    "BFT on Fabric 3": ("BFT", "HLF_FABRIC_3_BIN"),
}


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_chaincode(tmp_path_factory.mktemp("program"))


@pytest.fixture(scope="module", params=KINDS)
def cluster(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    """The orderers in their channel, the peer joined."""
    kind, binaries = KINDS[request.param]
    made = Cluster(tmp_path_factory.mktemp("cluster"), kind, binaries=binaries)
    made.start()
    try:
        genesis = made.create()
        for peer in made.admin_peers():
            peer.join(genesis)
        yield made
    finally:
        close_all()
        made.stop()


@pytest.fixture(scope="module")
def chaincode(
    cluster: Cluster, program: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    served = Served(program, tmp_path_factory.mktemp("chaincode"))
    served.process.start()
    try:
        served.wait()
        served.roll_out(cluster, Definition(name="basic", version="1", sequence=1), CHANNEL)
        yield served
    finally:
        served.process.stop()


def put(cluster: Cluster, key: str, value: str) -> float:
    """Write and commit through all orderers; the seconds that it took."""
    peers, began = cluster.admin_peers(), time.monotonic()
    orderers = cluster.orderer_as(cluster.member.admin)
    submit(peers, orderers, CHANNEL, "basic", ["put", key, value], timeout=60)
    assert evaluate(peers[0], CHANNEL, "basic", ["get", key]) == value.encode()
    return time.monotonic() - began


def test_orderers_are_in_the_channel_and_join_it_again(cluster: Cluster) -> None:
    genesis = cluster.orderer_as(cluster.operator.admin).genesis_block(CHANNEL)
    for node in cluster.orderers:
        participation = cluster.participation(node)
        assert participation.channels() == {CHANNEL}
        membership = participation.join(genesis)
        assert (membership.channel, membership.relation) == (CHANNEL, "consenter")
        assert participation.wait_active(CHANNEL).height >= 1
        with pytest.raises(ChannelNotFound, match="let the orderer join"):
            participation.info("another")


def test_an_update_goes_through(cluster: Cluster) -> None:
    orderers = cluster.orderer_as(cluster.operator.admin)
    config = config_of(orderers.config_block(CHANNEL))
    wanted = cluster.group(max_message_count=33)
    update = compute_update(config, adjust(config.channel_group, wanted), channel=CHANNEL)
    assert update is not None
    block = orderers.update_channel(update, [sign_update(update, cluster.operator.admin)])
    group = config_of(block).channel_group
    live = channel_config(group, certificates=cluster.certificates()).orderer
    assert live is not None
    assert live.max_message_count == 33
    nodes = {each.node for each in live.consenters}
    assert nodes == {("Groeifabriek", node.process.folder.name) for node in cluster.orderers}
    peer = cluster.admin_peers()[0]
    peer.wait_for_height(CHANNEL, block.header.number + 1)
    assert peer.config_block(CHANNEL).data == block.data
    assert adjust(group, wanted) == group


class Forgetful(Orderers):
    """Loses the first answer to what it broadcasts, after it was ordered."""

    def broadcast(self, message: Envelope, *, timeout: float = 60.0) -> None:
        number = self.newest_block(CHANNEL).header.number
        super().broadcast(message, timeout=timeout)
        self.block(CHANNEL, number + 1)
        super().broadcast(message, timeout=timeout)


def test_an_update_whose_answer_was_lost_is_found(cluster: Cluster) -> None:
    known = cluster.orderer_as(cluster.operator.admin)
    orderers = Forgetful(known.members, is_bft=known.is_bft)
    config = config_of(orderers.config_block(CHANNEL))
    wanted = cluster.group(max_message_count=44)
    update = compute_update(config, adjust(config.channel_group, wanted), channel=CHANNEL)
    assert update is not None
    block = orderers.update_channel(update, [sign_update(update, cluster.operator.admin)])
    live = channel_config(config_of(block).channel_group).orderer
    assert live is not None
    assert live.max_message_count == 44


def test_an_update_that_nobody_signed_is_refused(cluster: Cluster) -> None:
    orderers = cluster.orderer_as(cluster.member.admin)
    config = config_of(orderers.config_block(CHANNEL))
    update = compute_update(config, cluster.group(max_message_count=55), channel=CHANNEL)
    assert update is not None
    with pytest.raises(Refused, match="see who must sign") as caught:
        orderers.update_channel(update, [sign_update(update, cluster.member.admin)])
    assert caught.value.status in {"BAD_REQUEST", "FORBIDDEN"}


def follower(cluster: Cluster) -> ClusterNode:
    leader = cluster.leader()
    return next(node for node in cluster.orderers if node is not leader)


@pytest.mark.parametrize("victim", [follower, Cluster.leader], ids=["a follower", "the leader"])
def test_broadcasts_go_on_without(
    cluster: Cluster, chaincode: Served, victim: Callable[[Cluster], ClusterNode]
) -> None:
    put(cluster, "before", "it dies")
    node = victim(cluster)
    height = cluster.orderer_as(cluster.member.admin).newest_block(CHANNEL).header.number + 1
    node.process.kill()
    try:
        first, then = put(cluster, "after", "it died"), put(cluster, "later", "as well")
    finally:
        node.process.start()
    print(f"{cluster.kind}: {first:.1f} s for the first, {then:.1f} s for the next")
    assert first < FAIL_OVER
    assert then < FAIL_OVER
    # it is two blocks behind, or more
    Orderer(node.endpoint, cluster.member.admin).catch_up(CHANNEL, height + 1)
    cluster.participation(node).wait_active(CHANNEL, height=height + 2, timeout=60)
