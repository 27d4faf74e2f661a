"""A peer that is its organization's only one loses its volume: it is seen, and made whole.

The approvals of its organization were private data that nobody else has, and the new peer looks
for it for ten seconds with each block that had some. So they are approved anew, with the next
sequence.
"""

import re

from hlf import names
from tests.e2e.harness.fabric import Client
from tests.e2e.harness.use import use
from tests.e2e.shapes.conftest import MakeSample

CHANNEL, CHAINCODE = "common", "very-simple"
PEER = names.peer("Nevergreen", "peer0")


def test_a_peer_that_lost_its_volume_is_made_whole(make_sample: MakeSample) -> None:
    stack = make_sample("simple", name="e2e-campaign-lost")
    stack.up()
    use(stack)
    client, namespace = Client.of(stack), stack.namespace
    before = client.definitions(CHANNEL)[CHAINCODE]
    namespace.kubectl("delete", "persistentvolumeclaim", PEER, "--wait=false")
    namespace.kubectl("delete", "pod", names.pod(PEER), "--wait")
    refresh = stack.refresh()
    assert "PersistentVolumeClaim" in refresh.output
    assert re.search(rf"- +{PEER} *: \"NevergreenMSP\"", refresh.output)
    assert f"not installed on {PEER}" in refresh.output
    stack.up()
    assert client.definitions(CHANNEL)[CHAINCODE].sequence == before.sequence + 1
    use(stack)
    stack.preview("--expect-no-changes")
    stack.refresh("--expect-no-changes")
