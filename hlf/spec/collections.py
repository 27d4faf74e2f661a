"""The private data collections that a chaincode brings in its folder, `collections_config.json`.

The format is that of `peer lifecycle chaincode approveformyorg --collections-config`, and the file
is called as in Fabric's samples. Follows Fabric's `internal/peer/chaincode/common.go` for the
format, `core/chaincode/lifecycle/scc.go` and `gossip/privdata/distributor.go` for what is refused.
"""

import os
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from hlf.chaincode import COLLECTIONS
from hlf.client.collections import Collection
from hlf.config import policy
from hlf.spec import document, policies
from hlf.spec.capabilities import has_lifecycle
from hlf.spec.configtx import ApplicationEntry
from hlf.spec.errors import suggest
from hlf.spec.files import Files
from hlf.spec.model import Settings
from hlf.spec.network_yaml import ChaincodeEntry, ChannelEntry
from hlf.spec.raised import POLICIES
from hlf.spec.reader import Fields, Reader, Word

_NAME = re.compile(r"[A-Za-z0-9-][A-Za-z0-9_-]*")
_OF_INDEX = re.compile(r"statedb/couchdb/collections/([^/]+)/")
_MOST_PEERS = 2**31 - 1
_MOST_BLOCKS = 2**63 - 1
_SINCE = ("V1_2", "V1_3", "V1_4_2")
"""Capabilities of channels with the old lifecycle that have private data."""
_APPLICATION = "/Channel/Application/"


@dataclass(frozen=True, kw_only=True, eq=False)
class _Channel:
    """A channel of the chaincode."""

    entry: ChannelEntry
    application: ApplicationEntry
    legacy: bool
    peers: Mapping[str, int]
    """How many peers of each member join, by MSP ID."""
    policies: frozenset[str]
    """Of its Application part."""


def path_of(chaincode: str, *, shown: str) -> str:
    """What mistakes call a chaincode's file; `shown` names the folder of all chaincodes."""
    return f"{shown}/{chaincode}/{COLLECTIONS}"


def read(
    chaincode: ChaincodeEntry, *, files: Files, settings: Settings, shown: str
) -> dict[str, Collection]:
    """The collections by name; none where there is no such file. What is wrong is told."""
    path = settings.chaincode / chaincode.name.text / COLLECTIONS
    mistakes = chaincode.name.at.mistakes
    if not os.path.exists(path):  # noqa: PTH110 - Path.exists raises on odd paths
        return {}
    file = path_of(chaincode.name.text, shown=shown)
    root = document.read_json(path, file=file, mistakes=mistakes)
    if root is None:
        return {}
    channels = list(_channels(chaincode, files, settings))
    found: dict[str, Collection] = {}
    paths: dict[str, str] = {}
    for at in Reader(item=root, path="", file=file, mistakes=mistakes).elements():
        name, collection = _collection(at, channels)
        if name is None:
            continue
        first = paths.setdefault(name.text, name.at.path)
        if first != name.at.path:
            name.at.tell(
                f"the collection `{name.text}` is there twice, first as {first}", "keep one"
            )
        elif collection:
            found[name.text] = collection
    return found


def check_indexes(
    chaincode: ChaincodeEntry, indexes: Iterable[str], collections: Container[str]
) -> None:
    """Tell indexes of a collection that there is not: peers would only log that they are none.

    `indexes` are paths below META-INF, `collections` what `read` found without a mistake.
    """
    for path in indexes:
        name = _OF_INDEX.match(path)
        if name and name[1] not in collections:
            chaincode.name.at.tell(
                f"META-INF/{path} is an index for the collection `{name[1]}`, which "
                f"`{chaincode.name.text}` does not have",
                f"define the collection in {COLLECTIONS}, or take the index out",
            )


def _channels(chaincode: ChaincodeEntry, files: Files, settings: Settings) -> Iterator[_Channel]:
    wanted = {place.channel.text for place in chaincode.places}
    raised = settings.raise_application_capability is not None
    for entry, profile in files.channels:
        application = profile.application
        if application is None or entry.name.text not in wanted:
            continue
        joined = {word.text for word in entry.orgs}
        peers = {
            organization.msp_id.text: len(org.nodes) if org.name.text in joined else 0
            for organization in application.organizations
            if (org := files.org(organization))
        }
        capabilities = [word.text for word in application.capabilities]
        yield _Channel(
            entry=entry,
            application=application,
            legacy=not raised and not has_lifecycle(capabilities),
            peers=peers,
            policies=frozenset((*application.policies, *(POLICIES if raised else ()))),
        )


def _collection(at: Reader, channels: list[_Channel]) -> tuple[Word | None, Collection | None]:
    fields = at.fields(
        "name",
        "policy",
        "requiredPeerCount",
        "maxPeerCount",
        "blockToLive",
        "memberOnlyRead",
        "memberOnlyWrite",
        "endorsementPolicy",
    )
    name = fields.required_word("name", "name the collection")
    if name and not _NAME.fullmatch(name.text):
        name.at.tell(
            f"Fabric takes `{name.text}` for no name of a collection",
            "use letters, digits, dashes, and underscores but for the first",
        )
    rule = fields.required_word("policy", "write one such as `OR('KargaMSP.member')`")
    members = _members(rule, channels) if rule else None
    required, most = _counts(fields, members, channels)
    endorsement = _endorsement(fields, channels)
    for channel in channels:
        _check_legacy(fields, channel)
    if rule is None or members is None:
        return name, None
    return name, Collection(
        policy=policy.canonical(rule.text),
        required_peer_count=required,
        max_peer_count=most,
        block_to_live=fields.number("blockToLive", default=0, least=0, most=_MOST_BLOCKS),
        member_only_read=fields.flag("memberOnlyRead", default=False),
        member_only_write=fields.flag("memberOnlyWrite", default=False),
        endorsement_policy=endorsement,
    )


def _members(rule: Word, channels: list[_Channel]) -> frozenset[str] | None:
    """The MSP IDs of a collection's members; None after a mistake that leaves them open."""
    msp_ids = policies.msps_of(rule)
    if msp_ids is None:
        return None
    if not policy.is_any_of(rule.text):
        rule.at.tell(
            f"`{rule.text}` is more than a list of organizations, and a collection's policy only "
            "says whose peers have the data",
            "list them with `OR(...)`; who must endorse is for `endorsementPolicy`",
        )
    _check_msps(rule, msp_ids, channels)
    return msp_ids


def _check_msps(rule: Word, msp_ids: frozenset[str], channels: list[_Channel]) -> None:
    for channel in channels:
        for msp_id in sorted(msp_ids - channel.peers.keys()):
            rule.at.tell(
                f"`{msp_id}` is the MSP ID of no member of the channel `{_title(channel)}`",
                suggest(msp_id, channel.peers),
            )


def _counts(
    fields: Fields, members: frozenset[str] | None, channels: list[_Channel]
) -> tuple[int, int]:
    required = fields.number("requiredPeerCount", default=0, least=0, most=_MOST_PEERS)
    most = fields.number("maxPeerCount", default=1, least=0, most=_MOST_PEERS)
    if required > most:
        (fields.get("maxPeerCount") or fields.at).tell(
            f"the data goes to at most {most} other peers (`maxPeerCount`), and must go to "
            f"{required} (`requiredPeerCount`)",
            "raise the first, or lower the second",
        )
    at = fields.get("requiredPeerCount")
    for channel in channels if at and members and required else ():
        peers = sum(channel.peers.get(msp_id, 0) for msp_id in members or ())
        # the one that endorses does not count
        if at and required >= peers:
            at.tell(
                f"the data must go to {required} other peers before a transaction is endorsed, and "
                f"on the channel `{_title(channel)}` the collection's members have {peers} in all",
                f"write at most {max(peers - 1, 0)}",
            )
    return required, most


def _endorsement(fields: Fields, channels: list[_Channel]) -> str | None:
    at = fields.get("endorsementPolicy")
    if at is None:
        return None
    own = at.fields("signaturePolicy", "channelConfigPolicy")
    signature, of_channel = own.word("signaturePolicy"), own.word("channelConfigPolicy")
    if (signature is None) == (of_channel is None):
        at.tell(
            "`endorsementPolicy` takes one of `signaturePolicy` and `channelConfigPolicy`",
            "write one of them",
        )
    if signature:
        msp_ids = policies.msps_of(signature)
        _check_msps(signature, msp_ids or frozenset(), channels)
        return None if msp_ids is None else policy.canonical(signature.text)
    if of_channel:
        _check_reference(of_channel, channels)
        return of_channel.text
    return None


def _check_reference(word: Word, channels: list[_Channel]) -> None:
    """Tell a path that leads to no policy: Fabric would take every transaction for invalid."""
    name = word.text.removeprefix(_APPLICATION)
    if not word.text.startswith("/Channel/"):
        word.at.tell(
            f"`{word.text}` is no path of a channel's policy",
            f"write it as in `{_APPLICATION}Endorsement`",
        )
    elif word.text == _APPLICATION + name and "/" not in name:
        _check_policy(word, name, channels)


def _check_policy(word: Word, name: str, channels: list[_Channel]) -> None:
    for channel in channels:
        if name not in channel.policies:
            word.at.tell(
                f"the channel `{_title(channel)}` has no policy `{name}` under `Application`",
                suggest(name, channel.policies),
            )


def _check_legacy(fields: Fields, channel: _Channel) -> None:
    """Tell what the lifecycle of Fabric 1 would leave out without a word."""
    if not channel.legacy:
        return
    if not {word.text for word in channel.application.capabilities} & set(_SINCE):
        fields.at.tell(
            f"the channel `{_title(channel)}` has no private data before the Application "
            f"capability {_SINCE[0]}",
            "raise it in configtx.yaml, or set `hlf:raiseApplicationCapability`",
        )
    own = fields.get("endorsementPolicy")
    if own:
        own.tell(
            f"on the channel `{_title(channel)}`, with the lifecycle of Fabric 1, a collection has "
            "no endorsement policy of its own",
            "take it out, or set `hlf:raiseApplicationCapability`",
        )


def _title(channel: _Channel) -> str:
    return channel.entry.name.text
