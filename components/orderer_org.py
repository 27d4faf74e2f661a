"""An orderer organization: its orderers, a Service for each and one over all of them."""

from pathlib import Path
from typing import Any

import pulumi
from pulumi_kubernetes.core.v1 import ConfigMap, Secret, Service

from components.host_aliases import HostAliases
from components.node import MOUNTS, RunningNode, digest_of, node, service
from components.organization import TLS_ROOT, Organization
from components.pod import container_security, env, starts
from components.site import Site
from hlf import names
from hlf.spec.model import Node

CONFIG = "hlf-orderer-config"
_ORDERER = Path(__file__).with_name("orderer.yaml").read_text()
_KAFKA = Path(__file__).with_name("orderer-kafka.yaml").read_text()
LABELS = {"name": "hlf-orderer"}
_TLS_FOLDER = "/etc/hyperledger/tls"
_ROOTS = "cluster-roots"
_ROOTS_FOLDER = "/etc/hyperledger/cluster"


def _ports(site: Site) -> dict[str, int]:
    cluster = {"cluster": names.ORDERER_CLUSTER_PORT} if site.own_cluster_port else {}
    admin = {} if site.system_channel else {"admin": names.ORDERER_ADMIN_PORT}
    return {
        "grpc": names.ORDERER_PORT,
        "operations": names.ORDERER_OPERATIONS_PORT,
        **cluster,
        **admin,
    }


class OrdererOrg(pulumi.ComponentResource):
    """`hlf:network:OrdererOrg`: the orderers of one organization.

    Services and keys are made at once; the orderers by `start`, when the addresses of all Services
    are known and, where they start with one, the genesis block that holds their certificates.
    """

    services: dict[str, Service]
    """The Service of each orderer, by the orderer's domain."""
    secrets: list[Secret]
    """With each orderer's keys and certificates."""

    def __init__(self, organization: Organization, *, site: Site) -> None:
        org = organization.org
        self._name = org.name.lower()
        opts = pulumi.ResourceOptions(parent=organization)
        super().__init__("hlf:network:OrdererOrg", self._name, {}, opts)
        self._organization = organization
        self._site = site
        self._settings = site.settings.pods["orderer"]
        self.services = {
            orderer.fqdn: self._service(
                f"{self._name}/{orderer.host}",
                names.orderer(orderer.org, orderer.host),
                {"app": names.orderer(orderer.org, orderer.host)},
                _ports(site),
            )
            for orderer in org.nodes
        }
        everyone = names.org_orderers(org.name)
        self._service(self._name, everyone, {"org": everyone}, {"grpc": names.ORDERER_PORT})
        self._keys = {
            orderer: organization.node_keys(
                orderer, names.orderer(orderer.org, orderer.host), role="orderer", parent=self
            )
            for orderer in org.nodes
        }
        self.secrets = [keys.secret for keys in self._keys.values()]

    def start(
        self,
        config: ConfigMap,
        aliases: HostAliases,
        *,
        genesis: ConfigMap | None,
        cluster: list[Organization],
    ) -> list[RunningNode]:
        """Start the orderers; `cluster` are all organizations that run some.

        Without a genesis block they start empty, and channels are given to them one by one.
        """
        members = cluster if self._site.own_cluster_port else []
        nodes = [
            self._orderer(orderer, config, aliases, genesis=genesis, cluster=members)
            for orderer in self._organization.org.nodes
        ]
        self.register_outputs({})
        return nodes

    def _service(
        self, name: str, kubernetes_name: str, selector: dict[str, str], ports: dict[str, int]
    ) -> Service:
        return service(name, kubernetes_name, selector, ports, site=self._site, parent=self)

    def _orderer(
        self,
        orderer: Node,
        config: ConfigMap,
        aliases: HostAliases,
        *,
        genesis: ConfigMap | None,
        cluster: list[Organization],
    ) -> RunningNode:
        keys = self._keys[orderer]
        mounted = [
            *([_genesis()] if genesis else []),
            *([_cluster_roots(cluster)] if cluster else []),
        ]
        before = [genesis] if genesis else []
        return node(
            f"{self._name}/{orderer.host}",
            names.orderer(orderer.org, orderer.host),
            settings=self._settings,
            container={
                "name": "orderer",
                "image": self._settings.image_of(
                    f"hyperledger/fabric-orderer:{self._site.settings.fabric_version}"
                ),
                "command": ["orderer"],
                "env": env(
                    {
                        "FABRIC_CFG_PATH": "/etc/hyperledger/config",
                        "FABRIC_LOGGING_SPEC": self._settings.log_level,
                        "ORDERER_GENERAL_LOCALMSPID": self._organization.org.msp_id,
                        "ORDERER_GENERAL_TLS_ENABLED": str(self._site.tls).lower(),
                        **_beginning(with_genesis=genesis is not None),
                        **_cluster_environment(cluster),
                    }
                ),
                "ports": [
                    {"name": name, "containerPort": port}
                    for name, port in _ports(self._site).items()
                ],
                **starts(names.ORDERER_PORT, operations=names.ORDERER_OPERATIONS_PORT),
                "securityContext": container_security(),
                "volumeMounts": [*MOUNTS, *(mount for _, mount in mounted)],
            },
            volumes=[
                *keys.volumes,
                {"name": "config", "configMap": {"name": CONFIG}},
                *(volume for volume, _ in mounted),
            ],
            labels={**LABELS, "org": names.org_orderers(orderer.org)},
            apart=LABELS,
            annotations={
                "hlf/certificates": keys.digest,
                "hlf/config": digest_of(config_of(self._site)),
            },
            aliases=aliases,
            site=self._site,
            parent=self,
            depends_on=[keys.secret, config, *before, *(org.msp for org in cluster)],
        )


def config_of(site: Site) -> str:
    """Return the orderers' configuration file."""
    if not site.kafka:
        return _ORDERER
    # Fabric 3 has no Kafka, and refuses a file that has
    factor = site.settings.pods["kafka"].replicas
    return f"{_ORDERER}{_KAFKA}  Topic:\n    ReplicationFactor: {factor}\n"


def _beginning(*, with_genesis: bool) -> dict[str, str]:
    """Return what an orderer begins with: the system channel, or nothing and an API to join."""
    if with_genesis:
        return {"ORDERER_GENERAL_BOOTSTRAPMETHOD": "file"}
    return {"ORDERER_CHANNELPARTICIPATION_ENABLED": "true"}


def _genesis() -> tuple[dict[str, Any], dict[str, Any]]:
    volume = {"name": "genesis", "configMap": {"name": names.GENESIS}}
    return volume, {"name": "genesis", "mountPath": "/etc/hyperledger/genesis", "readOnly": True}


def _cluster_roots(cluster: list[Organization]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the volume with the TLS CA of every organization that runs orderers, and its mount."""
    sources = [
        {
            "configMap": {
                "name": names.msp(each.org.name),
                "items": [{"key": TLS_ROOT, "path": f"{each.org.domain}.pem"}],
            }
        }
        for each in cluster
    ]
    mount = {"name": _ROOTS, "mountPath": _ROOTS_FOLDER, "readOnly": True}
    return {"name": _ROOTS, "projected": {"sources": sources}}, mount


def _cluster_environment(cluster: list[Organization]) -> dict[str, str]:
    """Return what has orderers speak TLS among themselves on a port of its own."""
    if not cluster:
        return {}
    roots = [f"{_ROOTS_FOLDER}/{each.org.domain}.pem" for each in cluster]
    values = {
        "LISTENADDRESS": "0.0.0.0",  # noqa: S104 - in the container
        "LISTENPORT": str(names.ORDERER_CLUSTER_PORT),
        "SERVERCERTIFICATE": f"{_TLS_FOLDER}/server.crt",
        "SERVERPRIVATEKEY": f"{_TLS_FOLDER}/server.key",
        "ROOTCAS": f"[{', '.join(roots)}]",
    }
    return {f"ORDERER_GENERAL_CLUSTER_{key}": value for key, value in values.items()}
