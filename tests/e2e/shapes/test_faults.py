"""Nodes that die, and changes that replace every pod, while transactions go on.

Ten transactions a second from two organizations; acknowledgements resume within 30 s, and whatever
was acknowledged is on every peer at the end.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.e2e.conftest import Measure
from tests.e2e.harness import network
from tests.e2e.harness.fabric import Client
from tests.e2e.harness.load import Load
from tests.e2e.harness.stack import Stack
from tests.e2e.harness.use import use
from tests.e2e.shapes.conftest import MakeSample

RESUMED = 30.0
ENOUGH = 1000
BETWEEN = 60
"""Transactions between two faults, about six seconds."""


def _one_more_peer(stack: Stack) -> None:
    """Its domain goes into the hosts file of every pod, so every pod is replaced."""

    def change(content: Any) -> None:
        karga = next(org for org in content["PeerOrgs"] if org["Name"] == "Karga")
        karga["Template"]["Count"] += 1

    network.edit(Path(stack.settings["network"]), network.CRYPTO_CONFIG, change)


def test_transactions_go_on(make_sample: MakeSample, measure: Measure) -> None:
    victims = (
        "hlf-orderer--groeifabriek--orderer0",
        "hlf-orderer--groeifabriek--orderer1",
        "hlf-orderer--pivt--orderer0",
        "hlf-peer--karga--peer0",
        "hlf-peer--atlantis--peer1",
    )
    transactions_go_on(make_sample("scaled-raft-tls"), victims, _one_more_peer, measure)


def transactions_go_on(
    stack: Stack, victims: Sequence[str], change: Callable[[Stack], None], measure: Measure
) -> None:
    """See that they do while nodes die, and while a change replaces every pod; up to destroy."""
    measure(f"{stack.name}: up", stack.up().seconds)
    use(stack)
    stack.preview("--expect-no-changes")
    load = Load(client=Client.of(stack), orgs=("Karga", "Atlantis"))
    with load.running():
        load.wait_for(BETWEEN, timeout=RESUMED)
        for victim in victims:
            gap = _kill(stack, load, victim)
            measure(f"{stack.name}: longest gap after the death of {victim}", gap)
        start = time.monotonic()
        change(stack)
        measure(f"{stack.name}: up that replaces every pod", stack.up().seconds)
        measure(f"{stack.name}: longest gap while it does", load.longest_gap(since=start))
        load.wait_for(max(BETWEEN, ENOUGH - len(load.acknowledged)), timeout=120)
    assert load.given_up == []
    load.check_peers(Client.of(stack))
    stack.preview("--expect-no-changes")
    stack.refresh("--expect-no-changes")
    measure(f"{stack.name}: destroy", stack.destroy().seconds)


def test_bft_goes_on_without_any_one_of_four(make_sample: MakeSample, measure: Measure) -> None:
    """Not only until its pod is back: it stays away for as long as the transactions take."""
    stack = make_sample("bft")
    measure("bft: up", stack.up().seconds)
    use(stack)
    load = Load(client=Client.of(stack), orgs=("Karga", "Atlantis"))
    with load.running():
        load.wait_for(BETWEEN, timeout=RESUMED)
        for org in ("groeifabriek", "pivt"):  # the first leader, and the one that follows it
            orderer = f"hlf-orderer--{org}--orderer0"
            gone = time.monotonic()
            stack.namespace.kubectl("scale", "statefulset", orderer, "--replicas=0")
            load.wait_for(2 * BETWEEN, timeout=2 * RESUMED)
            gap = load.longest_gap(since=gone)
            measure(f"bft: longest gap without {orderer}", gap)
            assert gap <= RESUMED
            stack.namespace.kubectl("scale", "statefulset", orderer, "--replicas=1")
            ready = "--for=jsonpath={.status.readyReplicas}=1"
            stack.namespace.kubectl("wait", "statefulset", orderer, ready, "--timeout=60s")
    assert load.given_up == []
    load.check_peers(load.client)
    stack.preview("--expect-no-changes")
    stack.refresh("--expect-no-changes")
    measure("bft: destroy", stack.destroy().seconds)


def _kill(stack: Stack, load: Load, victim: str) -> float:
    """Kill a node without warning; return the longest gap until it is back."""
    killed = time.monotonic()
    stack.namespace.kubectl("delete", "pod", f"{victim}-0", "--force", "--grace-period=0")
    load.wait_for(BETWEEN, timeout=2 * RESUMED)
    ready = ("wait", "pod", f"{victim}-0", "--for=condition=Ready", "--timeout=60s")
    stack.namespace.kubectl(*ready)
    gap = load.longest_gap(since=killed)
    assert gap <= RESUMED, f"{gap:.1f} s without an acknowledgement after {victim} was killed"
    return gap
