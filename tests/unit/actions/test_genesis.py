"""The genesis block: made once, kept, and never another for the same network."""

import base64
from typing import Any

import pytest
from pulumi.output import Unknown

from actions.cluster import ClusterError
from actions.genesis import GenesisProvider
from hlf.config.plain import to_plain
from hlf.config.protos import Block
from hlf.config.read import channel_of, config_of, msps
from hlf.pki.authority import make_authority
from hlf.spec import load
from tests.unit.actions.kubernetes import Kubernetes
from tests.unit.actions.repository import REPOSITORY

Props = dict[str, Any]
KEY = ("fabric", "configmaps", "hlf-genesis")


@pytest.fixture(scope="module")
def props() -> Props:
    """Of samples/simple; all its organizations have their MSP in one ConfigMap's name each."""
    network = load({"network": "samples/simple"}, root=REPOSITORY, stack="dev")
    config = network.system_channel.config
    return {
        "channel": network.system_channel.name,
        "namespace": "fabric",
        "config": to_plain(config),
        "msps": {name: f"hlf-msp--{name.lower()}" for name in config.organizations()},
        "resource": "urn",
    }


@pytest.fixture
def with_msps(kubernetes: Kubernetes, props: Props) -> Kubernetes:
    ca, tlsca = make_authority("example.com", "ca"), make_authority("example.com", "tlsca")
    for name, config_map in props["msps"].items():
        data = {
            "mspid": name,
            "cacert.pem": ca.certificate.decode(),
            "tlscacert.pem": tlsca.certificate.decode(),
        }
        kubernetes.put("fabric", "configmaps", {"metadata": {"name": config_map}, "data": data})
    return kubernetes


def block_of(outs: Props) -> Block:
    return Block.FromString(base64.b64decode(outs["block"]))


def keep(kubernetes: Kubernetes, data: dict[str, str]) -> None:
    manifest = {"metadata": {"name": "hlf-genesis"}, "binaryData": data}
    kubernetes.put("fabric", "configmaps", manifest)


def test_the_block_holds_every_msp(with_msps: Kubernetes, props: Props) -> None:
    created = GenesisProvider().create(dict(props))
    assert created.id == "testchainid"
    block = block_of(created.outs)
    assert block.header.number == 0
    assert channel_of(block) == "testchainid"
    assert set(msps(config_of(block).channel_group)) == set(props["msps"])


def test_a_block_that_was_kept_is_taken_over(with_msps: Kubernetes, props: Props) -> None:
    made = GenesisProvider().create(dict(props)).outs
    assert GenesisProvider().create(dict(props)).outs["block"] != made["block"]
    keep(with_msps, {"genesis.block": made["block"]})
    assert GenesisProvider().create(dict(props)).outs["block"] == made["block"]


def test_a_kept_block_of_another_network_is_refused(with_msps: Kubernetes, props: Props) -> None:
    made = GenesisProvider().create({**props, "channel": "former"}).outs
    keep(with_msps, {"genesis.block": made["block"]})
    with pytest.raises(ClusterError) as caught:
        GenesisProvider().create(dict(props))
    for part in ("hlf-genesis", "fabric", "former", "testchainid", "network.systemChannelID"):
        assert part in str(caught.value)


@pytest.mark.parametrize(
    "data", [{}, {"other": "QQ=="}, {"genesis.block": ""}, {"genesis.block": "bm8gYmxvY2s="}]
)
def test_what_is_no_block_is_refused(
    with_msps: Kubernetes, props: Props, data: dict[str, str]
) -> None:
    keep(with_msps, data)
    with pytest.raises(ClusterError, match="has kept no block"):
        GenesisProvider().create(dict(props))


def test_an_msp_that_is_not_there_is_named(kubernetes: Kubernetes, props: Props) -> None:
    with pytest.raises(ClusterError, match=r"ConfigMap hlf-msp--.* is not in fabric"):
        GenesisProvider().create(dict(props))


def test_edits_of_the_configuration_are_no_difference(props: Props) -> None:
    news = {**props, "config": {}, "msps": {}, "resource": "other"}
    diff = GenesisProvider().diff("testchainid", props, news)
    assert (diff.changes, diff.replaces) == (False, [])


def test_another_namespace_is_another_network(props: Props) -> None:
    diff = GenesisProvider().diff("testchainid", props, {**props, "namespace": "other"})
    assert (diff.changes, diff.replaces) == (True, ["namespace"])
    unknown = GenesisProvider().diff("testchainid", props, {**props, "namespace": Unknown()})
    assert unknown.changes is False


def test_an_update_keeps_the_block(props: Props) -> None:
    updated = GenesisProvider().update("", {**props, "block": "QQ=="}, {**props, "config": {}})
    assert updated.outs == {**props, "config": {}, "block": "QQ=="}
