"""All that a network's peers know, told by themselves: what a restore has to bring back.

Uses nothing of what makes backups.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from hlf.client import lifecycle
from hlf.client.peer import Peer
from hlf.client.wait import gather
from tests.e2e.harness import deals
from tests.e2e.harness.fabric import Client


@dataclass(frozen=True, kw_only=True)
class Dump:
    """What each peer has, by its name."""

    blocks: Mapping[str, Mapping[str, tuple[str, ...]]]
    """By channel, the SHA-256 of every block with all of its metadata."""
    packages: Mapping[str, frozenset[str]]
    """The ids of the chaincode packages on it."""
    private: Mapping[str, frozenset[str]]
    """What the peers answer that may know it, by the key of the private datum."""


def heights(client: Client) -> dict[str, int]:
    """Return how many blocks the channels have, on which their peers agree."""
    return {channel.name: client.height(channel.name) for channel in client.network.channels}


def take(client: Client, blocks: Mapping[str, int], private: tuple[str, ...]) -> Dump:
    """Ask all peers for so many blocks of each channel, and for private data by their keys."""
    peers = {channel: client.peers(channel, user="Admin") for channel in blocks}
    everyone = {str(peer): peer for members in peers.values() for peer in members}
    found: dict[str, dict[str, tuple[str, ...]]] = {name: {} for name in everyone}
    for channel, members in peers.items():
        hashes = gather(lambda p, c=channel: _blocks(p, c, blocks[c]), members)
        for peer, of_peer in zip(members, hashes, strict=True):
            found[str(peer)][channel] = of_peer
    return Dump(
        blocks=found,
        packages={name: frozenset(lifecycle.installed(peer)) for name, peer in everyone.items()},
        private={key: frozenset(deals.get(client, key)) for key in private},
    )


def _blocks(peer: Peer, channel: str, count: int) -> tuple[str, ...]:
    return tuple(
        hashlib.sha256(
            peer.block(channel, number).SerializeToString(deterministic=True)
        ).hexdigest()
        for number in range(count)
    )
