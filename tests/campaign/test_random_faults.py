"""Nodes that die at random, and then the whole cluster, while transactions go on.

`HLF_SEED` is where victims and moments come from; it is part of every failure's message. Ten
transactions a second from two organizations: they resume in time after each death, and whatever
was acknowledged is on every peer after each round.
"""

import os
import random
import time
from collections.abc import Callable

import pytest

from hlf.client.wait import Deadline
from hlf.errors import FabricError
from tests.e2e.conftest import Measure
from tests.e2e.harness import embedded
from tests.e2e.harness.fabric import CHAINCODES, Client
from tests.e2e.harness.load import Load
from tests.e2e.harness.stack import Stack
from tests.e2e.shapes.conftest import MakeSample

ROUNDS = 4
FAULTS = 6
"""In each round; after it the cluster is restarted, or crashes."""
RESUMED = {"scaled-raft-tls": 30.0, "scaled-kafka": 30.0, "bft": 60.0}
"""Seconds. An orderer of BFT that is back may need another view to take part again, and the fault
that comes a few seconds later is then the second one at a time; four orderers bear one."""
BETWEEN = 40
"""Transactions between two faults, about four seconds."""
MOST = 2 * max(RESUMED.values())
LONGEST_AWAY = 12.0
RECOVERED = 240.0
"""Seconds; all pods start at once, two dozen of them where there is Kafka."""


@pytest.mark.parametrize("sample", RESUMED)
def test_nothing_acknowledged_is_lost(
    make_sample: MakeSample, sample: str, measure: Measure
) -> None:
    seed = int(os.environ.get("HLF_SEED") or time.time())
    moments = random.Random(f"{seed} {sample}")
    stack = make_sample(sample, name=f"e2e-campaign-{sample}")
    stack.up()
    load = Load(client=Client.of(stack), orgs=("Karga", "Atlantis"))
    victims = sorted(each["metadata"]["name"] for each in stack.namespace.all("statefulsets"))
    longest = 0.0
    for turn in range(1, ROUNDS + 1):
        with load.running():
            load.wait_for(BETWEEN, timeout=RESUMED[sample])
            for _ in range(FAULTS):
                fault = moments.choice((_kill, _stop, _take_away))
                victim = moments.choice(victims)
                gap = fault(stack, load, victim, moments)
                where = f"{fault.__name__} {victim} in round {turn} of HLF_SEED={seed}"
                assert gap <= RESUMED[sample], f"{gap:.1f} s without an acknowledgement: {where}"
                longest = max(longest, gap)
        assert load.given_up == [], f"round {turn} of HLF_SEED={seed}"
        load.check_peers(load.client)
        end = moments.choice((embedded.restart, embedded.crash))
        measure(f"{sample}: first transaction after a {end.__name__}", _recovers(load, end))
        load.check_peers(load.client)
    measure(f"{sample}: longest gap in {ROUNDS * FAULTS} faults, HLF_SEED={seed}", longest)
    measure(f"{sample}: acknowledged and read again everywhere", len(load.acknowledged))
    stack.preview("--expect-no-changes")
    stack.refresh("--expect-no-changes")


def _kill(stack: Stack, load: Load, victim: str, _: random.Random) -> float:
    return _delete(stack, load, victim, "--force", "--grace-period=0")


def _stop(stack: Stack, load: Load, victim: str, _: random.Random) -> float:
    return _delete(stack, load, victim)


def _delete(stack: Stack, load: Load, victim: str, *how: str) -> float:
    start = time.monotonic()
    stack.namespace.kubectl("delete", "pod", f"{victim}-0", *how)
    return _is_back(stack, load, victim, start)


def _take_away(stack: Stack, load: Load, victim: str, moments: random.Random) -> float:
    start = time.monotonic()
    stack.namespace.kubectl("scale", "statefulset", victim, "--replicas=0")
    time.sleep(moments.uniform(1, LONGEST_AWAY))
    stack.namespace.kubectl("scale", "statefulset", victim, "--replicas=1")
    return _is_back(stack, load, victim, start)


def _is_back(stack: Stack, load: Load, victim: str, start: float) -> float:
    """Return the longest gap since the start, once the node is back and transactions go on."""
    ready = "--for=jsonpath={.status.readyReplicas}=1"
    stack.namespace.kubectl("wait", "statefulset", victim, ready, "--timeout=90s")
    load.wait_for(BETWEEN, timeout=MOST)
    return load.longest_gap(since=start)


def _recovers(load: Load, end: Callable[[], None]) -> float:
    """Return the seconds from the cluster's end to a transaction that all peers endorse."""
    start, error = time.monotonic(), ""
    end()
    for _ in Deadline(RECOVERED).tries():
        try:
            for channel, chaincode in CHAINCODES.items():
                load.client.submit(channel, chaincode, "ping")
        except FabricError as failure:
            error = str(failure)
        else:
            return time.monotonic() - start
    raise AssertionError(f"no transaction {RECOVERED:g} s after a {end.__name__}: {error}")
