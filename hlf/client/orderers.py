"""Several orderers of one channel as one: whichever of them answers, answers for all.

Where one cannot be reached, does not know the channel or has no leader, the next is asked, from
the one that answered last on. What an orderer refuses for another reason, the others would refuse
too. On BFT channels envelopes go to a quorum (`hlf.client.bft`).

Source: Fabric's gateway, `internal/pkg/gateway/submit.go`.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from hlf.client import bft
from hlf.client.connection import PATIENCE
from hlf.client.errors import ChannelNotFound, NoAnswer, Refused, Unreachable, Untrusted
from hlf.client.orderer import Orderer
from hlf.client.ordering import Ordering
from hlf.client.protos import Block, Envelope, SeekPosition
from hlf.client.wait import Deadline
from hlf.errors import FabricError

_Answer = TypeVar("_Answer")

_FIRST_TURN = 5.0
"""Seconds that an orderer gets before the next is asked; each round gives twice as many, so that
a large block or a slow connection has its time in the end."""
_OTHERS_MAY = frozenset({"SERVICE_UNAVAILABLE", "NOT_FOUND"})


class Orderers(Ordering):
    """The orderers of one channel as one signer sees them; for many threads at once.

    `members` are all of the channel's consenters where `is_bft`, because a quorum is counted from
    them; else any of its orderers. All have the same signer.
    """

    def __init__(self, members: Sequence[Orderer], *, is_bft: bool = False) -> None:
        if not members:
            raise ValueError("an ordering service of no orderers")
        super().__init__(members[0].signer)
        self.members = tuple(members)
        self.is_bft = is_bft
        self._lock = threading.Lock()
        self._last = 0
        """The place of the orderer that answered last."""
        self._seen: dict[str, int] = {}
        """The highest block by channel that an orderer has named as its newest."""

    def __str__(self) -> str:
        return f"the orderers {', '.join(member.endpoint.name for member in self.members)}"

    def broadcast(self, message: Envelope, *, timeout: float = 60.0) -> None:
        """Hand over an envelope for ordering; returns when it is taken.

        Raises Refused with an orderer's status, Unreachable with a sentence for each orderer.
        """
        if self.is_bft:
            bft.broadcast(self.members, message, timeout=timeout)
            return
        self._ask(
            lambda orderer, turn: orderer.broadcast_once(message, timeout=turn),
            timeout=timeout,
            again=frozenset({"SERVICE_UNAVAILABLE"}),
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
        return self._ask(
            lambda orderer, turn: orderer.deliver_once(
                channel, position, doing=doing, timeout=turn
            ),
            timeout=timeout,
            again=again,
        )

    def newest_block(self, channel: str, *, timeout: float = 30.0) -> Block:
        """The channel's last block; never an older one than was seen before on another orderer."""
        deadline = Deadline(timeout)
        block = super().newest_block(channel, timeout=timeout)
        number: int = block.header.number
        with self._lock:
            seen = self._seen[channel] = max(number, self._seen.get(channel, 0))
        return block if number == seen else self.block(channel, seen, timeout=deadline.remaining())

    def _ask(
        self,
        attempt: Callable[[Orderer, float], _Answer],
        *,
        timeout: float,
        again: frozenset[str],
    ) -> _Answer:
        deadline, patience = Deadline(timeout), Deadline(min(PATIENCE, timeout))
        failures: dict[int, FabricError] = {}
        turn = _FIRST_TURN
        for _ in deadline.tries():
            for place in self._places():
                try:
                    answer = attempt(self.members[place], min(turn, deadline.remaining()))
                except Refused as error:
                    if error.status not in _OTHERS_MAY:
                        raise
                    failures[place] = error
                except Unreachable as error:
                    failures[place] = error
                else:
                    self._answered(place)
                    return answer
                if not deadline.remaining():
                    break
            told = list(failures.values())
            if _is_final(told, again=again, out_of_patience=not patience.remaining()):
                break
            turn *= 2
        raise _told(list(failures.values()))

    def _places(self) -> Iterator[int]:
        with self._lock:
            first = self._last
        for step in range(len(self.members)):
            yield (first + step) % len(self.members)

    def _answered(self, place: int) -> None:
        with self._lock:
            self._last = place


def _is_final(
    failures: Sequence[FabricError], *, again: frozenset[str], out_of_patience: bool
) -> bool:
    """Whether another round of asking every orderer is of no use."""
    if all(isinstance(each, ChannelNotFound) for each in failures):
        return "NOT_FOUND" not in again
    if all(isinstance(each, Untrusted) for each in failures):
        return True
    # One that is busy or slow may yet answer, and then says more than those that are away
    if any(isinstance(each, NoAnswer) or _is_busy(each) for each in failures):
        return False
    return out_of_patience


def _is_busy(error: FabricError) -> bool:
    return isinstance(error, Refused) and error.status == "SERVICE_UNAVAILABLE"


def _told(failures: Sequence[FabricError]) -> FabricError:
    """One error for all: who cannot be reached could have known the channel, who is busy does."""
    busy = [each for each in failures if _is_busy(each)]
    if busy:
        return busy[-1]
    away = [each for each in failures if isinstance(each, Unreachable)]
    if len(away) == 1:
        return away[0]
    return Unreachable("; ".join(map(str, away))) if away else failures[-1]
