"""Who signs: a member of an organization with certificate and key."""

from dataclasses import dataclass, field
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric import ec

from hlf.client.protos import SerializedIdentity, serialize
from hlf.pki.low_s import sign
from hlf.pki.pair import load_key


@dataclass(frozen=True, kw_only=True)
class Signer:
    """A signing identity of the organization `msp_id`; certificate and key are PEM."""

    msp_id: str
    certificate: bytes
    key: bytes = field(repr=False)

    @cached_property
    def creator(self) -> bytes:
        """The identity as it stands in every header: a serialised SerializedIdentity."""
        return serialize(SerializedIdentity(mspid=self.msp_id, id_bytes=self.certificate))

    def sign(self, message: bytes) -> bytes:
        """The signature over SHA-256 of the message, DER with a low S."""
        return sign(self._private_key, message)

    @cached_property
    def _private_key(self) -> ec.EllipticCurvePrivateKey:
        return load_key(self.key)
