"""The members of one channel, as actions on its chaincodes reach them."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Self

from actions.nodes import Nodes
from actions.progress import Report
from actions.provider import Props
from hlf.client.ordering import Ordering
from hlf.client.peer import Peer
from hlf.client.wait import gather


def await_block(
    channel: str, number: int, peers: Collection[Peer], report: Report, *, timeout: float = 60.0
) -> None:
    """Wait until peers have a block; `timeout` counts from each one's last new block."""
    if peers:
        report(f"waiting for block {number} of {channel} on its peers")
        gather(lambda p: p.wait_for_height(channel, number + 1, timeout=timeout), peers)


@dataclass(frozen=True, kw_only=True)
class Members:
    """The inputs of one channel with what they refer to."""

    channel: str
    namespace: str
    orderer: Ordering
    peers: Mapping[str, Peer]
    organizations: Mapping[str, str]
    """The MSP ID of each peer."""

    lost: frozenset[str] = frozenset()
    """Peers that have nothing any more, and cannot be asked."""

    @classmethod
    def of(cls, inputs: Props, *, lost: Iterable[str] = ()) -> Self:
        """Read the inputs channel and actions.access.Access."""
        found = Nodes.of(inputs)
        any_member = min(inputs["peers"].values())
        return cls(
            channel=inputs["channel"],
            namespace=found.namespace,
            orderer=found.ordering(inputs["orderers"], found.signers[any_member]),
            peers=found.peers(inputs["peers"]),
            organizations=inputs["peers"],
            lost=frozenset(lost),
        )

    def catch_up(self, report: Report) -> None:
        """Wait until the peers have what was ordered by now.

        A run that was killed may have just made them join, or have had something ordered.
        """
        number = self.orderer.newest_block(self.channel).header.number
        await_block(self.channel, number, self.peers.values(), report)

    @property
    def any_peer(self) -> Peer:
        """The one that is asked what all of them know."""
        return self.peers[min(self.peers)]

    def one_peer_each(self) -> dict[str, Peer]:
        """Return the first peer of each organization by MSP ID."""
        return {self.organizations[name]: self.peers[name] for name in sorted(self.peers)[::-1]}

    def joined(self) -> Self:
        """Return what is left of them without peers that have not joined the channel."""
        names = [name for name in self.peers if name not in self.lost]
        channels = gather(lambda name: self.peers[name].channels(), names)
        joined = [n for n, c in zip(names, channels, strict=True) if self.channel in c]
        return replace(self, peers={name: self.peers[name] for name in joined})

    def packages(self, ask: Callable[[Peer], Mapping[str, str]]) -> dict[str, Mapping[str, str]]:
        """Return what a question after packages finds on each peer."""
        names = [name for name in self.peers if name not in self.lost]
        found = gather(lambda name: ask(self.peers[name]), names)
        return {name: {} for name in self.lost} | dict(zip(names, found, strict=True))

    def running(self, organizations: Collection[str]) -> list[str]:
        """Return the peers that are to have a chaincode's package."""
        return [n for n, msp_id in self.organizations.items() if msp_id in organizations]
