"""What a TLS context is made of; connections are tried in tests/official/fabric."""

import ssl
import tempfile
from pathlib import Path

import pytest

from hlf.client import tls
from hlf.client.connection import Endpoint
from hlf.pki.authority import issue_tls, make_authority
from hlf.pki.pair import Pair

AUTHORITY = make_authority("groeifabriek.nl", "tlsca")


def endpoint(client: Pair | None) -> Endpoint:
    return Endpoint(
        name="orderer", address="127.0.0.1:1", tls_roots=AUTHORITY.certificate, client=client
    )


def test_nothing_else_is_trusted():
    context = tls._context(endpoint(None))
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.cert_store_stats()["x509_ca"] == 1


def test_no_key_is_left_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    pair = issue_tls(AUTHORITY, common_name="admin")
    tls._context(endpoint(pair))
    assert list(tmp_path.iterdir()) == []
    other = issue_tls(AUTHORITY, common_name="admin")
    with pytest.raises(ssl.SSLError) as caught:
        tls._context(endpoint(Pair(certificate=pair.certificate, key=other.key)))
    assert list(tmp_path.iterdir()) == []
    assert tls.cause(caught.value) == "the given TLS certificate or key cannot be used"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[SSL: WRONG_VERSION_NUMBER] wrong version number", "it does not speak TLS"),
        ("certificate verify failed: Hostname mismatch, certificate is not", "for other names"),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] unable to get local issuer", "expected TLS CA"),
        ("[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert", "a TLS client certificate"),
        ("[SSL: SOMETHING_ELSE]", "TLS failed"),
    ],
)
def test_causes(text: str, said: str):
    assert said in tls.cause(ssl.SSLError(1, text))
