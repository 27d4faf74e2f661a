"""How a consenter's certificates are named where the certificates themselves are not at hand.

`<organization>/<host>/tls` is an orderer's TLS certificate, for both directions of its connections,
`<organization>/<host>/identity` its signing certificate; organization and host are those of
crypto-config.yaml. `sha256:<hex>` is a certificate of a live channel that is no known one, by the
fingerprint of its PEM text.

A name stays the same when the certificate is renewed. `hlf.config.build` takes a mapping from these
names to PEM, and `hlf.config.read` gives the names back.
"""

import hashlib
import re

_NODE = re.compile(r"([^/]+)/([^/]+)/(?:tls|identity)")


def tls(org: str, host: str) -> str:
    """An orderer's TLS certificate."""
    return f"{org}/{host}/tls"


def identity(org: str, host: str) -> str:
    """An orderer's signing certificate."""
    return f"{org}/{host}/identity"


def fingerprint(pem: bytes) -> str:
    """A certificate that has no other name."""
    return f"sha256:{hashlib.sha256(pem).hexdigest()}"


def node(reference: str) -> tuple[str, str] | None:
    """Organization and host of the orderer that a certificate belongs to, if its name says so."""
    found = _NODE.fullmatch(reference)
    return (found[1], found[2]) if found else None
