"""Makes the system channel's genesis block, once.

Later edits of the configuration are updates of the channel; another block would be another
network. So nothing that changes in the inputs is a difference here, but the namespace, and a block
that the namespace has kept is taken over.
"""

import base64
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

import pulumi
from google.protobuf.message import DecodeError
from pulumi.dynamic import DiffResult, UpdateResult

from actions import cluster, nodes
from actions.progress import Report
from actions.provider import Action, ActionResource, Props
from hlf import names
from hlf.config.build import channel_group, genesis_block
from hlf.config.plain import from_plain
from hlf.config.protos import Block, serialize
from hlf.config.read import channel_of

BLOCK = "genesis.block"
"""The block's name in its ConfigMap."""


class GenesisProvider(Action):
    """Inputs: channel, namespace, config (hlf.config.plain), msps (organization -> ConfigMap)."""

    replace_on: ClassVar = ("namespace",)
    outputs: ClassVar = ("block",)

    def identity(self, inputs: Props) -> str:  # noqa: D102
        return inputs["channel"]

    def diff(self, _id: str, olds: Props, news: Props) -> DiffResult:
        """Find no difference, except that another namespace is another network."""
        replaces = super().diff(_id, olds, news).replaces
        return DiffResult(changes=bool(replaces), replaces=replaces)

    def apply(self, inputs: Props, report: Report) -> Props:  # noqa: D102
        report(f"making the genesis block of {inputs['channel']}")
        kept = cluster.config_map(inputs["namespace"], names.GENESIS)
        block = _make(inputs) if kept is None else _kept(inputs, kept.get(BLOCK, b""))
        return {"block": base64.b64encode(block).decode()}

    def update(self, _id: str, olds: Props, news: Props) -> UpdateResult:
        """Keep the block."""
        return self.keep(olds, news)


def _kept(inputs: Props, block: bytes) -> bytes:
    """Return a block that was kept; ClusterError unless it is one of the system channel."""
    try:
        channel = channel_of(Block.FromString(block))
    except (DecodeError, IndexError):
        channel = None
    if channel == inputs["channel"]:
        return block
    what = "no block" if channel is None else f"the block of channel {channel}"
    raise cluster.ClusterError(
        f"ConfigMap {names.GENESIS} in {inputs['namespace']} has kept {what}, where the genesis "
        f"block of {inputs['channel']} is looked for. Put network.systemChannelID back, or delete "
        "the ConfigMap and the orderers' volumes to begin a new network."
    )


def _make(inputs: Props) -> bytes:
    config = from_plain(inputs["config"])
    group = channel_group(
        config,
        msps=nodes.msps(inputs["namespace"], inputs["msps"]),
        certificates=nodes.certificates(inputs["namespace"], config),
    )
    block = genesis_block(
        group,
        channel=inputs["channel"],
        timestamp=datetime.now(UTC),
        nonce=secrets.token_bytes(24),
    )
    return serialize(block)


class Genesis(ActionResource, module="fabric", name="Genesis"):
    """The system channel's genesis block."""

    block: pulumi.Output[str]
    """In base64."""

    def __init__(
        self,
        name: str,
        *,
        channel: str,
        config: Mapping[str, Any],
        msps: Mapping[str, str],
        namespace: pulumi.Input[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        inputs = {"channel": channel, "config": config, "msps": msps, "namespace": namespace}
        super().__init__(GenesisProvider(), name, inputs, opts)
