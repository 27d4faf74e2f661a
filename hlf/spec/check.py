"""Checks across the files: every name that one file mentions is there in the other.

What concerns a single file is told by its own module; what a profile needs by `hlf.spec.profiles`.
"""

from hlf import names
from hlf.spec import policies
from hlf.spec.errors import suggest
from hlf.spec.files import Files
from hlf.spec.network_yaml import ChaincodeEntry, ChannelEntry, PlaceEntry
from hlf.spec.reader import Word


def check(files: Files) -> None:
    """Tell every mistake in how the files refer to each other."""
    _check_msp_folders(files)
    _check_msp_ids(files)
    for channel in files.network.channels:
        _check_channel(files, channel)
    for chaincode in files.network.chaincodes:
        _check_chaincode(files, chaincode)


def _check_msp_folders(files: Files) -> None:
    """Each organization of configtx.yaml is one of crypto-config.yaml, and the other way round."""
    found: set[str] = set()
    for organization in files.organizations:
        org = files.org(organization)
        if org:
            found.add(org.name.text)
        elif organization.msp_dir and organization.domain:
            domains = [
                each.domain.text
                for each in files.crypto_config.orgs
                if each.domain and each.kind == organization.kind
            ]
            if not domains:
                # That there is no organization of this kind is told of crypto-config.yaml
                continue
            organization.msp_dir.at.tell(
                f"`{organization.domain}` is the domain of no {organization.kind} organization of "
                "crypto-config.yaml",
                suggest(organization.domain, domains),
            )
    for org in files.crypto_config.orgs:
        if org.domain and org.name.text not in found:
            folder = f"crypto-config/{org.kind}Organizations/{org.domain.text}/msp"
            org.name.at.tell(
                f"no organization of configtx.yaml belongs to `{org.name.text}`",
                f"add one with `MSPDir: {folder}`",
            )


def _check_msp_ids(files: Files) -> None:
    """An MSP ID belongs to one organization, and an organization has one MSP ID."""
    by_id: dict[str, tuple[str, str, str]] = {}
    by_folder: dict[tuple[str, str], str] = {}
    for organization in files.organizations:
        msp_id, folder = organization.msp_id, (organization.kind, organization.domain)
        identity = (organization.name.text, *folder)
        if by_id.setdefault(msp_id.text, identity) != identity:
            msp_id.at.tell(
                f"`{msp_id.text}` is also the MSP ID of `{by_id[msp_id.text][0]}`, which has "
                "another name or MSPDir",
                "give each organization an ID of its own",
            )
        elif organization.domain and by_folder.setdefault(folder, msp_id.text) != msp_id.text:
            msp_id.at.tell(
                f"the organization of `{organization.domain}` has the MSP ID "
                f"`{by_folder[folder]}` in another place",
                "use one ID for one MSPDir",
            )


def _check_channel(files: Files, channel: ChannelEntry) -> None:
    for word in channel.orgs:
        _check_member(files, channel, word, external=False)
    for word in channel.external_orgs:
        _check_member(files, channel, word, external=True)
    _check_without_peers(files, channel)


def _check_without_peers(files: Files, channel: ChannelEntry) -> None:
    """Of each organization somebody stays, whom the others know where to find."""
    members = [org for word in channel.orgs if (org := files.peer_org(word.text))]
    peers = {node.fqdn: org for org in members for node in org.nodes}
    without = {word.text for word in channel.without_peers}
    profile = files.configtx.profiles.get(channel.name.text)
    organizations = profile.application.organizations if profile and profile.application else ()
    anchors = {host for each in organizations for host, _, _ in each.anchor_peers}
    for word in channel.without_peers:
        org = peers.get(word.text)
        if org is None:
            word.at.tell(
                f"`{word.text}` is no peer of an organization of the channel `{channel.name.text}`",
                f"{suggest(word.text, peers)} Otherwise take it out",
            )
            continue
        node = next(each for each in org.nodes if each.fqdn == word.text)
        if {each.fqdn for each in org.nodes} <= without:
            word.at.tell(
                f"`{org.name.text}` would have no peer in the channel `{channel.name.text}`",
                "leave one in, or take the organization out of `orgs`",
            )
        elif anchors & {node.fqdn, names.peer(node.org, node.host)}:
            word.at.tell(
                f"`{word.text}` is an anchor peer of the channel `{channel.name.text}`, by which "
                "others find the organization",
                "name another one under `AnchorPeers` of configtx.yaml",
            )


def _check_member(files: Files, channel: ChannelEntry, word: Word, *, external: bool) -> None:
    if not _check_peer_org(files, word, external=external):
        return
    profile = files.configtx.profiles.get(channel.name.text)
    if profile is None or profile.application is None:
        return
    members = [files.org(each) for each in profile.application.organizations]
    if word.text not in {org.name.text for org in members if org}:
        word.at.tell(
            f"`{word.text}` is no organization of the profile `{channel.name.text}` of "
            "configtx.yaml",
            "add it there under `Application.Organizations`, or take it out here",
        )


def _check_peer_org(files: Files, word: Word, *, external: bool = False) -> bool:
    if files.peer_org(word.text, external=external):
        return True
    section = "ExternalPeerOrgs" if external else "PeerOrgs"
    elsewhere = [org for org in files.crypto_config.orgs if org.name.text == word.text]
    if elsewhere:
        word.at.tell(
            f"`{word.text}` of crypto-config.yaml is not among its `{section}`",
            f"move it there, or name another organization of `{section}`",
        )
        return False
    known = [
        org.name.text
        for org in files.crypto_config.orgs
        if org.kind == "peer" and org.external == external
    ]
    if known or external:
        word.at.tell(
            f"`{word.text}` is no organization of crypto-config.yaml", suggest(word.text, known)
        )
    return False


def _check_chaincode(files: Files, chaincode: ChaincodeEntry) -> None:
    for word in chaincode.orgs:
        _check_peer_org(files, word)
    for place in chaincode.places:
        _check_place(files, chaincode, place)


def _check_place(files: Files, chaincode: ChaincodeEntry, place: PlaceEntry) -> None:
    channels = {channel.name.text: channel for channel in files.network.channels}
    channel = channels.get(place.channel.text)
    if channel is None:
        place.channel.at.tell(
            f"there is no channel `{place.channel.text}` under `network.channels`",
            suggest(place.channel.text, channels),
        )
    joined = {word.text for word in channel.orgs} if channel else set[str]()
    installed = {word.text for word in chaincode.orgs}
    for word in place.orgs:
        if not _check_peer_org(files, word):
            continue
        if channel and word.text not in joined:
            word.at.tell(
                f"`{word.text}` does not join the channel `{channel.name.text}`",
                "add it to the channel's `orgs`, or take it out here",
            )
        if word.text not in installed:
            word.at.tell(
                f"`{chaincode.name.text}` is not installed on the peers of `{word.text}`",
                "add it to the chaincode's `orgs`, or take it out here",
            )
    if place.policy:
        _check_endorsement(files, place, place.policy)


def _check_endorsement(files: Files, place: PlaceEntry, policy: Word) -> None:
    msp_ids = policies.msps_of(policy)
    profile = files.configtx.profiles.get(place.channel.text)
    if msp_ids is None or profile is None or profile.application is None:
        return
    members = {each.msp_id.text for each in profile.application.organizations}
    for msp_id in sorted(msp_ids - members):
        policy.at.tell(
            f"`{msp_id}` is the MSP ID of no member of the channel `{place.channel.text}`",
            suggest(msp_id, members),
        )
