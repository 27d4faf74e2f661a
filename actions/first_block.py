"""Makes a channel on orderers that have no system channel: all of them join with one first block.

Another block would be another channel, so it is written down in the namespace before any orderer
gets it, and a run that was killed between two of them goes on with the same. When all have joined
it is not needed any more: they have it.
"""

import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from actions import cluster
from hlf import names
from hlf.client.participation import Participation
from hlf.client.wait import gather
from hlf.config.build import genesis_block
from hlf.config.protos import Block, ConfigGroup, serialize

_BLOCK = "genesis.block"
_LABELS = {"hlf/first-block": "true"}


def outsiders(channel: str, orderers: Mapping[str, Participation]) -> list[str]:
    """Return the orderers that have not joined a channel."""
    joined = gather(lambda name: channel in orderers[name].channels(), orderers)
    return [name for name, is_in in zip(orderers, joined, strict=True) if not is_in]


def is_written(namespace: str, channel: str) -> bool:
    """Say whether a run has begun to make the channel and has not ended."""
    return cluster.config_map(namespace, names.first_block(channel)) is not None


def make(namespace: str, channel: str, group: Callable[[], ConfigGroup]) -> Block:
    """Return the channel's first block: the one that is written down, else a new one."""
    name = names.first_block(channel)
    written = cluster.config_map(namespace, name)
    if written is None:
        block = genesis_block(
            group(), channel=channel, timestamp=datetime.now(UTC), nonce=secrets.token_bytes(24)
        )
        content = {_BLOCK: serialize(block)}
        cluster.apply_config_map(namespace, name, binary=content, labels=_LABELS)
        return block
    return Block.FromString(written[_BLOCK])


def forget(namespace: str, channel: str) -> None:
    """Delete what is written down, if anything is."""
    cluster.delete(namespace, "configmaps", names.first_block(channel))
