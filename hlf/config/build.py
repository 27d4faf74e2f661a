"""From a channel's configuration to Fabric's messages: configuration groups and genesis blocks.

The same messages as configtxgen's for the same input. Nothing is defaulted or checked here beyond
what cannot be built at all: `hlf.spec` did that.

Source: Fabric's `internal/configtxgen/encoder`, `common/channelconfig`, `common/genesis`.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from hlf.config import consensus, policy, quantity
from hlf.config.model import Application, ChannelConfig, Orderer, Organization
from hlf.config.protos import (
    ACLs,
    AnchorPeer,
    AnchorPeers,
    APIResource,
    BatchSize,
    BatchTimeout,
    Block,
    BlockData,
    BlockDataHashingStructure,
    BlockHeader,
    BlockMetadata,
    BlockMetadataIndex,
    Capabilities,
    Capability,
    ChannelHeader,
    ChannelRestrictions,
    Config,
    ConfigEnvelope,
    ConfigGroup,
    ConsensusType,
    Consortium,
    Envelope,
    HashingAlgorithm,
    Header,
    HeaderType,
    KafkaBrokers,
    LastConfig,
    Metadata,
    OrdererAddresses,
    OrdererBlockMetadata,
    Payload,
    Policy,
    SignatureHeader,
    SignaturePolicy,
    SignaturePolicyEnvelope,
    serialize,
)
from hlf.pki.msp import Msp, to_config

ADMINS = "Admins"
ORDERER_ADMINS = "/Channel/Orderer/Admins"

_WHOLE_BLOCK = 0xFFFFFFFF
"""The width of the block's Merkle tree: a flat hash, the only one that Fabric knows."""
_ACCEPT_ALL = SignaturePolicyEnvelope(
    version=0, rule=SignaturePolicy(n_out_of=SignaturePolicy.NOutOf(n=0))
)


def channel_group(
    config: ChannelConfig, *, msps: Mapping[str, Msp], certificates: Mapping[str, bytes]
) -> ConfigGroup:
    """The root group of a channel.

    `msps` are by the organizations' names; `certificates` are PEM by the references that the
    consenters carry (`config.orderer.consenters`; see `hlf.config.reference`), so that a caller
    gives at least `{"Groeifabriek/orderer0/tls": b"-----BEGIN ...", ...}` for Raft, for BFT the
    `.../identity` as well, and more does no harm. ValueError names the one that is missing.
    """
    group = _group(config.policies)
    _set(group, "HashingAlgorithm", HashingAlgorithm(name="SHA256"))
    _set(group, "BlockDataHashingStructure", BlockDataHashingStructure(width=_WHOLE_BLOCK))
    if config.orderer is not None and config.orderer.addresses:
        addresses = OrdererAddresses(addresses=config.orderer.addresses)
        _set(group, "OrdererAddresses", addresses, mod_policy=ORDERER_ADMINS)
    if config.consortium is not None:
        _set(group, "Consortium", Consortium(name=config.consortium))
    _set_capabilities(group, config.capabilities)
    if config.orderer is not None:
        group.groups["Orderer"].CopyFrom(_orderer_group(config.orderer, msps, certificates))
    if config.application is not None:
        group.groups["Application"].CopyFrom(_application_group(config.application, msps))
    if config.consortiums:
        group.groups["Consortiums"].CopyFrom(_consortiums_group(config.consortiums, msps))
    return group


def genesis_block(group: ConfigGroup, *, channel: str, timestamp: datetime, nonce: bytes) -> Block:
    """Block 0 of a channel with this configuration; `nonce` are 24 random bytes.

    Only whole seconds of `timestamp` count.
    """
    channel_header = ChannelHeader(
        type=HeaderType.CONFIG,
        version=1,
        timestamp=Timestamp(seconds=int(timestamp.timestamp())),
        channel_id=channel,
        tx_id=hashlib.sha256(nonce).hexdigest(),  # the creator, which would follow, is empty
    )
    header = Header(
        channel_header=serialize(channel_header),
        signature_header=serialize(SignatureHeader(nonce=nonce)),
    )
    envelope = ConfigEnvelope(config=Config(channel_group=group))
    payload = Payload(header=header, data=serialize(envelope))
    data = serialize(Envelope(payload=serialize(payload)))
    metadata = [b""] * len(BlockMetadataIndex.keys())
    metadata[BlockMetadataIndex.LAST_CONFIG] = serialize(Metadata(value=serialize(LastConfig())))
    # Present though empty, as Fabric writes it.
    last_config = OrdererBlockMetadata(last_config=LastConfig())
    metadata[BlockMetadataIndex.SIGNATURES] = serialize(Metadata(value=serialize(last_config)))
    return Block(
        header=BlockHeader(number=0, data_hash=hashlib.sha256(data).digest()),
        data=BlockData(data=[data]),
        metadata=BlockMetadata(metadata=metadata),
    )


def block_bytes(block: Block) -> bytes:
    """A block as the file that orderers boot from and peers join with."""
    return serialize(block)


def _orderer_group(
    orderer: Orderer, msps: Mapping[str, Msp], certificates: Mapping[str, bytes]
) -> ConfigGroup:
    group = _group(orderer.policies)
    size = BatchSize(
        max_message_count=orderer.max_message_count,
        absolute_max_bytes=orderer.absolute_max_bytes,
        preferred_max_bytes=orderer.preferred_max_bytes,
    )
    _set(group, "BatchSize", size)
    _set(group, "BatchTimeout", BatchTimeout(timeout=quantity.duration(orderer.batch_timeout)))
    _set(group, "ChannelRestrictions", ChannelRestrictions(max_count=orderer.max_channels))
    _set_capabilities(group, orderer.capabilities)
    metadata = b""
    if orderer.type == "kafka":
        _set(group, "KafkaBrokers", KafkaBrokers(brokers=orderer.kafka_brokers))
    elif orderer.type == "etcdraft":
        if orderer.raft is None:
            raise ValueError("the orderer type is etcdraft, but its consenters are missing")
        metadata = consensus.raft_metadata(orderer.raft, certificates)
    elif orderer.type == "BFT":
        if orderer.bft is None:
            raise ValueError("the orderer type is BFT, but its consenters are missing")
        metadata = consensus.bft_metadata(orderer.bft.options)
        orderers = consensus.orderers(orderer.bft, certificates)
        _set(group, "Orderers", orderers)
        if consensus.BLOCK_VALIDATION not in orderer.policies:
            _set_policy(group, consensus.BLOCK_VALIDATION, consensus.block_validation(orderers))
    elif orderer.type != "solo":
        raise ValueError(
            f"the orderer type {orderer.type!r} is not known; it is solo, kafka, etcdraft or BFT"
        )
    _set(group, "ConsensusType", ConsensusType(type=orderer.type, metadata=metadata))
    for name, organization in orderer.organizations.items():
        org = _org_group(name, organization, msps)
        if organization.orderer_endpoints:
            _set(org, "Endpoints", OrdererAddresses(addresses=organization.orderer_endpoints))
        group.groups[name].CopyFrom(org)
    return group


def _application_group(application: Application, msps: Mapping[str, Msp]) -> ConfigGroup:
    group = _group(application.policies)
    if application.acls:
        acls = {name: APIResource(policy_ref=ref) for name, ref in application.acls.items()}
        _set(group, "ACLs", ACLs(acls=acls))
    _set_capabilities(group, application.capabilities)
    for name, organization in application.organizations.items():
        org = _org_group(name, organization, msps)
        if organization.anchor_peers:
            peers = [_anchor_peer(address) for address in organization.anchor_peers]
            _set(org, "AnchorPeers", AnchorPeers(anchor_peers=peers))
        group.groups[name].CopyFrom(org)
    return group


def _anchor_peer(address: str) -> AnchorPeer:
    host, _, port = address.rpartition(":")
    if not (host and port.isdecimal()):
        raise ValueError(f"the anchor peer {address!r} is not a host, a colon and a port")
    return AnchorPeer(host=host, port=int(port))


def _consortiums_group(
    consortiums: Mapping[str, Mapping[str, Organization]], msps: Mapping[str, Msp]
) -> ConfigGroup:
    group = ConfigGroup(mod_policy=ORDERER_ADMINS)
    accept_all = Policy(type=Policy.SIGNATURE, value=serialize(_ACCEPT_ALL))
    group.policies[ADMINS].policy.CopyFrom(accept_all)
    group.policies[ADMINS].mod_policy = ORDERER_ADMINS
    for name, organizations in consortiums.items():
        consortium = group.groups[name]
        consortium.mod_policy = ORDERER_ADMINS
        creation = policy.parse(f"ANY {ADMINS}")
        _set(consortium, "ChannelCreationPolicy", creation, mod_policy=ORDERER_ADMINS)
        for org, organization in organizations.items():
            consortium.groups[org].CopyFrom(_org_group(org, organization, msps))
    return group


def _org_group(name: str, organization: Organization, msps: Mapping[str, Msp]) -> ConfigGroup:
    if name not in msps:
        raise ValueError(f"the MSP of organization {name} was not given")
    if msps[name].msp_id != organization.msp_id:
        raise ValueError(
            f"organization {name} has the MSP ID {organization.msp_id}, "
            f"but the MSP given for it is {msps[name].msp_id}"
        )
    group = _group(organization.policies)
    _set(group, "MSP", to_config(msps[name]))
    return group


def _group(policies: Mapping[str, str]) -> ConfigGroup:
    group = ConfigGroup(mod_policy=ADMINS)
    for name, rule in policies.items():
        _set_policy(group, name, policy.parse(rule))
    return group


def _set_policy(group: ConfigGroup, name: str, wanted: Policy) -> None:
    group.policies[name].policy.CopyFrom(wanted)
    group.policies[name].mod_policy = ADMINS


def _set(group: ConfigGroup, key: str, value: Message, *, mod_policy: str = ADMINS) -> None:
    group.values[key].value = serialize(value)
    group.values[key].mod_policy = mod_policy


def _set_capabilities(group: ConfigGroup, capabilities: tuple[str, ...]) -> None:
    if capabilities:
        names = {name: Capability() for name in capabilities}
        _set(group, "Capabilities", Capabilities(capabilities=names))
