"""From a live channel's messages back to its configuration, and what blocks say about themselves.

The reverse of `hlf.config.build`. What `ChannelConfig` has no words for is not read: modification
policies, version numbers, a consortium's creation policy, the maintenance mode of the orderers.

Source: Fabric's `common/channelconfig`, `protoutil/blockutils.go`.
"""

import hashlib
from collections.abc import Mapping
from typing import TypeVar

from google.protobuf.message import DecodeError, Message

from hlf.config import consensus, model, policy
from hlf.config.protos import (
    ACLs,
    AnchorPeers,
    BatchSize,
    BatchTimeout,
    Block,
    BlockData,
    BlockHeader,
    BlockMetadataIndex,
    Capabilities,
    ChannelHeader,
    ChannelRestrictions,
    Config,
    ConfigEnvelope,
    ConfigGroup,
    ConsensusType,
    Consortium,
    Envelope,
    HeaderType,
    KafkaBrokers,
    LastConfig,
    Metadata,
    MSPConfig,
    OrdererAddresses,
    OrdererBlockMetadata,
    Payload,
)
from hlf.pki.msp import Msp, from_config

_M = TypeVar("_M", bound=Message)


def config_of(block: Block) -> Config:
    """The configuration that a config block carries; ValueError for any other block."""
    try:
        payload = Payload.FromString(Envelope.FromString(block.data.data[0]).payload)
        header = ChannelHeader.FromString(payload.header.channel_header)
        if header.type == HeaderType.CONFIG:
            return ConfigEnvelope.FromString(payload.data).config
    except (DecodeError, IndexError):
        pass
    raise ValueError(f"block {block.header.number} is not a config block")


def channel_of(block: Block) -> str:
    """The name of the channel that a block belongs to."""
    payload = Payload.FromString(Envelope.FromString(block.data.data[0]).payload)
    return ChannelHeader.FromString(payload.header.channel_header).channel_id


def last_config_index(block: Block) -> int:
    """The number of the last config block as of this block.

    Fabric 1.4 and later keep it with the signatures, earlier ones in a place of its own.
    """
    slots = block.metadata.metadata
    signed = Metadata.FromString(slots[BlockMetadataIndex.SIGNATURES])
    if signed.value:
        return OrdererBlockMetadata.FromString(signed.value).last_config.index
    separate = Metadata.FromString(slots[BlockMetadataIndex.LAST_CONFIG])
    return LastConfig.FromString(separate.value).index


def header_hash(header: BlockHeader) -> bytes:
    """The hash of a block's header: SHA-256 over its number and hashes as ASN.1."""
    number = header.number.to_bytes(header.number.bit_length() // 8 + 1, "big")
    parts = _der(0x02, number) + _der(0x04, header.previous_hash) + _der(0x04, header.data_hash)
    return hashlib.sha256(_der(0x30, parts)).digest()


def data_hash(data: BlockData) -> bytes:
    """The hash of a block's transactions, which its header carries."""
    return hashlib.sha256(b"".join(data.data)).digest()


def _der(tag: int, content: bytes) -> bytes:
    """Short form only: a header is under 128 bytes."""
    return bytes((tag, len(content))) + content


def channel_config(
    group: ConfigGroup, *, certificates: Mapping[str, bytes] | None = None
) -> model.ChannelConfig:
    """The configuration in a channel's root group.

    `certificates` names consenters' certificates (PEM by reference, as given to
    `build.channel_group`); any other is named by its fingerprint, as in `consenter_certificates`.
    ValueError where the channel says what cannot be read.
    """
    names = {pem: reference for reference, pem in sorted((certificates or {}).items())}
    orderer, application = _child(group, "Orderer"), _child(group, "Application")
    consortiums = _child(group, "Consortiums") or ConfigGroup()
    return model.ChannelConfig(
        policies=_policies(group),
        capabilities=_capabilities(group),
        orderer=None if orderer is None else _orderer(orderer, group, names),
        application=None if application is None else _application(application),
        consortium=_value(group, "Consortium", Consortium).name or None,
        consortiums={
            name: _organizations(consortium)
            for name, consortium in sorted(consortiums.groups.items())
        },
    )


def msps(group: ConfigGroup) -> dict[str, Msp]:
    """The MSPs of all organizations of a channel, by the organizations' names.

    Where an organization has several definitions, those of the Application group win over the
    Orderer group's, and these over the consortiums'.
    """
    consortiums = _child(group, "Consortiums") or ConfigGroup()
    parents = [*consortiums.groups.values(), _child(group, "Orderer"), _child(group, "Application")]
    return {
        name: _msp(name, organization)
        for parent in parents
        if parent is not None
        for name, organization in sorted(parent.groups.items())
    }


def consenter_certificates(group: ConfigGroup) -> dict[str, bytes]:
    """The certificates of the consenters, Raft's or BFT's, PEM by fingerprint."""
    return consensus.certificates_of(_child(group, "Orderer") or ConfigGroup())


def _orderer(group: ConfigGroup, channel: ConfigGroup, names: Mapping[bytes, str]) -> model.Orderer:
    kind = _value(group, "ConsensusType", ConsensusType)
    if kind.type not in {"solo", "kafka", "etcdraft", "BFT"}:
        raise ValueError(
            f"the orderer type {kind.type!r} is not known; it is solo, kafka, etcdraft or BFT"
        )
    policies = _policies(group)
    if consensus.follows_from_consenters(group):
        del policies[consensus.BLOCK_VALIDATION]
    bft = None
    if kind.type == "BFT":
        orderers = group.values["Orderers"].value if "Orderers" in group.values else b""
        bft = consensus.read_bft(kind.metadata, orderers, names)
    size = _value(group, "BatchSize", BatchSize)
    return model.Orderer(
        type=kind.type,
        addresses=tuple(_value(channel, "OrdererAddresses", OrdererAddresses).addresses),
        batch_timeout=_value(group, "BatchTimeout", BatchTimeout).timeout,
        max_message_count=size.max_message_count,
        absolute_max_bytes=size.absolute_max_bytes,
        preferred_max_bytes=size.preferred_max_bytes,
        max_channels=_value(group, "ChannelRestrictions", ChannelRestrictions).max_count,
        kafka_brokers=tuple(_value(group, "KafkaBrokers", KafkaBrokers).brokers),
        raft=consensus.read_raft(kind.metadata, names) if kind.type == "etcdraft" else None,
        bft=bft,
        policies=policies,
        capabilities=_capabilities(group),
        organizations=_organizations(group),
    )


def _application(group: ConfigGroup) -> model.Application:
    acls = _value(group, "ACLs", ACLs).acls
    return model.Application(
        policies=_policies(group),
        capabilities=_capabilities(group),
        acls={name: resource.policy_ref for name, resource in sorted(acls.items())},
        organizations=_organizations(group),
    )


def _organizations(group: ConfigGroup) -> dict[str, model.Organization]:
    return {name: _organization(name, org) for name, org in sorted(group.groups.items())}


def _organization(name: str, group: ConfigGroup) -> model.Organization:
    anchors = _value(group, "AnchorPeers", AnchorPeers).anchor_peers
    return model.Organization(
        msp_id=_msp(name, group).msp_id,
        policies=_policies(group),
        anchor_peers=tuple(f"{anchor.host}:{anchor.port}" for anchor in anchors),
        orderer_endpoints=tuple(_value(group, "Endpoints", OrdererAddresses).addresses),
    )


def _msp(name: str, organization: ConfigGroup) -> Msp:
    try:
        return from_config(_value(organization, "MSP", MSPConfig))
    except (DecodeError, ValueError) as error:
        raise ValueError(f"the MSP of organization {name} cannot be read: {error}") from None


def _policies(group: ConfigGroup) -> dict[str, str]:
    return {name: policy.show(each.policy) for name, each in sorted(group.policies.items())}


def _capabilities(group: ConfigGroup) -> tuple[str, ...]:
    return tuple(sorted(_value(group, "Capabilities", Capabilities).capabilities))


def _child(group: ConfigGroup, name: str) -> ConfigGroup | None:
    # Looking up a missing key of a protobuf map would add it; asking does not.
    return group.groups.get(name)


def _value(group: ConfigGroup, key: str, kind: type[_M]) -> _M:
    """The value under a key; the empty message where the group has none."""
    return kind.FromString(group.values[key].value if key in group.values else b"")
