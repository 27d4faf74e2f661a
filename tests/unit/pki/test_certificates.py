"""What certificates mean, according to openssl, to `ssl` and to the rules of Fabric."""

import hashlib
import socket
import ssl
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from hlf.pki.authority import issue, issue_tls, make_authority
from hlf.pki.low_s import is_low_s, sign
from hlf.pki.pair import Pair, check_pair, common_name, key_pem, load_certificate, load_key

CA = make_authority("karga.tr", "ca")
TLSCA = make_authority("karga.tr", "tlsca")


def openssl(*arguments: str, cwd: Path) -> str:
    return subprocess.run(
        ["openssl", *arguments], cwd=cwd, check=True, capture_output=True, text=True
    ).stdout


def test_openssl_verifies_the_chain_and_knows_the_purposes(tmp_path: Path):
    (tmp_path / "ca.pem").write_bytes(CA.certificate)
    (tmp_path / "tlsca.pem").write_bytes(TLSCA.certificate)
    peer = issue(CA, common_name="peer0.karga.tr", role="peer")
    tls = issue_tls(TLSCA, common_name="peer0.karga.tr", sans=["peer0", "127.0.0.1"])
    (tmp_path / "peer.pem").write_bytes(peer.certificate)
    (tmp_path / "tls.pem").write_bytes(tls.certificate)
    openssl("verify", "-x509_strict", "-CAfile", "ca.pem", "peer.pem", cwd=tmp_path)
    for purpose in ("sslserver", "sslclient"):
        openssl("verify", "-purpose", purpose, "-CAfile", "tlsca.pem", "tls.pem", cwd=tmp_path)
    with pytest.raises(subprocess.CalledProcessError):
        openssl("verify", "-CAfile", "tlsca.pem", "peer.pem", cwd=tmp_path)


@pytest.mark.parametrize("name", ["peer0", "peer0.karga.tr", "127.0.0.1"])
def test_a_mutual_tls_handshake(name: str, tmp_path: Path):
    server = issue_tls(
        TLSCA, common_name="peer0.karga.tr", sans=["peer0.karga.tr", "peer0", "127.0.0.1"]
    )
    client = issue_tls(TLSCA, common_name="Admin@karga.tr")
    assert handshake(server, client, name, tmp_path) == "Admin@karga.tr"


def test_no_handshake_under_a_name_that_the_certificate_lacks(tmp_path: Path):
    server = issue_tls(TLSCA, common_name="peer0.karga.tr", sans=["peer0"])
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(server, server, "peer1", tmp_path)


def handshake(server: Pair, client: Pair, name: str, folder: Path) -> str:
    """The CN of the client as the server saw it."""

    def context(purpose: ssl.Purpose, pair: Pair, file: str) -> ssl.SSLContext:
        path = folder / file
        path.write_bytes(pair.certificate + pair.key)
        made = ssl.create_default_context(purpose, cadata=TLSCA.certificate.decode())
        made.load_cert_chain(path)
        made.verify_mode = ssl.CERT_REQUIRED
        return made

    serving = context(ssl.Purpose.CLIENT_AUTH, server, "server.pem")
    calling = context(ssl.Purpose.SERVER_AUTH, client, "client.pem")
    ours, theirs = socket.socketpair()
    seen: list[str] = []

    def serve() -> None:
        try:
            with serving.wrap_socket(theirs, server_side=True) as connection:
                subject = connection.getpeercert()["subject"]
                seen.append(dict(part[0] for part in subject)["commonName"])
                connection.send(b"x")
        except ssl.SSLError:
            theirs.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with calling.wrap_socket(ours, server_hostname=name) as connection:
            connection.recv(1)
    finally:
        ours.close()
        thread.join(10)
    return seen[0]


def text_of(pair: Pair) -> x509.Certificate:
    return load_certificate(pair.certificate)


def test_an_authority_is_named_as_fabric_names_keys():
    certificate = text_of(CA)
    key = load_key(CA.key).public_key()
    point = key.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    extension = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    assert extension.value.digest == hashlib.sha256(point).digest()
    assert certificate.subject.rfc4514_string() == (
        "CN=ca.karga.tr,O=karga.tr,L=San Francisco,ST=California,C=US"
    )


def test_an_identity_says_its_role_and_points_to_its_authority():
    certificate = text_of(issue(CA, common_name="peer0.karga.tr", role="peer"))
    assert certificate.subject.rfc4514_string() == (
        "CN=peer0.karga.tr,OU=peer,L=San Francisco,ST=California,C=US"
    )
    aki = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    ski = text_of(CA).extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    assert aki.key_identifier == ski.digest
    without = text_of(issue(CA, common_name="peer0.karga.tr", role=None))
    assert "OU=" not in without.subject.rfc4514_string()


def test_an_authority_without_a_key_identifier_can_issue():
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "plain")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    authority = Pair(certificate=pem, key=key_pem(key))
    pair = issue(authority, common_name="x", role=None)
    check_pair(pair, authority=pem, at=now)
    with pytest.raises(x509.ExtensionNotFound):
        text_of(pair).extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)


def test_validity_is_ten_years_from_five_minutes_ago(fixed):
    certificate = text_of(make_authority("karga.tr", "ca", source=fixed()))
    assert certificate.not_valid_before_utc == datetime(2030, 5, 6, 7, 4, tzinfo=UTC)
    assert certificate.not_valid_after_utc == datetime(2040, 5, 3, 7, 4, tzinfo=UTC)


def test_the_same_source_gives_the_same_bytes(fixed):
    def make() -> tuple[Pair, Pair, Pair]:
        source = fixed()
        ca = make_authority("karga.tr", "ca", source=source)
        return (
            ca,
            issue(ca, common_name="a", role="admin", source=source),
            issue_tls(ca, common_name="a", sans=["b", "::1"], source=source),
        )

    assert make() == make()


def test_every_certificate_has_a_low_s():
    pairs = [issue(CA, common_name=str(number), role="client") for number in range(40)]
    assert all(is_low_s(text_of(pair).signature) for pair in pairs)


def test_every_signature_has_a_low_s_and_verifies():
    key = load_key(CA.key)
    for number in range(40):
        message = str(number).encode()
        signature = sign(CA.key, message)
        assert is_low_s(signature)
        assert signature == sign(key, message)
        key.public_key().verify(signature, message, ec.ECDSA(hashes.SHA256()))


def test_about_half_of_plain_signatures_have_a_high_s():
    """Otherwise the two tests above would say nothing."""
    key = load_key(CA.key)
    plain = [key.sign(str(n).encode(), ec.ECDSA(hashes.SHA256())) for n in range(60)]
    assert not all(map(is_low_s, plain))


def test_no_key_is_ever_printed():
    secret = CA.key.decode().splitlines()[1]
    for text in (repr(CA), str(CA), f"{[CA]}"):
        assert secret not in text
        assert "PRIVATE KEY" not in text


def test_the_key_is_pkcs8():
    assert CA.key.startswith(b"-----BEGIN PRIVATE KEY-----\n")


NOW = datetime.now(UTC)
PEER = issue(CA, common_name="peer0.karga.tr", role="peer")


def test_a_pair_that_fits():
    check_pair(PEER, authority=CA.certificate, at=NOW)
    check_pair(CA, authority=CA.certificate, at=NOW)


@pytest.mark.parametrize(
    ("pair", "authority", "at", "says"),
    [
        (
            Pair(certificate=PEER.certificate, key=CA.key),
            CA.certificate,
            NOW,
            "private key does not belong to the certificate of CN=peer0.karga.tr",
        ),
        (PEER, TLSCA.certificate, NOW, "CN=peer0.*was not issued by CN=tlsca.karga.tr"),
        (
            PEER,
            make_authority("karga.tr", "ca").certificate,
            NOW,
            "CN=peer0.*was not issued by CN=ca.karga.tr",
        ),
        (PEER, CA.certificate, NOW + timedelta(days=3651), "CN=peer0.* is valid from .* not on"),
        (PEER, CA.certificate, NOW - timedelta(days=1), "CN=peer0.* is valid from .* not on"),
        (
            issue(PEER, common_name="x", role=None),
            PEER.certificate,
            NOW,
            "CN=peer0.* is not a certificate authority",
        ),
        (Pair(certificate=b"x", key=PEER.key), CA.certificate, NOW, "no certificate in PEM"),
        (Pair(certificate=PEER.certificate, key=b"x"), CA.certificate, NOW, "no private key"),
    ],
)
def test_a_pair_that_does_not_fit(pair: Pair, authority: bytes, at: datetime, says: str):
    with pytest.raises(ValueError, match=says):
        check_pair(pair, authority=authority, at=at)


def pem(
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, password: bytes | None = None
) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(password)
        if password
        else serialization.NoEncryption(),
    )


@pytest.mark.parametrize(
    ("key", "says"),
    [
        (pem(ec.generate_private_key(ec.SECP384R1())), "not a P-256 key"),
        (pem(rsa.generate_private_key(65537, 2048)), "not a P-256 key"),
        (pem(ec.generate_private_key(ec.SECP256R1()), b"secret"), "encrypted"),
    ],
)
def test_keys_that_fabric_cannot_use(key: bytes, says: str):
    with pytest.raises(ValueError, match=says):
        load_key(key)


def test_the_common_name():
    assert common_name(PEER.certificate) == "peer0.karga.tr"
