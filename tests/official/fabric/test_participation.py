"""Orderers' channel participation API: what it does, and what users are told when it does not."""

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hlf.client.connection import Endpoint, close_all
from hlf.client.errors import ChannelNotFound, NoAnswer, Refused, Unreachable, Untrusted
from hlf.client.orderer import Orderer
from hlf.client.orderers import Orderers
from hlf.client.participation import Participation
from hlf.config.build import channel_group, genesis_block
from tests.official.fabric.cluster import CHANNEL, Cluster
from tests.official.fabric.nodes import Organization, free_port


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Three orderers, all in the channel."""
    made = Cluster(tmp_path_factory.mktemp("cluster"), "etcdraft", binaries="HLF_FABRIC_BIN")
    for node in made.orderers:
        node.process.start()
    try:
        made.create()
        yield made
    finally:
        close_all()
        made.stop()


@pytest.fixture
def endpoint(cluster: Cluster) -> Endpoint:
    return cluster.orderers[0].admin


def test_an_orderer_leaves_and_comes_back(cluster: Cluster) -> None:
    participation = cluster.participation(cluster.orderers[2])
    orderers = cluster.orderer_as(cluster.operator.admin)
    block = orderers.config_block(CHANNEL)
    participation.remove(CHANNEL)
    assert participation.channels() == frozenset()
    participation.remove(CHANNEL)
    with pytest.raises(ChannelNotFound):
        participation.info(CHANNEL)
    participation.join(block)
    assert participation.wait_active(CHANNEL).relation == "consenter"


def test_a_height_that_is_not_reached(cluster: Cluster, endpoint: Endpoint) -> None:
    with pytest.raises(NoAnswer, match=r"is active with 1 blocks .* not active with 99 in 0.3 s"):
        Participation(endpoint).wait_active(CHANNEL, height=99, timeout=0.3)


def test_a_block_that_is_none_to_join_with(cluster: Cluster, endpoint: Endpoint) -> None:
    config = replace(cluster.config(), application=None)
    group = channel_group(config, msps=cluster.msps, certificates=cluster.certificates())
    block = genesis_block(
        group, channel="bare", timestamp=datetime.now(UTC), nonce=secrets.token_bytes(24)
    )
    with pytest.raises(Refused, match=r"joining channel bare .400: invalid join block") as caught:
        Participation(endpoint).join(block)
    assert caught.value.status == "400"
    assert str(caught.value).startswith("orderer groeifabriek/orderer0 at 127.0.0.1:")
    assert "join with a config block of a channel with Application" in str(caught.value)


def test_a_dead_orderer(endpoint: Endpoint) -> None:
    dead = replace(endpoint, address=f"127.0.0.1:{free_port()}")
    with pytest.raises(Unreachable) as caught:
        Participation(dead).channels(timeout=0.5)
    assert str(caught.value) == (
        f"orderer groeifabriek/orderer0 at {dead.address} does not answer (connection refused) "
        "while listing channels; see that it runs and that its address is right"
    )


def test_another_server(cluster: Cluster, endpoint: Endpoint) -> None:
    """The orderer's gRPC port speaks HTTP/2 only."""
    other = replace(endpoint, address=cluster.orderers[0].endpoint.address)
    with pytest.raises(Unreachable, match="listing channels"):
        Participation(other).channels(timeout=0.5)


def test_operations_server_instead(cluster: Cluster, endpoint: Endpoint) -> None:
    address = cluster.orderers[0].metrics.split("/")[2]
    operations = replace(endpoint, address=address, tls_roots=None)
    with pytest.raises(Refused, match=r"refused listing channels .404"):
        Participation(operations).channels()
    with pytest.raises(Untrusted, match="it does not speak TLS"):
        Participation(replace(endpoint, address=address)).channels(timeout=2)


def test_tls(cluster: Cluster, endpoint: Endpoint) -> None:
    stranger = Organization("Atlantis", "atlantis.com")
    for change, told in (
        ({"tls_roots": stranger.tlsca.certificate}, "was not issued by the expected TLS CA"),
        ({"server_name": "orderer9.groeifabriek.nl"}, "its TLS certificate is for other names"),
        ({"client": None}, "it asks for a TLS client certificate, or does not take ours"),
        ({"client": stranger.tls_client()}, "it asks for a TLS client certificate"),
    ):
        with pytest.raises(Untrusted, match=told):
            Participation(replace(endpoint, **change)).channels(timeout=2)
    assert Participation(replace(endpoint, server_name=None)).channels() == {CHANNEL}


def test_many_threads(endpoint: Endpoint) -> None:
    participation = Participation(endpoint)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: participation.channels(), range(24)))
    assert set(answers) == {frozenset({CHANNEL})}


def test_orderers_of_which_one_is_not_in_the_channel(cluster: Cluster) -> None:
    """It answers NOT_FOUND, and the others know better."""
    signer = cluster.operator.admin
    cluster.participation(cluster.orderers[2]).remove(CHANNEL)
    first = [cluster.orderers[2], *cluster.orderers[:2]]
    orderers = Orderers([Orderer(node.endpoint, signer) for node in first])
    try:
        with pytest.raises(ChannelNotFound):
            orderers.members[0].newest_block(CHANNEL)
        assert orderers.newest_block(CHANNEL).header.number >= 0
        with pytest.raises(ChannelNotFound):
            orderers.newest_block("another")
    finally:
        cluster.participation(cluster.orderers[2]).join(orderers.config_block(CHANNEL))


def test_orderers_that_are_all_away(cluster: Cluster) -> None:
    dead = [replace(node.endpoint, address=f"127.0.0.1:{free_port()}") for node in cluster.orderers]
    orderers = Orderers([Orderer(each, cluster.operator.admin) for each in dead])
    with pytest.raises(Unreachable) as caught:
        orderers.newest_block(CHANNEL, timeout=1)
    for each in dead:
        assert f"{each.address} does not answer (connection refused)" in str(caught.value)


def test_orderers_that_are_not_trusted_are_not_waited_for(cluster: Cluster) -> None:
    stranger = Organization("Atlantis", "atlantis.com")
    endpoints = [
        replace(node.endpoint, tls_roots=stranger.tlsca.certificate) for node in cluster.orderers
    ]
    orderers = Orderers([Orderer(each, cluster.operator.admin) for each in endpoints])
    with pytest.raises(Unreachable, match="not issued by the expected TLS CA"):
        orderers.newest_block(CHANNEL, timeout=60)
