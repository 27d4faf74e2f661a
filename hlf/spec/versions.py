"""What depends on the version of Fabric that the nodes run, the setting `hlf:fabricVersion`.

Follows the release notes of Fabric 3.0 (no system channel, no Solo, no Kafka, no lifecycle from
before V2_0), `common/capabilities`, `common/channelconfig`, and configtxgen.
"""

from hlf.spec.capabilities import V3_0, has_lifecycle
from hlf.spec.configtx import Profile
from hlf.spec.files import Files
from hlf.spec.model import Settings
from hlf.spec.ordering import OrdererEntry

_V3 = "`hlf:fabricVersion: 3.1.1`"
_V2 = "`hlf:fabricVersion: 2.5.9`"
_RAISED = "`hlf:raiseApplicationCapability: V2_5`"


def is_3(fabric_version: str) -> bool:
    """Whether this is a version of Fabric 3."""
    return fabric_version.startswith("3.")


def check(files: Files, settings: Settings) -> None:
    """Tell what the nodes' version does not know."""
    fabric_version = settings.fabric_version
    on_3 = is_3(fabric_version)
    name = files.network.genesis_profile
    if name and on_3:
        name.at.tell(
            f"Fabric {fabric_version} knows no system channel",
            "take `genesisProfile` and `systemChannelID` out and give each channel's profile an "
            f"`Orderer`, or set {_V2}",
        )
    for profile in files.profiles:
        if profile.orderer:
            _check_type(files, profile.orderer, fabric_version)
        _check_capabilities(profile, fabric_version)
        if on_3 and settings.raise_application_capability is None:
            _check_lifecycle(profile, fabric_version)
        if on_3 and _has_v3_0(profile):
            _check_endpoints(profile)


def _check_type(files: Files, orderer: OrdererEntry, fabric_version: str) -> None:
    kind, at = orderer.type, orderer.type_at
    if is_3(fabric_version):
        if kind in {"solo", "kafka"}:
            at.tell(
                f"Fabric {fabric_version} knows no orderer type `{kind}`",
                f"write `etcdraft` or `BFT`, or set {_V2}",
            )
    elif kind == "BFT":
        at.tell(
            f"Fabric {fabric_version} knows no orderer type `BFT`",
            f"set {_V3}, or write `etcdraft`",
        )
    elif files.without_system_channel and kind != "etcdraft":
        at.tell(
            f"the orderer type `{kind}` needs a system channel",
            "write `etcdraft`, or name the system channel's profile in `network.genesisProfile` "
            "of network.yaml",
        )


def _check_capabilities(profile: Profile, fabric_version: str) -> None:
    on_3 = is_3(fabric_version)
    for word in profile.capabilities:
        if word.text == V3_0 and not on_3:
            word.at.tell(
                f"Fabric {fabric_version} does not know the Channel capability `{V3_0}`",
                f"write `V2_0`, or set {_V3}",
            )
    orderer = profile.orderer
    if orderer and orderer.type == "BFT" and on_3 and not _has_v3_0(profile):
        orderer.type_at.tell(
            f"the orderer type `BFT` needs the Channel capability `{V3_0}`",
            "switch it on in the profile's `Capabilities`",
        )


def _check_lifecycle(profile: Profile, fabric_version: str) -> None:
    """Fabric 3 has the current chaincode lifecycle only."""
    application = profile.application
    if application and not has_lifecycle(word.text for word in application.capabilities):
        application.at.tell(
            f"Fabric {fabric_version} knows no chaincode lifecycle from before V2_0",
            "switch on the Application capability `V2_5`, and add the policies `Endorsement` and "
            f"`LifecycleEndorsement`; or set {_RAISED}, which does both; or set {_V2}",
        )


def _check_endpoints(profile: Profile) -> None:
    """Under V3_0 orderers are found by their organizations only."""
    orderer = profile.orderer
    if orderer is None:
        return
    if orderer.addresses:
        orderer.addresses[0].at.tell(
            f"the Channel capability `{V3_0}` allows no `Addresses` of the whole ordering service",
            "take them out, and list each organization's under its `OrdererEndpoints`",
        )
    for organization in orderer.organizations:
        if not organization.orderer_endpoints:
            organization.at.tell(
                f"`{organization.name.text}` has no `OrdererEndpoints`, which the Channel "
                f"capability `{V3_0}` asks of every orderer organization",
                "list the addresses of its orderers",
            )


def _has_v3_0(profile: Profile) -> bool:
    return any(word.text == V3_0 for word in profile.capabilities)
