"""A channel's configuration as a plain mapping, the form in which Pulumi stores and previews it.

Only strings, booleans and mappings: lists would be compared by position, and numbers come back
from Pulumi as floats. Names are those of configtx.yaml in camelCase; sizes are bytes. Policies and
durations are in their canonical spelling and empty optional parts are left out, so that equal
configurations are equal mappings, in whatever order or spelling they were written.
"""

from collections.abc import Mapping
from typing import Any

from hlf.config import plain_consensus, policy, quantity
from hlf.config.model import Application, ChannelConfig, Orderer, Organization

Plain = dict[str, Any]


def to_plain(config: ChannelConfig) -> Plain:
    """The mapping; ValueError where a policy or a duration in the configuration is none."""
    return {
        "policies": _policies(config.policies),
        **_names("capabilities", config.capabilities),
        **_optional("orderer", config.orderer and _orderer(config.orderer)),
        **_optional("application", config.application and _application(config.application)),
        **_optional("consortium", config.consortium),
        **_optional(
            "consortiums",
            {
                name: {"organizations": {org: _organization(o) for org, o in members.items()}}
                for name, members in config.consortiums.items()
            },
        ),
    }


def from_plain(plain: Mapping[str, Any]) -> ChannelConfig:
    """The configuration in a mapping that `to_plain` made, its collections sorted."""
    orderer, application = plain.get("orderer"), plain.get("application")
    return ChannelConfig(
        policies=_sorted(plain["policies"]),
        capabilities=_keys(plain, "capabilities"),
        orderer=_read_orderer(orderer) if orderer else None,
        application=_read_application(application) if application else None,
        consortium=plain.get("consortium"),
        consortiums={
            name: _read_organizations(members)
            for name, members in _sorted(plain.get("consortiums", {})).items()
        },
    )


def _orderer(orderer: Orderer) -> Plain:
    return {
        "ordererType": orderer.type,
        **_names("addresses", orderer.addresses),
        "batchTimeout": quantity.duration(orderer.batch_timeout),
        "batchSize": {
            "maxMessageCount": str(orderer.max_message_count),
            "absoluteMaxBytes": str(orderer.absolute_max_bytes),
            "preferredMaxBytes": str(orderer.preferred_max_bytes),
        },
        "maxChannels": str(orderer.max_channels),
        **_optional("kafka", _names("brokers", orderer.kafka_brokers)),
        **_optional("etcdRaft", orderer.raft and plain_consensus.raft(orderer.raft)),
        **_optional("smartBft", orderer.bft and plain_consensus.bft(orderer.bft)),
        "policies": _policies(orderer.policies),
        **_names("capabilities", orderer.capabilities),
        "organizations": {
            name: {
                **_organization(organization),
                **_names("ordererEndpoints", organization.orderer_endpoints),
            }
            for name, organization in orderer.organizations.items()
        },
    }


def _application(application: Application) -> Plain:
    return {
        "policies": _policies(application.policies),
        **_names("capabilities", application.capabilities),
        **_optional("acls", dict(application.acls)),
        "organizations": {
            name: {
                **_organization(organization),
                **_names("anchorPeers", organization.anchor_peers),
            }
            for name, organization in application.organizations.items()
        },
    }


def _organization(organization: Organization) -> Plain:
    return {"id": organization.msp_id, "policies": _policies(organization.policies)}


def _policies(policies: Mapping[str, str]) -> dict[str, str]:
    return {name: policy.canonical(rule) for name, rule in policies.items()}


def _names(key: str, names: tuple[str, ...]) -> Plain:
    return _optional(key, dict.fromkeys(names, True))


def _optional(key: str, value: str | Plain | None) -> Plain:
    return {key: value} if value else {}


def _read_orderer(plain: Mapping[str, Any]) -> Orderer:
    size = plain["batchSize"]
    raft, bft = plain.get("etcdRaft"), plain.get("smartBft")
    return Orderer(
        type=plain["ordererType"],
        addresses=_keys(plain, "addresses"),
        batch_timeout=plain["batchTimeout"],
        max_message_count=int(size["maxMessageCount"]),
        absolute_max_bytes=int(size["absoluteMaxBytes"]),
        preferred_max_bytes=int(size["preferredMaxBytes"]),
        max_channels=int(plain["maxChannels"]),
        kafka_brokers=_keys(plain.get("kafka", {}), "brokers"),
        raft=plain_consensus.read_raft(raft) if raft else None,
        bft=plain_consensus.read_bft(bft) if bft else None,
        policies=_sorted(plain["policies"]),
        capabilities=_keys(plain, "capabilities"),
        organizations=_read_organizations(plain),
    )


def _read_application(plain: Mapping[str, Any]) -> Application:
    return Application(
        policies=_sorted(plain["policies"]),
        capabilities=_keys(plain, "capabilities"),
        acls=_sorted(plain.get("acls", {})),
        organizations=_read_organizations(plain),
    )


def _read_organizations(plain: Mapping[str, Any]) -> dict[str, Organization]:
    return {
        name: Organization(
            msp_id=organization["id"],
            policies=_sorted(organization["policies"]),
            anchor_peers=_keys(organization, "anchorPeers"),
            orderer_endpoints=_keys(organization, "ordererEndpoints"),
        )
        for name, organization in _sorted(plain.get("organizations", {})).items()
    }


def _keys(plain: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """The names under a key; one that is set to false is not among them."""
    return tuple(name for name, on in _sorted(plain.get(key, {})).items() if on)


def _sorted(plain: Mapping[str, Any]) -> dict[str, Any]:
    return dict(sorted(plain.items()))
