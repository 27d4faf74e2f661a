"""The consenters of a cluster, Raft's and BFT's, and which orderer of crypto-config.yaml each is.

configtx.yaml names a consenter's certificates by their paths in the folder that `cryptogen` lays.
The certificates are made while the network comes up, so there is no such folder here: a path says
whose certificate is meant, and what goes on is its name in `hlf.config.reference`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from hlf import names
from hlf.spec import rules
from hlf.spec.crypto_config import CryptoConfig
from hlf.spec.errors import suggest
from hlf.spec.model import Node
from hlf.spec.reader import Fields, Reader, Word

_RELATIVE = re.compile(r"^(?:\.{1,2}/)*")
_TLS, _IDENTITY = "tls/server.crt", "msp/signcerts/"
_PATH = re.compile(
    r"crypto-config/ordererOrganizations/([^/]+)/orderers/([^/]+)/"
    rf"(?:({re.escape(_TLS)})|({re.escape(_IDENTITY)})[^/]+\.pem)"
)
_CERTIFICATE = "name the certificate's file, as PIVT's samples for Raft do"
_MOST_ID = 2**32 - 1


@dataclass(frozen=True, kw_only=True, eq=False)
class ConsenterEntry:
    """An element of `EtcdRaft.Consenters` or of `ConsenterMapping`."""

    at: Reader
    host: Word
    port: int
    client: Word
    server: Word
    id: int = 0
    """0, and `msp_id` and `identity` None, in Raft, which has no such things."""
    msp_id: Word | None = None
    identity: Word | None = None

    @property
    def address(self) -> str:
        """`host:port`."""
        return f"{self.host.text.lower()}:{self.port}"


def raft(elements: tuple[Reader, ...]) -> tuple[ConsenterEntry, ...]:
    """Read `EtcdRaft.Consenters`."""
    entries = [
        _read(
            at,
            at.fields(
                "Host", "Port", "ClientTLSCert", "ServerTLSCert", "ClientTlsCert", "ServerTlsCert"
            ),
        )
        for at in elements
    ]
    return _without_repeats(entries)


def bft(elements: tuple[Reader, ...]) -> tuple[ConsenterEntry, ...]:
    """Read `ConsenterMapping`."""
    return _without_repeats([_read_bft(at) for at in elements])


def node_of(consenter: ConsenterEntry, nodes: Iterable[Node]) -> Node | None:
    """The one of the orderers `nodes` that all certificates of a consenter belong to.

    None after a mistake: certificates of none of them, or of several.
    """
    nodes = tuple(nodes)
    found = {
        "ServerTLSCert": _owner(consenter.server, nodes, _TLS),
        "ClientTLSCert": _owner(consenter.client, nodes, _TLS),
    }
    if consenter.identity:
        found["Identity"] = _owner(consenter.identity, nodes, _IDENTITY)
    server = found["ServerTLSCert"]
    for key, word in (("ClientTLSCert", consenter.client), ("Identity", consenter.identity)):
        other = found.get(key)
        if word and server and other and other != server:
            word.at.tell(
                f"`{key}` is of the orderer `{other.fqdn}`, and `ServerTLSCert` of `{server.fqdn}`",
                "name the certificates of one orderer",
            )
            return None
    return server if all(found.values()) else None


def orderers(crypto_config: CryptoConfig) -> tuple[Node, ...]:
    """Every orderer of crypto-config.yaml, also those that run elsewhere."""
    return tuple(node for o in crypto_config.orgs if o.kind == "orderer" for node in o.nodes)


def tls_names(node: Node) -> tuple[str, ...]:
    """The names in an orderer's TLS certificate."""
    return names.orderer(node.org, node.host), node.fqdn, node.host, *node.sans


def is_named(host: str, node: Node) -> bool:
    """Whether an orderer's TLS certificate is for `host`; `*.` stands for one label."""
    rest = host.lower().partition(".")[2]
    known = {name.lower() for name in tls_names(node)}
    return host.lower() in known or (rest != "" and f"*.{rest}" in known)


def _read(at: Reader, fields: Fields) -> ConsenterEntry | None:
    host = fields.required_word("Host", "name the orderer's host")
    port_at = fields.require("Port", "give the orderer's port, usually 7050")
    port = rules.port(port_at) if port_at else None
    client, server = (
        fields.word(f"{side}TlsCert") or fields.required_word(f"{side}TLSCert", _CERTIFICATE)
        for side in ("Client", "Server")
    )
    if not (host and port and client and server and rules.host(host)):
        return None
    return ConsenterEntry(at=at, host=host, port=port, client=client, server=server)


def _read_bft(at: Reader) -> ConsenterEntry | None:
    fields = at.fields("ID", "Host", "Port", "MSPID", "Identity", "ClientTLSCert", "ServerTLSCert")
    entry = _read(at, fields)
    id_at = fields.require("ID", "number the consenters from 1")
    number = id_at.number(least=1, most=_MOST_ID) if id_at else None
    msp_id = fields.required_word("MSPID", "give the MSP ID of the orderer's organization")
    identity = fields.required_word(
        "Identity", "name the file of the orderer's signing certificate, in its `msp/signcerts`"
    )
    if not (entry and number and msp_id and identity):
        return None
    return ConsenterEntry(
        at=at,
        host=entry.host,
        port=entry.port,
        client=entry.client,
        server=entry.server,
        id=number,
        msp_id=msp_id,
        identity=identity,
    )


def _without_repeats(read: list[ConsenterEntry | None]) -> tuple[ConsenterEntry, ...]:
    """Tell addresses and IDs that are there twice."""
    entries = tuple(entry for entry in read if entry)
    seen: dict[str | int, str] = {}
    for entry in entries:
        other = seen.setdefault(entry.address, entry.at.path)
        if other != entry.at.path:
            entry.at.tell(
                f"`{entry.address}` is the same consenter as {other}", "take one of them out"
            )
        other = seen.setdefault(entry.id, entry.at.path) if entry.id else entry.at.path
        if other != entry.at.path:
            entry.at.tell(
                f"{entry.id} is also the ID of {other}", "give each consenter an ID of its own"
            )
    return entries


def _owner(word: Word, nodes: tuple[Node, ...], kind: str) -> Node | None:
    """The orderer whose certificate of a kind is at a path."""
    path = _RELATIVE.sub("", word.text, count=1)
    found = _PATH.fullmatch(path)
    if found and kind in (found[3], found[4]):
        for node in nodes:
            if (node.domain, node.fqdn) == (found[1], found[2]):
                return node
    what = "TLS" if kind == _TLS else "signing"
    known = [_path(node, kind) for node in nodes]
    word.at.tell(f"`{word.text}` is no {what} certificate of an orderer", suggest(path, known))
    return None


def _path(node: Node, kind: str) -> str:
    folder = f"crypto-config/ordererOrganizations/{node.domain}/orderers/{node.fqdn}"
    return f"{folder}/{kind}" if kind == _TLS else f"{folder}/{kind}{node.fqdn}-cert.pem"
