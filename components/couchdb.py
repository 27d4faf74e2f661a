"""A peer's CouchDB: one database server for each peer, with a volume and a password of its own.

A peer waits for it by itself: it tries for two minutes before it gives up and is started again.
"""

from typing import Any

import pulumi
from pulumi_kubernetes.core.v1 import Secret

from actions.credentials import PASSWORD, USER, Credentials
from components.keys import keys_secret
from components.node import DATA, TMP, RunningNode, node, service
from components.pod import container_security, listens
from components.site import Site
from hlf import names
from hlf.spec.model import Node

IMAGE = "couchdb:3.4.2"
_USER = "peer"
_UID = 5984
"""Of the official image's user, whom its files belong to."""
_CONFIG = "config"


class CouchDB(pulumi.ComponentResource):
    """`hlf:network:CouchDB`."""

    node: RunningNode
    address: str

    def __init__(self, peer: Node, *, site: Site, opts: pulumi.ResourceOptions) -> None:
        name = f"{peer.org.lower()}/{peer.host}/couchdb"
        super().__init__("hlf:network:CouchDB", name, {}, opts)
        kubernetes_name = names.couchdb(peer.org, peer.host)
        settings = site.settings.pods["couchdb"]
        self.secret = kubernetes_name
        self.address = f"{kubernetes_name}:{names.COUCHDB_PORT}"
        credentials = Credentials(
            name,
            user=_USER,
            namespace=site.namespace,
            secret=kubernetes_name,
            opts=site.passing(self),
        )
        self.credentials: Secret = keys_secret(
            name, kubernetes_name, credentials.files, opts=site.lasting(self), site=site
        )
        ports = {"http": names.COUCHDB_PORT}
        service(name, kubernetes_name, {"app": kubernetes_name}, ports, site=site, parent=self)
        same_org = {"couchdb-of": names.org_peers(peer.org)}
        self.node = node(
            name,
            kubernetes_name,
            settings=settings,
            container={
                "name": "couchdb",
                "image": settings.image_of(IMAGE),
                "env": [
                    credential("COUCHDB_PASSWORD", kubernetes_name, PASSWORD),
                    credential("COUCHDB_USER", kubernetes_name, USER),
                    # Erlang keeps a cookie there
                    {"name": "HOME", "value": "/tmp"},  # noqa: S108
                ],
                "ports": [{"name": "http", "containerPort": names.COUCHDB_PORT}],
                **listens(names.COUCHDB_PORT),
                "securityContext": container_security(),
                "volumeMounts": [
                    {"name": DATA, "mountPath": "/opt/couchdb/data"},
                    {"name": TMP, "mountPath": "/tmp"},  # noqa: S108
                    # its entry point writes the administrator down here
                    {"name": _CONFIG, "mountPath": "/opt/couchdb/etc/local.d"},
                ],
            },
            volumes=[{"name": _CONFIG, "emptyDir": {}}],
            labels={"name": "hlf-couchdb", **same_org},
            apart=same_org,
            annotations={},
            user=_UID,
            site=site,
            parent=self,
            depends_on=[self.credentials],
        )
        self.register_outputs({})

    def environment(self) -> list[dict[str, Any]]:
        """Return what a peer's container needs to use it."""
        prefix = "CORE_LEDGER_STATE"
        return [
            {"name": f"{prefix}_STATEDATABASE", "value": "CouchDB"},
            {"name": f"{prefix}_COUCHDBCONFIG_COUCHDBADDRESS", "value": self.address},
            credential(f"{prefix}_COUCHDBCONFIG_PASSWORD", self.secret, PASSWORD),
            credential(f"{prefix}_COUCHDBCONFIG_USERNAME", self.secret, USER),
        ]


def credential(variable: str, secret: str, key: str) -> dict[str, Any]:
    """Return an entry of a container's env that comes from a Secret."""
    return {"name": variable, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}
