"""ECDSA signatures with a low S, the only ones that Fabric takes.

Of the two valid values of S Fabric accepts the smaller one (`bccsp/utils/ecdsa.go`); a peer or an
orderer answers the other with "access denied" and never says why. Signatures are deterministic
(RFC 6979), so that the same key and message give the same bytes.
"""

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from hlf.pki.pair import load_key

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The order of P-256."""


def sign(key: ec.EllipticCurvePrivateKey | bytes, message: bytes) -> bytes:
    """The signature over SHA-256 of the message, DER with a low S. A key in bytes is PEM."""
    private = load_key(key) if isinstance(key, bytes) else key
    signature = private.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    r, s = decode_dss_signature(signature)
    return encode_dss_signature(r, min(s, _ORDER - s))


def is_low_s(signature: bytes) -> bool:
    """Whether a DER signature of a P-256 key has a low S."""
    return decode_dss_signature(signature)[1] <= _ORDER // 2


def sign_certificate(
    builder: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey
) -> x509.Certificate | None:
    """The certificate, or None where its signature would have a high S: change the serial then."""
    certificate = builder.sign(key, hashes.SHA256(), ecdsa_deterministic=True)
    return certificate if is_low_s(certificate.signature) else None
