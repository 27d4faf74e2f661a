"""Chaincodes that are initialized: once for each version, and again after a run that was killed."""

from dataclasses import replace

import pytest

from actions import chaincodes
from actions.chaincodes import ChaincodesProvider
from hlf.client import lifecycle
from hlf.client.errors import Refused
from hlf.client.lifecycle import Definition
from hlf.client.transaction import evaluate, submit
from hlf.client.wait import gather
from hlf.errors import FabricError
from tests.official.fabric.lifecycle_bench import CHANNEL, CurrentBench


def _value(current: CurrentBench, name: str) -> set[bytes]:
    return {evaluate(peer, CHANNEL, name, ["get", "init"]) for peer in current.peers}


def test_init_is_called_once_for_each_version(
    current: CurrentBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    awaited: list[str] = []
    monkeypatch.setattr(chaincodes, "await_servers", lambda _, names, __: awaited.extend(names))
    first = current.served("began", "1.0", init=["one"])
    assert current.apply(first) == "1"
    assert awaited == ["127.0.0.1"], "the server, though nothing was committed before"
    assert _value(current, "began") == {b"one"}
    assert ChaincodesProvider().observe(first) == first

    submit(current.peers, current.orderer, CHANNEL, "began", ["put", "init", "changed"])
    awaited.clear()
    assert current.apply(first) == "1"
    assert _value(current, "began") == {b"changed"}
    assert awaited == []

    second = current.served("began", "2.0", init=["two"])
    assert current.apply(second) == "2"
    assert _value(current, "began") == {b"two"}


def test_a_run_that_was_killed_after_the_commit_is_gone_on_with(current: CurrentBench) -> None:
    """Until then every call is refused."""
    inputs = current.served("killed", "1.0", init=["late"])
    without = current.again(inputs)
    assert current.apply(without) == "1"
    committed = lifecycle.committed(current.peers[0], CHANNEL)["killed"]
    definition = replace(committed, sequence=2, init_required=True)
    package_id = inputs["definitions"]["killed"]["packageId"]
    for peer in current.peers:
        orderer = current.network.orderer_as(peer.signer)
        lifecycle.approve(peer, orderer, CHANNEL, definition, package_id=package_id)
    lifecycle.commit(current.peers, current.orderer, CHANNEL, definition)
    with pytest.raises(Refused, match="must call as init first"):
        evaluate(current.peers[0], CHANNEL, "killed", ["get", "init"])

    assert current.apply(inputs) == "2"
    assert _value(current, "killed") == {b"late"}


def test_it_comes_and_goes_with_a_sequence(current: CurrentBench) -> None:
    inputs = current.served("switched", "1.0")
    assert current.apply(inputs) == "1"
    initialized = current.again(inputs, init=["on"])
    assert current.apply(initialized) == "2"
    assert _value(current, "switched") == {b"on"}
    live = ChaincodesProvider().observe(inputs) or {}
    assert live["definitions"]["switched"]["init"] == {}, "what it was called with is not known"
    assert current.apply(inputs) == "3"
    live = ChaincodesProvider().observe(initialized) or {}
    assert "init" not in live["definitions"]["switched"]


def test_two_runs_at_once(current: CurrentBench) -> None:
    """As if a killed run's call were ordered while the next one makes it."""
    inputs = current.served("twice", "1.0")
    current.apply(inputs)
    definition = Definition(name="twice", version="1.0", sequence=2, init_required=True)
    package_id = inputs["definitions"]["twice"]["packageId"]
    for peer in current.peers:
        orderer = current.network.orderer_as(peer.signer)
        lifecycle.approve(peer, orderer, CHANNEL, definition, package_id=package_id)
    lifecycle.commit(current.peers, current.orderer, CHANNEL, definition)
    gather(
        lambda _: lifecycle.initialize(current.peers, current.orderer, CHANNEL, "twice", ["x"]),
        range(3),
    )
    assert _value(current, "twice") == {b"x"}


def test_an_init_that_fails_is_told_and_tried_again(current: CurrentBench) -> None:
    inputs = current.served("failing", "1.0", init=["fail"])
    for _ in range(2):
        with pytest.raises(FabricError, match="told to fail"):
            current.apply(inputs)
    assert current.apply(current.again(inputs, init=["works"])) == "1"
    assert _value(current, "failing") == {b"works"}
