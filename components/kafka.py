"""The Kafka cluster that orders transactions for orderers of the type `kafka`, with its ZooKeeper.

Both come from the image `apache/kafka`; the last of it that has ZooKeeper, and the last that speaks
the protocol of Fabric's client, is 3.9. Nothing is ever removed from Kafka's log: it is the order
of the transactions. Source: Fabric's `docs/source/kafka.rst` of 1.4.
"""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_kubernetes.core.v1 import ConfigMap

from components.node import DATA, TMP, RunningNode, budget, digest_of, node, service
from components.pod import container_security, env, listens
from components.site import Site
from hlf import names
from hlf.spec.model import PodSettings

IMAGE = "apache/kafka:3.9.1"
_CONFIG_FOLDER = "/etc/kafka"
_DATA_FOLDER = "/var/lib/kafka"
_BIN = "/opt/kafka/bin"
_LARGEST_MESSAGE = 99 * 1024 * 1024
"""Bytes; as large as a message of Fabric's can be, and the largest batch that is allowed."""
_ZOOKEEPER_PORTS = {"client": names.ZOOKEEPER_PORT, "peers": 2888, "election": 3888}
_KAFKA_PORTS = {"kafka": names.KAFKA_PORT}
_KAFKA_LABELS = {"name": "hlf-kafka"}
_ZOOKEEPER_LABELS = {"name": "hlf-zookeeper"}


class Kafka(pulumi.ComponentResource):
    """`hlf:network:Kafka`."""

    nodes: list[RunningNode]

    def __init__(self, *, site: Site, opts: pulumi.ResourceOptions) -> None:
        super().__init__("hlf:network:Kafka", "kafka", {}, opts)
        self._site = site
        brokers, keepers = site.settings.pods["kafka"], site.settings.pods["zookeeper"]
        ensemble = [names.zookeeper(number) for number in range(keepers.replicas)]
        self.nodes = [self._zookeeper(number, ensemble, keepers) for number in range(len(ensemble))]
        self.nodes += [self._broker(n, ensemble, brokers) for n in range(brokers.replicas)]
        service("kafka", names.KAFKA, _KAFKA_LABELS, _KAFKA_PORTS, site=site, parent=self)
        for count, name, labels in (
            (keepers.replicas, "zookeeper", _ZOOKEEPER_LABELS),
            (brokers.replicas, "kafka", _KAFKA_LABELS),
        ):
            budget(name, f"hlf-{name}", labels, of=count, site=site, parent=self)
        self.register_outputs({})

    def _zookeeper(self, number: int, ensemble: list[str], settings: PodSettings) -> RunningNode:
        name = ensemble[number]
        properties = zookeeper_properties(ensemble)
        script = (
            f"echo {number + 1} > {_DATA_FOLDER}/myid "
            f"&& exec {_BIN}/zookeeper-server-start.sh {_CONFIG_FOLDER}/server.properties"
        )
        return self._server(
            f"zookeeper-{number}",
            name,
            settings,
            properties=properties,
            command=["sh", "-c", script],
            heap="-Xmx192m -Xms64m",
            ports=_ZOOKEEPER_PORTS,
            labels=_ZOOKEEPER_LABELS,
        )

    def _broker(self, number: int, ensemble: list[str], settings: PodSettings) -> RunningNode:
        return self._server(
            f"kafka-{number}",
            names.kafka(number),
            settings,
            properties=kafka_properties(number, brokers=settings.replicas, ensemble=ensemble),
            command=[f"{_BIN}/kafka-server-start.sh", f"{_CONFIG_FOLDER}/server.properties"],
            heap="-Xmx512m -Xms128m",
            ports=_KAFKA_PORTS,
            labels=_KAFKA_LABELS,
        )

    def _server(
        self,
        name: str,
        kubernetes_name: str,
        settings: PodSettings,
        *,
        properties: Mapping[str, str],
        command: list[str],
        heap: str,
        ports: Mapping[str, int],
        labels: Mapping[str, str],
    ) -> RunningNode:
        text = "".join(f"{key}={value}\n" for key, value in properties.items())
        config = ConfigMap(
            name,
            metadata=self._site.metadata(kubernetes_name),
            data={"server.properties": text},
            opts=self._site.passing(self),
        )
        selector = {"app": kubernetes_name}
        # members look for each other before they are ready
        service(name, kubernetes_name, selector, ports, site=self._site, parent=self, unready=True)
        container: dict[str, Any] = {
            "name": labels["name"].removeprefix("hlf-"),
            "image": settings.image_of(IMAGE),
            "command": command,
            "env": env({"KAFKA_HEAP_OPTS": heap, "LOG_DIR": "/tmp"}),  # noqa: S108
            "ports": [{"name": key, "containerPort": port} for key, port in ports.items()],
            **listens(next(iter(ports.values()))),
            "securityContext": container_security(),
            "volumeMounts": [
                {"name": DATA, "mountPath": _DATA_FOLDER},
                {"name": TMP, "mountPath": "/tmp"},  # noqa: S108
                {"name": "config", "mountPath": _CONFIG_FOLDER, "readOnly": True},
            ],
        }
        return node(
            name,
            kubernetes_name,
            settings=settings,
            container=container,
            volumes=[{"name": "config", "configMap": {"name": kubernetes_name}}],
            labels=labels,
            apart=labels,
            annotations={"hlf/config": digest_of(text)},
            site=self._site,
            parent=self,
            depends_on=[config],
        )


def zookeeper_properties(ensemble: list[str]) -> dict[str, str]:
    """Return a ZooKeeper server's properties; equal for all of the ensemble."""
    return {
        "clientPort": str(names.ZOOKEEPER_PORT),
        "dataDir": _DATA_FOLDER,
        "tickTime": "2000",
        "initLimit": "10",
        "syncLimit": "5",
        # members know each other, and themselves, by the addresses of Services
        "quorumListenOnAllIPs": "true",
        "admin.enableServer": "false",
        "autopurge.purgeInterval": "24",
        **{f"server.{n}": f"{name}:2888:3888" for n, name in enumerate(ensemble, start=1)},
    }


def kafka_properties(number: int, *, brokers: int, ensemble: list[str]) -> dict[str, str]:
    """Return a broker's properties. One broker may be away and the others still take messages."""
    acknowledging = max(1, brokers - 1)
    return {
        "broker.id": str(number),
        "listeners": f"PLAINTEXT://0.0.0.0:{names.KAFKA_PORT}",
        "advertised.listeners": f"PLAINTEXT://{names.kafka(number)}:{names.KAFKA_PORT}",
        "zookeeper.connect": ",".join(f"{name}:{names.ZOOKEEPER_PORT}" for name in ensemble),
        "log.dirs": f"{_DATA_FOLDER}/log",
        "default.replication.factor": str(brokers),
        "min.insync.replicas": str(acknowledging),
        "offsets.topic.replication.factor": str(brokers),
        # seconds instead of a quarter of a minute for the last broker, when all of them stop
        "controlled.shutdown.retry.backoff.ms": "500",
        # a broker that missed messages must not lead, or transactions would be lost
        "unclean.leader.election.enable": "false",
        "log.retention.ms": "-1",
        "message.max.bytes": str(_LARGEST_MESSAGE),
        "replica.fetch.max.bytes": str(_LARGEST_MESSAGE),
    }
