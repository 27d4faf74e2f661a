"""configtx.yaml: organizations, policies, capabilities, and the profiles that channels are made of.

Reads every section for its shape, as `configtxgen` does, which knows no other key than its own
(`internal/configtxgen/genesisconfig`). What a profile must have so that a channel can be made of
it is asked only of the profiles that network.yaml uses; see `hlf.spec.profiles`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hlf.spec import capabilities, document, ordering, policies, rules
from hlf.spec.capabilities import read_capabilities
from hlf.spec.errors import Mistakes
from hlf.spec.ordering import OrdererEntry
from hlf.spec.organizations import OrganizationEntry, read_organizations
from hlf.spec.policies import Policies
from hlf.spec.reader import Reader, Word

FILE = "configtx.yaml"


@dataclass(frozen=True, kw_only=True, eq=False)
class ApplicationEntry:
    """An `Application` section."""

    at: Reader
    organizations: tuple[OrganizationEntry, ...]
    policies: Policies
    capabilities: tuple[Word, ...]
    acls: Mapping[str, Word]


@dataclass(frozen=True, kw_only=True, eq=False)
class Profile:
    """A profile, or the `Channel` section, which has the same shape."""

    at: Reader
    consortium: Word | None
    application: ApplicationEntry | None
    orderer: OrdererEntry | None
    consortiums: Mapping[str, tuple[OrganizationEntry, ...]] | None
    capabilities: tuple[Word, ...]
    policies: Policies


@dataclass(frozen=True, kw_only=True, eq=False)
class Configtx:
    """What configtx.yaml says."""

    at: Reader
    organizations: tuple[OrganizationEntry, ...]
    profiles: Mapping[str, Profile]


def read(folder: Path, *, shown: str, mistakes: Mistakes) -> Configtx | None:
    """Read the file in `folder`; None where it cannot be read at all. `shown` names the folder."""
    file = f"{shown}/{FILE}"
    root = document.read(folder / FILE, file=file, mistakes=mistakes)
    if root is None:
        return None
    at = Reader(item=root, path="", file=file, mistakes=mistakes)
    fields = at.fields(
        "Organizations", "Capabilities", "Application", "Orderer", "Channel", "Profiles"
    )
    organizations = read_organizations(fields)
    section = fields.get("Capabilities")
    if section:
        capabilities.read_section(section)
    for key, read_part in (
        ("Application", _application),
        ("Orderer", ordering.read),
        ("Channel", _profile),
    ):
        part = fields.get(key)
        if part:
            read_part(part)
    if fields.require("Profiles", "add a profile for each channel") is None:
        return None
    profiles = {name: _profile(each) for name, each in fields.entries("Profiles").items()}
    return Configtx(at=at, organizations=organizations, profiles=profiles)


def _profile(at: Reader) -> Profile:
    fields = at.fields(
        "Consortium", "Application", "Orderer", "Consortiums", "Capabilities", "Policies"
    )
    application, orderer = fields.get("Application"), fields.get("Orderer")
    consortiums = fields.get("Consortiums")
    return Profile(
        at=at,
        consortium=fields.word("Consortium"),
        application=_application(application) if application else None,
        orderer=ordering.read(orderer) if orderer else None,
        consortiums=_consortiums(consortiums) if consortiums else None,
        capabilities=read_capabilities(fields, "Channel"),
        policies=policies.read(fields),
    )


def _application(at: Reader) -> ApplicationEntry:
    fields = at.fields("Organizations", "Policies", "Capabilities", "ACLs")
    acls = {name: (each, each.text()) for name, each in fields.entries("ACLs").items()}
    return ApplicationEntry(
        at=at,
        organizations=read_organizations(fields),
        policies=policies.read(fields),
        capabilities=read_capabilities(fields, "Application"),
        acls={name: Word(text=text, at=each) for name, (each, text) in acls.items() if text},
    )


def _consortiums(at: Reader) -> dict[str, tuple[OrganizationEntry, ...]]:
    consortiums: dict[str, tuple[OrganizationEntry, ...]] = {}
    for name, each in at.entries().items():
        rules.config_key(Word(text=name, at=each), "consortium's name")
        consortiums[name] = read_organizations(each.fields("Organizations"))
    return consortiums
