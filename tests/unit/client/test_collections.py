"""Private data collections as Fabric's messages, as inputs of an action, and what may change."""

from dataclasses import replace

import pytest

from hlf.client.collections import Collection, from_plain, packed, refusal, to_plain, unpacked
from hlf.client.protos import CollectionConfigPackage
from hlf.config.policy import canonical

PLAIN = Collection(policy="OR('AMSP.member')")
FULL = Collection(
    policy="OR('AMSP.member', 'BMSP.peer')",
    required_peer_count=1,
    max_peer_count=3,
    block_to_live=100,
    member_only_read=True,
    member_only_write=True,
    endorsement_policy="AND('AMSP.peer', 'BMSP.peer')",
)
BOTH = {"plain": PLAIN, "full": FULL}


def test_messages_are_read_back() -> None:
    assert unpacked(packed(BOTH)) == BOTH
    named = replace(FULL, endorsement_policy="/Channel/Application/Writers")
    assert unpacked(packed({"named": named})) == {"named": named}


def test_none_is_no_message() -> None:
    assert packed({}) is None
    assert unpacked(None) == {}


def test_the_message_has_fabrics_fields_and_no_policy_that_is_not_given() -> None:
    package = CollectionConfigPackage.FromString(packed(BOTH) or b"")
    full, plain = (each.static_collection_config for each in package.config)
    assert (full.name, plain.name) == ("full", "plain")
    assert (plain.maximum_peer_count, plain.required_peer_count, plain.block_to_live) == (1, 0, 0)
    assert not plain.HasField("endorsement_policy")
    assert full.maximum_peer_count == 3


def test_the_order_of_names_decides_no_bytes() -> None:
    assert packed(BOTH) == packed(dict(reversed(BOTH.items())))


def test_inputs_are_texts_and_flags_and_are_read_back() -> None:
    plain = to_plain(BOTH)
    assert plain["plain"] == {
        "policy": canonical("OR('AMSP.member')"),
        "requiredPeerCount": "0",
        "maxPeerCount": "1",
        "blockToLive": "0",
        "memberOnlyRead": False,
        "memberOnlyWrite": False,
    }
    assert plain["full"]["endorsementPolicy"] == "AND('AMSP.peer', 'BMSP.peer')"
    assert from_plain(plain) == BOTH


def test_what_fabric_lets_change() -> None:
    changed = replace(FULL, policy="OR('AMSP.member')", max_peer_count=1, endorsement_policy=None)
    assert refusal({"full": changed, "new": PLAIN}, {"full": FULL}) is None
    assert refusal(BOTH, {}) is None


@pytest.mark.parametrize("new", [{}, {"plain": PLAIN}])
def test_a_collection_stays(new: dict[str, Collection]) -> None:
    told = refusal(new, {"full": FULL}) or ""
    assert told.startswith("its collection full is not in the files, and Fabric lets none go")
    assert told.endswith("the policy OR('AMSP.member', 'BMSP.peer') and the blockToLive 100")


def test_how_long_data_lives_is_for_good() -> None:
    told = refusal({"full": replace(FULL, block_to_live=0)}, {"full": FULL}) or ""
    assert "blockToLive 100, which is for good, and not 0; go back to 100" in told
