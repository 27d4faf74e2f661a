"""A sample comes up, takes transactions from all its members, stays as it is, and goes.

Those that are not here are in `test_faults` and `test_persistence`, which do the same and more.
"""

import pytest

from tests.e2e.conftest import Measure
from tests.e2e.harness.use import use
from tests.e2e.shapes.conftest import MakeSample

SAMPLES = (
    "simple-raft-tls",
    "scaled-raft-tls-no-actual-domains",
    "scaled-raft-no-tls",
    "raft-fabric-3",
    "scaled-kafka",
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
