"""What the profiles that network.yaml uses must have, so that channels can be made of them.

Follows configtxgen (`internal/configtxgen/encoder`), the checks of a running orderer
(`orderer/common/msgprocessor`), and what neither checks: hosts that no node has, policies that
nobody can satisfy.
"""

from hlf import names
from hlf.config.model import Consenter
from hlf.spec import ordering, policies, rules
from hlf.spec.capabilities import ADMINS_BY_NODE_OUS, has_lifecycle
from hlf.spec.configtx import ApplicationEntry, Profile
from hlf.spec.crypto_config import OrgEntry
from hlf.spec.errors import suggest
from hlf.spec.files import Files, organizations_of
from hlf.spec.network_yaml import ChannelEntry
from hlf.spec.ordering import OrdererEntry
from hlf.spec.organizations import OrganizationEntry
from hlf.spec.policies import READERS_WRITERS_ADMINS
from hlf.spec.reader import Reader, Word


def check(files: Files) -> None:
    """Tell every mistake of the profiles in use."""
    genesis_name = files.network.genesis_profile
    if genesis_name and files.genesis is None:
        genesis_name.at.tell(
            f"configtx.yaml has no profile `{genesis_name.text}`",
            suggest(genesis_name.text, files.configtx.profiles),
        )
    if files.genesis:
        _check_genesis(files, files.genesis)
    for channel in files.network.channels:
        if channel.name.text not in files.configtx.profiles:
            channel.name.at.tell(
                f"configtx.yaml has no profile `{channel.name.text}` for this channel",
                "add one; a channel's profile has the channel's name",
            )
    for channel, profile in files.channels:
        _check_channel(files, channel, profile)
    known = {organization.msp_id.text for organization in files.organizations}
    for organization in files.organizations:
        policies.require(organization.policies, READERS_WRITERS_ADMINS, at=organization.at)
        policies.check_msps(organization.policies, known)
    for profile in files.profiles:
        _check_policies(profile, known)
        _check_node_ous(files, profile)


def _check_genesis(files: Files, genesis: Profile) -> None:
    if genesis.application:
        genesis.application.at.tell(
            "the profile of the system channel has an `Application`", "take it out"
        )
    if genesis.consortiums is None:
        genesis.at.tell(
            "the profile of the system channel has no `Consortiums`",
            "add the consortiums whose organizations may create channels",
        )
    if genesis.orderer is None:
        genesis.at.tell(
            "the profile of the system channel has no `Orderer`",
            "add it with the organizations that run orderers",
        )
        return
    _check_orderer(files, genesis.orderer)
    members = {org.name.text for org in map(files.org, genesis.orderer.organizations) if org}
    for org in files.crypto_config.own("orderer"):
        if org.name.text not in members:
            genesis.orderer.at.tell(
                f"`{org.name.text}` runs orderers and is no organization of this `Orderer`",
                "add it under `Organizations`, or take it out of crypto-config.yaml",
            )


def _check_channel(files: Files, channel: ChannelEntry, profile: Profile) -> None:
    if profile.consortiums is not None:
        profile.at.tell(
            f"the profile of the channel `{channel.name.text}` has `Consortiums`",
            "take them out; they belong to the system channel's profile",
        )
    genesis = files.genesis
    if profile.orderer:
        _check_orderer(files, profile.orderer)
        if genesis and genesis.orderer and genesis.orderer.type != profile.orderer.type:
            profile.orderer.type_at.tell(
                f"the orderer type `{profile.orderer.type}` is not the system channel's, "
                f"`{genesis.orderer.type}`",
                "use one type, or take `Orderer` out of the channel's profile",
            )
    if profile.application is None:
        profile.at.tell(
            f"the profile of the channel `{channel.name.text}` has no `Application`",
            "add it with the organizations of the channel",
        )
        return
    _check_application(files, profile.application)
    if genesis is None or genesis.consortiums is None:
        return
    if profile.consortium is None:
        profile.at.tell("`Consortium` is missing", "name one of the system channel's consortiums")
    elif profile.consortium.text not in genesis.consortiums:
        profile.consortium.at.tell(
            f"the system channel has no consortium `{profile.consortium.text}`",
            suggest(profile.consortium.text, genesis.consortiums),
        )
    else:
        _check_consortium(profile.application, profile.consortium, genesis)


def _check_consortium(application: ApplicationEntry, consortium: Word, genesis: Profile) -> None:
    members = {each.name.text for each in (genesis.consortiums or {})[consortium.text]}
    for organization in application.organizations:
        if organization.name.text not in members:
            application.at.tell(
                f"`{organization.name.text}` is not in the consortium `{consortium.text}`",
                "add it there in the system channel's profile, or take it out here",
            )


def _check_application(files: Files, application: ApplicationEntry) -> None:
    if not application.organizations:
        application.at.tell("the channel has no organizations", "list them under `Organizations`")
    for organization in application.organizations:
        org = files.org(organization)
        if org and org.nodes:
            _check_anchor_peers(files, organization, org)


def _check_anchor_peers(files: Files, organization: OrganizationEntry, org: OrgEntry) -> None:
    hosts = [
        node.fqdn if files.network.actual_domains else names.peer(node.org, node.host)
        for node in org.nodes
        if org.kind == "peer"
    ]
    for host, port, at in organization.anchor_peers:
        if host not in hosts:
            at.tell(f"`{host}` is no peer of `{org.name.text}`", suggest(host, hosts))
        elif port != names.PEER_PORT:
            at.tell(f"no peer listens on port {port}", f"write {names.PEER_PORT}")


def _check_orderer(files: Files, orderer: OrdererEntry) -> None:
    ordering.check_type(orderer)
    if not orderer.organizations:
        orderer.at.tell("the ordering service has no organizations", "list them, as orderers' own")
    nodes = [node for org in files.crypto_config.own("orderer") for node in org.nodes]
    if orderer.type == "solo" and len(nodes) > 1:
        orderer.type_at.tell(
            f"`solo` is a single orderer, and crypto-config.yaml has {len(nodes)}",
            "use `etcdraft`, or take the others out",
        )
    endpoints = [word for each in orderer.organizations for word in each.orderer_endpoints]
    if not orderer.addresses and not endpoints:
        orderer.at.tell(
            "there is no address of an orderer, so that peers could not find one",
            "list the orderers under `Addresses`",
        )
    if not all(org.nodes for org in files.crypto_config.orgs if org.kind == "orderer"):
        return
    hosts = _orderer_hosts(files)
    for word in (*orderer.addresses, *endpoints):
        _check_orderer_address(word, hosts)
    for consenter, at in orderer.consenters if orderer.type == "etcdraft" else ():
        _check_orderer_host(consenter.host, at, hosts)
        _check_certificates(files, consenter, at)


def _orderer_hosts(files: Files) -> list[str]:
    """How orderers can be reached: by Service, or by their own domains."""
    hosts: list[str] = []
    for org in files.crypto_config.orgs:
        if org.kind != "orderer":
            continue
        if org.external or files.network.actual_domains:
            hosts += [node.fqdn for node in org.nodes]
        else:
            hosts += [names.orderer(node.org, node.host) for node in org.nodes]
            hosts.append(names.org_orderers(org.name.text))
    return hosts if files.network.actual_domains else [*hosts, names.ORDERER_LB]


def _check_orderer_address(word: Word, hosts: list[str]) -> None:
    address = rules.address(word)
    if address is None:
        return
    host, port = address
    if _check_orderer_host(host, word.at, hosts) and port != names.ORDERER_PORT:
        word.at.tell(f"no orderer listens on port {port}", f"write {names.ORDERER_PORT}")


def _check_orderer_host(host: str, at: Reader, hosts: list[str]) -> bool:
    if host not in hosts:
        at.tell(f"`{host}` is no orderer of crypto-config.yaml", suggest(host, hosts))
    return host in hosts


def _check_certificates(files: Files, consenter: Consenter, at: Reader) -> None:
    paths = [
        f"crypto-config/ordererOrganizations/{node.domain}/orderers/{node.fqdn}/tls/server.crt"
        for org in files.crypto_config.orgs
        for node in org.nodes
        if org.kind == "orderer"
    ]
    for path in dict.fromkeys((consenter.client_tls_cert, consenter.server_tls_cert)):
        if path.removeprefix("./") not in paths:
            at.tell(f"`{path}` is no certificate of an orderer", suggest(path, paths))


def _check_node_ous(files: Files, profile: Profile) -> None:
    """With lesser capabilities MSPs have no admins by their certificates (`msp`, `setupNodeOUs`).

    The orderer would find nobody who may create or change the channel.
    """
    if any(word.text in ADMINS_BY_NODE_OUS for word in profile.capabilities):
        return
    orgs = [org for org in map(files.org, organizations_of(profile)) if org and org.node_ous]
    if orgs:
        names_of = ", ".join(dict.fromkeys(f"`{org.name.text}`" for org in orgs))
        profile.at.tell(
            f"{names_of} with `EnableNodeOUs: true` would have no admins, because the Channel "
            "capabilities here do not know that role",
            "switch on the Channel capability `V1_4_3`, or write `EnableNodeOUs: false` in "
            "crypto-config.yaml",
        )


def _check_policies(profile: Profile, known: set[str]) -> None:
    policies.require(profile.policies, READERS_WRITERS_ADMINS, at=profile.at)
    policies.check_msps(profile.policies, known)
    groups = {"Application": profile.application, "Orderer": profile.orderer}
    policies.check_sub_policies(
        profile.policies, {name: part.policies for name, part in groups.items() if part}
    )
    for part in filter(None, groups.values()):
        policies.require(part.policies, READERS_WRITERS_ADMINS, at=part.at)
        policies.check_msps(part.policies, known)
        policies.check_sub_policies(
            part.policies, {each.name.text: each.policies for each in part.organizations}
        )
    if profile.orderer:
        policies.require(profile.orderer.policies, ["BlockValidation"], at=profile.orderer.at)
    application = profile.application
    if application and has_lifecycle(word.text for word in application.capabilities):
        policies.require(
            application.policies,
            ["Endorsement", "LifecycleEndorsement"],
            at=application.at,
            reason=", which the chaincode lifecycle of V2_0 needs",
        )
