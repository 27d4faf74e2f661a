"""TLS between peers and chaincodes' servers: who issues it, what servers and peers know of it."""

import base64
import json
import shutil
from collections.abc import Mapping

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from actions import legacy_chaincodes
from actions.definitions import package_for, package_of
from tests.component.recorded import (
    AUTHORITY,
    CHAINCODES,
    DEPLOYMENT,
    INVOCATION,
    REPOSITORY,
    SECRET,
    SERVER_CERTIFICATE,
    SERVICE,
    Recorded,
    Resource,
    Sample,
)
from tests.component.test_actions import values
from tests.component.test_keys import files, holds_key

AUTHORITY_SECRET = "hlf-chaincode-authority"
PIVT = REPOSITORY / "tests" / "unit" / "spec" / "pivt-simple"
TLS = ("network:\n", "tlsEnabled: true\nnetwork:\n")


@pytest.fixture
def secured(sample: Sample) -> Recorded:
    return sample.change("network.yaml", TLS).record()


@pytest.fixture
def legacy(sample: Sample) -> Sample:
    """The files of Fabric 1.4."""
    for path in PIVT.iterdir():
        shutil.copy(path, sample.root / "net" / path.name)
    return sample.change("network.yaml", TLS)


def environment(server: Resource) -> dict[str, str]:
    (container,) = server.pod["spec"]["containers"]
    return {each["name"]: each["value"] for each in container["env"]}


def tls_paths(server: Resource) -> dict[str, str]:
    """Where a server's container has the files of its Secret, by their names in it."""
    (container,) = server.pod["spec"]["containers"]
    (mount,) = [each for each in container["volumeMounts"] if each["name"] == "tls"]
    assert mount["readOnly"]
    (volume,) = [each for each in server.pod["spec"]["volumes"] if each["name"] == "tls"]
    assert volume["secret"]["secretName"] == server.manifest_name
    items = volume["secret"]["items"]
    return {each["key"]: f"{mount['mountPath']}/{each['path']}" for each in items}


def root_of(network: Recorded) -> str:
    return files(network.named(SECRET, AUTHORITY_SECRET))["tlscacert.pem"].decode()


def definitions(network: Recorded) -> list[tuple[str, Mapping[str, str]]]:
    return [item for each in network.of(CHAINCODES) for item in each.inputs["definitions"].items()]


def test_without_tls_there_is_no_word_of_it(simple: Recorded) -> None:
    assert AUTHORITY_SECRET not in simple.names(SECRET)
    assert not [each for each in simple.resources if each.type == SERVER_CERTIFICATE]
    assert simple.names(DEPLOYMENT).isdisjoint(simple.names(SECRET))
    for server in simple.of(DEPLOYMENT):
        assert "TLS" not in json.dumps(server.inputs)
        assert not server.pod["metadata"]["annotations"]
    for _, definition in definitions(simple):
        assert "tlsRoot" not in definition
        package = package_for(definition["label"], definition["address"])
        assert definition["packageId"] == package.id


def test_one_authority_of_its_own_lasts_and_certificates_come_and_go(secured: Recorded) -> None:
    assert len(secured.of(AUTHORITY)) == 5, "four organizations, and the chaincodes"
    authority = secured.named(SECRET, AUTHORITY_SECRET)
    assert authority.retained
    for server in secured.of(DEPLOYMENT):
        secret = secured.named(SECRET, server.manifest_name)
        assert not secret.retained
        assert secret.urn in secured.waits_for(server)
    for issued in secured.of(SERVER_CERTIFICATE):
        assert issued.secret_outputs == {"key"}
        assert {key for key, value in issued.inputs.items() if holds_key(value)} == {"tlscaKey"}
        assert issued.secret == {"tlscaKey"}
    for action in secured.actions:
        assert {type(each) for each in values(action.inputs)} <= {str, bool, dict}


def test_a_servers_certificate_is_for_its_service(secured: Recorded) -> None:
    root = x509.load_pem_x509_certificate(root_of(secured).encode())
    for server in secured.of(DEPLOYMENT):
        assert server.manifest_name in secured.names(SERVICE)
        content = files(secured.named(SECRET, server.manifest_name))
        certificate = x509.load_pem_x509_certificate(content["server.crt"])
        certificate.verify_directly_issued_by(root)
        key = load_pem_private_key(content["server.key"], None)
        assert key.public_key() == certificate.public_key()
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        assert found.value.get_values_for_type(x509.DNSName) == [server.manifest_name]


def test_a_server_is_told_by_the_names_of_every_library(secured: Recorded) -> None:
    for server in secured.of(DEPLOYMENT):
        told = environment(server)
        assert told["CHAINCODE_TLS_DISABLED"] == "false"
        assert told["CORE_PEER_TLS_ENABLED"] == "true"
        paths = tls_paths(server)
        for variable in ("CHAINCODE_TLS_CERT", "CORE_CHAINCODE_TLS_CERT_FILE"):
            assert told[variable] == told["CORE_TLS_CLIENT_CERT_FILE"] == paths["server.crt"]
        for variable in ("CHAINCODE_TLS_KEY", "CORE_CHAINCODE_TLS_KEY_FILE"):
            assert told[variable] == told["CORE_TLS_CLIENT_KEY_FILE"] == paths["server.key"]
        # The contract API in Go would ask peers for certificates.
        assert "CORE_PEER_TLS_ROOTCERT_FILE" not in told
        assert set(paths) == {"server.crt", "server.key"}
        assert server.pod["metadata"]["annotations"]["hlf/certificates"]


def test_a_server_in_java_gets_what_it_reads_for_nothing(sample: Sample) -> None:
    name = "- name: very-simple\n"
    java = f"{name}      language: java\n      image: example/very-simple:1.0\n"
    network = sample.change("network.yaml", TLS, (name, java)).record()
    (server,) = [s for s in network.of(DEPLOYMENT) if s.name == "very-simple"]
    told, paths = environment(server), tls_paths(server)
    content = files(network.named(SECRET, server.manifest_name))
    for kind, name in (("CERT", "server.crt"), ("KEY", "server.key")):
        assert told[f"CORE_TLS_CLIENT_{kind}_FILE"] == paths[name]
        assert told[f"CORE_TLS_CLIENT_{kind}_PATH"] == paths[f"{name}.base64"]
        assert base64.b64decode(content[f"{name}.base64"], validate=True) == content[name]
    assert told["CORE_PEER_TLS_ROOTCERT_FILE"] == paths["server.crt"]


def test_all_know_the_package_by_one_id(secured: Recorded) -> None:
    """Which is made of the authority's certificate, too."""
    called = {each.inputs["chaincode"]: each.inputs["packageId"] for each in secured.of(INVOCATION)}
    for name, definition in definitions(secured):
        assert definition["tlsRoot"] == root_of(secured)
        server, _, _ = definition["address"].partition(":")
        package = package_of(definition)
        assert package.id != package_for(definition["label"], definition["address"]).id
        assert package.id == definition["packageId"] == called[name]
        told = environment(secured.named(DEPLOYMENT, server))
        assert package.id == told["CHAINCODE_ID"] == told["CORE_CHAINCODE_ID"]
        assert package.id == told["CORE_CHAINCODE_ID_NAME"]


def test_the_old_lifecycle_has_it_in_its_package(legacy: Sample) -> None:
    network = legacy.record()
    for name, definition in definitions(network):
        assert definition["packageId"] == f"{name}:1.0"
        assert definition["tlsRoot"] == root_of(network)
        package = legacy_chaincodes.wanted_of({name: definition})[name].package
        plain = {key: value for key, value in definition.items() if key != "tlsRoot"}
        assert package.fingerprint != (
            legacy_chaincodes.wanted_of({name: plain})[name].package.fingerprint
        )
        server = network.named(DEPLOYMENT, definition["address"].partition(":")[0])
        assert environment(server)["CHAINCODE_TLS_DISABLED"] == "false"


def test_a_server_with_tls_comes_up_beside_one_without(sample: Sample, simple: Recorded) -> None:
    secured = sample.change("network.yaml", TLS).record()
    assert secured.names(DEPLOYMENT).isdisjoint(simple.names(DEPLOYMENT))


def test_keys_are_only_where_they_are_encrypted(secured: Recorded) -> None:
    for resource in secured.resources:
        for key, value in resource.inputs.items():
            if holds_key(value):
                assert key in resource.secret, f"{resource.urn}: {key} is not secret"


def test_a_chaincode_more_changes_no_other(sample: Sample) -> None:
    before = sample.change("network.yaml", TLS).record()
    chaincodes = "  chaincodes:\n"
    more = "    - {name: another, orgs: [Karga], image: 'example/another:1.0'}\n"
    after = sample.change("network.yaml", (chaincodes, chaincodes + more)).record()
    new = {each.urn: each.inputs for each in after.resources}
    for each in before.resources:
        assert new[each.urn] == each.inputs, each.urn
    assert len(new) - len(before.resources) == 5, "component, certificate, Secret, Service, server"
