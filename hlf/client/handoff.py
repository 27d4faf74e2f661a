"""A configuration update as a file that admins elsewhere can sign, with or without this program.

The file is what Fabric's `peer channel signconfigtx` reads and writes: an envelope with the update
and the signatures over it that it has so far. A signature stands on its own, so files that were
signed apart from each other can be put together.

Source: Fabric's `internal/peer/channel/signconfigtx.go`, `internal/peer/channel/create.go`
(`sanityCheckAndSignConfigTx`).
"""

from collections.abc import Iterable, Mapping

from google.protobuf.message import DecodeError

from hlf.client import envelope
from hlf.client.identity import Signer
from hlf.client.protos import (
    ConfigSignature,
    ConfigUpdate,
    ConfigUpdateEnvelope,
    Envelope,
    Payload,
    SerializedIdentity,
    SignatureHeader,
    serialize,
)
from hlf.errors import FabricError


def pack(update: ConfigUpdate, signatures: Iterable[ConfigSignature], signer: Signer) -> bytes:
    """Return a file's content."""
    return serialize(envelope.config_update(update, signatures, signer))


def unpack(content: bytes) -> tuple[ConfigUpdate, dict[str, ConfigSignature]]:
    """Return a file's update and its signatures, one for each MSP ID.

    Raises FabricError for what is no such file. Whether a signature holds, orderers find out.
    """
    try:
        payload = Payload.FromString(Envelope.FromString(content).payload)
        data = ConfigUpdateEnvelope.FromString(payload.data)
        update = ConfigUpdate.FromString(data.config_update)
        signed = {_signed_by(each): each for each in data.signatures}
    except DecodeError:
        raise FabricError("this is no configuration update that can be signed") from None
    if not update.channel_id:
        raise FabricError("this is no configuration update that can be signed: it has no channel")
    return update, signed


def signatures_for(update: ConfigUpdate, content: bytes) -> Mapping[str, ConfigSignature]:
    """Return a file's signatures by MSP ID, if they are over this very update; else none."""
    found, signed = unpack(content)
    return signed if serialize(found) == serialize(update) else {}


def sign(content: bytes, signer: Signer) -> bytes:
    """Return a file's content with the signature of one more admin."""
    update, signed = unpack(content)
    signed[signer.msp_id] = envelope.sign_update(update, signer)
    return pack(update, signed.values(), signer)


def _signed_by(signature: ConfigSignature) -> str:
    header = SignatureHeader.FromString(signature.signature_header)
    return str(SerializedIdentity.FromString(header.creator).mspid)
