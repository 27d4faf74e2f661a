"""Fabric's messages under their own names.

The official bindings are generated code without types; the stub file beside this one says which
message a function takes or gives. Fields stay unchecked: protobuf refuses a wrong one when it is
set. `serialize` is the one way to bytes.

Source: hyperledger/fabric-protos.
"""
# pyright: reportAttributeAccessIssue=false

from fabric_protos.common.common_pb2 import (
    Block,
    BlockData,
    BlockHeader,
    BlockMetadata,
    BlockMetadataIndex,
    ChannelHeader,
    Envelope,
    Header,
    HeaderType,
    LastConfig,
    Metadata,
    OrdererBlockMetadata,
    Payload,
    SignatureHeader,
)
from fabric_protos.common.configtx_pb2 import (
    Config,
    ConfigEnvelope,
    ConfigGroup,
    ConfigPolicy,
    ConfigUpdate,
    ConfigValue,
)
from fabric_protos.common.configuration_pb2 import (
    BlockDataHashingStructure,
    Capabilities,
    Capability,
    Consortium,
    HashingAlgorithm,
    OrdererAddresses,
    Orderers,
)
from fabric_protos.common.configuration_pb2 import Consenter as BftConsenter
from fabric_protos.common.policies_pb2 import (
    ImplicitMetaPolicy,
    Policy,
    SignaturePolicy,
    SignaturePolicyEnvelope,
)
from fabric_protos.msp.identities_pb2 import SerializedIdentity
from fabric_protos.msp.msp_config_pb2 import (
    FabricCryptoConfig,
    FabricMSPConfig,
    FabricNodeOUs,
    FabricOUIdentifier,
    MSPConfig,
)
from fabric_protos.msp.msp_principal_pb2 import MSPPrincipal, MSPRole, OrganizationUnit
from fabric_protos.orderer.configuration_pb2 import (
    BatchSize,
    BatchTimeout,
    ChannelRestrictions,
    ConsensusType,
    KafkaBrokers,
)
from fabric_protos.orderer.etcdraft.configuration_pb2 import (
    ConfigMetadata,
    Consenter,
    Options,
)
from fabric_protos.orderer.smartbft.configuration_pb2 import Options as BftOptions
from fabric_protos.peer.configuration_pb2 import (
    ACLs,
    AnchorPeer,
    AnchorPeers,
    APIResource,
)
from google.protobuf.message import Message

__all__ = [
    "ACLs",
    "APIResource",
    "AnchorPeer",
    "AnchorPeers",
    "BatchSize",
    "BatchTimeout",
    "BftConsenter",
    "BftOptions",
    "Block",
    "BlockData",
    "BlockDataHashingStructure",
    "BlockHeader",
    "BlockMetadata",
    "BlockMetadataIndex",
    "Capabilities",
    "Capability",
    "ChannelHeader",
    "ChannelRestrictions",
    "Config",
    "ConfigEnvelope",
    "ConfigGroup",
    "ConfigMetadata",
    "ConfigPolicy",
    "ConfigUpdate",
    "ConfigValue",
    "ConsensusType",
    "Consenter",
    "Consortium",
    "Envelope",
    "FabricCryptoConfig",
    "FabricMSPConfig",
    "FabricNodeOUs",
    "FabricOUIdentifier",
    "HashingAlgorithm",
    "Header",
    "HeaderType",
    "ImplicitMetaPolicy",
    "KafkaBrokers",
    "LastConfig",
    "MSPConfig",
    "MSPPrincipal",
    "MSPRole",
    "Metadata",
    "Options",
    "OrdererAddresses",
    "OrdererBlockMetadata",
    "Orderers",
    "OrganizationUnit",
    "Payload",
    "Policy",
    "SerializedIdentity",
    "SignatureHeader",
    "SignaturePolicy",
    "SignaturePolicyEnvelope",
    "serialize",
]


def serialize(message: Message) -> bytes:
    """The message's bytes, with map entries in the order of their keys.

    Fabric compares configuration values as bytes; an order that differed from run to run would
    read as a change.
    """
    return message.SerializeToString(deterministic=True)
