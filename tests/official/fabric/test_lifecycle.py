"""Chaincodes: installed, approved and committed on real peers, and what they refuse."""

from dataclasses import replace

import pytest

from hlf.client.errors import Refused
from hlf.client.lifecycle import (
    CHANNEL_ENDORSEMENT,
    Approval,
    Definition,
    approve,
    approved,
    commit,
    commit_readiness,
    committed,
    install,
    installed,
)
from hlf.client.package import ccaas_package
from hlf.client.protos import CollectionConfigPackage, serialize
from hlf.client.wait import gather
from hlf.config.policy import signature_envelope
from hlf.errors import FabricError
from tests.official.fabric.network import CHANNEL, Network, Served

POLICY = "OR('KargaMSP.peer', 'NevergreenMSP.peer')"


def collections() -> bytes:
    """One private data collection."""
    package = CollectionConfigPackage()
    static = package.config.add().static_collection_config
    static.name = "secrets"
    static.member_orgs_policy.signature_policy.CopyFrom(signature_envelope("OR('KargaMSP.member')"))
    static.maximum_peer_count = 1
    return serialize(package)


def test_package_id_is_the_peers_own(network: Network, chaincode: Served) -> None:
    for peer in network.admin_peers():
        assert installed(peer)[chaincode.package.id] == "basic_1"
        install(peer, chaincode.package)


def test_committed_definition_is_read_back(network: Network, chaincode: Served) -> None:
    for peer in network.admin_peers():
        definition = committed(peer, CHANNEL)["basic"]
        assert definition == Definition(name="basic", version="1", sequence=1)
        assert definition.policy == CHANNEL_ENDORSEMENT
        approval = approved(peer, CHANNEL, "basic")
        assert approval is not None
        assert approval.definition == definition
        assert approval.package_id == chaincode.package.id


def test_policy_collections_and_init_survive(network: Network) -> None:
    peers = network.admin_peers()
    wanted = Definition(
        name="private",
        version="1.0",
        sequence=1,
        policy=POLICY,
        init_required=True,
        collections=collections(),
    )
    assert approved(peers[0], CHANNEL, "private") is None
    orderer = network.orderer_as(peers[0].signer)
    approve(peers[0], orderer, CHANNEL, wanted, package_id=None)
    assert commit_readiness(peers[0], CHANNEL, wanted) == {
        "KargaMSP": True,
        "NevergreenMSP": False,
    }
    with pytest.raises(Refused, match="not agreed to by this org"):
        commit(peers, orderer, CHANNEL, wanted)

    nevergreen = network.orderer_as(peers[1].signer)
    approve(peers[1], nevergreen, CHANNEL, wanted, package_id=None)
    assert all(commit_readiness(peers[1], CHANNEL, wanted).values())
    commit(peers, orderer, CHANNEL, wanted)

    assert committed(peers[0], CHANNEL)["private"] == wanted
    approval = approved(peers[1], CHANNEL, "private", sequence=1)
    assert approval is not None
    assert approval.definition == wanted
    assert approval.package_id is None


def test_wrong_sequences_are_told(network: Network, chaincode: Served) -> None:
    peer = network.admin_peers()[0]
    orderer = network.orderer_as(peer.signer)
    current = committed(peer, CHANNEL)["basic"]
    ahead = replace(current, sequence=current.sequence + 2)
    with pytest.raises(Refused, match="larger than the next available sequence number 2"):
        approve(peer, orderer, CHANNEL, ahead, package_id=chaincode.package.id)
    changed = replace(current, version="2")
    with pytest.raises(Refused, match="redefine the current committed sequence") as caught:
        approve(peer, orderer, CHANNEL, changed, package_id=chaincode.package.id)
    assert str(caught.value).startswith("peer karga/peer0 at 127.0.0.1:")
    assert CHANNEL in str(caught.value)


def test_only_admins_install(network: Network, chaincode: Served) -> None:
    client = network.peer_as(network.members[0].client, "Karga")
    other = ccaas_package(label="other", connection={"address": "127.0.0.1:1"})
    with pytest.raises(
        Refused, match=r"installing chaincode package other \(500: .*ACL.*sign as an admin"
    ):
        install(client, other)
    assert other.id not in installed(network.admin_peers()[0])


def test_package_that_peers_cannot_read(network: Network) -> None:
    broken = replace(ccaas_package(label="broken", connection={}), data=b"not a package")
    with pytest.raises(Refused, match="installing chaincode package broken"):
        install(network.admin_peers()[0], broken)


def test_the_same_ordered_a_moment_before_is_fine(network: Network, chaincode: Served) -> None:
    """As by a run that was killed: both are endorsed on the same state, and one is invalid."""
    peers = network.admin_peers()
    orderer = network.orderer_as(peers[0].signer)
    wanted = Definition(name="twice", version="1.0", sequence=1)
    gather(lambda peer: approve(peer, orderer, CHANNEL, wanted, package_id=None), [*peers, *peers])
    for peer in peers:
        assert approved(peer, CHANNEL, "twice") == Approval(definition=wanted, package_id=None)
    gather(lambda _: commit(peers, orderer, CHANNEL, wanted), range(2))
    assert committed(peers[0], CHANNEL)["twice"] == wanted
    commit(peers, orderer, CHANNEL, wanted)
    other = replace(wanted, version="2.0")
    with pytest.raises(FabricError, match="requested sequence is 1"):
        commit(peers, orderer, CHANNEL, other)
