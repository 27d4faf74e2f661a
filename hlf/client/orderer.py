"""An orderer: broadcasting envelopes, fetching blocks, changing channels.

Which orderer to ask, and what a channel should look like, is decided elsewhere.

Source: Fabric's `orderer/common/broadcast` and `common/deliver`; a stream that ends with a status
and no block has failed, whatever gRPC says.
"""

from collections.abc import Iterable

from hlf.client import envelope
from hlf.client.connection import Endpoint, call, connect
from hlf.client.errors import ChannelNotFound, Refused, Unreachable
from hlf.client.identity import Signer
from hlf.client.protos import (
    AtomicBroadcastStub,
    Block,
    ConfigSignature,
    ConfigUpdate,
    Envelope,
    HeaderType,
    SeekInfo,
    SeekNewest,
    SeekPosition,
    SeekSpecified,
    Status,
)
from hlf.client.remedy import refusal
from hlf.client.wait import Deadline
from hlf.config.read import last_config_index
from hlf.errors import FabricError

_NEWEST = SeekPosition(newest=SeekNewest())
_BUSY = frozenset({"SERVICE_UNAVAILABLE"})
_BUSY_OR_UNKNOWN = frozenset({"SERVICE_UNAVAILABLE", "NOT_FOUND"})
# The status of this is BAD_REQUEST (`orderer/common/multichannel/registrar.go`).
_NO_CHANNEL = "channel does not exist"


class Orderer:
    """An orderer as one signer sees it; may be used from many threads at once."""

    def __init__(self, endpoint: Endpoint, signer: Signer) -> None:
        self.endpoint = endpoint
        self.signer = signer

    def __str__(self) -> str:
        return f"{self.endpoint.name} at {self.endpoint.address}"

    def broadcast(self, message: Envelope, *, timeout: float = 60.0) -> None:
        """Hand over an envelope for ordering; returns when the orderer has taken it.

        Raises Refused with the orderer's status, Unreachable.
        """
        channel = envelope.channel_of(message)
        doing = f"broadcasting to channel {channel}"

        def attempt(remaining: float) -> None:
            stub = AtomicBroadcastStub(connect(self.endpoint))
            answers = stub.Broadcast(iter([message]), timeout=remaining)
            for answer in answers:
                answers.cancel()
                if answer.status != Status.SUCCESS:
                    raise self._refused(answer.status, answer.info, doing)
                return
            raise self._silent(doing)

        call(attempt, node=str(self), doing=doing, timeout=timeout)

    def block(self, channel: str, number: int, *, timeout: float = 30.0) -> Block:
        """A block by its number; the one that is cut next is waited for.

        Raises Refused, `NOT_FOUND`, for a number beyond that.
        """
        position = SeekPosition(specified=SeekSpecified(number=number))
        try:
            return self._deliver(channel, position, f"fetching block {number} of", timeout, _BUSY)
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
        return self._deliver(channel, _NEWEST, "fetching the newest block of", timeout, _BUSY)

    def genesis_block(self, channel: str, *, timeout: float = 60.0) -> Block:
        """The channel's first block, which peers join with.

        Waits until the orderer serves the channel: a new channel is there a moment after its
        creation was accepted. Raises ChannelNotFound when it is not in time.
        """
        first = SeekPosition(specified=SeekSpecified(number=0))
        doing = "waiting for the genesis block of"
        return self._deliver(channel, first, doing, timeout, _BUSY_OR_UNKNOWN)

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
        self.broadcast(message, timeout=deadline.remaining())
        while deadline.remaining():
            number += 1
            block = self.block(channel, number, timeout=deadline.remaining())
            config = envelope.config_envelope(block)
            if config is not None and config.last_update == message:
                return block
        raise FabricError(
            f"{self} took an update of channel {channel} but did not order it in {timeout:g} s; "
            "see that a majority of the orderers runs"
        )

    def _deliver(
        self,
        channel: str,
        position: SeekPosition,
        verb: str,
        timeout: float,
        again: frozenset[str],
    ) -> Block:
        doing = f"{verb} channel {channel}"
        seek = SeekInfo(start=position, stop=position, behavior=SeekInfo.BLOCK_UNTIL_READY)

        def attempt(remaining: float) -> Block:
            header, _ = envelope.header(
                self.signer,
                HeaderType.DELIVER_SEEK_INFO,
                channel,
                tls_cert_hash=self.endpoint.tls_cert_hash(),
            )
            message = envelope.sealed(self.signer, header, seek)
            stub = AtomicBroadcastStub(connect(self.endpoint))
            answers = stub.Deliver(iter([message]), timeout=remaining)
            for answer in answers:
                answers.cancel()
                if answer.WhichOneof("Type") == "block":
                    return answer.block
                raise self._refused(answer.status, "", doing)
            raise self._silent(doing)

        return call(attempt, node=str(self), doing=doing, timeout=timeout, again=again)

    def _refused(self, status: int, info: str, doing: str) -> Refused:
        name: str = Status.Name(status)
        if info == _NO_CHANNEL:
            name = "NOT_FOUND"
        asked = f"{doing} by {self.signer.msp_id}"
        sentence = refusal(str(self), asked, status=name, reason=info)
        kind = ChannelNotFound if name == "NOT_FOUND" else Refused
        return kind(sentence, status=name, reason=info)

    def _silent(self, doing: str) -> Unreachable:
        return Unreachable(f"{self} ended {doing} without an answer; see the orderer's log")
