"""`up` killed in the midst of a rollout of Kafka, its databases, orderers and peers, under load."""

import time

from tests.e2e.conftest import Measure
from tests.e2e.harness.fabric import Client
from tests.e2e.harness.kill import kill_in
from tests.e2e.harness.load import Load
from tests.e2e.harness.use import use
from tests.e2e.shapes.conftest import MakeSample

MIDST = ("catching up 5/22", "replacing pod 3/17", "catching up 10/15")
"""One after the other: a ZooKeeper server or a broker, and what is left after each kill."""
BETWEEN = 60
GAP = 45.0


def test_a_rollout_goes_on_where_it_was_killed(make_sample: MakeSample, measure: Measure) -> None:
    stack = make_sample("scaled-kafka", name="e2e-campaign-rollout")
    stack.up()
    load = Load(client=Client.of(stack), orgs=("Karga", "Atlantis"))
    with load.running():
        load.wait_for(BETWEEN, timeout=GAP)
        start = time.monotonic()
        stack.configure(pods={"all": {"annotations": {"example.com/change": "1"}}})
        for step in MIDST:
            kill_in(stack, step, held_up=(step,))
        measure("up that goes on after three kills", stack.up().seconds)
        measure("longest gap", load.longest_gap(since=start))
        load.wait_for(BETWEEN, timeout=GAP)
    assert load.given_up == []
    assert load.longest_gap(since=start) <= GAP
    use(stack)
    load.check_peers(Client.of(stack))
    stack.preview("--expect-no-changes")
    stack.refresh("--expect-no-changes")
