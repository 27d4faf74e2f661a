"""crypto-config.yaml: the organizations, their nodes and users.

Follows Fabric's `cryptogen` (`cmd/cryptogen`) and PIVT's additions for organizations that run
elsewhere. What cryptogen lets through and cannot be meant (a domain twice, a count of -1, a
domain that leads out of the folder) is a mistake here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from hlf import names
from hlf.spec import document, rules
from hlf.spec.errors import Mistakes
from hlf.spec.model import Node
from hlf.spec.reader import Fields, Reader, Word

FILE = "crypto-config.yaml"
MOST_NODES = 100
MOST_USERS = 100
_SUBJECT = (
    "Country",
    "Province",
    "Locality",
    "OrganizationalUnit",
    "StreetAddress",
    "PostalCode",
)
_SPEC = ("Hostname", "CommonName", "SANS", *_SUBJECT)
_ACTION = re.compile(r"\{\{\s*\.(\w+)\s*\}\}")


@dataclass(frozen=True, kw_only=True, eq=False)
class OrgEntry:
    """An organization of crypto-config.yaml, of either kind, here or elsewhere."""

    name: Word
    domain: Word | None
    """None where it is missing, which is told."""
    kind: str
    """`peer` or `orderer`."""
    external: bool
    """Whether its nodes run elsewhere."""
    node_ous: bool
    nodes: tuple[Node, ...]
    users: int
    refinements: tuple[Reader, ...]
    """Where it says more than nodes and counts: CA, subjects and common names of its own, named
    users."""


@dataclass(frozen=True, kw_only=True, eq=False)
class CryptoConfig:
    """What crypto-config.yaml says."""

    at: Reader
    orgs: tuple[OrgEntry, ...]

    def own(self, kind: str) -> tuple[OrgEntry, ...]:
        """The organizations of a kind whose nodes run here."""
        return tuple(org for org in self.orgs if org.kind == kind and not org.external)


def read(folder: Path, *, shown: str, mistakes: Mistakes) -> CryptoConfig | None:
    """Read the file in `folder`; None where it cannot be read at all. `shown` names the folder."""
    file = f"{shown}/{FILE}"
    root = document.read(folder / FILE, file=file, mistakes=mistakes)
    if root is None:
        return None
    at = Reader(item=root, path="", file=file, mistakes=mistakes)
    fields = at.fields("OrdererOrgs", "PeerOrgs", "ExternalPeerOrgs", "ExternalOrdererOrgs")
    read_orgs = [
        *(_org(each, "orderer") for each in fields.elements("OrdererOrgs")),
        *(_org(each, "peer") for each in fields.elements("PeerOrgs")),
        *(_external_org(each, "peer") for each in fields.elements("ExternalPeerOrgs")),
        *(_external_org(each, "orderer") for each in fields.elements("ExternalOrdererOrgs")),
    ]
    orgs = tuple(org for org in read_orgs if org is not None)
    _tell_repeats(orgs)
    if not any(org.kind == "peer" and not org.external for org in read_orgs if org):
        at.tell("there is no organization in `PeerOrgs`", "add at least one")
    return CryptoConfig(at=at, orgs=orgs)


def _org(at: Reader, kind: str) -> OrgEntry | None:
    fields = at.fields("Name", "Domain", "EnableNodeOUs", "CA", "Specs", "Template", "Users")
    name, domain = _name_and_domain(fields)
    authority = fields.get("CA")
    authority_fields = authority.fields(*_SPEC).present if authority else {}
    for key, value in authority_fields.items():
        _ = value.words() if key == "SANS" else value.text()
    users = fields.get("Users")
    user_fields = users.fields("Count", "Specs") if users else None
    count = user_fields.number("Count", default=0, least=0, most=MOST_USERS) if user_fields else 0
    named_users = user_fields.get("Specs") if user_fields else None
    if name is None:
        return None
    domain_text = domain.text if domain else ""
    specs = [_spec(each, domain_text) for each in fields.elements("Specs")]
    template = fields.get("Template")
    templated = _templated(template, kind, domain_text) if template else ()
    written = [(node, where) for node, where, _ in specs if node] + list(templated)
    nodes = tuple(replace(node, org=name.text) for node, _ in written)
    _check_nodes(nodes, [where for _, where in written], kind)
    if not specs and all(fields.get(key) is None for key in ("Specs", "Template")):
        what = "`Specs` with a `Hostname`" if kind == "orderer" else "`Template` with a `Count`"
        at.tell(f"`{name.text}` has no {kind}s", f"add {what}")
    return OrgEntry(
        name=name,
        domain=domain,
        kind=kind,
        external=False,
        node_ous=fields.flag("EnableNodeOUs", default=False),
        nodes=nodes,
        users=count,
        refinements=(
            *authority_fields.values(),
            *(where for _, _, refined in specs for where in refined),
            *((named_users,) if named_users else ()),
        ),
    )


def _external_org(at: Reader, kind: str) -> OrgEntry | None:
    known = ("Name", "Domain", "Specs") if kind == "orderer" else ("Name", "Domain")
    fields = at.fields(*known)
    name, domain = _name_and_domain(fields)
    if name is None:
        return None
    specs = [_spec(each, domain.text if domain else "") for each in fields.elements("Specs")]
    return OrgEntry(
        name=name,
        domain=domain,
        kind=kind,
        external=True,
        node_ous=False,
        nodes=tuple(replace(node, org=name.text) for node, _, _ in specs if node),
        users=0,
        refinements=(),
    )


def _name_and_domain(fields: Fields) -> tuple[Word | None, Word | None]:
    name = fields.required_word("Name", "give the organization a name, such as `Karga`")
    domain = fields.required_word("Domain", "give it a domain, such as `aptalkarga.tr`")
    if name:
        rules.org_name(name)
    if domain:
        rules.domain(domain)
    return name, domain


def _spec(at: Reader, domain: str) -> tuple[Node | None, Reader, tuple[Reader, ...]]:
    """One node of `Specs`, where its name stands, and what it says beyond names."""
    fields = at.fields(*_SPEC)
    hostname = fields.required_word("Hostname", "give the node a host name, such as `orderer0`")
    refined = [fields.present[key] for key in _SUBJECT if key in fields.present]
    for value in refined:
        value.text()
    if hostname is None or not rules.hostname(hostname):
        return None, at, tuple(refined)
    common_name = fields.word("CommonName")
    usual = f"{hostname.text}.{domain}"
    known = {"Hostname": hostname.text, "Domain": domain}
    filled = _fill(common_name, known) if common_name else usual
    if common_name and filled != usual:
        refined.append(common_name.at)
    node = Node(
        org="",
        host=hostname.text,
        domain=domain,
        sans=_sans(fields.words("SANS"), known | {"CommonName": filled or usual}),
    )
    return node, hostname.at, tuple(refined)


def _templated(at: Reader, kind: str, domain: str) -> list[tuple[Node, Reader]]:
    """The nodes of a `Template`: `peer0`, `peer1`, ..."""
    fields = at.fields("Count", "Start", "Hostname", "SANS")
    count_at = fields.require("Count", "say how many nodes there are")
    count = count_at.number(least=1, most=MOST_NODES) if count_at else None
    start = fields.number("Start", default=0, least=0, most=10_000)
    hostname = fields.word("Hostname")
    nodes: list[tuple[Node, Reader]] = []
    for index in range(start, start + (count or 0)):
        known = {"Prefix": kind, "Index": str(index), "Domain": domain}
        host = _fill(hostname, known) if hostname else f"{kind}{index}"
        where = hostname.at if hostname else at
        if host is None or not rules.hostname(Word(text=host, at=where)):
            break
        known = {"Hostname": host, "Domain": domain, "CommonName": f"{host}.{domain}"}
        sans = _sans(fields.words("SANS"), known)
        nodes.append((Node(org="", host=host, domain=domain, sans=sans), where))
    return nodes


def _sans(words: tuple[Word, ...], known: Mapping[str, str]) -> tuple[str, ...]:
    filled = [(_fill(word, known), word.at) for word in words]
    return tuple(
        text for text, at in filled if text is not None and rules.san(Word(text=text, at=at))
    )


def _fill(word: Word, known: Mapping[str, str]) -> str | None:
    """Fill in `{{.Hostname}}` and the like, as far as Go's templates are simple."""
    filled = _ACTION.sub(lambda action: known.get(action[1], action[0]), word.text)
    if "{{" in filled:
        fields = ", ".join(f"`{{{{.{name}}}}}`" for name in known)
        word.at.tell(f"the template `{word.text}` holds more than simple fields", f"use {fields}")
        return None
    return filled


def _check_nodes(nodes: tuple[Node, ...], places: list[Reader], kind: str) -> None:
    if len(nodes) > MOST_NODES:
        places[MOST_NODES].tell(
            f"`{nodes[0].org}` has {len(nodes)} {kind}s", f"have at most {MOST_NODES}"
        )
    seen: set[str] = set()
    for node, at in zip(nodes, places, strict=True):
        if node.host in seen:
            at.tell(
                f"`{node.org}` has two nodes with the host name `{node.host}`",
                "give each its own; `Specs` and `Template` add up",
            )
        seen.add(node.host)
        name = (names.peer if kind == "peer" else names.orderer)(node.org, node.host)
        too_long = len(name) - rules.LONGEST_STATEFUL_SET
        if too_long > 0:
            at.tell(
                f"the StatefulSet `{name}` has {len(name)} characters, and "
                f"{rules.LONGEST_STATEFUL_SET} are possible",
                f"make the organization's or the node's name {too_long} shorter",
            )
        if len(node.fqdn) > rules.LONGEST_COMMON_NAME:
            at.tell(
                f"`{node.fqdn}` has {len(node.fqdn)} characters, and a certificate's common name "
                f"holds {rules.LONGEST_COMMON_NAME}",
                "use a shorter host name or domain",
            )


def _tell_repeats(orgs: tuple[OrgEntry, ...]) -> None:
    """Names and domains name Kubernetes objects and folders, so that no two may be the same."""
    by_name: dict[str, str] = {}
    by_domain: dict[str, str] = {}
    for org in orgs:
        other = by_name.setdefault(org.name.text.lower(), org.name.at.path)
        if other != org.name.at.path:
            org.name.at.tell(
                f"`{org.name.text}` is, in lower case, the same name as {other}",
                "give each organization a name of its own",
            )
        if org.domain is None:
            continue
        other = by_domain.setdefault(org.domain.text, org.domain.at.path)
        if other != org.domain.at.path:
            org.domain.at.tell(
                f"`{org.domain.text}` is the same domain as {other}",
                "give each organization a domain of its own",
            )
