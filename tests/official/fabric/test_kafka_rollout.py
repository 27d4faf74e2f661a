"""Replacing brokers and ZooKeeper servers one at a time, as a rollout does it.

Three ZooKeeper servers and two brokers, each a process on loopback. Stopping one and starting it
again stands for another pod.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import closing

import pytest

from actions import cluster, kafka
from actions.kafka import Brokers, ZooKeeperServers
from hlf import names
from hlf.client import zookeeper
from hlf.client.kafka import Cluster, missing, read
from hlf.errors import FabricError
from tests.official.fabric.contained import Unpacked
from tests.official.fabric.kafka import SMALL, VOLUME, Server
from tests.official.fabric.nodes import free_port

Servers = Mapping[str, Server]
TOPIC = "common"
BROKERS = (0, 1)
ENSEMBLE = (0, 1, 2)
EXPIRY = 6.0
"""Seconds after which ZooKeeper gives up a broker that was killed."""


@pytest.fixture(scope="module")
def ensemble(kafka_image: Unpacked, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    ports = [(free_port(), free_port(), free_port()) for _ in ENSEMBLE]
    members = {f"server.{n}": f"127.0.0.1:{p}:{e}" for n, (_, p, e) in enumerate(ports, start=1)}
    made = [
        Server(
            kafka_image,
            tmp_path_factory.mktemp(f"zookeeper-{number}"),
            "zookeeper-server-start.sh",
            {
                "dataDir": VOLUME,
                "clientPort": ports[number][0],
                "clientPortAddress": "127.0.0.1",
                "tickTime": 1000,
                "initLimit": 10,
                "syncLimit": 5,
                "admin.enableServer": "false",
                **members,
            },
            ports[number][0],
            files={"myid": f"{number + 1}\n"},
        )
        for number in ENSEMBLE
    ]
    yield from _running({names.zookeeper(n): server for n, server in enumerate(made)})


@pytest.fixture(scope="module")
def brokers(
    kafka_image: Unpacked, ensemble: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Servers]:
    made: dict[str, Server] = {}
    for number in BROKERS:
        port = free_port()
        settings = {
            "broker.id": number,
            "listeners": f"PLAINTEXT://127.0.0.1:{port}",
            "zookeeper.connect": ",".join(server.address for server in ensemble.values()),
            "zookeeper.session.timeout.ms": round(EXPIRY * 1000),
            "log.dirs": f"{VOLUME}/kafka",
            "unclean.leader.election.enable": "false",
            "min.insync.replicas": 1,
        }
        folder = tmp_path_factory.mktemp(f"broker-{number}")
        made[names.kafka(number)] = Server(
            kafka_image, folder, "kafka-server-start.sh", settings, port
        )
    yield from _running(made)


@pytest.fixture(scope="module", autouse=True)
def topic(
    kafka_image: Unpacked, brokers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """As an orderer makes it for a channel: one partition, of which each broker is a replica."""
    server = ",".join(broker.address for broker in brokers.values())
    words = [
        *("kafka-topics.sh", "--bootstrap-server", server, "--create", "--topic", TOPIC),
        *("--partitions", "1", "--replication-factor", str(len(BROKERS))),
    ]
    making = kafka_image.process(tmp_path_factory.mktemp("topic"), VOLUME, words, SMALL)
    making.start()
    assert making.end() == 0, making.log


@pytest.fixture
def inputs(
    ensemble: Servers, brokers: Servers, monkeypatch: pytest.MonkeyPatch
) -> dict[str, object]:
    """A Rollout's; its pods are the processes."""
    pods = {names.pod(name): server.address for name, server in {**ensemble, **brokers}.items()}
    monkeypatch.setattr(cluster, "forward", lambda _namespace, pod, _port: pods[pod])
    monkeypatch.setattr(kafka, "_SETTLING", 3.0)
    return {"namespace": "fabric", "nodes": dict.fromkeys([*ensemble, *brokers], "digest")}


def seen(ensemble: Servers) -> Iterator[Cluster]:
    """The brokers, as they change."""
    addresses = [server.address for server in ensemble.values()]
    return zookeeper.watch(addresses, read, timeout=60)


def test_a_stopped_broker_is_not_in_sync_until_it_is_started_again(
    inputs: dict[str, object], brokers: Servers, ensemble: Servers
) -> None:
    kept, gone = (names.kafka(number) for number in BROKERS)
    known = Brokers(inputs)
    assert known.is_well(gone)
    assert [known.leads(kept), known.leads(gone)] in ([0, 1], [1, 0])
    with closing(seen(ensemble)) as looks:
        assert missing(next(looks), 0, of=BROKERS) is None
        brokers[gone].process.stop()
        assert any(missing(found, 0, of=BROKERS) == (TOPIC, 1) for found in looks)
    assert not known.is_well(gone)
    assert known.is_well(kept)
    assert known.leads(kept) == 1
    refused = rf"{kept} is not replaced: {gone} does not have all messages of {TOPIC}"
    with pytest.raises(FabricError, match=refused), known.replacing(kept):
        pytest.fail("it was replaced")
    with known.replacing(gone):  # nothing is lost by it, and it may be what mends it
        brokers[gone].start()
    assert known.is_well(gone)
    with known.replacing(kept):
        brokers[kept].process.stop()
        brokers[kept].start()
    assert known.is_well(kept)


def test_a_killed_broker_is_not_back_because_nobody_has_noticed(
    inputs: dict[str, object], brokers: Servers, ensemble: Servers
) -> None:
    """Until its session is over, ZooKeeper has it as it was."""
    broker = names.kafka(1)
    known = Brokers(inputs)
    restart = threading.Timer(2 * EXPIRY, brokers[broker].start)
    with closing(seen(ensemble)) as looks:
        before = next(looks)
    with known.replacing(broker):
        brokers[broker].process.kill()
        restart.start()
    with closing(seen(ensemble)) as looks:
        after = next(looks)
    assert after.brokers[1] > before.brokers[1]
    assert known.is_well(broker)


def test_what_a_killed_run_left_is_waited_for(
    inputs: dict[str, object],
    brokers: Servers,
    ensemble: Servers,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kafka, "_SETTLING", 60.0)
    kept, gone = (names.kafka(number) for number in BROKERS)
    brokers[gone].process.stop()
    brokers[gone].start()  # its port is open, and that is all
    known = Brokers(inputs)
    with known.replacing(kept):
        with closing(seen(ensemble)) as looks:
            assert missing(next(looks), 0, of=BROKERS) is None
        brokers[kept].process.stop()
        brokers[kept].start()


def test_a_broker_that_does_not_come_back_is_named(
    inputs: dict[str, object], brokers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka, "_TIMEOUT", 1.0)
    broker = names.kafka(1)
    known = Brokers(inputs)
    with (
        pytest.raises(FabricError, match=rf"{broker} was replaced, and .* has not registered"),
        known.replacing(broker),
    ):
        brokers[broker].process.stop()
    brokers[broker].start()


def test_a_server_without_a_quorum_does_not_serve(
    inputs: dict[str, object], ensemble: Servers
) -> None:
    known = ZooKeeperServers(inputs)
    first, *others = ensemble
    assert all(known.is_well(server) for server in ensemble)
    for server in others:
        ensemble[server].process.stop()
    ensemble[first].connect().close()  # its port is open, and that is all
    assert not known.is_well(first)
    with known.replacing(others[0]):  # nobody waits for a quorum that needs more than this one
        ensemble[others[0]].start()
    with known.replacing(others[1]):
        ensemble[others[1]].start()
    assert all(known.is_well(server) for server in ensemble)


def test_one_server_after_the_other(inputs: dict[str, object], ensemble: Servers) -> None:
    known = ZooKeeperServers(inputs)
    gone, kept, *_ = ensemble
    ensemble[gone].process.stop()
    refused = f"{kept} is not replaced: {gone} does not serve"
    with pytest.raises(FabricError, match=refused), known.replacing(kept):
        pytest.fail("it was replaced")
    with known.replacing(gone):
        ensemble[gone].start()
    with known.replacing(kept):
        ensemble[kept].process.stop()
        ensemble[kept].start()
    assert known.is_well(kept)


def test_a_server_that_does_not_come_back_is_named(
    inputs: dict[str, object], ensemble: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka, "_TIMEOUT", 1.0)
    known, server = ZooKeeperServers(inputs), names.zookeeper(2)
    with (
        pytest.raises(FabricError, match=f"{server} was replaced, and .* does not serve"),
        known.replacing(server),
    ):
        ensemble[server].process.stop()
    ensemble[server].start()


def test_watching_goes_on_when_the_server_was_away(ensemble: Servers) -> None:
    server = ensemble[names.zookeeper(0)]
    with closing(zookeeper.watch([server.address], read, timeout=60)) as looks:
        before = next(looks)
        server.process.stop()
        server.start()
        assert next(looks) == before


def test_nothing_stays_behind(ensemble: Servers) -> None:
    threads = threading.active_count()
    with closing(seen(ensemble)) as looks:
        next(looks)
        assert threading.active_count() > threads
    assert not zookeeper.serves("127.0.0.1:1", timeout=1)
    assert threading.active_count() == threads


def _running(servers: Servers) -> Iterator[Servers]:
    for server in servers.values():
        server.start()
    yield servers
    for server in servers.values():
        server.process.stop()
