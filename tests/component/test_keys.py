"""Private keys are in Secrets and in outputs that the state keeps encrypted, nowhere else."""

import base64
import json

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.component.recorded import (
    AUTHORITY,
    CHAINCODES,
    CHANNEL,
    CONFIG_MAP,
    IDENTITY,
    INVOCATION,
    SECRET,
    STATEFUL_SET,
    Recorded,
    Resource,
    Sample,
)

MARK = "PRIVATE KEY"
IN_BASE64 = [base64.b64encode(b" " * n + MARK.encode()).decode()[4:-4] for n in range(3)]
"""Part of what the mark becomes at each of its three alignments."""


def holds_key(value: object) -> bool:
    text = json.dumps(value)
    return MARK in text or any(part in text for part in IN_BASE64)


def files(secret: Resource) -> dict[str, bytes]:
    return {key: base64.b64decode(text) for key, text in secret.inputs["data"].items()}


@pytest.fixture(params=["simple", "without_node_ous"])
def network(request: pytest.FixtureRequest) -> Recorded:
    return request.getfixturevalue(request.param)


def test_keys_are_only_where_they_are_encrypted(network: Recorded) -> None:
    found: set[str] = set()
    for resource in network.resources:
        for key, value in resource.inputs.items():
            if holds_key(value):
                assert key in resource.secret, f"{resource.urn}: {key} is not secret"
                found.add(resource.type)
    assert found == {SECRET, IDENTITY}


def test_what_authorities_and_identities_make_is_secret(simple: Recorded) -> None:
    for authority in simple.of(AUTHORITY):
        assert authority.secret_outputs == {"caKey", "tlscaKey"}
    for identity in simple.of(IDENTITY):
        assert identity.secret_outputs == {"key", "tlsKey"}


def test_actions_on_fabric_get_references_to_secrets(simple: Recorded) -> None:
    for action in simple.of(CHANNEL, CHAINCODES, INVOCATION):
        assert action.secret == set()
        assert set(action.inputs["admins"].values()) <= simple.names(SECRET)


def test_the_keys_in_a_secret_are_those_of_its_certificates(network: Recorded) -> None:
    pairs = {
        "cert.pem": "key.pem",
        "server.crt": "server.key",
        "client.crt": "client.key",
        "cacert.pem": "cakey.pem",
        "tlscacert.pem": "tlscakey.pem",
    }
    for secret in network.of(SECRET):
        content = files(secret)
        checked = 0
        for certificate, key in pairs.items():
            if key in content:
                checked += 1
                public = x509.load_pem_x509_certificate(content[certificate]).public_key()
                assert load_pem_private_key(content[key], None).public_key() == public
        assert checked == 2, secret.manifest_name


def test_a_secret_is_its_owners_own(simple: Recorded) -> None:
    peer = files(simple.named(SECRET, "hlf-peer--karga--peer0"))
    certificate = x509.load_pem_x509_certificate(peer["cert.pem"])
    assert "CN=peer0.aptalkarga.tr" in certificate.subject.rfc4514_string()
    assert "OU=peer" in certificate.subject.rfc4514_string()
    authority = files(simple.named(SECRET, "hlf-authority--karga"))
    assert peer["cacert.pem"] == authority["cacert.pem"]
    assert peer["ca.crt"] == peer["tlscacert.pem"] == authority["tlscacert.pem"]
    assert "cakey.pem" not in peer


def test_a_nodes_tls_certificate_is_good_for_every_name_it_is_called_by(simple: Recorded) -> None:
    content = files(simple.named(SECRET, "hlf-peer--karga--peer0"))
    names = (
        x509.load_pem_x509_certificate(content["server.crt"])
        .extensions.get_extension_for_class(x509.SubjectAlternativeName)
        .value
    )
    assert {str(name.value) for name in names} >= {
        "peer0.aptalkarga.tr",
        "hlf-peer--karga--peer0",
        "localhost",
        "127.0.0.1",
    }


def test_every_mounted_file_is_in_the_secret_or_config_map(network: Recorded) -> None:
    for node in network.of(STATEFUL_SET):
        mounted = [v["secret"] for v in node.pod["spec"]["volumes"] if "secret" in v]
        assert {each["secretName"] for each in mounted} == {node.manifest_name}
        wanted = {item["key"] for each in mounted for item in each["items"]}
        assert wanted <= set(files(network.named(SECRET, node.manifest_name)))
        assert wanted >= {"cert.pem", "key.pem", "config.yaml", "server.key", "ca.crt"}
        paths = [item["path"] for each in mounted for item in each["items"]]
        assert len(set(paths)) == len(paths)


def test_without_node_ous_admins_are_known_by_certificate(without_node_ous: Recorded) -> None:
    def has_admin(node: str) -> bool:
        volumes = without_node_ous.named(STATEFUL_SET, node).pod["spec"]["volumes"]
        items = [i for v in volumes if "secret" in v for i in v["secret"]["items"]]
        return any(item["path"] == "admincerts/admin.pem" for item in items)

    assert has_admin("hlf-peer--karga--peer0")
    assert not has_admin("hlf-peer--atlantis--peer0")
    admin = files(without_node_ous.named(SECRET, "hlf-user--karga--admin"))
    peer = files(without_node_ous.named(SECRET, "hlf-peer--karga--peer0"))
    assert peer["admincert.pem"] == admin["cert.pem"]
    subject = x509.load_pem_x509_certificate(admin["cert.pem"]).subject.rfc4514_string()
    assert "OU=" not in subject


def test_public_msps_are_what_secrets_say(network: Recorded) -> None:
    for org, msp_id in (("karga", "KargaMSP"), ("groeifabriek", "GroeifabriekMSP")):
        public = network.named(CONFIG_MAP, f"hlf-msp--{org}").inputs["data"]
        admin = files(network.named(SECRET, f"hlf-user--{org}--admin"))
        assert public["mspid"] == msp_id
        assert public["cacert.pem"].encode() == admin["cacert.pem"]
        assert public.get("admincert.pem", "").encode() == admin.get("admincert.pem", b"")


@pytest.mark.parametrize("tls", [True, False])
def test_public_msps_have_tls_roots_only_with_tls(sample: Sample, *, tls: bool) -> None:
    """A peer's gateway speaks TLS to the nodes of an MSP that has them."""
    network = sample.record(tls=tls)
    for org in ("atlantis", "groeifabriek", "karga", "nevergreen"):
        public = network.named(CONFIG_MAP, f"hlf-msp--{org}").inputs["data"]
        authority = files(network.named(SECRET, f"hlf-authority--{org}"))
        assert public["tlscacert.pem"] == authority["tlscacert.pem"].decode()
        assert public["tls"] == str(tls).lower()
