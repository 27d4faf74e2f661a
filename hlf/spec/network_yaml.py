"""network.yaml: which channels there are, who joins them, and which chaincodes run on them.

PIVT's format. Other values of PIVT's charts, which its users put into the same file or beside
it, are only collected here; `hlf.spec.pivt_values` knows them.
"""

from dataclasses import dataclass
from pathlib import Path

from hlf.spec import calls, document, invocations, rules
from hlf.spec.errors import Mistakes, suggest
from hlf.spec.model import Call
from hlf.spec.reader import Fields, Reader, Word, tell_repeats

FILE = "network.yaml"
LANGUAGES = ("golang", "node", "java")
_DEFAULT_VERSION = "1.0"
_FLAGS = ("tlsEnabled", "useActualDomains")
_OWN = ("network", *_FLAGS, "chaincode")


@dataclass(frozen=True, kw_only=True, eq=False)
class ChannelEntry:
    """An element of `network.channels`."""

    name: Word
    orgs: tuple[Word, ...]
    external_orgs: tuple[Word, ...]
    without_peers: tuple[Word, ...]
    """Peers of `orgs`, by domain, that are not to be in the channel."""
    join_by_snapshot: Reader | None
    """Where it says that peers join by a snapshot; None where they do not."""


@dataclass(frozen=True, kw_only=True, eq=False)
class PlaceEntry:
    """An element of a chaincode's `channels`."""

    channel: Word
    orgs: tuple[Word, ...]
    policy: Word | None
    call: Call | None


@dataclass(frozen=True, kw_only=True, eq=False)
class ChaincodeEntry:
    """An element of `network.chaincodes`."""

    name: Word
    version: str
    language: Word | None
    """Its own, else the one for all; None where it is to be found out from the source."""
    orgs: tuple[Word, ...]
    places: tuple[PlaceEntry, ...]
    image: Word | None
    init: tuple[str, ...] | None
    """The arguments of its `ctor`."""
    application: Reader | None


@dataclass(frozen=True, kw_only=True, eq=False)
class NetworkYaml:
    """What network.yaml says."""

    at: Reader
    genesis_profile: Word | None
    system_channel: Word | None
    channels: tuple[ChannelEntry, ...]
    chaincodes: tuple[ChaincodeEntry, ...]
    tls: bool
    actual_domains: bool
    chart_values: dict[str, Reader]
    """Every other top-level key."""
    chart_chaincode: dict[str, Reader]
    """Every other key of the top-level `chaincode`."""


def read(folder: Path, *, shown: str, mistakes: Mistakes) -> NetworkYaml | None:
    """Read the file in `folder`; None where it cannot be read at all. `shown` names the folder."""
    file = f"{shown}/{FILE}"
    root = document.read(folder / FILE, file=file, mistakes=mistakes)
    if root is None:
        return None
    at = Reader(item=root, path="", file=file, mistakes=mistakes)
    present = at.entries()
    top = Fields(at=at, present=present)
    common = Fields(at=at, present=top.entries("chaincode"))
    network = top.require("network", "describe channels and chaincodes under `network:`")
    keys = ("genesisProfile", "systemChannelID", "channels", "chaincodes")
    fields = network.fields(*keys, *_FLAGS) if network else Fields(at=at, present={})
    for flag in _FLAGS:
        misplaced = fields.get(flag)
        if misplaced:
            misplaced.tell(
                f"`{flag}` has no effect under `network`",
                "move it to the top level of the file, beside `network:`",
            )
    genesis_profile = fields.word("genesisProfile")
    system_channel = fields.word("systemChannelID")
    if genesis_profile and not system_channel:
        fields.require("systemChannelID", "name the system channel, such as `testchainid`")
    if system_channel and not genesis_profile:
        system_channel.at.tell(
            "there is a `systemChannelID` and no `genesisProfile`",
            "name the system channel's profile in `genesisProfile`, or take this out for a "
            "network without a system channel",
        )
    if system_channel:
        rules.channel_name(system_channel)
    version = common.word("version")
    language = _language(common)
    if version:
        rules.chaincode_version(version)
    return NetworkYaml(
        at=at,
        genesis_profile=genesis_profile,
        system_channel=system_channel,
        channels=_channels(fields.elements("channels"), system_channel),
        chaincodes=_chaincodes(
            fields.elements("chaincodes"), version.text if version else _DEFAULT_VERSION, language
        ),
        tls=top.flag("tlsEnabled", default=False),
        actual_domains=top.flag("useActualDomains", default=False),
        chart_values={key: each for key, each in present.items() if key not in _OWN},
        chart_chaincode={
            key: each for key, each in common.present.items() if key not in ("version", "language")
        },
    )


def _channels(
    elements: tuple[Reader, ...], system_channel: Word | None
) -> tuple[ChannelEntry, ...]:
    channels: list[ChannelEntry] = []
    paths: dict[str, str] = {}
    for at in elements:
        fields = at.fields("name", "orgs", "externalOrgs", "withoutPeers", "joinBySnapshot")
        name = fields.required_word("name", "name the channel")
        orgs = fields.required_words(
            "orgs", "no organization joins the channel", "list at least one under `orgs`"
        )
        external_orgs = fields.words("externalOrgs")
        tell_repeats(orgs + external_orgs)
        without_peers = fields.words("withoutPeers")
        tell_repeats(without_peers)
        by_snapshot = fields.flag("joinBySnapshot", default=False)
        if name is None:
            continue
        rules.channel_name(name)
        if system_channel and name.text == system_channel.text:
            name.at.tell(f"`{name.text}` is the name of the system channel", "choose another name")
        _tell_second(name, paths, "channel")
        channels.append(
            ChannelEntry(
                name=name,
                orgs=orgs,
                external_orgs=external_orgs,
                without_peers=without_peers,
                join_by_snapshot=fields.get("joinBySnapshot") if by_snapshot else None,
            )
        )
    return tuple(channels)


def _chaincodes(
    elements: tuple[Reader, ...], version: str, language: Word | None
) -> tuple[ChaincodeEntry, ...]:
    chaincodes: list[ChaincodeEntry] = []
    paths: dict[str, str] = {}
    for at in elements:
        chaincode = _chaincode(at, version, language)
        if chaincode:
            _tell_second(chaincode.name, paths, "chaincode")
            chaincodes.append(chaincode)
    return tuple(chaincodes)


def _chaincode(at: Reader, version: str, language: Word | None) -> ChaincodeEntry | None:
    fields = at.fields(
        "name", "version", "language", "orgs", "channels", "ctor", "application", "image"
    )
    name = fields.required_word("name", "name the chaincode")
    orgs = fields.required_words(
        "orgs", "the chaincode is installed nowhere", "list at least one organization under `orgs`"
    )
    own_version, own_language = fields.word("version"), _language(fields)
    if own_version:
        rules.chaincode_version(own_version)
    image = fields.word("image")
    if image:
        rules.image(image)
    places = tuple(place for place in map(_place, fields.elements("channels")) if place)
    paths: dict[str, str] = {}
    for place in places:
        _tell_second(place.channel, paths, "channel")
    if name is None or not rules.chaincode_name(name):
        return None
    return ChaincodeEntry(
        name=name,
        version=own_version.text if own_version else version,
        language=own_language or language,
        orgs=orgs,
        places=places,
        image=image,
        init=_init(fields),
        application=fields.get("application"),
    )


def _init(fields: Fields) -> tuple[str, ...] | None:
    at = fields.get("ctor")
    call = calls.read(at) if at else None
    return call.arguments if call else None


def _place(at: Reader) -> PlaceEntry | None:
    fields = at.fields("name", "orgs", "policy", "invoke")
    channel = fields.required_word("name", "name the channel that the chaincode runs on")
    orgs = fields.required_words(
        "orgs", "no organization runs the chaincode here", "list at least one under `orgs`"
    )
    call = invocations.read(fields)
    if channel is None:
        return None
    return PlaceEntry(channel=channel, orgs=orgs, policy=fields.word("policy"), call=call)


def _language(fields: Fields) -> Word | None:
    language = fields.word("language")
    if language and language.text not in LANGUAGES:
        language.at.tell(
            f"there is no chaincode language `{language.text}`",
            suggest(language.text, LANGUAGES),
        )
        return None
    return language


def _tell_second(name: Word, paths: dict[str, str], what: str) -> None:
    """Tell a name that is there already; upper and lower case are the same to Kubernetes."""
    other = paths.setdefault(name.text.lower(), name.at.path)
    if other != name.at.path:
        name.at.tell(f"the {what} `{name.text}` is there twice, first as {other}", "keep one")
