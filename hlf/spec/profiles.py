"""What the profiles that network.yaml uses must have, so that channels can be made of them.

Follows configtxgen (`internal/configtxgen/encoder`), the checks of a running orderer
(`orderer/common/msgprocessor`), and what neither checks: hosts that no node has, policies that
nobody can satisfy.
"""

from hlf import names
from hlf.spec import orderers, policies
from hlf.spec.capabilities import ADMINS_BY_NODE_OUS, has_lifecycle
from hlf.spec.configtx import ApplicationEntry, Profile
from hlf.spec.crypto_config import OrgEntry
from hlf.spec.errors import suggest
from hlf.spec.files import Files, organizations_of
from hlf.spec.network_yaml import ChannelEntry
from hlf.spec.organizations import OrganizationEntry
from hlf.spec.policies import READERS_WRITERS_ADMINS
from hlf.spec.reader import Word


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
    if files.without_system_channel:
        _check_orderer_orgs(files)
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
    orderers.check(files, genesis.orderer)
    members = {org.name.text for org in map(files.org, genesis.orderer.organizations) if org}
    for org in files.crypto_config.own("orderer"):
        if org.name.text not in members:
            genesis.orderer.at.tell(
                f"`{org.name.text}` runs orderers and is no organization of this `Orderer`",
                "add it under `Organizations`, or take it out of crypto-config.yaml",
            )


def _check_orderer_orgs(files: Files) -> None:
    """Without a system channel an orderer that is in no channel does nothing."""
    sections = [profile.orderer for profile in files.profiles if profile.orderer]
    members = {
        org.name.text
        for section in sections
        for org in map(files.org, section.organizations)
        if org
    }
    for org in files.crypto_config.own("orderer") if sections else ():
        if org.name.text not in members:
            org.name.at.tell(
                f"`{org.name.text}` runs orderers and is in no channel's `Orderer`",
                "add it under `Orderer.Organizations` of a profile, or take it out",
            )


def _check_channel(files: Files, channel: ChannelEntry, profile: Profile) -> None:
    if profile.consortiums is not None:
        profile.at.tell(
            f"the profile of the channel `{channel.name.text}` has `Consortiums`",
            "take them out; they belong to the system channel's profile",
        )
    if files.without_system_channel:
        _check_own_ordering(channel, profile)
    genesis = files.genesis
    if profile.orderer:
        orderers.check(files, profile.orderer)
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


def _check_own_ordering(channel: ChannelEntry, profile: Profile) -> None:
    """Without a system channel a profile says everything about its channel."""
    if profile.orderer is None:
        profile.at.tell(
            f"the profile of the channel `{channel.name.text}` has no `Orderer`, and there is no "
            "system channel to have it from",
            "add it with the orderers of the channel, or name the system channel's profile in "
            "`network.genesisProfile` of network.yaml",
        )
    elif not profile.orderer.capabilities:
        application = profile.application
        if profile.capabilities or (application and application.capabilities):
            profile.orderer.at.tell(
                "the channel has capabilities and its `Orderer` has none, which Fabric refuses",
                "switch on the Orderer capability `V2_0`",
            )
    if profile.consortium:
        profile.consortium.at.tell(
            "`Consortium` has a meaning only where there is a system channel", "take it out"
        )


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
