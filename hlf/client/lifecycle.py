"""The chaincode lifecycle of Fabric 2: install, approve, commit, and what is there already.

The signers of the peers are admins of their organizations. In which order, on which peers and
whether at all, is decided elsewhere. The lifecycle of Fabric 1 is `hlf.client.legacy`.

Source: Fabric's `core/chaincode/lifecycle/scc.go` and `internal/peer/lifecycle/chaincode`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from google.protobuf.message import Message

from hlf.client.endorsement import application_policy, policy_text
from hlf.client.errors import Invalidated, NoAnswer, Refused
from hlf.client.ordering import Ordering
from hlf.client.package import Package
from hlf.client.peer import Peer, level
from hlf.client.proposal import propose
from hlf.client.protos import (
    ApplicationPolicy,
    ApproveChaincodeDefinitionForMyOrgArgs,
    ChaincodeSource,
    CheckCommitReadinessArgs,
    CheckCommitReadinessResult,
    CollectionConfigPackage,
    CommitChaincodeDefinitionArgs,
    InstallChaincodeArgs,
    QueryApprovedChaincodeDefinitionArgs,
    QueryApprovedChaincodeDefinitionResult,
    QueryChaincodeDefinitionsArgs,
    QueryChaincodeDefinitionsResult,
    QueryInstalledChaincodesArgs,
    QueryInstalledChaincodesResult,
    serialize,
)
from hlf.client.transaction import submit
from hlf.client.wait import Deadline
from hlf.errors import FabricError

CHANNEL_ENDORSEMENT = "/Channel/Application/Endorsement"
"""The policy that Fabric takes where a definition names none."""

_LIFECYCLE = "_lifecycle"
# Fabric has one status for all errors of the lifecycle; only the text tells these apart
# (`core/chaincode/lifecycle/lifecycle.go`).
_INSTALLED = "chaincode already successfully installed"
_NOT_APPROVED = "could not fetch approved chaincode definition"
_LOST = "private data matching public hash version is not available"
# As little (`core/chaincode/chaincode_support.go`).
_INITIALIZED = "is already initialized but called as init"


@dataclass(frozen=True, kw_only=True)
class Definition:
    """What organizations agree on.

    `policy` is the endorsement policy: a signature policy, or the path of a policy of the channel
    (`/Channel/...`). `collections` are a serialised CollectionConfigPackage, which approvals and
    commit must have the same bytes of (`hlf.client.collections` makes and reads it).
    """

    name: str
    version: str
    sequence: int
    policy: str = CHANNEL_ENDORSEMENT
    init_required: bool = False
    collections: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class Approval:
    """An organization's approval, and the package that its peers run (None: they run none)."""

    definition: Definition
    package_id: str | None


class ApprovalLost(Refused):
    """An approval is private data of its organization, which no other one can give back.

    Fabric takes none for the same sequence any more, but for the next.
    """


def installed(peer: Peer, *, timeout: float = 30.0) -> Mapping[str, str]:
    """The labels of the packages on a peer, by package id."""
    answer = QueryInstalledChaincodesResult.FromString(
        _ask(
            peer,
            "",
            "QueryInstalledChaincodes",
            QueryInstalledChaincodesArgs(),
            doing="listing the installed chaincodes",
            timeout=timeout,
        )
    )
    return {each.package_id: each.label for each in answer.installed_chaincodes}


def install(peer: Peer, package: Package, *, timeout: float = 300.0) -> None:
    """Install a package on a peer; one that is installed already is fine."""
    try:
        _ask(
            peer,
            "",
            "InstallChaincode",
            InstallChaincodeArgs(chaincode_install_package=package.data),
            doing=f"installing chaincode package {package.label}",
            timeout=timeout,
        )
    except Refused as error:
        if _INSTALLED not in error.reason:
            raise


def approved(
    peer: Peer, channel: str, name: str, *, sequence: int | None = None, timeout: float = 30.0
) -> Approval | None:
    """What the peer's organization has approved: at `sequence`, or last; None for nothing.

    Raises ApprovalLost where the organization has approved, and its peers know no more what.
    """
    try:
        answer = QueryApprovedChaincodeDefinitionResult.FromString(
            _ask(
                peer,
                channel,
                "QueryApprovedChaincodeDefinition",
                QueryApprovedChaincodeDefinitionArgs(name=name, sequence=sequence or 0),
                doing=f"asking for the approval of chaincode {name} on channel {channel}",
                timeout=timeout,
            )
        )
    except Refused as error:
        if _NOT_APPROVED in error.reason:
            return None
        if _LOST in error.reason:
            raise ApprovalLost(str(error), status=error.status, reason=error.reason) from None
        raise
    package_id: str = answer.source.local_package.package_id
    return Approval(definition=_definition(name, answer), package_id=package_id or None)


def approve(
    peer: Peer,
    orderer: Ordering,
    channel: str,
    definition: Definition,
    *,
    package_id: str | None,
    timeout: float = 120.0,
) -> None:
    """Approve a definition for the peer's organization; committed on that peer on return.

    The same, ordered a moment before by a run that was killed, is fine. Raises Refused, with
    status `500` where the sequence is not the next one, or where the same is approved already.
    """
    source = (
        ChaincodeSource(local_package=ChaincodeSource.Local(package_id=package_id))
        if package_id is not None
        else ChaincodeSource(unavailable=ChaincodeSource.Unavailable())
    )
    args = ApproveChaincodeDefinitionForMyOrgArgs(source=source, **_fields(definition))
    call = ["ApproveChaincodeDefinitionForMyOrg", serialize(args)]
    try:
        submit([peer], orderer, channel, _LIFECYCLE, call, timeout=timeout)
    except Invalidated:
        there = approved(peer, channel, definition.name, sequence=definition.sequence)
        if there != Approval(definition=definition, package_id=package_id):
            raise


def await_approvals(peer: Peer, other: Peer, channel: str, *, timeout: float = 300.0) -> None:
    """Wait until a peer knows what its organization has approved, as far as `other` knows it.

    A peer that joined the channel by a snapshot is given it by the others of its organization, the
    first time after `peer.gossip.pvtData.reconcileSleepInterval`; where none of them can be asked
    then, after `ledger.pvtdataStore.deprioritizedDataReconcilerInterval`. What is waited for are
    approvals of chaincodes that are committed.
    """
    missing = {name for name in committed(other, channel) if not _is_lost(other, channel, name)}
    for _ in Deadline(timeout).tries():
        missing = {name for name in missing if _is_lost(peer, channel, name)}
        if not missing:
            return
    raise NoAnswer(
        f"{peer} has not been given its organization's approval of chaincode "
        f"{', '.join(sorted(missing))} on channel {channel} in {timeout:g} s; see that it reaches "
        f"{other.endpoint.name}"
    )


def _is_lost(peer: Peer, channel: str, name: str) -> bool:
    """Whether the peer lacks what its organization has approved last."""
    try:
        approved(peer, channel, name)
    except ApprovalLost:
        return True
    return False


def committed(peer: Peer, channel: str, *, timeout: float = 30.0) -> Mapping[str, Definition]:
    """The channel's definitions as this peer has them, by name."""
    answer = QueryChaincodeDefinitionsResult.FromString(
        _ask(
            peer,
            channel,
            "QueryChaincodeDefinitions",
            QueryChaincodeDefinitionsArgs(),
            doing=f"listing the chaincodes of channel {channel}",
            timeout=timeout,
        )
    )
    return {each.name: _definition(each.name, each) for each in answer.chaincode_definitions}


def commit_readiness(
    peer: Peer, channel: str, definition: Definition, *, timeout: float = 30.0
) -> Mapping[str, bool]:
    """Which organizations have approved exactly this definition, by MSP ID."""
    answer = CheckCommitReadinessResult.FromString(
        _ask(
            peer,
            channel,
            "CheckCommitReadiness",
            CheckCommitReadinessArgs(**_fields(definition)),
            doing=f"asking who approved chaincode {definition.name} on channel {channel}",
            timeout=timeout,
        )
    )
    return dict(answer.approvals)


def commit(
    peers: Sequence[Peer],
    orderer: Ordering,
    channel: str,
    definition: Definition,
    *,
    timeout: float = 120.0,
) -> None:
    """Commit a definition; endorsed by all of `peers` and committed on them on return.

    Give peers of as many organizations as the channel's `LifecycleEndorsement` policy asks for.
    The same, ordered a moment before by a run that was killed, is fine. Raises Refused where one
    of these organizations has not approved exactly this definition.
    """
    deadline = Deadline(timeout)
    level(peers, channel, timeout=timeout)
    args = CommitChaincodeDefinitionArgs(**_fields(definition))
    call = ["CommitChaincodeDefinition", serialize(args)]
    try:
        submit(peers, orderer, channel, _LIFECYCLE, call, timeout=deadline.remaining())
    except FabricError:
        if committed(peers[0], channel).get(definition.name) != definition:
            raise


def is_initialized(
    peer: Peer, channel: str, name: str, args: Sequence[str], *, timeout: float = 60.0
) -> bool:
    """Whether the peer would refuse the call of Init, because it was made for this version.

    Where it was not, Init may run, and what it writes is dropped; False also where it cannot run.
    """
    proposed = propose(peer.signer, channel, name, args, is_init=True)
    doing = f"asking whether chaincode {name} is initialized on channel {channel}"
    try:
        peer.process(proposed, doing=doing, timeout=timeout)
    except Refused as error:
        return _INITIALIZED in error.reason
    return False


def initialize(
    peers: Sequence[Peer],
    orderer: Ordering,
    channel: str,
    name: str,
    args: Sequence[str],
    *,
    timeout: float = 120.0,
) -> None:
    """Call the Init of a chaincode whose definition requires it; one that was called is fine.

    Until then Fabric refuses every other call. All of `peers` endorse.
    """
    deadline = Deadline(timeout)
    level(peers, channel, timeout=timeout)
    try:
        submit(peers, orderer, channel, name, args, is_init=True, timeout=deadline.remaining())
    except Refused as error:
        if _INITIALIZED not in error.reason:
            raise
    except Invalidated:
        # the same of a run that was killed may have been ordered just before
        if not is_initialized(peers[0], channel, name, args):
            raise


def _ask(
    peer: Peer, channel: str, function: str, args: Message, *, doing: str, timeout: float
) -> bytes:
    call = [function, serialize(args)]
    return peer.query(channel, _LIFECYCLE, call, doing=doing, timeout=timeout)


def _fields(definition: Definition) -> dict[str, object]:
    """What the arguments of approve, commit and check have in common."""
    fields: dict[str, object] = {
        "name": definition.name,
        "version": definition.version,
        "sequence": definition.sequence,
        "validation_parameter": serialize(application_policy(definition.policy)),
        "init_required": definition.init_required,
    }
    if definition.collections is not None:
        fields["collections"] = CollectionConfigPackage.FromString(definition.collections)
    return fields


def _definition(
    name: str, answer: QueryApprovedChaincodeDefinitionResult | QueryChaincodeDefinitionsResult
) -> Definition:
    collections: CollectionConfigPackage = answer.collections
    return Definition(
        name=name,
        version=answer.version,
        sequence=answer.sequence,
        policy=policy_text(ApplicationPolicy.FromString(answer.validation_parameter)),
        init_required=answer.init_required,
        collections=serialize(collections) if collections.config else None,
    )
