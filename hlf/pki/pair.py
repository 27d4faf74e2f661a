"""A certificate with its private key, where both come from, and whether they fit.

Keys are P-256 only, as everywhere in Fabric. Nothing here reads or writes files.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A certificate and its private key, both PEM; the key is PKCS#8 and never in the repr."""

    certificate: bytes
    key: bytes = field(repr=False)


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _new_serial() -> int:
    return secrets.randbits(127) + 1


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where keys, serial numbers and the time come from; tests give their own."""

    key: Callable[[], ec.EllipticCurvePrivateKey] = _new_key
    serial: Callable[[], int] = _new_serial
    now: Callable[[], datetime] = _now
    """An aware time."""


SYSTEM = Source()


def load_certificate(pem: bytes) -> x509.Certificate:
    """The first certificate of a PEM text; ValueError if there is none."""
    try:
        return x509.load_pem_x509_certificate(pem)
    except ValueError:
        raise ValueError("this is no certificate in PEM") from None


def load_key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    """The P-256 key of a PEM text; ValueError if it holds something else or is encrypted."""
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except TypeError:
        raise ValueError("this private key is encrypted; Fabric needs it in the clear") from None
    except ValueError:
        raise ValueError("this is no private key in PEM") from None
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    raise ValueError("this private key is not a P-256 key, the only kind that Fabric signs with")


def certificate_pem(certificate: x509.Certificate) -> bytes:
    """The certificate as PEM."""
    return certificate.public_bytes(serialization.Encoding.PEM)


def key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The key as PEM, PKCS#8, not encrypted."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def common_name(certificate: bytes) -> str:
    """The CN of a certificate's subject; ValueError if it has none."""
    names = load_certificate(certificate).subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    if not names:
        raise ValueError("this certificate's subject has no common name (CN)")
    return str(names[0].value)


def subject_key_id(key: ec.EllipticCurvePublicKey) -> bytes:
    """SHA-256 over the uncompressed point, 32 bytes: how Fabric names keys (`bccsp`)."""
    point = key.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    return hashlib.sha256(point).digest()


def check_pair(pair: Pair, *, authority: bytes, at: datetime) -> None:
    """ValueError unless the key is the certificate's, `authority` issued it, and both are valid.

    `authority` is the CA's certificate in PEM, the pair's own where that is a CA; `at` is an aware
    time. Intermediate CAs are for the caller to walk, one pair at a time.
    """
    certificate, issuer = load_certificate(pair.certificate), load_certificate(authority)
    name, issuer_name = certificate.subject.rfc4514_string(), issuer.subject.rfc4514_string()
    if load_key(pair.key).public_key() != certificate.public_key():
        raise ValueError(f"the private key does not belong to the certificate of {name}")
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        raise ValueError(f"the certificate of {name} was not issued by {issuer_name}") from None
    if not _is_authority(issuer):
        raise ValueError(f"{issuer_name} is not a certificate authority (CA:TRUE is missing)")
    for each, whose in ((certificate, name), (issuer, issuer_name)):
        if not each.not_valid_before_utc <= at <= each.not_valid_after_utc:
            raise ValueError(
                f"the certificate of {whose} is valid from {each.not_valid_before_utc:%Y-%m-%d} "
                f"to {each.not_valid_after_utc:%Y-%m-%d}, not on {at:%Y-%m-%d}"
            )


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
