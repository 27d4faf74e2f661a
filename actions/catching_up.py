"""What a rollout asks of Fabric: who serves which channels, and whether a new pod has caught up.

A pod that is ready has no more than an open port. An orderer answers for a channel when it knows a
leader; the next one is replaced only when all the others do, so that a majority stays. What is
neither orderer nor peer has nothing to be asked here.
"""

from collections.abc import Callable, Collection, Generator, Mapping
from contextlib import contextmanager
from typing import TypeVar

from actions import cluster
from actions.nodes import Nodes
from actions.provider import Props
from hlf import names
from hlf.client import operations
from hlf.client.errors import ChannelNotFound, Refused, Unreachable
from hlf.client.orderer import Orderer
from hlf.client.peer import Peer
from hlf.client.wait import gather
from hlf.config.read import config_of, consenter_certificates
from hlf.errors import FabricError

_Node = TypeVar("_Node")

_TIMEOUT = 120.0
_SETTLING = 30.0
"""Seconds for orderers that have just been replaced by a run that was killed."""
_LOOK = 3.0
"""Seconds for a look at a node that may be in trouble."""


class OrderersAndPeers:
    """The orderers and peers of a Rollout's inputs, and those who cannot be asked anything.

    What each of the outdated ones serves is found out before any of them is replaced.
    """

    def __init__(self, inputs: Props, outdated: Collection[str]) -> None:
        nodes = Nodes.of(inputs)
        self._namespace = nodes.namespace
        self._peers = nodes.peers(inputs["peers"])
        self._orderers = {
            name: nodes.orderer(name, msp_id, nodes.signers[msp_id])
            for name, msp_id in inputs["orderers"].items()
        }
        joined = gather(_channels_of, self._peers.values())
        self._channels = sorted(frozenset[str]().union(*joined))
        """What the peers have joined: an orderer cannot be asked what it serves."""
        self._served = dict(zip(outdated, gather(self.serving, outdated), strict=True))

    def has(self, _: str) -> bool:
        """Return True: what is nothing else is one of these."""
        return True

    def is_well(self, node: str) -> bool:
        """Return whether an outdated node served a channel; one that cannot be asked did not."""
        return bool(self._served[node])

    @contextmanager
    def replacing(self, node: str) -> Generator[None]:
        """Replace an outdated node within: others serve what it does before, and it does after.

        Raises FabricError.
        """
        self.check_others(node, self._served[node])
        yield
        self.catch_up(node, self._served[node])

    def serving(self, node: str) -> frozenset[str]:
        """Return the channels that a node has and answers for; none where it is in trouble."""
        if node in self._peers:
            return _channels_of(self._peers[node])
        if node not in self._orderers:
            return frozenset()
        orderer = self._orderers[node]
        serves = gather(lambda c: _number(orderer, c, _LOOK) is not None, self._channels)
        return frozenset(
            c for c, is_served in zip(self._channels, serves, strict=True) if is_served
        )

    def leads(self, node: str) -> int:
        """Return how many channels a node leads: each of them waits for an election without it."""
        if node not in self._orderers:
            return 0
        port = names.ORDERER_OPERATIONS_PORT
        address = cluster.forward(self._namespace, names.pod(node), port)
        return len(operations.leads(address, timeout=_LOOK))

    def check_others(self, node: str, channels: Collection[str]) -> None:
        """Raise FabricError unless every other orderer of its channels serves them.

        Without it and without another one there might be no majority.
        """
        if node not in self._orderers:
            return
        members = {channel: self._members(node, channel) for channel in channels}
        for name, other in self._orderers.items():
            if name == node:
                continue
            asked = [channel for channel in channels if name in members[channel]]
            missing = [channel for channel in asked if _number(other, channel, _SETTLING) is None]
            if missing:
                raise FabricError(
                    f"{node} is not replaced: {name} does not serve channel {missing[0]}, and "
                    "without both of them there might be no majority of orderers. See what its "
                    f"log says (`kubectl logs {name}-0`), mend it, and run `pulumi up` again."
                )

    def _members(self, orderer: str, channel: str) -> frozenset[str]:
        """Return whom a channel counts on, by an orderer of it: consenters, without a cluster all.

        An orderer that has just been added to the files is not yet among them.
        """
        group = config_of(self._orderers[orderer].config_block(channel)).channel_group
        consenters = set(consenter_certificates(group).values())
        if not consenters:
            return frozenset(self._orderers)
        return frozenset(name for name in self._orderers if self._certificate(name) in consenters)

    def _certificate(self, orderer: str) -> bytes:
        files = cluster.secret(self._namespace, orderer)
        return b"" if files is None else files["server.crt"]

    def catch_up(self, node: str, channels: Collection[str]) -> None:
        """Wait until a new pod serves these channels and has what the others have.

        Raises Unreachable, or Refused, where that does not come about.
        """
        if node in self._orderers:
            mine, others = self._orderers[node], self._orderers
            gather(
                lambda c: mine.catch_up(
                    c, _most(others, node, lambda o: _newest(o, c)), timeout=_TIMEOUT
                ),
                channels,
            )
        elif node in self._peers:
            peer, peers = self._peers[node], self._peers
            gather(
                lambda c: peer.wait_for_height(
                    c, _most(peers, node, lambda p: _height(p, c)), timeout=_TIMEOUT
                ),
                channels,
            )


def _most(nodes: Mapping[str, _Node], but: str, number: Callable[[_Node], int]) -> int:
    """Return the highest number among the other nodes."""
    return max(gather(number, [n for name, n in nodes.items() if name != but]), default=0)


def _newest(orderer: Orderer, channel: str) -> int:
    return _number(orderer, channel, _LOOK) or 0


def _number(orderer: Orderer, channel: str, timeout: float) -> int | None:
    """Return the number of an orderer's last block, None where it does not answer for a channel."""
    try:
        return int(orderer.newest_block(channel, timeout=timeout).header.number)
    except (Refused, Unreachable):
        return None


def _height(peer: Peer, channel: str) -> int:
    try:
        return peer.chain_info(channel, timeout=_LOOK).height
    except (ChannelNotFound, Unreachable):
        return 0


def _channels_of(peer: Peer) -> frozenset[str]:
    try:
        return peer.channels(timeout=_LOOK)
    except (Refused, Unreachable):
        return frozenset()
