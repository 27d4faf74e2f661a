"""A chaincode in Node.js: its packages are fetched and it runs in one image, as a server."""

import json
from pathlib import Path

import pytest

from components.chaincode_node import node as made_for
from tests.component.recorded import DEPLOYMENT, SOURCE, Recorded, Resource, Sample

TLS = ("network:\n", "tlsEnabled: true\nnetwork:\n")
PLACE = "/usr/local/src"


def in_node(folder: Path, start: str) -> None:
    (folder / "go.mod").unlink()
    package = {"main": "index.js", "scripts": {"start": start}}
    (folder / "package.json").write_text(json.dumps(package))
    (folder / "index.js").write_text("")


@pytest.fixture
def node(sample: Sample) -> Sample:
    """samples/simple with very-simple in Node.js."""
    in_node(sample.root / "chaincode" / "very-simple", "fabric-chaincode-node start")
    return sample


def server(network: Recorded) -> Resource:
    (found,) = [each for each in network.of(DEPLOYMENT) if each.name == "very-simple"]
    return found


def containers(network: Recorded) -> tuple[dict, dict]:
    spec = server(network).pod["spec"]
    (build,), (run,) = spec["initContainers"], spec["containers"]
    return build, run


def test_both_containers_are_of_nodes_own_image(node: Sample) -> None:
    network = node.with_settings(fabricVersion="2.5.4").record()
    images = {each["image"] for each in containers(network)}
    assert images == {"hyperledger/fabric-nodeenv:2.5"}


def test_fabric_3_has_no_image_of_its_own_for_it(node: Sample) -> None:
    source = node.root / "chaincode" / "very-simple"
    assert made_for(source, "3.1.1").image == made_for(source, "2.5.9").image


def test_a_registry_counts_for_it(node: Sample) -> None:
    pods = {"chaincode": {"registry": "registry.example.com/mirror"}}
    images = {each["image"] for each in containers(node.with_settings(pods=pods).record())}
    assert images == {"registry.example.com/mirror/hyperledger/fabric-nodeenv:2.5"}


def test_the_server_runs_what_the_build_leaves(node: Sample) -> None:
    network = node.record()
    build, run = containers(network)
    (mounted,) = [each for each in run["volumeMounts"] if each["mountPath"] == PLACE]
    assert mounted in build["volumeMounts"]
    assert f"-C {PLACE}" in build["command"][-1]
    assert run["command"][:2] == ["sh", "-c"]
    assert "\nfabric-chaincode-node server\n" in run["command"][-1]
    assert {each.name for each in network.of(SOURCE)} == {"very-simple", "even-simpler"}


def test_a_program_of_its_own_is_started_as_it_says(sample: Sample) -> None:
    in_node(sample.root / "chaincode" / "very-simple", "node index.js --trace")
    _, run = containers(sample.record())
    assert "\nnode index.js --trace\n" in run["command"][-1]


def test_what_npm_writes_is_in_a_volume(node: Sample) -> None:
    build, _ = containers(node.record())
    told = {each["name"]: each["value"] for each in build["env"]}
    assert told["HOME"] in {each["mountPath"] for each in build["volumeMounts"]}


def test_with_tls_peers_are_asked_for_no_certificate(node: Sample) -> None:
    _, run = containers(node.change("network.yaml", TLS).record())
    told = {each["name"]: each["value"] for each in run["env"]}
    assert told["CORE_CHAINCODE_TLS_KEY_FILE"].endswith("server.key")
    assert told["CORE_CHAINCODE_TLS_CERT_FILE"].endswith("server.crt")
    assert not [name for name in told if "CLIENT_CACERT" in name]
