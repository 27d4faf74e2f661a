"""The lifecycle of Fabric 1 on real nodes of today, with the capabilities that PIVT's samples have.

The peers take the packages by the very builder that goes into the cluster.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from actions import legacy_chaincodes
from hlf.client import legacy
from hlf.client.errors import Refused
from hlf.client.legacy import Instance
from hlf.client.transaction import evaluate, submit
from hlf.client.wait import gather
from hlf.errors import FabricError
from tests.official.fabric.legacy_bench import Bench, made
from tests.official.fabric.network import (
    PIVT,
    Capabilities,
    Organization,
)

BOTH = "AND('KargaMSP.member', 'NevergreenMSP.member')"
ANY = "OR('KargaMSP.member', 'NevergreenMSP.member')"


@pytest.fixture(autouse=True)
def no_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers are processes here."""
    monkeypatch.setattr(legacy_chaincodes, "await_servers", lambda *_: None)


def test_a_package_is_installed_once_and_known_by_its_fingerprint(bench: Bench) -> None:
    package = bench.server("known", "1.0", start=False).package
    for peer in bench.peers:
        legacy.install(peer, package)
        legacy.install(peer, package)
        assert legacy.installed(peer)["known:1.0"] == package.fingerprint


def test_nothing_replaces_an_installed_version(bench: Bench) -> None:
    first, second = (bench.server("kept", "1.0", start=False).package for _ in range(2))
    peer = bench.peers[0]
    legacy.install(peer, first)
    with pytest.raises(FabricError, match=r"karga/peer0.*another package of kept:1\.0.*version"):
        legacy.install(peer, second)
    assert legacy.installed(peer)["kept:1.0"] == first.fingerprint


def test_only_admins_install(bench: Bench) -> None:
    client = bench.network.peer_as(bench.network.members[0].client, "Karga")
    package = bench.server("denied", "1.0", start=False).package
    with pytest.raises(Refused, match=r"installing chaincode denied:1\.0 .*access denied"):
        legacy.install(client, package)


def test_deployed_upgraded_and_called(bench: Bench, legacy_channel: str) -> None:
    peers = bench.peers
    bench.running("basic", "1.0")
    first = Instance(name="basic", version="1.0")
    legacy.deploy(peers[0], bench.orderer, legacy_channel, first, init=["began"], commit_on=peers)

    for peer in peers:
        assert legacy.instances(peer, legacy_channel)["basic"] == replace(first, policy=ANY)
        assert evaluate(peer, legacy_channel, "basic", ["get", "init"]) == b"began"
    submit(peers[:1], bench.orderer, legacy_channel, "basic", ["put", "a", "1"], commit_on=peers)

    bench.running("basic", "1.1")
    second = Instance(name="basic", version="1.1", policy=BOTH)
    legacy.upgrade(
        peers[1], bench.orderer, legacy_channel, second, init=["went on"], commit_on=peers
    )

    for peer in peers:
        assert legacy.instances(peer, legacy_channel)["basic"] == second
        assert evaluate(peer, legacy_channel, "basic", ["get", "init"]) == b"went on"
        assert evaluate(peer, legacy_channel, "basic", ["get", "a"]) == b"1"
    with pytest.raises(FabricError, match="ENDORSEMENT_POLICY_FAILURE"):
        submit(
            peers[:1], bench.orderer, legacy_channel, "basic", ["put", "a", "2"], commit_on=peers
        )
    submit(peers, bench.orderer, legacy_channel, "basic", ["put", "a", "3"])


def test_fabric_changes_no_policy_without_the_version(bench: Bench, legacy_channel: str) -> None:
    bench.running("same", "1.0")
    wanted = Instance(name="same", version="1.0")
    legacy.deploy(bench.peers[0], bench.orderer, legacy_channel, wanted)
    with pytest.raises(Refused, match="version already exists for chaincode with name 'same'"):
        legacy.upgrade(bench.peers[0], bench.orderer, legacy_channel, replace(wanted, policy=BOTH))


def test_what_is_wrong_at_deployment_is_told(bench: Bench, legacy_channel: str) -> None:
    peer = bench.peers[0]
    wanted = Instance(name="wrong", version="1.0")
    with pytest.raises(Refused, match=r"cannot get package for chaincode \(wrong:1\.0\)"):
        legacy.deploy(peer, bench.orderer, legacy_channel, wanted)
    server = bench.server("wrong", "1.0", start=False)
    legacy.install(peer, server.package)
    with pytest.raises(Refused, match=r"could not launch chaincode wrong:1\.0"):
        legacy.deploy(peer, bench.orderer, legacy_channel, wanted)
    server.process.start()
    with pytest.raises(Refused, match="told to fail"):
        gather(
            lambda _: legacy_chaincodes.reach(
                lambda: legacy.deploy(peer, bench.orderer, legacy_channel, wanted, init=["fail"])
            ),
            [None],
        )
    assert "wrong" not in legacy.instances(peer, legacy_channel)
    client = bench.network.peer_as(bench.network.members[0].client, "Karga")
    with pytest.raises(Refused, match="instantiation policy violation"):
        legacy.deploy(client, bench.orderer, legacy_channel, wanted)


@pytest.mark.parametrize(
    "capabilities",
    [
        Capabilities(channel=(), orderer=(), application=(), policies={}),
        Capabilities(channel=("V1_1",), orderer=("V1_1",), application=("V1_1",), policies={}),
        Capabilities(channel=("V1_4_2",), orderer=("V1_4_2",), application=("V1_3",), policies={}),
    ],
    ids=["none", "V1_1", "V1_4_2"],
)
def test_older_capabilities_without_node_ous(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capabilities: Capabilities
) -> None:
    monkeypatch.setattr(Organization, "node_ous", False)
    for bench in made(tmp_path, capabilities):
        channel = bench.join("common")
        for version in ("1.0", "1.1"):
            definitions = bench.listed("basic", version)
            legacy_chaincodes.apply(bench.members(channel), definitions, lambda _: None)
        submit(list(bench.peers), bench.orderer, channel, "basic", ["put", "a", "1"])


@pytest.mark.parametrize("capability", [(), ("V1_1",), ("V1_3",), ("V1_4_2",)])
def test_with_node_ous_they_know_no_admins(tmp_path: Path, capability: tuple[str, ...]) -> None:
    """Which is why hlf.spec refuses them."""
    older = replace(PIVT, channel=capability)
    for bench in made(tmp_path, older):
        with pytest.raises(Refused, match="/Channel/Application"):
            bench.join("common")
