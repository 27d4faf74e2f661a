"""An organization of either kind: its authority, its public MSP definition, its admin and users.

Its nodes are components of their own (`PeerOrg`, `OrdererOrg`), because orderers start from a
genesis block that holds every organization's MSP.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_kubernetes.core.v1 import ConfigMap, Secret

from actions.authority import Authority
from actions.identity import Identity
from components.keys import key_volumes, keys_secret
from components.node import digest_of
from components.site import Site
from hlf import names
from hlf.pki.authority import Role
from hlf.spec.model import Node, Org

ADMIN = "Admin"
TLS_ROOT = "tlscacert.pem"
"""The TLS CA's certificate in the ConfigMap with an organization's MSP."""


@dataclass(frozen=True, kw_only=True)
class NodeKeys:
    """A node's Secret, the volumes that mount it, and a digest of the certificates in it."""

    secret: Secret
    volumes: list[dict[str, Any]]
    digest: pulumi.Output[str]


class Organization(pulumi.ComponentResource):
    """`hlf:network:Organization`."""

    org: Org
    msp: ConfigMap
    """The public definition, of which channel configurations are made."""
    admin: Secret
    """The admin's keys; actions refer to it by name."""

    def __init__(
        self, org: Org, *, site: Site, tls_in_msp: bool, opts: pulumi.ResourceOptions
    ) -> None:
        """With `tls_in_msp` its MSP tells channels its TLS CA."""
        name = org.name.lower()
        super().__init__(
            "hlf:network:Organization", name, {"mspId": org.msp_id, "domain": org.domain}, opts
        )
        self.org = org
        self._name = name
        self._site = site
        self._tls_in_msp = tls_in_msp
        self._authority = self._make_authority()
        self._admin = self._user_identity(ADMIN, role="admin")
        self.admin = self._user_secret(ADMIN, self._admin)
        for number in range(1, org.users + 1):
            user = f"User{number}"
            self._user_secret(user, self._user_identity(user, role="client"))
        self.msp = ConfigMap(
            f"{name}/msp",
            metadata=site.metadata(names.msp(org.name)),
            data=self._msp_files(),
            opts=site.lasting(self),
        )
        self.register_outputs({})

    def node_keys(
        self, node: Node, kubernetes_name: str, *, role: Role, parent: pulumi.Resource
    ) -> NodeKeys:
        """Issue a node's certificates, for its names inside and outside of Kubernetes."""
        name = f"{self._name}/{node.host}"
        sans = (node.fqdn, node.host, kubernetes_name, "localhost", "127.0.0.1", *node.sans)
        identity = self._identity(
            name, node.fqdn, role=role, secret=kubernetes_name, sans=sans, parent=parent
        )
        certificates = pulumi.Output.concat(identity.certificate, identity.tls_certificate)
        return NodeKeys(
            secret=self._secret(name, kubernetes_name, identity, parent),
            volumes=key_volumes(
                kubernetes_name, domain=self.org.domain, node_ous=self.org.node_ous
            ),
            digest=certificates.apply(digest_of),
        )

    def _make_authority(self) -> Authority:
        """Make its CAs, or take over those that it had before it left.

        Their Secret goes only with the network (`actions.claim`). Channels that an organization
        was in know it by its CA, and no other could ever sign for it there.
        """
        secret = names.authority(self.org.name)
        authority = Authority(
            self._name,
            domain=self.org.domain,
            namespace=self._site.namespace,
            secret=secret,
            opts=self._site.passing(self),
        )
        keys_secret(
            f"{self._name}/authority",
            secret,
            authority.files,
            opts=pulumi.ResourceOptions.merge(
                self._site.lasting(self), pulumi.ResourceOptions(retain_on_delete=True)
            ),
            labels={names.IS_AUTHORITY: "true"},
            site=self._site,
        )
        return authority

    def _user_identity(self, user: str, *, role: Role) -> Identity:
        return self._identity(
            f"{self._name}/{user.lower()}",
            f"{user}@{self.org.domain}",
            role=role,
            secret=names.user(self.org.name, user),
            sans=(),
            parent=self,
        )

    def _user_secret(self, user: str, identity: Identity) -> Secret:
        kubernetes_name = names.user(self.org.name, user)
        return self._secret(f"{self._name}/{user.lower()}", kubernetes_name, identity, self)

    def _secret(
        self, name: str, kubernetes_name: str, identity: Identity, parent: pulumi.Resource
    ) -> Secret:
        files = identity.files(self._admin)
        opts = self._site.lasting(parent)
        return keys_secret(name, kubernetes_name, files, opts=opts, site=self._site)

    def _identity(
        self,
        name: str,
        common_name: str,
        *,
        role: Role,
        secret: str,
        sans: tuple[str, ...],
        parent: pulumi.Resource,
    ) -> Identity:
        return Identity(
            name,
            authority=self._authority,
            common_name=common_name,
            role=role,
            node_ous=self.org.node_ous,
            sans=sans,
            namespace=self._site.namespace,
            secret=secret,
            opts=self._site.passing(parent),
        )

    def _msp_files(self) -> Mapping[str, pulumi.Input[str]]:
        files: dict[str, pulumi.Input[str]] = {
            "mspid": self.org.msp_id,
            "cacert.pem": self._authority.ca_certificate,
            TLS_ROOT: self._authority.tlsca_certificate,
            # without TLS they must not be there, a peer's gateway would speak it to the nodes
            "tls": str(self._tls_in_msp).lower(),
        }
        if not self.org.node_ous:  # then admins are known by their certificates
            files["admincert.pem"] = self._admin.certificate
        return files
