"""Certificate authorities and what they issue, as cryptogen does it.

Every organization has two CAs: `ca.<domain>` for identities and `tlsca.<domain>` for TLS. Subjects,
extensions and validity are cryptogen's, so that networks it made can be taken over and go on.

Source: Fabric's `internal/cryptogen/ca` and `internal/cryptogen/msp`.
"""

import ipaddress
from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hlf.pki.low_s import sign_certificate
from hlf.pki.pair import (
    SYSTEM,
    Pair,
    Source,
    certificate_pem,
    key_pem,
    load_certificate,
    load_key,
    subject_key_id,
)

Role = Literal["admin", "client", "orderer", "peer"]

_BACKDATE = timedelta(minutes=5)
_VALIDITY = timedelta(days=3650)
_SERVER_AND_CLIENT = x509.ExtendedKeyUsage(
    [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
)
_CLIENT_AND_SERVER = x509.ExtendedKeyUsage(
    [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
)


def make_authority(domain: str, kind: Literal["ca", "tlsca"], *, source: Source = SYSTEM) -> Pair:
    """A self-signed CA of the organization with that domain."""
    key = source.key()
    name = _name(f"{kind}.{domain}", organization=domain)
    extensions = (
        _key_usage(key_encipherment=True, authority=True),
        _CLIENT_AND_SERVER,
        x509.BasicConstraints(ca=True, path_length=None),
        x509.SubjectKeyIdentifier(subject_key_id(key.public_key())),
    )
    return _make(name, name, extensions, key=key, signer=key, source=source)


def issue(authority: Pair, *, common_name: str, role: Role | None, source: Source = SYSTEM) -> Pair:
    """An identity: a certificate of the CA, with a new key.

    `role` becomes the organizational unit by which NodeOUs tell roles apart; None is for an
    organization without NodeOUs.
    """
    certificate = load_certificate(authority.certificate)
    extensions = (
        _key_usage(key_encipherment=False, authority=False),
        x509.BasicConstraints(ca=False, path_length=None),
        *_authority_key_id(certificate),
    )
    name, issuer = _name(common_name, unit=role), certificate.subject
    signer = load_key(authority.key)
    return _make(name, issuer, extensions, key=source.key(), signer=signer, source=source)


def issue_tls(
    tls_authority: Pair, *, common_name: str, sans: Sequence[str] = (), source: Source = SYSTEM
) -> Pair:
    """A TLS certificate for server and client, with a new key.

    `sans` are DNS names and IP addresses; cryptogen gives a node its CN, its host name and what
    its spec adds, and a user none.
    """
    certificate = load_certificate(tls_authority.certificate)
    extensions = (
        _key_usage(key_encipherment=True, authority=False),
        _SERVER_AND_CLIENT,
        x509.BasicConstraints(ca=False, path_length=None),
        *_authority_key_id(certificate),
        *_alternative_names(sans),
    )
    name, issuer = _name(common_name), certificate.subject
    signer = load_key(tls_authority.key)
    return _make(name, issuer, extensions, key=source.key(), signer=signer, source=source)


def _make(
    subject: x509.Name,
    issuer: x509.Name,
    extensions: Sequence[x509.ExtensionType],
    *,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    source: Source,
) -> Pair:
    # Rounded to the minute and backdated, as cryptogen does against clocks that differ.
    minute = (source.now() + timedelta(seconds=30)).replace(second=0, microsecond=0)
    begin = minute - _BACKDATE
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .not_valid_before(begin)
        .not_valid_after(begin + _VALIDITY)
    )
    for extension in extensions:
        critical = isinstance(extension, (x509.KeyUsage, x509.BasicConstraints))
        builder = builder.add_extension(extension, critical)
    certificate = None
    while certificate is None:
        certificate = sign_certificate(builder.serial_number(source.serial()), signer)
    return Pair(certificate=certificate_pem(certificate), key=key_pem(key))


def _name(
    common_name: str, *, organization: str | None = None, unit: str | None = None
) -> x509.Name:
    parts = (
        (NameOID.COUNTRY_NAME, "US"),
        (NameOID.STATE_OR_PROVINCE_NAME, "California"),
        (NameOID.LOCALITY_NAME, "San Francisco"),
        (NameOID.ORGANIZATION_NAME, organization),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
        (NameOID.COMMON_NAME, common_name),
    )
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts if value is not None])


def _key_usage(*, key_encipherment: bool, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=key_encipherment,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _authority_key_id(authority: x509.Certificate) -> tuple[x509.ExtensionType, ...]:
    """None for a CA that carries no key identifier, as other tools may have made it."""
    try:
        key_id = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    except x509.ExtensionNotFound:
        return ()
    return (x509.AuthorityKeyIdentifier(key_id.digest, None, None),)


def _alternative_names(sans: Sequence[str]) -> tuple[x509.ExtensionType, ...]:
    names: list[x509.GeneralName] = []
    addresses: list[x509.GeneralName] = []
    for san in sans:
        try:
            addresses.append(x509.IPAddress(ipaddress.ip_address(san)))
        except ValueError:
            names.append(x509.DNSName(san))
    return (x509.SubjectAlternativeName([*names, *addresses]),) if sans else ()
