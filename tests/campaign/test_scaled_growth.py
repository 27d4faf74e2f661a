"""Organizations come to a network with TLS, several orderers and peers each, and go again."""

from collections.abc import Mapping

from tests.e2e.conftest import Measure
from tests.e2e.growth.test_organizations import come_and_go
from tests.e2e.shapes.conftest import MakeSample


def test_organizations_come_and_go(
    make_sample: MakeSample, chaincode_images: Mapping[str, str], measure: Measure
) -> None:
    stack = make_sample("scaled-raft-tls", name="campaign-scaled-growth")
    come_and_go(stack, chaincode_images, measure)
