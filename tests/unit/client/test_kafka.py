"""Who has which messages, as ZooKeeper has it, and what follows for a broker that is to go."""

import json
from typing import Any

import pytest

from hlf.client import kafka
from hlf.client.kafka import Cluster, Partition

FOUR = frozenset(range(4))


class Tree:
    """What ZooKeeper keeps, by path: a transaction and data."""

    def __init__(self, kept: dict[str, tuple[int, Any]]) -> None:
        self._kept = kept

    def children(self, path: str) -> list[str]:
        below = [each.removeprefix(f"{path}/") for each in self._kept if each.startswith(path)]
        return sorted({each.split("/")[0] for each in below})

    def made(self, path: str) -> int | None:
        return self._kept[path][0] if path in self._kept else None

    def data(self, path: str) -> bytes | None:
        return json.dumps(self._kept[path][1]).encode() if path in self._kept else None


def state(topic: str) -> str:
    return f"/brokers/topics/{topic}/partitions/0/state"


def cluster(*in_sync: frozenset[int], leader: int | None = 0, there: frozenset[int] = FOUR) -> Any:
    """Topics `a`, `b`, ... of four replicas, with those of each that are in sync."""
    return Cluster(
        brokers={number: 100 + number for number in there},
        partitions=tuple(
            Partition(topic=topic, replicas=FOUR, in_sync=each, leader=leader)
            for topic, each in zip("abc", in_sync, strict=False)
        ),
    )


def test_what_zookeeper_has_is_read() -> None:
    tree: Any = Tree(
        {
            "/brokers/ids/0": (7, {"host": "hlf-kafka--0"}),
            "/brokers/ids/11": (9, {"host": "hlf-kafka--11"}),
            "/brokers/topics/common": (1, {"partitions": {"0": [11, 0]}, "version": 3}),
            state("common"): (2, {"leader": 11, "isr": [11], "leader_epoch": 4}),
            "/brokers/topics/private": (3, {"partitions": {"0": [0, 11]}, "version": 3}),
            state("private"): (4, {"leader": -1, "isr": [0], "leader_epoch": 4}),
            "/brokers/topics/just-being-made": (5, {"partitions": {"0": [0, 11]}}),
        }
    )
    both = frozenset({0, 11})
    assert kafka.read(tree) == Cluster(
        brokers={0: 7, 11: 9},
        partitions=(
            Partition(topic="common", replicas=both, in_sync=frozenset({11}), leader=11),
            Partition(topic="private", replicas=both, in_sync=frozenset({0}), leader=None),
        ),
    )


def test_nothing_is_there_before_the_first_start() -> None:
    nothing: Any = Tree({})
    assert kafka.read(nothing) == Cluster(brokers={}, partitions=())


@pytest.mark.parametrize(
    ("found", "missing"),
    [
        (cluster(FOUR, FOUR), None),
        (cluster(FOUR, FOUR - {3}), ("b", 3)),
        (cluster(FOUR - {1}), None),
        (cluster(FOUR - {1}, FOUR - {2, 3}), ("b", 2)),
        (cluster(frozenset({1}), leader=None), ("a", 0)),
        (cluster(frozenset({1}), leader=None, there=frozenset()), None),
        (cluster(), None),
    ],
    ids=[
        "all are in sync",
        "another one is not",
        "it is not itself",
        "it is not itself in one topic, and others are not in another",
        "it is all that is left",
        "it is all that was left, and is not there",
        "no topics",
    ],
)
def test_a_broker_goes_when_it_can_be_spared(
    found: Cluster, missing: tuple[str, int] | None
) -> None:
    assert kafka.missing(found, 1, of=FOUR) == missing


def test_a_broker_that_the_network_has_no_more_is_not_waited_for() -> None:
    assert kafka.missing(cluster(FOUR - {3}), 1, of=FOUR - {3}) is None


@pytest.mark.parametrize(
    ("found", "topics"),
    [
        (cluster(FOUR, FOUR), []),
        (cluster(FOUR - {1}, FOUR), ["a"]),
        (cluster(FOUR, leader=None), ["a"]),
        (cluster(FOUR - {1}, leader=None), []),
    ],
    ids=["in sync", "not in one", "not led yet", "nobody to have it from"],
)
def test_a_broker_is_behind_until_it_has_what_it_can_have(
    found: Cluster, topics: list[str]
) -> None:
    assert kafka.behind(found, 1) == topics


def test_a_broker_is_not_behind_in_what_it_is_not_to_have() -> None:
    assert kafka.behind(cluster(FOUR), 4) == []


def test_leaders_are_counted_by_topic() -> None:
    found = cluster(FOUR, FOUR)
    assert [kafka.leads(found, number) for number in (0, 1)] == [2, 0]
