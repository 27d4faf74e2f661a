"""A sample comes up, takes transactions from all its members, stays as it is, and goes.

Those that are not here are in `test_faults` and `test_persistence`, which do the same and more.
"""

import pytest

from hlf.client.wait import gather
from tests.e2e.conftest import Measure
from tests.e2e.harness.fabric import CHAINCODES, Client
from tests.e2e.harness.stack import Stack
from tests.e2e.shapes.conftest import MakeSample

SAMPLES = (
    "simple-raft-tls",
    "scaled-raft-tls-no-actual-domains",
    "scaled-raft-no-tls",
    "raft-fabric-3",
)


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_sample_from_up_to_destroy(
    make_sample: MakeSample, sample: str, measure: Measure
) -> None:
    stack = make_sample(sample)
    measure(f"{sample}: up", stack.up().seconds)
    use(stack)
    stack.preview("--expect-no-changes")
    stack.refresh("--expect-no-changes")
    measure(f"{sample}: destroy", stack.destroy().seconds)
    stack.namespace.wait_gone()
    assert stack.resources() == []


def use(stack: Stack) -> None:
    """Have every member of every channel submit, and all peers agree."""
    client = Client.of(stack)
    for channel, chaincode in CHAINCODES.items():

        def put(org: str, channel: str = channel, chaincode: str = chaincode) -> None:
            if chaincode == "very-simple":
                client.submit(channel, chaincode, "put", f"of-{org}", org, creator=org)
            else:
                client.submit(channel, chaincode, "ping", creator=org)

        gather(put, client.members(channel))
        assert len(client.ledgers(channel)) == 1
    for org in client.members("common"):
        assert client.evaluate("common", "very-simple", "get", f"of-{org}") == {org}
