"""What the ordering service does for a client, whichever orderers are asked and in what way.

`hlf.client.orderer` asks one, `hlf.client.orderers` all of a channel's. What a channel should look
like is decided elsewhere.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable

from hlf.client import envelope
from hlf.client.errors import ChannelNotFound, Refused, Unreachable
from hlf.client.identity import Signer
from hlf.client.protos import (
    Block,
    ConfigSignature,
    ConfigUpdate,
    Envelope,
    SeekNewest,
    SeekPosition,
    SeekSpecified,
)
from hlf.client.wait import Deadline
from hlf.config.read import last_config_index
from hlf.errors import FabricError

_LOST = 10.0
"""Seconds without a next block after which what was taken is handed over again."""
_NEWEST = SeekPosition(newest=SeekNewest())
_BUSY = frozenset({"SERVICE_UNAVAILABLE"})
_BUSY_OR_UNKNOWN = frozenset({"SERVICE_UNAVAILABLE", "NOT_FOUND"})


class Ordering(ABC):
    """The ordering service as one signer sees it; may be used from many threads at once."""

    def __init__(self, signer: Signer) -> None:
        self.signer = signer

    @abstractmethod
    def broadcast(self, message: Envelope, *, timeout: float = 60.0) -> None:
        """Hand over an envelope for ordering; returns when it is taken.

        Raises Refused with an orderer's status, Unreachable.
        """

    @abstractmethod
    def deliver(
        self,
        channel: str,
        position: SeekPosition,
        *,
        doing: str,
        timeout: float,
        again: frozenset[str],
    ) -> Block:
        """The block at a position; statuses in `again` are waited out."""

    def wait_for_leader(self, channel: str, *, timeout: float = 60.0) -> None:
        """Wait until an orderer that is asked serves the channel.

        Raft's orderers refuse to deliver while they know no leader. BFT's deliver without one, and
        keep what they are sent until there is one.
        """
        self.newest_block(channel, timeout=timeout)

    def block(self, channel: str, number: int, *, timeout: float = 30.0) -> Block:
        """A block by its number; the one that is cut next is waited for.

        Raises Refused, `NOT_FOUND`, for a number beyond that.
        """
        position = SeekPosition(specified=SeekSpecified(number=number))
        try:
            doing = f"fetching block {number} of channel {channel}"
            return self.deliver(channel, position, doing=doing, timeout=timeout, again=_BUSY)
        except ChannelNotFound as error:
            # An orderer says the same of blocks; if the channel is missing this raises again.
            last = self.newest_block(channel, timeout=timeout).header.number
            raise Refused(
                f"{self} has no block {number} of channel {channel}, whose last is {last}",
                status=error.status,
                reason=error.reason,
            ) from None

    def newest_block(self, channel: str, *, timeout: float = 30.0) -> Block:
        """The channel's last block; its number plus one is the height."""
        doing = f"fetching the newest block of channel {channel}"
        return self.deliver(channel, _NEWEST, doing=doing, timeout=timeout, again=_BUSY)

    def genesis_block(self, channel: str, *, timeout: float = 60.0) -> Block:
        """The channel's first block, which peers join with.

        Waits until the orderer serves the channel: a new channel is there a moment after its
        creation was accepted. Raises ChannelNotFound when it is not in time.
        """
        first = SeekPosition(specified=SeekSpecified(number=0))
        doing = f"waiting for the genesis block of channel {channel}"
        return self.deliver(channel, first, doing=doing, timeout=timeout, again=_BUSY_OR_UNKNOWN)

    def config_block(self, channel: str, *, timeout: float = 30.0) -> Block:
        """The channel's last config block, as the newest block names it."""
        deadline = Deadline(timeout)
        newest = self.newest_block(channel, timeout=timeout)
        number = last_config_index(newest)
        if number == newest.header.number:
            return newest
        return self.block(channel, number, timeout=deadline.remaining())

    def create_channel(
        self,
        update: ConfigUpdate,
        signatures: Iterable[ConfigSignature],
        *,
        timeout: float = 60.0,
    ) -> Block:
        """Create a channel through the system channel; gives its genesis block.

        Raises Refused, `BAD_REQUEST` where the channel exists or the consortium does not have one
        of its organizations.
        """
        deadline = Deadline(timeout)
        message = envelope.config_update(update, signatures, self.signer)
        self.broadcast(message, timeout=timeout)
        return self.genesis_block(update.channel_id, timeout=deadline.remaining())

    def update_channel(
        self,
        update: ConfigUpdate,
        signatures: Iterable[ConfigSignature],
        *,
        timeout: float = 60.0,
    ) -> Block:
        """Change a channel's configuration; gives the config block that came of it.

        Raises Refused: `FORBIDDEN` or `BAD_REQUEST` where the signatures do not suffice,
        `BAD_REQUEST` where the update was made from a configuration that is not the last.
        """
        deadline = Deadline(timeout)
        channel: str = update.channel_id
        number = int(self.newest_block(channel, timeout=timeout).header.number)
        message = envelope.config_update(update, signatures, self.signer)
        while deadline.remaining():
            try:
                self.broadcast(message, timeout=deadline.remaining())
            except Refused as error:
                # It may have been taken before, by an orderer whose answer was lost on its way
                if error.status != "BAD_REQUEST":
                    raise
                block = self._ordered(message, channel, number + 1, deadline)
                if block is None:
                    raise
                return block
            block = self._awaited(message, channel, number + 1, deadline)
            if block is not None:
                return block
        raise FabricError(
            f"{self} took an update of channel {channel} but did not order it in {timeout:g} s; "
            "see that a majority of the orderers runs"
        )

    def _awaited(
        self, message: Envelope, channel: str, first: int, deadline: Deadline
    ) -> Block | None:
        """The config block of a message that was taken, from `first` on.

        None where none comes for a while: a leader that is deposed forgets what it has taken.
        """
        number = first
        while deadline.remaining():
            try:
                block = self.block(channel, number, timeout=min(_LOST, deadline.remaining()))
            except (Refused, Unreachable):
                return None
            if _is_of(block, message):
                return block
            number += 1
        return None

    def _ordered(
        self, message: Envelope, channel: str, first: int, deadline: Deadline
    ) -> Block | None:
        """The config block of a message among those from `first` on that there are already."""
        last = int(self.newest_block(channel, timeout=deadline.remaining()).header.number)
        for number in range(first, last + 1):
            block = self.block(channel, number, timeout=deadline.remaining())
            if _is_of(block, message):
                return block
        return None


def _is_of(block: Block, message: Envelope) -> bool:
    config = envelope.config_envelope(block)
    return config is not None and config.last_update == message
