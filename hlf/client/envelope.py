"""Headers, signed envelopes, and configuration updates with the signatures of many admins.

Source: Fabric's `protoutil/txutils.go`, `protoutil/proputils.go` and `common/configtx/update.go`.
"""

import hashlib
import secrets
import time
from collections.abc import Iterable

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from hlf.client.identity import Signer
from hlf.client.protos import (
    Block,
    ChannelHeader,
    ConfigEnvelope,
    ConfigSignature,
    ConfigUpdate,
    ConfigUpdateEnvelope,
    Envelope,
    Header,
    HeaderType,
    Payload,
    SignatureHeader,
    serialize,
)

_NONCE_BYTES = 24


def tx_id(nonce: bytes, creator: bytes) -> str:
    """The transaction id that follows from a header: SHA-256 in hex."""
    return hashlib.sha256(nonce + creator).hexdigest()


def header(
    signer: Signer,
    kind: int,
    channel: str,
    *,
    extension: bytes = b"",
    tls_cert_hash: bytes = b"",
) -> tuple[Header, str]:
    """A new header of a HeaderType, dated now, and its transaction id."""
    signature_header = SignatureHeader(
        creator=signer.creator, nonce=secrets.token_bytes(_NONCE_BYTES)
    )
    identifier = tx_id(signature_header.nonce, signer.creator)
    seconds, nanos = divmod(time.time_ns(), 10**9)
    channel_header = ChannelHeader(
        type=kind,
        timestamp=Timestamp(seconds=seconds, nanos=nanos),
        channel_id=channel,
        tx_id=identifier,
        extension=extension,
        tls_cert_hash=tls_cert_hash,
    )
    both = Header(
        channel_header=serialize(channel_header), signature_header=serialize(signature_header)
    )
    return both, identifier


def sealed(signer: Signer, header: Header, data: Message) -> Envelope:
    """Header and data in an envelope that the signer signed."""
    payload = serialize(Payload(header=header, data=serialize(data)))
    return Envelope(payload=payload, signature=signer.sign(payload))


def sign_update(update: ConfigUpdate, signer: Signer) -> ConfigSignature:
    """An admin's signature over a configuration update.

    It stands on its own: an admin elsewhere can make it and send it as a file.
    """
    signature_header = serialize(
        SignatureHeader(creator=signer.creator, nonce=secrets.token_bytes(_NONCE_BYTES))
    )
    return ConfigSignature(
        signature_header=signature_header,
        signature=signer.sign(signature_header + serialize(update)),
    )


def config_update(
    update: ConfigUpdate, signatures: Iterable[ConfigSignature], signer: Signer
) -> Envelope:
    """The update with its signatures, in an envelope that `signer` sends.

    The sender needs to be a member only; what counts for the policies are the signatures.
    """
    both, _ = header(signer, HeaderType.CONFIG_UPDATE, update.channel_id)
    data = ConfigUpdateEnvelope(config_update=serialize(update), signatures=list(signatures))
    return sealed(signer, both, data)


def channel_of(message: Envelope) -> str:
    """The channel that an envelope is for."""
    return _channel_header(Payload.FromString(message.payload)).channel_id


def config_envelope(block: Block) -> ConfigEnvelope | None:
    """What a config block holds; None if the block holds ordinary transactions."""
    payload = Payload.FromString(Envelope.FromString(block.data.data[0]).payload)
    if _channel_header(payload).type != HeaderType.CONFIG:
        return None
    return ConfigEnvelope.FromString(payload.data)


def _channel_header(payload: Payload) -> ChannelHeader:
    return ChannelHeader.FromString(payload.header.channel_header)
