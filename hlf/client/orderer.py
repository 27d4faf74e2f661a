"""One orderer: broadcasting an envelope to it, and having blocks delivered by it.

Source: Fabric's `orderer/common/broadcast` and `common/deliver`; a stream that ends with a status
and no block has failed, whatever gRPC says.
"""

from hlf.client import envelope
from hlf.client.connection import Endpoint, call, connect, once
from hlf.client.errors import ChannelNotFound, Refused, Unreachable
from hlf.client.identity import Signer
from hlf.client.ordering import Ordering
from hlf.client.protos import (
    AtomicBroadcastStub,
    Block,
    Envelope,
    HeaderType,
    SeekInfo,
    SeekPosition,
    Status,
)
from hlf.client.remedy import refusal

# The status of this is BAD_REQUEST (`orderer/common/multichannel/registrar.go`).
_NO_CHANNEL = "channel does not exist"


class Orderer(Ordering):
    """An orderer as one signer sees it; may be used from many threads at once."""

    def __init__(self, endpoint: Endpoint, signer: Signer) -> None:
        super().__init__(signer)
        self.endpoint = endpoint

    def __str__(self) -> str:
        return f"{self.endpoint.name} at {self.endpoint.address}"

    def catch_up(self, channel: str, number: int, *, timeout: float = 60.0) -> None:
        """Wait until it has a block; `timeout` counts from its last new one.

        Raises Refused or Unreachable.
        """
        while (newest := self.newest_block(channel, timeout=timeout).header.number) < number:
            # only the next one can be waited for
            self.block(channel, newest + 1, timeout=timeout)

    def broadcast(self, message: Envelope, *, timeout: float = 60.0) -> None:
        """Hand over an envelope for ordering; returns when the orderer has taken it.

        Raises Refused with the orderer's status, Unreachable.
        """
        call(
            lambda remaining: self._broadcast(message, remaining),
            node=str(self),
            doing=_broadcasting(message),
            timeout=timeout,
        )

    def broadcast_once(self, message: Envelope, *, timeout: float) -> None:
        """The same, and nothing is tried again."""
        once(
            lambda remaining: self._broadcast(message, remaining),
            node=str(self),
            doing=_broadcasting(message),
            timeout=timeout,
        )

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
        return call(
            lambda remaining: self._deliver(channel, position, doing, remaining),
            node=str(self),
            doing=doing,
            timeout=timeout,
            again=again,
        )

    def deliver_once(
        self, channel: str, position: SeekPosition, *, doing: str, timeout: float
    ) -> Block:
        """The same, and nothing is tried again."""
        return once(
            lambda remaining: self._deliver(channel, position, doing, remaining),
            node=str(self),
            doing=doing,
            timeout=timeout,
        )

    def _broadcast(self, message: Envelope, timeout: float) -> None:
        stub = AtomicBroadcastStub(connect(self.endpoint))
        answers = stub.Broadcast(iter([message]), timeout=timeout)
        for answer in answers:
            answers.cancel()
            if answer.status != Status.SUCCESS:
                raise self._refused(answer.status, answer.info, _broadcasting(message))
            return
        raise self._silent(_broadcasting(message))

    def _deliver(self, channel: str, position: SeekPosition, doing: str, timeout: float) -> Block:
        seek = SeekInfo(start=position, stop=position, behavior=SeekInfo.BLOCK_UNTIL_READY)
        header, _ = envelope.header(
            self.signer,
            HeaderType.DELIVER_SEEK_INFO,
            channel,
            tls_cert_hash=self.endpoint.tls_cert_hash(),
        )
        message = envelope.sealed(self.signer, header, seek)
        stub = AtomicBroadcastStub(connect(self.endpoint))
        answers = stub.Deliver(iter([message]), timeout=timeout)
        for answer in answers:
            answers.cancel()
            if answer.WhichOneof("Type") == "block":
                return answer.block
            raise self._refused(answer.status, "", doing)
        raise self._silent(doing)

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


def _broadcasting(message: Envelope) -> str:
    return f"broadcasting to channel {envelope.channel_of(message)}"
