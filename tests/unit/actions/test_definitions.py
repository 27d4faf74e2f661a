"""Which sequence a definition gets, which servers are waited for, and how drift is shown."""

from dataclasses import replace

import pytest
from pulumi.output import Unknown

from actions.chaincodes import ChaincodesProvider
from actions.definitions import (
    Wanted,
    definition_inputs,
    next_definition,
    package_for,
    problems,
    servers_to_await,
    state_of_package,
    wanted_of,
)
from actions.legacy_chaincodes import LSCC
from hlf.client.collections import Collection, packed, to_plain
from hlf.client.lifecycle import CHANNEL_ENDORSEMENT, Approval, Definition

WANTED = Definition(name="very-simple", version="1.0", sequence=0, policy="OR('A.member')")
DEALS = Collection(policy="OR('A.member')", block_to_live=5)
OLD, NEW = package_for("cc_1.0", "old:7052"), package_for("cc_1.1", "new:7052")


def test_the_first_definition_has_sequence_1() -> None:
    assert next_definition(WANTED, None) == replace(WANTED, sequence=1)


def test_a_definition_that_is_committed_stays() -> None:
    committed = replace(WANTED, sequence=7)
    assert next_definition(WANTED, committed) == committed


@pytest.mark.parametrize(
    "committed",
    [
        replace(WANTED, sequence=7, version="0.9"),
        replace(WANTED, sequence=7, policy=CHANNEL_ENDORSEMENT),
        replace(WANTED, sequence=7, init_required=True),
        replace(WANTED, sequence=7, collections=packed({"deals": DEALS})),
    ],
)
def test_any_difference_is_the_next_sequence(committed: Definition) -> None:
    assert next_definition(WANTED, committed) == replace(WANTED, sequence=8)


def test_a_lost_approval_is_made_anew_with_the_next_sequence() -> None:
    committed = replace(WANTED, sequence=7)
    assert next_definition(WANTED, committed, is_lost=True) == replace(WANTED, sequence=8)


def test_collections_in_another_order_are_the_same() -> None:
    """What is committed stays, because approvals must have its very bytes."""
    both = {"a": DEALS, "b": replace(DEALS, block_to_live=0)}
    parts = [packed({name: each}) or b"" for name, each in both.items()]
    committed = replace(WANTED, sequence=7, collections=b"".join(reversed(parts)))
    wanted = replace(WANTED, collections=packed(both))
    assert wanted.collections != committed.collections
    assert next_definition(wanted, committed) == committed


def test_a_package_is_named_by_label_and_address_alone() -> None:
    one = package_for("cc_1.0", "server:7052")
    assert one == package_for("cc_1.0", "server:7052")
    assert one.id.startswith("cc_1.0:")
    assert one.id != package_for("cc_1.0", "other:7052").id
    assert one.id != package_for("cc_1.1", "server:7052").id


def wanted(name: str) -> dict[str, Wanted]:
    """One chaincode, served by `new`."""
    definition = Definition(name=name, version="1.1", sequence=0)
    one = Wanted(definition=definition, package=NEW, server="new", organizations=frozenset("A"))
    return {name: one}


def approval(package_id: str | None) -> Approval:
    return Approval(definition=WANTED, package_id=package_id)


def test_a_first_commit_does_not_wait_for_the_server() -> None:
    """Others are committed already, which says nothing of this one."""
    assert servers_to_await(wanted("cc"), {}, {}) == []
    assert servers_to_await(wanted("cc"), {"other": WANTED}, {"other": approval(OLD.id)}) == []


@pytest.mark.parametrize("approved", [None, approval(OLD.id), approval(None)])
def test_an_upgrade_waits_for_the_new_server(approved: Approval | None) -> None:
    """Until then the old one answers."""
    assert servers_to_await(wanted("cc"), {"cc": WANTED}, {"cc": approved}) == ["new"]


def test_what_runs_already_is_not_waited_for() -> None:
    """Else a server in trouble would keep a channel's other chaincodes from their repair."""
    assert servers_to_await(wanted("cc"), {"cc": WANTED}, {"cc": approval(NEW.id)}) == []


def test_each_chaincode_is_waited_for_by_itself() -> None:
    three = {**wanted("new"), **wanted("upgraded"), **wanted("running")}
    three["upgraded"] = replace(three["upgraded"], server="upgraded")
    committed = {"upgraded": WANTED, "running": WANTED}
    approved = {"upgraded": None, "running": approval(NEW.id)}
    assert servers_to_await(three, committed, approved) == ["upgraded"]


def test_indexes_are_in_the_package_and_only_then_in_the_inputs() -> None:
    given = {"version": "1.0", "policy": None, "label": "cc_1.0", "address": "server:7052"}
    indexes = {"statedb/couchdb/indexes/owner.json": "{}"}
    without = definition_inputs(**given, organizations=["AMSP"], indexes={})
    made = definition_inputs(**given, organizations=["AMSP"], indexes=indexes)
    assert "indexes" not in without
    assert made["indexes"] == indexes
    assert made["packageId"] != without["packageId"]
    assert wanted_of({"cc": made})["cc"].package.id == made["packageId"]


def test_collections_are_in_the_definition_and_only_then_in_the_inputs() -> None:
    given = {"version": "1.0", "policy": None, "label": "cc_1.0", "address": "server:7052"}
    without = definition_inputs(**given, organizations=["AMSP"], private={})
    made = definition_inputs(**given, organizations=["AMSP"], private={"deals": DEALS})
    assert "collections" not in without
    assert made["collections"] == to_plain({"deals": DEALS})
    assert made["packageId"] == without["packageId"]
    assert wanted_of({"cc": made})["cc"].definition.collections == packed({"deals": DEALS})
    assert wanted_of({"cc": without})["cc"].definition.collections is None


@pytest.mark.usefixtures("kubernetes")
def test_a_preview_tells_what_fabric_would_refuse() -> None:
    version = {"version": "1.0"}
    olds = {"cc": {**version, "collections": to_plain({"deals": DEALS})}, "other": version}
    news = {
        "namespace": "fabric",
        "channel": "common",
        "definitions": {"cc": version, "new": version},
    }
    told = ChaincodesProvider().check({"definitions": olds}, news)
    assert told.inputs == news
    (failure,) = told.failures
    assert failure.property == ""
    assert failure.reason.startswith("Chaincode cc on channel common cannot become what is asked")
    assert "its collection deals is not in the files" in failure.reason


def test_what_a_preview_does_not_know_is_no_problem() -> None:
    olds = {"cc": {"collections": to_plain({"deals": DEALS})}}
    for definitions in ({"cc": Unknown()}, {}, Unknown()):
        news = {"channel": "common", "definitions": definitions}
        assert problems({"definitions": olds}, news) == []
    assert problems({}, {"channel": "common", "definitions": olds}) == []


ONE, OTHER = {"init": {"1": "one"}}, {"init": {"1": "other"}}


@pytest.mark.parametrize(
    ("old", "new", "lifecycle", "told"),
    [
        (ONE, ONE, None, False),
        (ONE, OTHER, None, True),
        (ONE, {**OTHER, "version": "1.1"}, None, False),
        ({}, ONE, None, False),
        (ONE, {}, None, False),
        ({}, ONE, LSCC, True),
        (ONE, {}, LSCC, True),
        ({}, {**ONE, "version": "1.1"}, LSCC, False),
    ],
)
def test_init_is_called_once_for_each_version(
    old: dict[str, object], new: dict[str, object], lifecycle: str | None, told: bool
) -> None:
    olds, news = (
        {
            "channel": "common",
            "definitions": {"cc": {"version": "1.0", **each}},
            **({"lifecycle": lifecycle} if lifecycle else {}),
        }
        for each in (old, new)
    )
    found = problems(olds, news)
    assert len(found) == told
    assert all("called for version 1.0" in each and "`version`" in each for each in found)


def test_another_lifecycle_calls_init_anew() -> None:
    olds = {"channel": "c", "lifecycle": LSCC, "definitions": {"cc": {"version": "1.0", **ONE}}}
    assert (
        problems(olds, {"channel": "c", "definitions": {"cc": {"version": "1.0", **OTHER}}}) == []
    )


def test_a_definition_with_init_asks_for_it() -> None:
    given = {"version": "1.0", "policy": None, "label": "cc_1.0", "address": "server:7052"}
    made = definition_inputs(**given, organizations=["AMSP"], init=["init", "100"])
    assert made["init"] == {"1": "init", "2": "100"}
    read = wanted_of({"cc": made})["cc"]
    assert read.definition.init_required
    assert read.init == ("init", "100")
    without = definition_inputs(**given, organizations=["AMSP"])
    assert "init" not in without
    assert not wanted_of({"cc": without})["cc"].definition.init_required
    empty = wanted_of({"cc": definition_inputs(**given, organizations=["AMSP"], init=[])})["cc"]
    assert (empty.definition.init_required, empty.init) == (True, ())


def test_inputs_become_what_is_wanted() -> None:
    made = definition_inputs(
        version="1.0",
        policy=None,
        label="cc_1.0",
        address="server:7052",
        organizations=["BMSP", "AMSP"],
        indexes={},
    )
    assert made["packageId"] == package_for("cc_1.0", "server:7052").id
    read = wanted_of({"cc": made})["cc"]
    assert read.definition == Definition(name="cc", version="1.0", sequence=0)
    assert read.definition.policy == CHANNEL_ENDORSEMENT
    assert read.package.id == made["packageId"]
    assert read.server == "server"
    assert read.organizations == {"AMSP", "BMSP"}


def test_the_package_tells_who_lacks_it_or_its_approval() -> None:
    assert state_of_package("cc:1", [], []) == "cc:1"
    assert state_of_package("cc:1", ["b", "a"], ["AMSP"]) == "not installed on a, b"
    assert state_of_package("cc:1", [], ["BMSP", "AMSP"]) == "not approved by AMSP, BMSP"


def test_definitions_and_members_change_in_place() -> None:
    olds = {"channel": "c", "namespace": "n", "definitions": {}, "peers": {}}
    news = {**olds, "definitions": {"cc": {}}, "peers": {"p": "AMSP"}}
    assert ChaincodesProvider().diff("c", olds, news).replaces == []
    assert ChaincodesProvider().diff("c", olds, {**olds, "channel": "d"}).replaces == ["channel"]
