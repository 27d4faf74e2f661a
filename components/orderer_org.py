"""An orderer organization: its orderers, a Service for each and one over all of them."""

from pathlib import Path
from typing import Any

import pulumi
from pulumi_kubernetes.core.v1 import ConfigMap, Service

from components.node import MOUNTS, RunningNode, digest_of, node, service
from components.organization import TLS_ROOT, Organization
from components.pod import container_security, env, listens
from components.site import Site
from hlf import names
from hlf.spec.model import Node

CONFIG = "hlf-orderer-config"
ORDERER = Path(__file__).with_name("orderer.yaml").read_text()
LABELS = {"name": "hlf-orderer"}
_TLS_FOLDER = "/etc/hyperledger/tls"
_ROOTS = "cluster-roots"
_ROOTS_FOLDER = "/etc/hyperledger/cluster"


def node_services(organization: Organization, *, site: Site) -> dict[str, Service]:
    """Make the Service of each orderer; return them by the orderers' domains."""
    return {
        orderer.fqdn: service(
            f"{orderer.org.lower()}/{orderer.host}",
            names.orderer(orderer.org, orderer.host),
            {"app": names.orderer(orderer.org, orderer.host)},
            _ports(site),
            site=site,
            parent=organization,
        )
        for orderer in organization.org.nodes
    }


def _ports(site: Site) -> dict[str, int]:
    cluster = {"cluster": names.ORDERER_CLUSTER_PORT} if site.own_cluster_port else {}
    return {"grpc": names.ORDERER_PORT, "operations": 8443, **cluster}


class OrdererOrg(pulumi.ComponentResource):
    """`hlf:network:OrdererOrg`: the orderers of one organization."""

    nodes: dict[str, RunningNode]
    """By their names in Kubernetes."""

    def __init__(
        self,
        organization: Organization,
        *,
        site: Site,
        config: ConfigMap,
        genesis: ConfigMap,
        cluster: list[Organization],
    ) -> None:
        org = organization.org
        name = org.name.lower()
        opts = pulumi.ResourceOptions(parent=organization)
        super().__init__("hlf:network:OrdererOrg", name, {}, opts)
        self._organization = organization
        self._cluster = cluster if site.own_cluster_port else []
        self._site = site
        self._settings = site.settings.pods["orderer"]
        made = [self._orderer(orderer, config, genesis) for orderer in org.nodes]
        self.nodes = {orderer.name: orderer for orderer in made}
        all_orderers = names.org_orderers(org.name)
        service(
            name,
            all_orderers,
            {"org": all_orderers},
            {"grpc": names.ORDERER_PORT},
            site=site,
            parent=self,
        )
        self.register_outputs({})

    def _orderer(self, orderer: Node, config: ConfigMap, genesis: ConfigMap) -> RunningNode:
        name = names.orderer(orderer.org, orderer.host)
        keys = self._organization.node_keys(orderer, name, role="orderer", parent=self)
        return node(
            f"{orderer.org.lower()}/{orderer.host}",
            name,
            settings=self._settings,
            container=self._container(),
            volumes=[
                *keys.volumes,
                {"name": "config", "configMap": {"name": CONFIG}},
                {"name": "genesis", "configMap": {"name": names.GENESIS}},
                *([self._cluster_roots()] if self._cluster else []),
            ],
            labels={**LABELS, "org": names.org_orderers(orderer.org)},
            apart=LABELS,
            annotations={"hlf/certificates": keys.digest, "hlf/config": digest_of(ORDERER)},
            site=self._site,
            parent=self,
            depends_on=[keys.secret, config, genesis, *(org.msp for org in self._cluster)],
        )

    def _cluster_roots(self) -> dict[str, Any]:
        """Return the volume with the TLS CA of every organization that runs orderers."""
        sources = [
            {
                "configMap": {
                    "name": names.msp(each.org.name),
                    "items": [{"key": TLS_ROOT, "path": f"{each.org.domain}.pem"}],
                }
            }
            for each in self._cluster
        ]
        return {"name": _ROOTS, "projected": {"sources": sources}}

    def _cluster_environment(self) -> dict[str, str]:
        """Return what has orderers speak TLS among themselves on a port of its own."""
        if not self._cluster:
            return {}
        roots = [f"{_ROOTS_FOLDER}/{each.org.domain}.pem" for each in self._cluster]
        values = {
            "LISTENADDRESS": "0.0.0.0",  # noqa: S104 - in the container
            "LISTENPORT": str(names.ORDERER_CLUSTER_PORT),
            "SERVERCERTIFICATE": f"{_TLS_FOLDER}/server.crt",
            "SERVERPRIVATEKEY": f"{_TLS_FOLDER}/server.key",
            "ROOTCAS": f"[{', '.join(roots)}]",
        }
        return {f"ORDERER_GENERAL_CLUSTER_{key}": value for key, value in values.items()}

    def _container(self) -> dict[str, Any]:
        return {
            "name": "orderer",
            "image": self._settings.image_of(
                f"hyperledger/fabric-orderer:{self._site.settings.fabric_version}"
            ),
            "command": ["orderer"],
            "env": env(
                {
                    "FABRIC_CFG_PATH": "/etc/hyperledger/config",
                    "ORDERER_GENERAL_LOCALMSPID": self._organization.org.msp_id,
                    "ORDERER_GENERAL_TLS_ENABLED": str(self._site.tls).lower(),
                    "FABRIC_LOGGING_SPEC": self._settings.log_level,
                    "ORDERER_KAFKA_TOPIC_REPLICATIONFACTOR": str(
                        self._site.settings.pods["kafka"].replicas
                    ),
                    **self._cluster_environment(),
                }
            ),
            "ports": [
                {"name": name, "containerPort": port} for name, port in _ports(self._site).items()
            ],
            "readinessProbe": listens(names.ORDERER_PORT),
            "securityContext": container_security(),
            "volumeMounts": [
                *MOUNTS,
                {"name": "genesis", "mountPath": "/etc/hyperledger/genesis", "readOnly": True},
                *(
                    [{"name": _ROOTS, "mountPath": _ROOTS_FOLDER, "readOnly": True}]
                    if self._cluster
                    else []
                ),
            ],
        }
