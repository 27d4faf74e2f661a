"""Private data collections on real peers: defined, used, changed, drifted, and what stays."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from actions.chaincodes import ChaincodesProvider
from hlf.client import lifecycle
from hlf.client.collections import Collection, packed, to_plain
from hlf.client.errors import Refused
from hlf.client.lifecycle import Definition
from hlf.client.transaction import evaluate, submit
from hlf.errors import FabricError
from tests.official.fabric.lifecycle_bench import CHANNEL, CurrentBench

NAME = "deals"
BOTH = "OR('KargaMSP.member', 'NevergreenMSP.member')"
TERMS = Collection(policy="OR('KargaMSP.member')", block_to_live=1000)
OPEN = Collection(
    policy=BOTH,
    max_peer_count=2,
    member_only_read=True,
    endorsement_policy="/Channel/Application/Endorsement",
)


@pytest.fixture(scope="module")
def first(serving: CurrentBench) -> Mapping[str, Any]:
    """The chaincode as inputs, with its server."""
    return serving.served(NAME, "1.0", private={"terms": TERMS})


def test_they_are_defined_used_and_changed(current: CurrentBench, first: Mapping[str, Any]) -> None:
    peers = current.peers
    orderer = current.orderer
    assert current.apply(first) == "1"
    assert ChaincodesProvider().observe(first) == first
    assert current.apply(first) == "1"

    put = ["putPrivate", "terms", "price"]
    submit(peers, orderer, CHANNEL, NAME, put, transient={"price": b"5"})
    get = ["getPrivate", "terms", "price"]
    assert evaluate(peers[0], CHANNEL, NAME, get) == b"5"
    with pytest.raises(Refused, match="private data"):
        evaluate(peers[1], CHANNEL, NAME, get)

    shared = replace(TERMS, policy=BOTH)
    second = current.again(first, private={"terms": shared, "open": OPEN})
    assert current.apply(second) == "2"
    assert ChaincodesProvider().observe(second) == second
    assert evaluate(peers[0], CHANNEL, NAME, get) == b"5"
    put = ["putPrivate", "open", "price"]
    submit(peers, orderer, CHANNEL, NAME, put, transient={"price": b"6"})
    for peer in peers:
        assert evaluate(peer, CHANNEL, NAME, ["getPrivate", "open", "price"]) == b"6"


def test_others_that_were_committed_are_seen_and_repaired(
    current: CurrentBench, first: Mapping[str, Any]
) -> None:
    wanted = current.again(first, private={"terms": TERMS, "open": OPEN})
    sequence = int(current.apply(wanted))
    peers = current.peers
    by_hand = {"open": replace(OPEN, member_only_read=False), "terms": TERMS}
    definition = lifecycle.committed(peers[0], CHANNEL)[NAME]
    _commit(current, replace(definition, sequence=sequence + 1, collections=packed(by_hand)))
    live = ChaincodesProvider().observe(wanted) or {}
    assert live["definitions"][NAME]["collections"] == to_plain(by_hand)
    assert current.apply(wanted) == str(sequence + 2)
    assert ChaincodesProvider().observe(wanted) == wanted
    assert lifecycle.committed(peers[0], CHANNEL)[NAME].sequence == sequence + 2


def test_what_fabric_lets_nobody_change_is_told_before_anything_is_done(
    current: CurrentBench, first: Mapping[str, Any]
) -> None:
    wanted = current.again(first, private={"terms": TERMS, "open": OPEN})
    sequence = current.apply(wanted)
    peer = current.peers[0]
    orderer = current.orderer
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
            current.apply(current.again(first, private=collections))
        live = lifecycle.committed(peer, CHANNEL)[NAME]
        assert str(live.sequence) == sequence
        refused = replace(live, sequence=live.sequence + 1, collections=packed(collections))
        with pytest.raises(Refused, match=fabrics):
            lifecycle.approve(peer, orderer, CHANNEL, refused, package_id=None)


def _commit(current: CurrentBench, definition: Definition) -> None:
    """As another tool does it, with the package that is there."""
    for peer in current.peers:
        approval = lifecycle.approved(peer, CHANNEL, definition.name)
        assert approval
        orderer = current.network.orderer_as(peer.signer)
        lifecycle.approve(peer, orderer, CHANNEL, definition, package_id=approval.package_id)
    lifecycle.commit(current.peers, current.orderer, CHANNEL, definition)
