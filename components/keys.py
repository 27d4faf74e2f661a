"""Secrets with keys, one for each node, user and authority, and how pods mount them."""

import base64
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_kubernetes.core.v1 import Secret

from components.site import Site

MSP = "msp"
TLS = "tls"

_READABLE_BY_GROUP = 0o440


def keys_secret(
    name: str,
    kubernetes_name: str,
    files: pulumi.Output[dict[str, str]],
    *,
    site: Site,
    opts: pulumi.ResourceOptions,
    labels: Mapping[str, str] | None = None,
) -> Secret:
    """Make the Secret; `files` are PEM and YAML texts by their names in it."""
    data = files.apply(lambda texts: {key: in_base64(text) for key, text in texts.items()})
    return Secret(
        name,
        metadata=site.metadata(kubernetes_name, labels=labels),
        type="Opaque",
        data=pulumi.Output.secret(data),
        opts=opts,
    )


def key_volumes(secret: str, *, domain: str, node_ous: bool) -> list[dict[str, Any]]:
    """Return the volumes MSP and TLS of a node, laid out as Fabric reads such folders."""
    msp = {
        "config.yaml": "config.yaml",
        "cert.pem": "signcerts/cert.pem",
        "key.pem": "keystore/key.pem",
        # config.yaml refers to the CA's certificate by this name
        "cacert.pem": f"cacerts/ca.{domain}-cert.pem",
        "tlscacert.pem": f"tlscacerts/tlsca.{domain}-cert.pem",
    }
    if not node_ous:
        msp["admincert.pem"] = "admincerts/admin.pem"
    tls = {name: name for name in ("server.crt", "server.key", "ca.crt")}
    return [secret_volume(MSP, secret, msp), secret_volume(TLS, secret, tls)]


def secret_volume(name: str, secret: str, paths: Mapping[str, str]) -> dict[str, Any]:
    """Return a volume with files of a Secret; `paths` are by their names in it."""
    items = [{"key": key, "path": path} for key, path in paths.items()]
    return {
        "name": name,
        "secret": {"secretName": secret, "items": items, "defaultMode": _READABLE_BY_GROUP},
    }


def in_base64(text: str) -> str:
    """Return the text in base64, in one line."""
    return base64.b64encode(text.encode()).decode()
