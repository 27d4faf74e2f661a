"""The messages and services that clients speak, under Fabric's own names.

What channel configuration knows already (`hlf.config.protos`) is given on, so that a message has
one type everywhere. The stub file beside this one holds the types.

Source: hyperledger/fabric-protos.
"""
# pyright: reportAttributeAccessIssue=false

from fabric_protos.common.common_pb2 import Status
from fabric_protos.common.configtx_pb2 import ConfigSignature, ConfigUpdateEnvelope
from fabric_protos.common.ledger_pb2 import BlockchainInfo
from fabric_protos.gateway.gateway_pb2 import CommitStatusRequest, SignedCommitStatusRequest
from fabric_protos.gateway.gateway_pb2_grpc import GatewayStub
from fabric_protos.orderer.ab_pb2 import (
    BroadcastResponse,
    DeliverResponse,
    SeekInfo,
    SeekNewest,
    SeekPosition,
    SeekSpecified,
)
from fabric_protos.orderer.ab_pb2_grpc import AtomicBroadcastStub
from fabric_protos.peer.chaincode_pb2 import (
    ChaincodeData,
    ChaincodeDeploymentSpec,
    ChaincodeID,
    ChaincodeInput,
    ChaincodeInvocationSpec,
    ChaincodeSpec,
)
from fabric_protos.peer.collection_pb2 import (
    CollectionConfigPackage,
    CollectionPolicyConfig,
    StaticCollectionConfig,
)
from fabric_protos.peer.lifecycle.lifecycle_pb2 import (
    ApproveChaincodeDefinitionForMyOrgArgs,
    ChaincodeSource,
    CheckCommitReadinessArgs,
    CheckCommitReadinessResult,
    CommitChaincodeDefinitionArgs,
    InstallChaincodeArgs,
    QueryApprovedChaincodeDefinitionArgs,
    QueryApprovedChaincodeDefinitionResult,
    QueryChaincodeDefinitionsArgs,
    QueryChaincodeDefinitionsResult,
    QueryInstalledChaincodesArgs,
    QueryInstalledChaincodesResult,
)
from fabric_protos.peer.peer_pb2_grpc import EndorserStub
from fabric_protos.peer.policy_pb2 import ApplicationPolicy
from fabric_protos.peer.proposal_pb2 import (
    ChaincodeHeaderExtension,
    ChaincodeProposalPayload,
    Proposal,
    SignedProposal,
)
from fabric_protos.peer.proposal_response_pb2 import ProposalResponse
from fabric_protos.peer.query_pb2 import (
    ChaincodeQueryResponse,
    ChannelQueryResponse,
    JoinBySnapshotStatus,
)
from fabric_protos.peer.snapshot_pb2 import SignedSnapshotRequest, SnapshotQuery, SnapshotRequest
from fabric_protos.peer.snapshot_pb2_grpc import SnapshotStub
from fabric_protos.peer.transaction_pb2 import (
    ChaincodeActionPayload,
    ChaincodeEndorsedAction,
    Transaction,
    TransactionAction,
    TxValidationCode,
)

from hlf.config.protos import (
    Block,
    ChannelHeader,
    ConfigEnvelope,
    ConfigUpdate,
    Envelope,
    Header,
    HeaderType,
    Payload,
    Policy,
    SerializedIdentity,
    SignatureHeader,
    SignaturePolicyEnvelope,
    serialize,
)

__all__ = [
    "ApplicationPolicy",
    "ApproveChaincodeDefinitionForMyOrgArgs",
    "AtomicBroadcastStub",
    "Block",
    "BlockchainInfo",
    "BroadcastResponse",
    "ChaincodeActionPayload",
    "ChaincodeData",
    "ChaincodeDeploymentSpec",
    "ChaincodeEndorsedAction",
    "ChaincodeHeaderExtension",
    "ChaincodeID",
    "ChaincodeInput",
    "ChaincodeInvocationSpec",
    "ChaincodeProposalPayload",
    "ChaincodeQueryResponse",
    "ChaincodeSource",
    "ChaincodeSpec",
    "ChannelHeader",
    "ChannelQueryResponse",
    "CheckCommitReadinessArgs",
    "CheckCommitReadinessResult",
    "CollectionConfigPackage",
    "CollectionPolicyConfig",
    "CommitChaincodeDefinitionArgs",
    "CommitStatusRequest",
    "ConfigEnvelope",
    "ConfigSignature",
    "ConfigUpdate",
    "ConfigUpdateEnvelope",
    "DeliverResponse",
    "EndorserStub",
    "Envelope",
    "GatewayStub",
    "Header",
    "HeaderType",
    "InstallChaincodeArgs",
    "JoinBySnapshotStatus",
    "Payload",
    "Policy",
    "Proposal",
    "ProposalResponse",
    "QueryApprovedChaincodeDefinitionArgs",
    "QueryApprovedChaincodeDefinitionResult",
    "QueryChaincodeDefinitionsArgs",
    "QueryChaincodeDefinitionsResult",
    "QueryInstalledChaincodesArgs",
    "QueryInstalledChaincodesResult",
    "SeekInfo",
    "SeekNewest",
    "SeekPosition",
    "SeekSpecified",
    "SerializedIdentity",
    "SignatureHeader",
    "SignaturePolicyEnvelope",
    "SignedCommitStatusRequest",
    "SignedProposal",
    "SignedSnapshotRequest",
    "SnapshotQuery",
    "SnapshotRequest",
    "SnapshotStub",
    "StaticCollectionConfig",
    "Status",
    "Transaction",
    "TransactionAction",
    "TxValidationCode",
    "serialize",
]
