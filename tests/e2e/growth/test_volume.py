"""A peer that is its organization's only one loses its volume: it is seen, and made whole.

The approvals of its organization were private data that nobody else has, and the new peer looks
for it for ten seconds with each block that had some. So they are approved anew, with the next
sequence.
"""

import re

from hlf import names
from tests.e2e.conftest import Measure
from tests.e2e.harness.fabric import Client
from tests.e2e.harness.stack import Stack
from tests.e2e.harness.use import use

CHANNEL, CHAINCODE = "common", "very-simple"
PEER = names.peer("Nevergreen", "peer0")


def test_a_peer_that_lost_its_volume_is_made_whole(running: Stack, measure: Measure) -> None:
    client, namespace = Client.of(running), running.namespace
    before = client.definitions(CHANNEL)[CHAINCODE]
    namespace.kubectl("delete", "persistentvolumeclaim", PEER, "--wait=false")
    namespace.kubectl("delete", "pod", names.pod(PEER), "--wait")
    refresh = running.refresh()
    assert "PersistentVolumeClaim" in refresh.output
    assert re.search(rf"- +{PEER} *: \"NevergreenMSP\"", refresh.output)
    assert f"not installed on {PEER}" in refresh.output
    measure("up that makes a peer whole that lost its volume", running.up().seconds)
    assert client.definitions(CHANNEL)[CHAINCODE].sequence == before.sequence + 1
    use(running)
    running.preview("--expect-no-changes")
    running.refresh("--expect-no-changes")
