"""`up` killed in every progress step while a network grows, and again while it changes.

Each time the engine and all its plugins get SIGKILL, and the next `up` goes on from what is there.
"""

from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import MakeStack
from tests.e2e.harness import network
from tests.e2e.harness.belongings import strangers
from tests.e2e.harness.fabric import CHAINCODES, MEMBERS, Client
from tests.e2e.harness.kill import kill_in
from tests.e2e.harness.kubernetes import Manifest
from tests.e2e.harness.network import CONFIGTX, CRYPTO_CONFIG
from tests.e2e.harness.stack import Run, Stack
from tests.e2e.harness.steps import SNAPSHOT, progress_steps

GROWTH = (
    "claiming namespace",
    "making the authorities of",
    "sending the source of",
    "issuing the certificates of",
    "making the genesis block of",
    "waiting for pods",
    "creating channel",
    "updating the configuration of",
    "joining",
    "waiting for block",
    "installing",
    "approving",
    "committing",
    "calling",
)
"""One after the other: until the kill nothing gets beyond its step."""
CHANGE = ("replacing pod", "catching up", "updating the configuration of")
OF_OTHER_SHAPES = {
    "making the password of",
    "issuing the certificate of",
    "deploying",
    "initializing",
}
"""Of networks with CouchDB, TLS, the old lifecycle, `ctor`: see tests/e2e/shapes/test_kill.py."""
OF_ORDERERS = {"adding orderer", "taking orderer"}
"""See tests/e2e/growth/test_orderers.py."""
OF_PEERS = {"taking peer"}
"""See tests/e2e/growth/test_unjoin.py."""
OF_SNAPSHOTS = set(SNAPSHOT)
"""See tests/e2e/growth/test_snapshot.py."""
OF_JOBS = {"starting job", "waiting for job", "pod"}
"""See tests/e2e/backup/test_kills.py."""
QUICK = {
    "claiming namespace",
    "sending the source of",
    "making the authorities of",
    "issuing the certificates of",
    "making the genesis block of",
    "waiting for block",
    "catching up",
}
"""Over before a kill arrives, so they are held up; the others are hit while they work."""


@pytest.fixture(scope="module", autouse=True)
def _meanwhile(doomed: Future[Run]) -> None:
    """Start what `test_9_trouble` looks at, to have it done by then."""


@pytest.fixture(scope="module")
def stack(
    make_stack: MakeStack,
    chaincode_images: Mapping[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Stack:
    """A stack with nothing in it; one of its chaincodes is built from source."""
    folder = network.copy(network.SAMPLE, tmp_path_factory.mktemp("kill") / "simple")
    network.use_images(folder, {"very-simple": chaincode_images["very-simple"]})
    return make_stack("e2e-main-kill", folder)


def test_no_step_is_forgotten() -> None:
    others = OF_OTHER_SHAPES | OF_ORDERERS | OF_PEERS | OF_SNAPSHOTS | OF_JOBS
    assert progress_steps() == {*GROWTH, *CHANGE, *others}


@pytest.mark.parametrize("step", GROWTH)
def test_killed_while_the_network_grows(stack: Stack, step: str) -> None:
    kill_in(stack, step, held_up=_held_up(step, GROWTH))


def test_the_next_up_completes_the_network(stack: Stack) -> None:
    stack.up()
    _assert_complete(stack, config_blocks=2)


@pytest.mark.parametrize("step", CHANGE)
def test_killed_while_the_network_changes(stack: Stack, step: str) -> None:
    folder = Path(stack.settings["network"])
    network.edit(folder, CRYPTO_CONFIG, _another_name_for_the_orderer)
    network.edit(folder, CONFIGTX, _another_policy)
    kill_in(stack, step, held_up=_held_up(step, CHANGE))


def test_the_next_up_completes_the_change(stack: Stack) -> None:
    stack.up()
    _assert_complete(stack, config_blocks=3)


def test_source_that_was_deleted_is_seen_and_sent_again(stack: Stack) -> None:
    sent = [m["metadata"]["name"] for m in stack.namespace.all("configmaps") if _is_source(m)]
    assert sent
    stack.namespace.delete("configmap", sent[0])
    assert "fabric:Source: (delete)" in stack.refresh().output
    stack.up()
    assert stack.namespace.get("configmap", sent[0]) is not None
    stack.preview("--expect-no-changes")


def _is_source(config_map: Manifest) -> bool:
    return "hlf/source-of" in config_map["metadata"].get("labels", {})


def _held_up(step: str, steps: tuple[str, ...]) -> tuple[str, ...]:
    later = steps[steps.index(step) + 1 :]
    return (step, *later) if step in QUICK else later


def _assert_complete(stack: Stack, config_blocks: int) -> None:
    stack.preview("--expect-no-changes")
    assert strangers(stack) == []
    client = Client.of(stack)
    for channel, chaincode in CHAINCODES.items():
        assert {d.sequence for d in client.definitions(channel).values()} == {1}
        assert client.submit(channel, chaincode, "ping")
        assert len(client.ledgers(channel)) == 1
        assert len(client.config_blocks(channel)) == config_blocks


def _another_name_for_the_orderer(content: Any) -> None:
    (host,) = content["OrdererOrgs"][0]["Specs"]
    host["SANS"] = ["orderer.example"]


def _another_policy(content: Any) -> None:
    for channel in MEMBERS:
        policies = content["Profiles"][channel]["Application"]["Policies"]
        policies["LifecycleEndorsement"]["Rule"] = "ANY Endorsement"
