"""Nodes that go away and come back while a client waits."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from hlf.client.envelope import sign_update
from hlf.client.transaction import evaluate, submit
from hlf.config.update import create_channel
from tests.official.fabric.network import CHANNEL, Network, Served


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as made:
        yield made


def test_orderer_restarts_while_a_genesis_block_is_waited_for(
    network: Network, pool: ThreadPoolExecutor
) -> None:
    admin = network.members[0].admin
    orderer = network.orderer_as(admin)
    waiting = pool.submit(orderer.genesis_block, "late", timeout=30)
    time.sleep(0.5)
    network.orderer.process.stop()
    time.sleep(0.5)
    assert not waiting.done()
    network.orderer.process.start()
    update = create_channel(network.channel(), msps=network.msps, channel="late")
    created = orderer.create_channel(update, [sign_update(update, admin)])
    assert waiting.result(timeout=30) == created


def test_orderer_restarts_while_a_block_is_waited_for(
    network: Network, chaincode: Served, pool: ThreadPoolExecutor
) -> None:
    peers = network.admin_peers()
    orderer = network.orderer_as(peers[0].signer)
    number = orderer.newest_block(CHANNEL).header.number + 1
    waiting = pool.submit(orderer.block, CHANNEL, number, timeout=30)
    time.sleep(0.5)
    network.orderer.process.stop()
    network.orderer.process.start()
    result = submit(peers, orderer, CHANNEL, "basic", ["put", "after", "restart"])
    assert waiting.result(timeout=30).header.number == number
    assert result.block == number


def test_orderer_is_down_when_a_transaction_is_submitted(
    network: Network, chaincode: Served, pool: ThreadPoolExecutor
) -> None:
    peers = network.admin_peers()
    orderer = network.orderer_as(peers[0].signer)
    network.orderer.process.stop()
    waiting = pool.submit(submit, peers, orderer, CHANNEL, "basic", ["put", "down", "up"])
    time.sleep(1.0)
    assert not waiting.done()
    network.orderer.process.start()
    assert waiting.result(timeout=60).code == "VALID"


def test_peer_restarts_while_commits_are_waited_for(
    network: Network, chaincode: Served, pool: ThreadPoolExecutor
) -> None:
    peers = network.admin_peers()
    orderer = network.orderer_as(peers[0].signer)

    def put(number: int) -> str:
        args = ["put", f"restart{number}", "1"]
        return submit(peers, orderer, CHANNEL, "basic", args).code

    waiting = [pool.submit(put, number) for number in range(40)]
    time.sleep(0.4)
    network.peers["Nevergreen"].process.stop()
    network.peers["Nevergreen"].process.start()
    assert [each.result(timeout=60) for each in waiting] == ["VALID"] * 40
    assert evaluate(peers[1], CHANNEL, "basic", ["get", "restart39"]) == b"1"
