"""A peer organization: its peers with their databases, Services for each and over all of them."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pulumi
from pulumi_kubernetes.core.v1 import ConfigMap, Service

from components.couchdb import CouchDB
from components.host_aliases import HostAliases
from components.node import MOUNTS, RunningNode, budget, node, service
from components.organization import Organization
from components.pod import container_security, env, starts
from components.site import Site
from hlf import names
from hlf.spec.model import COUCHDB, Node, Org

CONFIG = "hlf-peer-config"
_CORE = Path(__file__).with_name("core.yaml").read_text()
_NO_OVERRIDES = "addressOverrides: []"
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
_LEAVING = "/etc/hyperledger/leaving"
_LEDGERS = "/var/hyperledger/production/ledgersData/chains/chains"
_LEAVING_MOUNT = {"name": "leaving", "mountPath": _LEAVING, "readOnly": True}
_START = f"""
for path in {_LEAVING}/*; do
  channel="${{path##*/}}"
  if [ -d "{_LEDGERS}/$channel" ]; then peer node unjoin -c "$channel" || exit; fi
done
exec peer node start
"""
"""A peer leaves a channel only while it does not run. See `actions.leaving`."""
_PORTS = {"grpc": names.PEER_PORT, "operations": 9443}


class PeerOrg(pulumi.ComponentResource):
    """`hlf:network:PeerOrg`: the peers of one organization.

    Its Services are made at once; the peers by `start`, when the addresses of all Services are
    known.
    """

    services: dict[str, Service]
    """The Service of each peer, by the peer's domain."""

    def __init__(self, organization: Organization, *, site: Site) -> None:
        org = organization.org
        self._name = org.name.lower()
        opts = pulumi.ResourceOptions(parent=organization)
        super().__init__("hlf:network:PeerOrg", self._name, {}, opts)
        self._organization = organization
        self._site = site
        self._settings = site.settings.pods["peer"]
        self.services = {
            peer.fqdn: self._service(
                f"{self._name}/{peer.host}",
                names.peer(peer.org, peer.host),
                {"app": names.peer(peer.org, peer.host)},
                _PORTS,
            )
            for peer in org.nodes
        }
        all_peers = names.org_peers(org.name)
        self._service(self._name, all_peers, {"org": all_peers}, {"grpc": names.PEER_PORT})

    def start(self, config: ConfigMap, aliases: HostAliases, *, digest: str) -> list[RunningNode]:
        """Start the peers, and the databases that they need; `digest` is of what `config` holds."""
        org = self._organization.org
        nodes = [each for peer in org.nodes for each in self._peer(peer, config, aliases, digest)]
        all_peers = names.org_peers(org.name)
        budget(
            self._name,
            all_peers,
            {"org": all_peers},
            of=len(org.nodes),
            site=self._site,
            parent=self,
        )
        self.register_outputs({})
        return nodes

    def _service(
        self, name: str, kubernetes_name: str, selector: dict[str, str], ports: dict[str, int]
    ) -> Service:
        return service(name, kubernetes_name, selector, ports, site=self._site, parent=self)

    def _peer(
        self, peer: Node, config: ConfigMap, aliases: HostAliases, digest: str
    ) -> list[RunningNode]:
        name = names.peer(peer.org, peer.host)
        keys = self._organization.node_keys(peer, name, role="peer", parent=self)
        same_org = {"org": names.org_peers(peer.org)}
        database = self._database(peer)
        started = node(
            f"{self._name}/{peer.host}",
            name,
            settings=self._settings,
            container=self._container(peer, name, database),
            volumes=[
                *keys.volumes,
                {"name": "config", "configMap": {"name": CONFIG}},
                _BUILDER_VOLUME,
                {"name": "leaving", "configMap": {"name": names.leaving(name), "optional": True}},
            ],
            labels={"name": "hlf-peer", **same_org},
            apart=same_org,
            annotations={"hlf/certificates": keys.digest, "hlf/config": digest},
            aliases=aliases,
            site=self._site,
            parent=self,
            depends_on=[keys.secret, config, *([database.credentials] if database else [])],
        )
        return [database.node, started] if database else [started]

    def _database(self, peer: Node) -> CouchDB | None:
        if self._site.settings.state_database != COUCHDB:
            return None
        return CouchDB(peer, site=self._site, opts=pulumi.ResourceOptions(parent=self))

    def _container(self, peer: Node, name: str, database: CouchDB | None) -> dict[str, Any]:
        org = self._organization.org
        address = f"{self._site.host(peer, name)}:{names.PEER_PORT}"
        # one is enough to find the others, and naming all would restart them for each that joins
        first = org.nodes[0]
        first_host = self._site.host(first, names.peer(first.org, first.host))
        return {
            "name": "peer",
            "image": self._settings.image_of(
                f"hyperledger/fabric-peer:{self._site.settings.fabric_version}"
            ),
            "command": ["sh", "-c", _START],
            "env": [
                *(database.environment() if database else ()),
                *env(
                    {
                        "FABRIC_CFG_PATH": "/etc/hyperledger/config",
                        "CORE_PEER_ID": name,
                        "CORE_PEER_ADDRESS": address,
                        "CORE_PEER_LOCALMSPID": org.msp_id,
                        "CORE_PEER_GOSSIP_BOOTSTRAP": f"{first_host}:{names.PEER_PORT}",
                        "CORE_PEER_GOSSIP_EXTERNALENDPOINT": address,
                        "CORE_PEER_TLS_ENABLED": str(self._site.tls).lower(),
                        "FABRIC_LOGGING_SPEC": self._settings.log_level,
                    }
                ),
            ],
            "ports": [{"name": name, "containerPort": port} for name, port in _PORTS.items()],
            **starts(names.PEER_PORT, operations=_PORTS["operations"]),
            "securityContext": container_security(),
            "volumeMounts": [*MOUNTS, _BUILDER_MOUNT, _LEAVING_MOUNT],
        }


def core_of(orderer_orgs: Iterable[Org], *, site: Site) -> str:
    """Return the peers' configuration file.

    Where orderers speak TLS only among themselves, channels hold their TLS CAs all the same, and
    a peer's gateway would speak TLS to them. Overrides without a CA keep it from that.
    """
    if not site.own_cluster_port:
        return _CORE
    hosts = [names.ORDERER_LB]
    for org in orderer_orgs:
        hosts += [names.org_orderers(org.name), *(names.orderer(n.org, n.host) for n in org.nodes)]
        hosts += [node.fqdn for node in org.nodes]
    overrides = "".join(
        f"\n      - {{from: {host}:{names.ORDERER_PORT}, to: {host}:{names.ORDERER_PORT}}}"
        for host in hosts
    )
    return _CORE.replace(_NO_OVERRIDES, f"addressOverrides:{overrides}")
