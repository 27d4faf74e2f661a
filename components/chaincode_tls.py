"""TLS between peers and chaincodes' servers: one authority for all, a certificate for each.

Peers know the authority by the packages that they have installed (`connection.json`), so it lasts
as long as the network, and a package's id is made of its certificate. A server's own certificate
comes and goes with the server.

A server is told by its environment (`components.chaincode_environment`), which a ready image must
honour. It is to ask no client for a certificate. Where it speaks no TLS, the call after a commit
fails: peers say that they could not launch the chaincode.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import pulumi

from actions.authority import Authority
from actions.server_certificate import ServerCertificate
from components.chaincode_environment import java_tls_environment, tls_environment
from components.keys import TLS, in_base64, keys_secret, secret_volume
from components.node import digest_of
from components.site import Site
from hlf import names

_Made = TypeVar("_Made")

_FOLDER = "/etc/hyperledger/tls"
_CERTIFICATE, _KEY = "server.crt", "server.key"
_ENCODED_CERTIFICATE, _ENCODED_KEY = f"{_CERTIFICATE}.base64", f"{_KEY}.base64"


@dataclass(frozen=True, kw_only=True)
class PodTls:
    """What a server's pod has for TLS; all of it is empty where the network speaks none."""

    environment: Mapping[str, str]
    volumes: list[dict[str, Any]]
    mounts: list[dict[str, Any]]
    annotations: Mapping[str, pulumi.Input[str]]
    """With another certificate the pod is another: a server reads its own once."""
    secrets: list[pulumi.Resource]


NO_TLS = PodTls(environment={}, volumes=[], mounts=[], annotations={}, secrets=[])


def chaincode_authority(*, site: Site, parent: pulumi.Resource) -> Authority:
    """Make the authority of all chaincodes' servers, and the Secret that keeps it."""
    authority = Authority(
        "chaincodes",
        domain="chaincodes",
        namespace=site.namespace,
        secret=names.CHAINCODE_AUTHORITY,
        opts=site.passing(parent),
    )
    keys_secret(
        "chaincodes/authority",
        names.CHAINCODE_AUTHORITY,
        authority.files,
        opts=site.lasting(parent),
        site=site,
    )
    return authority


def pod_tls(
    name: str,
    server: str,
    authority: Authority | None,
    *,
    java: bool,
    site: Site,
    parent: pulumi.Resource,
) -> PodTls:
    """Issue the certificate of a server, named by its Service, and say how its pod gets it.

    A server in `java` gets more than the others.
    """
    if authority is None:
        return NO_TLS
    issued = ServerCertificate(name, server=server, authority=authority, opts=site.passing(parent))
    texts = {_CERTIFICATE: issued.certificate, _KEY: issued.key}
    at = {each: f"{_FOLDER}/{each}" for each in (*texts, _ENCODED_CERTIFICATE, _ENCODED_KEY)}
    environment = tls_environment(certificate=at[_CERTIFICATE], key=at[_KEY])
    if java:
        texts[_ENCODED_CERTIFICATE] = issued.certificate.apply(in_base64)
        texts[_ENCODED_KEY] = issued.key.apply(in_base64)
        environment |= java_tls_environment(
            certificate=at[_CERTIFICATE],
            encoded_certificate=at[_ENCODED_CERTIFICATE],
            encoded_key=at[_ENCODED_KEY],
        )
    files = pulumi.Output.all(**texts)
    secret = keys_secret(name, server, files, opts=site.passing(parent), site=site)
    return PodTls(
        environment=environment,
        volumes=[secret_volume(TLS, server, {each: each for each in texts})],
        mounts=[{"name": TLS, "mountPath": _FOLDER, "readOnly": True}],
        annotations={"hlf/certificates": issued.certificate.apply(digest_of)},
        secrets=[secret],
    )


def with_root(
    authority: Authority | None, make: Callable[[str | None], _Made]
) -> pulumi.Input[_Made]:
    """Return what is made of the authority's certificate, or of None where there is no TLS.

    Only with TLS that is known no sooner than the authority is.
    """
    return make(None) if authority is None else authority.tlsca_certificate.apply(make)
