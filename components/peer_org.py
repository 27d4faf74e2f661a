"""A peer organization: its peers, a Service for each and one over all of them."""

from pathlib import Path
from typing import Any

import pulumi
from pulumi_kubernetes.core.v1 import ConfigMap

from components.node import MOUNTS, RunningNode, digest_of, node, service
from components.organization import Organization
from components.pod import container_security, env, listens
from components.site import Site
from hlf import names
from hlf.spec.model import Node

CONFIG = "hlf-peer-config"
CORE = Path(__file__).with_name("core.yaml").read_text()
BUILDER = {
    name: Path(__file__).with_name("legacy_builder").joinpath("bin", name).read_text()
    for name in ("build", "detect", "release")
}
"""The external builder for packages of the old lifecycle: POSIX shell, which every image has."""
_BUILDER_VOLUME: dict[str, Any] = {
    "name": "legacy-builder",
    "configMap": {
        "name": CONFIG,
        "defaultMode": 0o555,
        "items": [{"key": name, "path": name} for name in BUILDER],
    },
}
_BUILDER_MOUNT = {
    "name": "legacy-builder",
    "mountPath": "/etc/hyperledger/legacy_builder/bin",
    "readOnly": True,
}
_OPERATIONS_PORT = 9443


class PeerOrg(pulumi.ComponentResource):
    """`hlf:network:PeerOrg`: the peers of one organization."""

    nodes: dict[str, RunningNode]
    """By their names in Kubernetes."""

    def __init__(self, organization: Organization, *, site: Site, config: ConfigMap) -> None:
        org = organization.org
        name = org.name.lower()
        opts = pulumi.ResourceOptions(parent=organization)
        super().__init__("hlf:network:PeerOrg", name, {}, opts)
        self._organization = organization
        self._site = site
        made = [self._peer(peer, config) for peer in org.nodes]
        self.nodes = {peer.name: peer for peer in made}
        all_peers = names.org_peers(org.name)
        service(
            name,
            all_peers,
            {"org": all_peers},
            {"grpc": names.PEER_PORT},
            site=site,
            parent=self,
        )
        self.register_outputs({})

    def _peer(self, peer: Node, config: ConfigMap) -> RunningNode:
        name = names.peer(peer.org, peer.host)
        keys = self._organization.node_keys(peer, name, role="peer", parent=self)
        return node(
            f"{peer.org.lower()}/{peer.host}",
            name,
            container=self._container(name),
            volumes=[
                *keys.volumes,
                {"name": "config", "configMap": {"name": CONFIG}},
                _BUILDER_VOLUME,
            ],
            labels={"name": "hlf-peer", "org": names.org_peers(peer.org)},
            annotations={"hlf/certificates": keys.digest, "hlf/config": digest_of(CORE)},
            site=self._site,
            parent=self,
            depends_on=[keys.secret, config],
        )

    def _container(self, name: str) -> dict[str, Any]:
        org = self._organization.org
        address = f"{name}:{names.PEER_PORT}"
        # one is enough to find the others, and naming all would restart them for each that joins
        first = f"{names.peer(org.name, org.nodes[0].host)}:{names.PEER_PORT}"
        return {
            "name": "peer",
            "image": f"hyperledger/fabric-peer:{self._site.settings.fabric_version}",
            "command": ["peer", "node", "start"],
            "env": env(
                {
                    "FABRIC_CFG_PATH": "/etc/hyperledger/config",
                    "CORE_PEER_ID": name,
                    "CORE_PEER_ADDRESS": address,
                    "CORE_PEER_LOCALMSPID": org.msp_id,
                    "CORE_PEER_GOSSIP_BOOTSTRAP": first,
                    "CORE_PEER_GOSSIP_EXTERNALENDPOINT": address,
                }
            ),
            "ports": [
                {"name": "grpc", "containerPort": names.PEER_PORT},
                {"name": "operations", "containerPort": _OPERATIONS_PORT},
            ],
            "readinessProbe": listens(names.PEER_PORT),
            "securityContext": container_security(),
            "volumeMounts": [*MOUNTS, _BUILDER_MOUNT],
        }
