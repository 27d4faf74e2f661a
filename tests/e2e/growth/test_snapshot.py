"""A new peer joins a channel by a snapshot of another one, after runs killed in each step."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from actions import joining_note
from hlf import names
from hlf.client.errors import Refused
from hlf.client.peer import Peer
from tests.e2e.conftest import Measure
from tests.e2e.growth.test_previews import add_peer
from tests.e2e.harness import embedded, network
from tests.e2e.harness.belongings import strangers
from tests.e2e.harness.changes import changes
from tests.e2e.harness.fabric import Client
from tests.e2e.harness.kill import kill_in
from tests.e2e.harness.network import CRYPTO_CONFIG, NETWORK
from tests.e2e.harness.stack import Stack
from tests.e2e.harness.use import use
from tools import images

FIRST, SECOND = names.peer("Karga", "peer0"), names.peer("Karga", "peer1")
COMMON, OTHER = "common", "private-karga-atlantis"
SNAPSHOTS = "/var/hyperledger/production/snapshots"
KILLED = ("fetching the snapshot of", "removing the snapshot of")
"""Of `steps.SNAPSHOT`; `make campaign` kills a run in each."""
QUICK = {"making a snapshot of", "joining by the snapshot of", "waiting for approvals on"}
"""Over before a kill arrives, so they are held up; in the others pods are made."""


def _by_snapshot(content: Any) -> None:
    common = next(each for each in content["network"]["channels"] if each["name"] == COMMON)
    common["joinBySnapshot"] = True


def test_a_peer_joins_by_a_snapshot(running: Stack, tmp_path: Path, measure: Measure) -> None:
    joins(running, tmp_path, KILLED, measure)


def joins(running: Stack, folder: Path, killed: Sequence[str], measure: Measure) -> None:
    """Have a peer join samples/simple by a snapshot, after a run killed in each of some steps."""
    embedded.provide(images.JOBS)
    before, others = running.settings["network"], strangers(running)
    files = network.copy(Path(before), folder / "net")
    running.configure(network=str(files))
    network.edit(files, NETWORK, _by_snapshot)
    assert changes(running) == []
    use(running)

    network.edit(files, CRYPTO_CONFIG, add_peer)
    for step in killed:
        kill_in(running, step, held_up=(step,) if step in QUICK else ())
        assert running.namespace.kubectl(
            "get", "secrets", "-l", joining_note.SELECTOR, "-o", "name"
        )
    measure(
        "up with a peer that joins by a snapshot, after one that was killed", running.up().seconds
    )
    peer = _peer(running)
    assert peer.channels() == {COMMON, OTHER}
    assert peer.block(OTHER, 1)
    with pytest.raises(Refused, match="bootstrapped from a snapshot"):
        peer.block(COMMON, 1)
    assert strangers(running) == others
    assert _snapshots(running, FIRST, "completed") == []
    assert _snapshots(running, SECOND, "joining") == []
    use(running)
    client = Client.of(running)
    assert len(client.peers_of("Karga", COMMON)) == 2
    assert len(client.ledgers(COMMON)) == 1
    running.refresh("--expect-no-changes")
    running.preview("--expect-no-changes")

    running.configure(network=before)
    running.up()


def _peer(running: Stack) -> Peer:
    client = Client.of(running)
    admin = client.admin("Karga")
    return client.nodes.peer(SECOND, admin.msp_id, admin)


def _snapshots(running: Stack, peer: str, kind: str) -> list[str]:
    """Return the snapshots of the channel that a peer has in one of its folders."""
    folder = f"{SNAPSHOTS}/{kind}/{COMMON}"
    command = f"if [ -d {folder} ]; then ls {folder}; fi"
    return running.namespace.kubectl("exec", names.pod(peer), "--", "sh", "-c", command).split()
