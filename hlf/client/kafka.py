"""Kafka's brokers, as they are written down in ZooKeeper: who is there, and who has which messages.

A channel is a topic, of which the brokers are replicas. A replica is in sync while it has every
message that was acknowledged; one that falls behind, or goes, is taken out until it has caught up.
Where too few are in sync, orderers cannot write.
Source: Kafka's `core/src/main/scala/kafka/zk/ZkData.scala` of 3.9.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from hlf.client.zookeeper import Tree

_IDS = "/brokers/ids"
_TOPICS = "/brokers/topics"
_NOBODY = -1


@dataclass(frozen=True, kw_only=True)
class Partition:
    """A part of a topic; Fabric's topics have one. Brokers are told by their numbers."""

    topic: str
    replicas: frozenset[int]
    in_sync: frozenset[int]
    leader: int | None
    """From whom the others have it; None where nobody who is in sync is there."""


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """The brokers at one moment."""

    brokers: Mapping[int, int]
    """The transaction by which each has registered, which it does at every start."""
    partitions: tuple[Partition, ...]


def read(tree: Tree) -> Cluster:
    """Return what ZooKeeper has of the brokers."""
    registered = {int(n): tree.made(f"{_IDS}/{n}") for n in tree.children(_IDS)}
    return Cluster(
        brokers={n: made for n, made in registered.items() if made is not None},
        partitions=tuple(
            partition
            for topic in sorted(tree.children(_TOPICS))
            for partition in _partitions(tree, topic)
        ),
    )


def _partitions(tree: Tree, topic: str) -> list[Partition]:
    """Return a topic's partitions; one that is only just being made has no state yet."""
    found: list[Partition] = []
    assigned = json.loads(tree.data(f"{_TOPICS}/{topic}") or "{}").get("partitions", {})
    for number, replicas in assigned.items():
        state = tree.data(f"{_TOPICS}/{topic}/partitions/{number}/state")
        if state is None:
            continue
        values = json.loads(state)
        found.append(
            Partition(
                topic=topic,
                replicas=frozenset(replicas),
                in_sync=frozenset(values["isr"]),
                leader=None if values["leader"] == _NOBODY else values["leader"],
            )
        )
    return found


def missing(cluster: Cluster, broker: int, *, of: Collection[int]) -> tuple[str, int] | None:
    """Return a topic that cannot spare a broker, and which other one of `of` is not in sync there.

    None where the broker may go: a topic of which it is not in sync itself loses nothing, and none
    does where it is not there.
    """
    if broker not in cluster.brokers:
        return None
    for partition in cluster.partitions:
        others = (partition.replicas & frozenset(of)) - partition.in_sync
        if broker in partition.in_sync and others:
            return partition.topic, min(others)
    return None


def behind(cluster: Cluster, broker: int) -> list[str]:
    """Return the topics that a broker still has to catch up with.

    What nobody leads it gets from nobody; it leads that itself, where it has it all.
    """
    topics = {
        partition.topic
        for partition in cluster.partitions
        if broker in partition.replicas and _is_behind(partition, broker)
    }
    return sorted(topics)


def _is_behind(partition: Partition, broker: int) -> bool:
    if partition.leader is None:
        return broker in partition.in_sync
    return broker not in partition.in_sync


def leads(cluster: Cluster, broker: int) -> int:
    """Return of how many partitions the others have what they have from this broker."""
    return sum(partition.leader == broker for partition in cluster.partitions)
