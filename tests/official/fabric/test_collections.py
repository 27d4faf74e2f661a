"""Private data collections on real peers: defined, used, changed, drifted, and what stays."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from actions import chaincodes
from actions.chaincodes import ChaincodesProvider
from actions.definitions import definition_inputs
from actions.members import Members
from hlf.client import lifecycle
from hlf.client.collections import Collection, packed, to_plain
from hlf.client.errors import Refused
from hlf.client.lifecycle import Definition
from hlf.client.transaction import evaluate, submit
from hlf.client.wait import gather
from hlf.errors import FabricError
from tests.official.fabric.network import (
    Network,
    Process,
    build_chaincode,
    free_port,
)

CHANNEL = "private"
NAME = "deals"
BOTH = "OR('KargaMSP.member', 'NevergreenMSP.member')"
TERMS = Collection(policy="OR('KargaMSP.member')", block_to_live=1000)
OPEN = Collection(
    policy=BOTH,
    max_peer_count=2,
    member_only_read=True,
    endorsement_policy="/Channel/Application/Endorsement",
)


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A channel, and a chaincode's server."""

    network: Network
    address: str

    def inputs(self, **collections: Collection) -> dict[str, Any]:
        definition = definition_inputs(
            version="1.0",
            policy=None,
            label="deals_1.0",
            address=self.address,
            organizations=[member.msp_id for member in self.network.members],
            private=collections,
        )
        return {
            "channel": CHANNEL,
            "namespace": "nowhere",
            "peers": {},
            "definitions": {NAME: definition},
        }

    def apply(self, inputs: Mapping[str, Any]) -> str:
        """The sequence that it has afterwards."""
        return ChaincodesProvider().apply(dict(inputs), lambda _: None)["sequences"][NAME]


@pytest.fixture(scope="module")
def served(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    genesis = network.create(CHANNEL)
    gather(lambda peer: peer.join(genesis), network.admin_peers())
    folder = tmp_path_factory.mktemp("deals")
    bench = Bench(network=network, address=f"127.0.0.1:{free_port()}")
    package_id = bench.inputs()["definitions"][NAME]["packageId"]
    env = {"CHAINCODE_ID": package_id, "CHAINCODE_SERVER_ADDRESS": bench.address}
    process = Process([str(build_chaincode(folder))], folder, env)
    process.start()
    try:
        yield bench
    finally:
        process.stop()


@pytest.fixture
def bench(served: Bench, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Servers are processes here, and so are peers."""
    network = served.network
    peers = {peer.signer.msp_id: peer for peer in network.admin_peers()}
    members = Members(
        channel=CHANNEL,
        namespace="nowhere",
        orderer=network.orderer_as(network.members[0].admin),
        peers=peers,
        organizations={name: name for name in peers},
    )
    monkeypatch.setattr(chaincodes, "await_servers", lambda *_: None)
    monkeypatch.setattr(chaincodes.nodes, "ready", lambda *_: {"peer": "KargaMSP"})
    monkeypatch.setattr(Members, "of", classmethod(lambda cls, _: cls(**vars(members))))
    return served


def test_they_are_defined_used_and_changed(bench: Bench) -> None:
    peers = bench.network.admin_peers()
    orderer = bench.network.orderer_as(peers[0].signer)
    first = bench.inputs(terms=TERMS)
    assert bench.apply(first) == "1"
    assert ChaincodesProvider().observe(first) == first
    assert bench.apply(first) == "1"

    put = ["putPrivate", "terms", "price"]
    submit(peers, orderer, CHANNEL, NAME, put, transient={"price": b"5"})
    get = ["getPrivate", "terms", "price"]
    assert evaluate(peers[0], CHANNEL, NAME, get) == b"5"
    with pytest.raises(Refused, match="private data"):
        evaluate(peers[1], CHANNEL, NAME, get)

    second = bench.inputs(terms=replace(TERMS, policy=BOTH), open=OPEN)
    assert bench.apply(second) == "2"
    assert ChaincodesProvider().observe(second) == second
    assert evaluate(peers[0], CHANNEL, NAME, get) == b"5"
    put = ["putPrivate", "open", "price"]
    submit(peers, orderer, CHANNEL, NAME, put, transient={"price": b"6"})
    for peer in peers:
        assert evaluate(peer, CHANNEL, NAME, ["getPrivate", "open", "price"]) == b"6"


def test_others_that_were_committed_are_seen_and_repaired(bench: Bench) -> None:
    wanted = bench.inputs(terms=TERMS, open=OPEN)
    sequence = int(bench.apply(wanted))
    peers = bench.network.admin_peers()
    by_hand = {"open": replace(OPEN, member_only_read=False), "terms": TERMS}
    _commit(bench, sequence + 1, by_hand)
    live = ChaincodesProvider().observe(wanted) or {}
    assert live["definitions"][NAME]["collections"] == to_plain(by_hand)
    assert bench.apply(wanted) == str(sequence + 2)
    assert ChaincodesProvider().observe(wanted) == wanted
    assert lifecycle.committed(peers[0], CHANNEL)[NAME].sequence == sequence + 2


def test_what_fabric_lets_nobody_change_is_told_before_anything_is_done(bench: Bench) -> None:
    wanted = bench.inputs(terms=TERMS, open=OPEN)
    sequence = bench.apply(wanted)
    peer = bench.network.admin_peers()[0]
    orderer = bench.network.orderer_as(peer.signer)
    for collections, ours, fabrics in (
        ({"open": OPEN}, "terms is not in the files", r"existing collection \[terms\] missing"),
        ({}, "open is not in the files", "does not contain previously defined collections"),
        (
            {"open": OPEN, "terms": replace(TERMS, block_to_live=1)},
            "terms has the blockToLive 1000, which is for good",
            r"BlockToLive in an existing collection \[terms\] modified",
        ),
    ):
        with pytest.raises(FabricError, match=ours):
            bench.apply(bench.inputs(**collections))
        current = lifecycle.committed(peer, CHANNEL)[NAME]
        assert str(current.sequence) == sequence
        refused = replace(current, sequence=current.sequence + 1, collections=packed(collections))
        with pytest.raises(Refused, match=fabrics):
            lifecycle.approve(peer, orderer, CHANNEL, refused, package_id=None)


def _commit(bench: Bench, sequence: int, collections: Mapping[str, Collection]) -> None:
    """As another tool does it."""
    peers = bench.network.admin_peers()
    definition = Definition(
        name=NAME, version="1.0", sequence=sequence, collections=packed(collections)
    )
    package_id = bench.inputs()["definitions"][NAME]["packageId"]
    for peer in peers:
        orderer = bench.network.orderer_as(peer.signer)
        lifecycle.approve(peer, orderer, CHANNEL, definition, package_id=package_id)
    lifecycle.commit(peers, bench.network.orderer_as(peers[0].signer), CHANNEL, definition)
