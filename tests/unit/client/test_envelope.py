"""Headers, envelopes and signatures, checked with the public keys that nodes check them with."""

import hashlib

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from hlf.client.connection import Endpoint
from hlf.client.envelope import channel_of, config_update, header, sealed, sign_update, tx_id
from hlf.client.identity import Signer
from hlf.client.proposal import propose, transaction
from hlf.client.protos import (
    ChaincodeActionPayload,
    ChaincodeProposalPayload,
    ChannelHeader,
    ConfigUpdate,
    ConfigUpdateEnvelope,
    HeaderType,
    Payload,
    Proposal,
    ProposalResponse,
    SeekInfo,
    SerializedIdentity,
    SignatureHeader,
    Transaction,
    serialize,
)
from hlf.pki.authority import issue, issue_tls, make_authority
from hlf.pki.low_s import is_low_s
from hlf.pki.pair import load_certificate


@pytest.fixture(scope="module")
def signer() -> Signer:
    pair = issue(make_authority("karga.example", "ca"), common_name="Admin", role="admin")
    return Signer(msp_id="KargaMSP", certificate=pair.certificate, key=pair.key)


def verify(signer: Signer, signature: bytes, message: bytes) -> None:
    key = load_certificate(signer.certificate).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
    assert is_low_s(signature)


def test_repr_hides_the_key(signer: Signer) -> None:
    signer.sign(b"anything")
    assert "PRIVATE" not in repr(signer)
    assert "key" not in repr(signer)


def test_creator(signer: Signer) -> None:
    identity = SerializedIdentity.FromString(signer.creator)
    assert identity.mspid == "KargaMSP"
    assert identity.id_bytes == signer.certificate


def test_every_header_is_new_and_names_its_transaction(signer: Signer) -> None:
    ids = set[str]()
    for _ in range(20):
        both, identifier = header(signer, HeaderType.ENDORSER_TRANSACTION, "common")
        own = SignatureHeader.FromString(both.signature_header)
        channel = ChannelHeader.FromString(both.channel_header)
        assert channel.tx_id == identifier == tx_id(own.nonce, own.creator)
        assert identifier == hashlib.sha256(own.nonce + signer.creator).hexdigest()
        assert len(own.nonce) == 24
        ids.add(identifier)
    assert len(ids) == 20


def test_envelope_is_signed_over_its_payload(signer: Signer) -> None:
    both, _ = header(signer, HeaderType.DELIVER_SEEK_INFO, "common")
    message = sealed(signer, both, SeekInfo())
    verify(signer, message.signature, message.payload)
    assert channel_of(message) == "common"
    with pytest.raises(InvalidSignature):
        verify(signer, message.signature, message.payload + b"x")


def test_signatures_of_an_update_come_from_anywhere(signer: Signer) -> None:
    update = ConfigUpdate(channel_id="common")
    made = sign_update(update, signer)
    verify(signer, made.signature, made.signature_header + serialize(update))

    message = config_update(update, [made, made], signer)

    payload = Payload.FromString(message.payload)
    channel = ChannelHeader.FromString(payload.header.channel_header)
    assert (channel.type, channel.channel_id) == (HeaderType.CONFIG_UPDATE, "common")
    inner = ConfigUpdateEnvelope.FromString(payload.data)
    assert inner.config_update == serialize(update)
    assert list(inner.signatures) == [made, made]


def test_proposal_and_transaction_agree(signer: Signer) -> None:
    secret = {"pin": b"3141592653"}
    proposed = propose(signer, "common", "basic", ["put", b"\xff"], transient=secret)
    verify(signer, proposed.signed.signature, proposed.signed.proposal_bytes)
    proposal = Proposal.FromString(proposed.signed.proposal_bytes)
    given = ChaincodeProposalPayload.FromString(proposal.payload)
    assert dict(given.TransientMap) == secret

    response = ProposalResponse(payload=b"result")
    message = transaction(proposed, [response, response])

    verify(signer, message.signature, message.payload)
    payload = Payload.FromString(message.payload)
    assert serialize(payload.header) == proposal.header
    action = Transaction.FromString(payload.data).actions[0]
    chaincode = ChaincodeActionPayload.FromString(action.payload)
    assert chaincode.action.proposal_response_payload == b"result"
    assert len(chaincode.action.endorsements) == 2
    public = ChaincodeProposalPayload.FromString(chaincode.chaincode_proposal_payload)
    assert public.input == given.input
    assert b"3141592653" not in message.payload


def test_tls_cert_hash() -> None:
    pair = issue_tls(make_authority("karga.example", "tlsca"), common_name="Admin")
    endpoint = Endpoint(name="peer karga/peer0", address="127.0.0.1:7051", client=pair)
    fingerprint = load_certificate(pair.certificate).fingerprint(hashes.SHA256())
    assert endpoint.tls_cert_hash() == fingerprint
    assert Endpoint(name="peer karga/peer0", address="127.0.0.1:7051").tls_cert_hash() == b""
    assert "PRIVATE" not in repr(endpoint)
