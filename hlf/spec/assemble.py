"""Puts the `Network` together from files in which nothing is wrong."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hlf.client.collections import Collection
from hlf.config import reference
from hlf.config.consensus import BLOCK_VALIDATION
from hlf.config.model import (
    Application,
    Bft,
    BftConsenter,
    ChannelConfig,
    Consenter,
    Orderer,
    Organization,
    Raft,
)
from hlf.spec import consenters, policies, warnings
from hlf.spec.configtx import ApplicationEntry, Profile
from hlf.spec.consenters import ConsenterEntry
from hlf.spec.crypto_config import OrgEntry
from hlf.spec.files import Files
from hlf.spec.model import (
    Chaincode,
    ChaincodeOnChannel,
    Channel,
    Network,
    Node,
    Org,
    Settings,
    SystemChannel,
)
from hlf.spec.network_yaml import ChaincodeEntry, ChannelEntry
from hlf.spec.ordering import OrdererEntry
from hlf.spec.organizations import OrganizationEntry
from hlf.spec.raised import raised
from hlf.spec.reader import Word


def assemble(
    files: Files,
    *,
    settings: Settings,
    sources: Mapping[str, tuple[Path, str]],
    indexes: Mapping[str, Mapping[str, str]],
    collections: Mapping[str, Mapping[str, Collection]],
) -> Network:
    """The network; `sources` has the folder and the language of each chaincode without image.

    `indexes` and `collections` have what the modules of these names read, by chaincode.
    """
    genesis, name = files.genesis, files.network.system_channel
    msp_ids = {
        org.name.text: organization.msp_id.text
        for organization in files.organizations
        if (org := files.org(organization))
    }
    node_ous = {
        organization.msp_id.text: org.node_ous
        for organization in files.organizations
        if (org := files.org(organization))
    }
    to = settings.raise_application_capability
    crypto_config = files.crypto_config
    nodes = consenters.orderers(crypto_config)
    peers = {node.fqdn: node for org in crypto_config.own("peer") for node in org.nodes}
    system_channel = None
    if genesis and name:
        system_channel = SystemChannel(name=name.text, config=_system_config(genesis, nodes))
    return Network(
        settings=settings,
        orderer_orgs=tuple(_org(each, msp_ids) for each in crypto_config.own("orderer")),
        peer_orgs=tuple(_org(each, msp_ids) for each in crypto_config.own("peer")),
        system_channel=system_channel,
        channels=tuple(
            _channel(entry, profile, nodes, peers, to=to, node_ous=node_ous)
            for entry, profile in files.channels
        ),
        chaincodes=tuple(
            _chaincode(entry, sources, indexes[entry.name.text], collections[entry.name.text])
            for entry in files.network.chaincodes
        ),
        tls=files.network.tls,
        actual_domains=files.network.actual_domains,
        warnings=warnings.of(files),
    )


def _org(entry: OrgEntry, msp_ids: Mapping[str, str]) -> Org:
    return Org(
        name=entry.name.text,
        msp_id=msp_ids[entry.name.text],
        domain=entry.domain.text if entry.domain else "",
        node_ous=entry.node_ous,
        nodes=entry.nodes,
        users=entry.users,
    )


def _system_config(genesis: Profile, nodes: tuple[Node, ...]) -> ChannelConfig:
    return ChannelConfig(
        policies=policies.written(genesis.policies),
        capabilities=_texts(genesis.capabilities),
        orderer=_orderer(genesis.orderer, nodes),
        consortiums={
            name: {each.name.text: _organization(each) for each in organizations}
            for name, organizations in (genesis.consortiums or {}).items()
        },
    )


def _channel(
    entry: ChannelEntry,
    profile: Profile,
    nodes: tuple[Node, ...],
    peers: Mapping[str, Node],
    *,
    to: str | None,
    node_ous: Mapping[str, bool],
) -> Channel:
    application = _application(profile.application)
    return Channel(
        name=entry.name.text,
        orgs=tuple(word.text for word in entry.orgs),
        without_peers=frozenset(peers[word.text] for word in entry.without_peers),
        join_by_snapshot=entry.join_by_snapshot is not None,
        config=ChannelConfig(
            policies=policies.written(profile.policies),
            capabilities=_texts(profile.capabilities),
            orderer=_orderer(profile.orderer, nodes),
            application=raised(application, to=to, node_ous=node_ous) if application else None,
            consortium=profile.consortium.text if profile.consortium else None,
        ),
    )


def _orderer(entry: OrdererEntry | None, nodes: tuple[Node, ...]) -> Orderer | None:
    if entry is None:
        return None
    rules = policies.written(entry.policies)
    if entry.type == "BFT":
        # As configtxgen does: whatever the file says, it follows from the consenters
        rules.pop(BLOCK_VALIDATION, None)
    return Orderer(
        type=entry.type,
        addresses=tuple(word.text for word in entry.addresses),
        batch_timeout=entry.batch_timeout,
        max_message_count=entry.max_message_count,
        absolute_max_bytes=entry.absolute_max_bytes,
        preferred_max_bytes=entry.preferred_max_bytes,
        max_channels=entry.max_channels,
        kafka_brokers=tuple(word.text for word in entry.kafka_brokers)
        if entry.type == "kafka"
        else (),
        raft=_raft(entry, nodes) if entry.type == "etcdraft" else None,
        bft=_bft(entry, nodes) if entry.type == "BFT" else None,
        policies=rules,
        capabilities=_texts(entry.capabilities),
        organizations={
            each.name.text: _organization(
                each, orderer_endpoints=tuple(word.text for word in each.orderer_endpoints)
            )
            for each in entry.organizations
        },
    )


def _raft(entry: OrdererEntry, nodes: tuple[Node, ...]) -> Raft:
    members = tuple(Consenter(**_consenter(each, nodes)) for each in entry.raft_consenters)
    return Raft(consenters=members, options=entry.raft_options)


def _bft(entry: OrdererEntry, nodes: tuple[Node, ...]) -> Bft:
    members = tuple(
        BftConsenter(
            id=each.id,
            msp_id=each.msp_id.text if each.msp_id else "",
            identity=reference.identity(*_names(each, nodes)),
            **_consenter(each, nodes),
        )
        for each in entry.bft_consenters
    )
    return Bft(consenters=members, options=entry.bft_options)


def _consenter(entry: ConsenterEntry, nodes: tuple[Node, ...]) -> dict[str, Any]:
    tls = reference.tls(*_names(entry, nodes))
    return {
        "host": entry.host.text,
        "port": entry.port,
        "client_tls_cert": tls,
        "server_tls_cert": tls,
    }


def _names(entry: ConsenterEntry, nodes: tuple[Node, ...]) -> tuple[str, str]:
    node = consenters.node_of(entry, nodes)
    if node is None:
        raise AssertionError("a consenter that is no orderer is a mistake of its own")
    return node.org, node.host


def _application(entry: ApplicationEntry | None) -> Application | None:
    if entry is None:
        return None
    return Application(
        policies=policies.written(entry.policies),
        capabilities=_texts(entry.capabilities),
        acls={name: word.text for name, word in entry.acls.items()},
        organizations={
            each.name.text: _organization(
                each, anchor_peers=tuple(f"{host}:{port}" for host, port, _ in each.anchor_peers)
            )
            for each in entry.organizations
        },
    )


def _organization(
    entry: OrganizationEntry,
    *,
    anchor_peers: tuple[str, ...] = (),
    orderer_endpoints: tuple[str, ...] = (),
) -> Organization:
    return Organization(
        msp_id=entry.msp_id.text,
        policies=policies.written(entry.policies),
        anchor_peers=anchor_peers,
        orderer_endpoints=orderer_endpoints,
    )


def _chaincode(
    entry: ChaincodeEntry,
    sources: Mapping[str, tuple[Path, str]],
    indexes: Mapping[str, str],
    collections: Mapping[str, Collection],
) -> Chaincode:
    declared = entry.language.text if entry.language else ""
    source, language = sources.get(entry.name.text, (None, declared))
    return Chaincode(
        name=entry.name.text,
        version=entry.version,
        language=language,
        orgs=tuple(word.text for word in entry.orgs),
        channels=tuple(
            ChaincodeOnChannel(
                channel=place.channel.text,
                orgs=tuple(word.text for word in place.orgs),
                policy=place.policy.text if place.policy else None,
                call=place.call,
            )
            for place in entry.places
        ),
        source=source,
        image=entry.image.text if entry.image else None,
        indexes=indexes,
        collections=collections,
        init=entry.init,
    )


def _texts(words: tuple[Word, ...]) -> tuple[str, ...]:
    return tuple(sorted(word.text for word in words))
