"""Ordering by Kafka: the official jars, run from the image of `tools`, and a real orderer.

One ZooKeeper and one broker, each as a process on loopback in a root file system of its own.
"""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from hlf.client.connection import close_all
from hlf.client.errors import Refused
from hlf.client.lifecycle import Definition
from hlf.client.transaction import evaluate, submit
from hlf.client.wait import Deadline
from hlf.config.protos import Block
from tests.official.fabric.contained import Unpacked
from tests.official.fabric.kafka import SMALL, VOLUME, Server
from tests.official.fabric.network import CHANNEL, Network, Served, build_chaincode, free_port


@pytest.fixture(scope="module")
def zookeeper(kafka_image: Unpacked, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    port = free_port()
    settings = {
        "dataDir": f"{VOLUME}/zookeeper",
        "clientPort": port,
        "clientPortAddress": "127.0.0.1",
        "admin.enableServer": "false",
    }
    folder = tmp_path_factory.mktemp("zookeeper")
    made = Server(kafka_image, folder, "zookeeper-server-start.sh", settings, port)
    made.start()
    yield made
    made.process.stop()


@pytest.fixture(scope="module")
def broker(
    kafka_image: Unpacked, zookeeper: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    port = free_port()
    settings = {
        "broker.id": 1,
        "listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "zookeeper.connect": zookeeper.address,
        "log.dirs": f"{VOLUME}/kafka",
        "log.retention.ms": -1,
        "unclean.leader.election.enable": "false",
        "min.insync.replicas": 1,
        "default.replication.factor": 1,
        "offsets.topic.replication.factor": 1,
        "message.max.bytes": 103809024,
        "replica.fetch.max.bytes": 103809024,
    }
    folder = tmp_path_factory.mktemp("broker")
    made = Server(kafka_image, folder, "kafka-server-start.sh", settings, port)
    made.start()
    yield made
    made.process.stop()


@pytest.fixture(scope="module")
def network(broker: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """The network, with the chaincode rolled out on the channel."""
    folder = tmp_path_factory.mktemp("chaincode")
    served = Served(build_chaincode(folder), folder)
    made = Network(tmp_path_factory.mktemp("network"), brokers=[broker.address])
    made.start()
    try:
        genesis = create(made)
        for peer in made.admin_peers():
            peer.join(genesis)
        served.process.start()
        served.wait()
        served.roll_out(made, Definition(name="basic", version="1", sequence=1))
        yield made
    finally:
        close_all()
        served.process.stop()
        made.stop()


def create(network: Network) -> Block:
    """The channel's genesis block; the orderer refuses until it has written to Kafka itself."""
    for _ in Deadline(60).tries():
        with suppress(Refused):
            return network.create(CHANNEL)
    return network.create(CHANNEL)


def put(network: Network, key: str, value: str) -> str:
    peers = network.admin_peers()
    orderer = network.orderer_as(peers[0].signer)
    return submit(peers, orderer, CHANNEL, "basic", ["put", key, value]).code


def test_transactions_are_ordered(network: Network) -> None:
    for number in range(3):
        assert put(network, "key", str(number)) == "VALID"
    for peer in network.admin_peers():
        assert evaluate(peer, CHANNEL, "basic", ["get", "key"]) == b"2"


def test_the_channels_are_topics(
    network: Network, kafka_image: Unpacked, broker: Server, tmp_path: Path
) -> None:
    words = ["kafka-topics.sh", "--bootstrap-server", broker.address, "--list"]
    asking = kafka_image.process(tmp_path / "topics", VOLUME, words, SMALL)
    asking.start()
    assert asking.end() == 0
    assert {CHANNEL, "testchainid"} <= set(asking.log.split())


def test_ordering_goes_on_after_the_broker_was_away(network: Network, broker: Server) -> None:
    assert put(network, "before", "1") == "VALID"
    broker.process.stop()
    broker.start()
    for _ in Deadline(60).tries():
        with suppress(Refused):
            assert put(network, "after", "1") == "VALID"
            return
    raise AssertionError(f"nothing is ordered any more: {network.orderer.process.log[-2000:]}")
