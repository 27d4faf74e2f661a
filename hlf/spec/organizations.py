"""The organizations of configtx.yaml, wherever they stand: in the list, in profiles, by alias."""

import re
from dataclasses import dataclass

from hlf.spec import policies, rules
from hlf.spec.policies import Policies
from hlf.spec.reader import Fields, Reader, Word, tell_repeats

_MSP_DIR = re.compile(r"(?:\./)?crypto-config/(orderer|peer)Organizations/([^/]+)/msp/?")
_SHAPE = "write it as in `crypto-config/peerOrganizations/<domain>/msp`"


@dataclass(frozen=True, kw_only=True, eq=False)
class OrganizationEntry:
    """An organization as a part of a profile has it."""

    at: Reader
    name: Word
    """The key of its group in the channel's configuration."""
    msp_id: Word
    msp_dir: Word | None
    kind: str
    """`peer` or `orderer`, as its MSPDir says; empty where that cannot be read."""
    domain: str
    anchor_peers: tuple[tuple[str, int, Reader], ...]
    orderer_endpoints: tuple[Word, ...]
    policies: Policies
    foreign: Reader | None
    """Where `SkipAsForeign` says that its MSP is not known here."""


def read_organizations(fields: Fields) -> tuple[OrganizationEntry, ...]:
    """The `Organizations` among `fields`; no name may be in a list twice."""
    read = [read_organization(at) for at in fields.elements("Organizations")]
    organizations = tuple(organization for organization in read if organization)
    names: dict[str, str] = {}
    for organization in organizations:
        path = organization.at.path
        if names.setdefault(organization.name.text, path) != path:
            organization.at.tell(
                f"the organization `{organization.name.text}` is in this list twice",
                "take one of them out, or give it a name of its own",
            )
    return organizations


def read_organization(at: Reader) -> OrganizationEntry | None:
    """One organization; None where it has no name or no MSP ID, which is told."""
    fields = at.fields(
        "Name",
        "ID",
        "MSPDir",
        "MSPType",
        "Policies",
        "AnchorPeers",
        "OrdererEndpoints",
        "AdminPrincipal",
        "SkipAsForeign",
    )
    name = fields.required_word("Name", "give the organization a name, such as `KargaMSP`")
    msp_id = fields.required_word("ID", "give it an MSP ID, such as `KargaMSP`")
    msp_dir = fields.required_word("MSPDir", _SHAPE)
    found = _MSP_DIR.fullmatch(msp_dir.text) if msp_dir else None
    if msp_dir and not found:
        msp_dir.at.tell(f"`{msp_dir.text}` is no MSP folder of crypto-config.yaml's", _SHAPE)
    msp_type = fields.word("MSPType")
    if msp_type and msp_type.text != "bccsp":
        msp_type.at.tell(f"the MSP type `{msp_type.text}` is not supported", "write `bccsp`")
    principal = fields.get("AdminPrincipal")
    if principal:
        principal.tell(
            "`AdminPrincipal` has no meaning any more", "take it out; `Policies.Admins` decides"
        )
    foreign = fields.get("SkipAsForeign")
    is_foreign = fields.flag("SkipAsForeign", default=False)
    anchor_peers = tuple(_anchor_peer(each) for each in fields.elements("AnchorPeers"))
    endpoints = fields.words("OrdererEndpoints")
    tell_repeats(endpoints)
    for word in endpoints:
        rules.address(word)
    read_policies = policies.read(fields)
    if not name or not msp_id:
        return None
    if not rules.config_key(name, "organization's name") or not rules.config_key(msp_id, "MSP ID"):
        return None
    return OrganizationEntry(
        at=at,
        name=name,
        msp_id=msp_id,
        msp_dir=msp_dir,
        kind=found[1] if found else "",
        domain=found[2] if found else "",
        anchor_peers=tuple(anchor for anchor in anchor_peers if anchor),
        orderer_endpoints=endpoints,
        policies=read_policies,
        foreign=foreign if is_foreign else None,
    )


def _anchor_peer(at: Reader) -> tuple[str, int, Reader] | None:
    fields = at.fields("Host", "Port")
    host = fields.required_word("Host", "name the peer's host, such as `hlf-peer--karga--peer0`")
    port_at = fields.require("Port", "give the peer's port, usually 7051")
    port = rules.port(port_at) if port_at else None
    if not host or port is None or not rules.host(host):
        return None
    return host.text, port, at
