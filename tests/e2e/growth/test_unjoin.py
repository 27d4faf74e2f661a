"""A peer leaves a channel while its organization stays, and comes back to all that it missed."""

from pathlib import Path
from typing import Any

from hlf import names
from hlf.client.peer import Peer
from tests.e2e.conftest import Measure
from tests.e2e.growth.test_previews import EXPECTED, add_peer
from tests.e2e.harness import network
from tests.e2e.harness.changes import changes
from tests.e2e.harness.fabric import Client
from tests.e2e.harness.kill import kill_in
from tests.e2e.harness.network import CRYPTO_CONFIG, NETWORK
from tests.e2e.harness.stack import Stack
from tests.e2e.harness.use import use

PEER = names.peer("Karga", "peer1")
COMMON, OTHER = "common", "private-karga-atlantis"


def _leave(content: Any) -> None:
    _common(content)["withoutPeers"] = ["peer1.aptalkarga.tr"]


def _come_back(content: Any) -> None:
    del _common(content)["withoutPeers"]


def _common(content: Any) -> Any:
    return next(each for each in content["network"]["channels"] if each["name"] == COMMON)


def test_a_peer_leaves_a_channel_and_comes_back(
    running: Stack, tmp_path: Path, measure: Measure
) -> None:
    files = network.copy(Path(running.settings["network"]), tmp_path / "net")
    running.configure(network=str(files))
    network.edit(files, CRYPTO_CONFIG, add_peer)
    running.up()
    peer = _peer(running)
    assert peer.channels() == {COMMON, OTHER}

    network.edit(files, NETWORK, _leave)
    assert changes(running) == (EXPECTED / "leave-channel.txt").read_text().splitlines()
    kill_in(running, "taking peer", held_up=())
    measure(
        "up that takes a peer out of a channel, after one that was killed", running.up().seconds
    )
    assert peer.channels() == {OTHER}
    assert running.namespace.get("configmap", names.leaving(PEER)) is None
    use(running)
    running.refresh("--expect-no-changes")

    # somebody takes it back in by hand
    client = Client.of(running)
    peer.join(client.orderer(client.admin("Karga")).genesis_block(COMMON))
    assert f'- {PEER}: "KargaMSP"' in running.refresh().output
    running.up()
    assert peer.channels() == {OTHER}

    network.edit(files, NETWORK, _come_back)
    measure("up that lets it in again", running.up().seconds)
    client = Client.of(running)
    assert len(client.peers_of("Karga", COMMON)) == 2
    assert len(client.ledgers(COMMON)) == 1
    use(running)
    running.refresh("--expect-no-changes")


def _peer(running: Stack) -> Peer:
    client = Client.of(running)
    admin = client.admin("Karga")
    return client.nodes.peer(PEER, admin.msp_id, admin)
