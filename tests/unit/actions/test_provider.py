"""What every action gets from its base: diffs, outputs that last, drift."""

from typing import Any, ClassVar

import pytest
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.output import Unknown

from actions.progress import Report
from actions.provider import Action, Props


class Thing(Action):
    """An action on a thing that `live` knows about."""

    replace_on: ClassVar = ("name",)
    outputs: ClassVar = ("made",)
    secrets: ClassVar = ("key",)
    how: ClassVar = ("quietly",)
    live: ClassVar[dict[str, Props]] = {}

    def identity(self, inputs: Props) -> str:
        return inputs["name"]

    def apply(self, inputs: Props, report: Report) -> Props:
        report("making it")
        self.live[inputs["name"]] = inputs
        return {"made": f"made of {inputs['size']}", "key": "PEM"}

    def observe(self, inputs: Props) -> Props | None:
        return self.live.get(inputs["name"])

    def remove(self, inputs: Props) -> None:
        del self.live[inputs["name"]]


PROPS = {"name": "one", "size": "1", "resource": "urn:pulumi:s::p::t::n", "__provider": "gASV"}


@pytest.fixture(autouse=True)
def nothing_there() -> None:
    Thing.live.clear()


def test_create_returns_the_id_the_inputs_and_what_was_made() -> None:
    created = Thing().create(dict(PROPS))
    assert created.id == "one"
    assert created.outs == {
        "name": "one",
        "size": "1",
        "resource": PROPS["resource"],
        "made": "made of 1",
        "key": "PEM",
    }


RESTORED = {**PROPS, "restored": "monday"}


@pytest.mark.parametrize(
    ("olds", "news", "is_difference"),
    [
        (PROPS, RESTORED, True),
        (RESTORED, {**PROPS, "restored": "tuesday"}, True),
        (RESTORED, PROPS, False),
        (RESTORED, {**PROPS, "size": "2"}, True),
        (PROPS, {**PROPS, "quietly": "yes"}, False),
        ({**RESTORED, "quietly": "yes"}, PROPS, False),
        ({**PROPS, "quietly": "yes"}, RESTORED, True),
    ],
)
def test_what_makes_no_difference_alone(olds: Props, news: Props, is_difference: bool) -> None:
    """Whether the inputs differ else is for the engine to say."""
    assert Thing().diff("one", olds, news).changes is (None if is_difference else False)


def test_apply_sees_inputs_only() -> None:
    """Neither the provider's own text nor an output of the last time."""
    Thing().create({**PROPS, "made": None, "key": None})
    assert set(Thing.live["one"]) == {"name", "size", "resource"}


def test_update_keeps_every_output() -> None:
    created = Thing().create(dict(PROPS))
    updated = Thing().update(created.id, created.outs, {**PROPS, "size": "2"})
    assert set(updated.outs) == set(created.outs)
    assert updated.outs["made"] == "made of 2"


@pytest.mark.parametrize(
    ("news", "replaces"),
    [
        ({"name": "one", "size": "1"}, []),
        ({"name": "one", "size": "2"}, []),
        ({"name": "two", "size": "1"}, ["name"]),
        ({"name": Unknown(), "size": "1"}, []),
        ({"size": "1"}, ["name"]),
    ],
)
def test_the_engine_compares_and_only_an_identity_that_is_known_replaces(
    news: dict[str, Any], replaces: list[str]
) -> None:
    diff = Thing().diff("one", dict(PROPS), news)
    assert diff.changes is None
    assert diff.replaces == replaces


def test_read_without_drift_changes_nothing() -> None:
    created = Thing().create(dict(PROPS))
    recorded = {**created.outs, "__provider": "gASV"}
    read = Thing().read(created.id, recorded)
    assert (read.id, read.outs, read.inputs) == ("one", recorded, None)


def test_read_shows_drift_in_inputs_and_keeps_outputs() -> None:
    created = Thing().create(dict(PROPS))
    Thing.live["one"] = {**Thing.live["one"], "size": "9"}
    read = Thing().read(created.id, created.outs)
    assert read.inputs == {"name": "one", "size": "9", "resource": PROPS["resource"]}
    assert read.outs == {**created.outs, "size": "9"}


def test_read_of_what_is_gone_has_no_id() -> None:
    read = Thing().read("one", {**PROPS, "made": "", "key": ""})
    assert (read.id, read.outs) == ("", {})


def test_delete_removes_by_the_recorded_inputs() -> None:
    created = Thing().create(dict(PROPS))
    Thing().delete(created.id, created.outs)
    assert Thing.live == {}


def test_an_action_that_leaves_nothing_to_look_at_has_no_drift() -> None:
    assert Action().observe({"a": "b"}) == {"a": "b"}
    Action().remove({"a": "b"})


def test_a_provider_is_stored_by_reference_and_not_as_a_secret() -> None:
    assert Action.serialize_as_secret_always is False
    assert len(serialize_provider(Action())) < 100
