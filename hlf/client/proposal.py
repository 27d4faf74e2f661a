"""Proposals to call a chaincode, and the transactions that endorsements make of them.

Source: Fabric's `protoutil/proputils.go` and `protoutil/txutils.go`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hlf.client.envelope import header, sealed
from hlf.client.identity import Signer
from hlf.client.protos import (
    ChaincodeActionPayload,
    ChaincodeEndorsedAction,
    ChaincodeHeaderExtension,
    ChaincodeID,
    ChaincodeInput,
    ChaincodeInvocationSpec,
    ChaincodeProposalPayload,
    ChaincodeSpec,
    Envelope,
    Header,
    HeaderType,
    Proposal,
    ProposalResponse,
    SignedProposal,
    Transaction,
    TransactionAction,
    serialize,
)


@dataclass(frozen=True, kw_only=True)
class Proposed:
    """A call that its creator has signed and that any number of peers can endorse."""

    creator: Signer
    channel: str
    chaincode: str
    tx_id: str
    header: Header
    payload: ChaincodeProposalPayload
    signed: SignedProposal


def propose(
    creator: Signer,
    channel: str,
    chaincode: str,
    args: Sequence[str | bytes],
    *,
    transient: Mapping[str, bytes] | None = None,
    is_init: bool = False,
) -> Proposed:
    """A new proposal. An empty `channel` is a call to the peer itself, not to a channel."""
    identity = ChaincodeID(name=chaincode)
    extension = serialize(ChaincodeHeaderExtension(chaincode_id=identity))
    both, tx_id = header(creator, HeaderType.ENDORSER_TRANSACTION, channel, extension=extension)
    given = ChaincodeInput(
        args=[arg.encode() if isinstance(arg, str) else arg for arg in args], is_init=is_init
    )
    # The language decides nothing here; Fabric's own clients say GOLANG for any chaincode.
    spec = ChaincodeSpec(type=ChaincodeSpec.GOLANG, chaincode_id=identity, input=given)
    payload = ChaincodeProposalPayload(
        input=serialize(ChaincodeInvocationSpec(chaincode_spec=spec)),
        TransientMap=dict(transient or {}),
    )
    proposal = serialize(Proposal(header=serialize(both), payload=serialize(payload)))
    return Proposed(
        creator=creator,
        channel=channel,
        chaincode=chaincode,
        tx_id=tx_id,
        header=both,
        payload=payload,
        signed=SignedProposal(proposal_bytes=proposal, signature=creator.sign(proposal)),
    )


def transaction(proposed: Proposed, responses: Sequence[ProposalResponse]) -> Envelope:
    """The envelope to broadcast; the responses must hold the same payload.

    The transient data stays out of it: it is for the endorsing peers alone.
    """
    public = ChaincodeProposalPayload(input=proposed.payload.input)
    action = ChaincodeActionPayload(
        chaincode_proposal_payload=serialize(public),
        action=ChaincodeEndorsedAction(
            proposal_response_payload=responses[0].payload,
            endorsements=[response.endorsement for response in responses],
        ),
    )
    return sealed(
        proposed.creator,
        proposed.header,
        Transaction(
            actions=[
                TransactionAction(
                    header=proposed.header.signature_header, payload=serialize(action)
                )
            ]
        ),
    )
