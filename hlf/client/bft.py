"""Broadcasting on BFT channels: to every orderer at once, until a quorum has taken the envelope.

One orderer does not suffice: a faulty one may drop what it is sent, and a faulty leader is given up
only when enough others wait for an envelope in vain.

Source: Fabric's gateway (`internal/pkg/gateway/submit.go`); SmartBFT's request pool.
"""

import queue
import threading
from collections.abc import Iterator, Sequence

from hlf.client.connection import PATIENCE
from hlf.client.errors import Refused, Unreachable
from hlf.client.orderer import Orderer
from hlf.client.protos import Envelope
from hlf.client.wait import Deadline
from hlf.config.consensus import quorum
from hlf.errors import FabricError

_TURN = 10.0
"""Seconds that an orderer gets for one attempt; it answers late where its pool is full."""
_HAVE = ("request already exists", "request already processed")
"""What an orderer says that has the envelope from another client, or from the attempt before."""
_MAY_CHANGE = frozenset({"SERVICE_UNAVAILABLE", "NOT_FOUND"})


def broadcast(orderers: Sequence[Orderer], message: Envelope, *, timeout: float) -> None:
    """Hand over an envelope to all of a channel's `orderers`; returns when a quorum has taken it.

    Those that fail are sent it again. Raises Refused where too many refuse it for good,
    Unreachable where too few can be reached.
    """
    needed = quorum(len(orderers))
    spare = len(orderers) - needed
    deadline, patience = Deadline(timeout), Deadline(min(PATIENCE, timeout))
    missing = list(orderers)
    failures: list[FabricError] = []
    for _ in deadline.tries():
        failures = []
        for orderer, error in _send(missing, message, timeout=min(_TURN, deadline.remaining())):
            if error is None:
                missing.remove(orderer)
            else:
                failures.append(error)
            if len(orderers) - len(missing) >= needed:
                return
            refusals = [each for each in failures if _is_final(each)]
            if len(refusals) > spare:
                raise refusals[0]
        if not patience.remaining() and len(_away(failures)) > spare:
            break
    raise _told(failures, taken=len(orderers) - len(missing), needed=needed)


def _send(
    orderers: Sequence[Orderer], message: Envelope, *, timeout: float
) -> Iterator[tuple[Orderer, FabricError | None]]:
    """Each orderer with None where it has taken the message, else its error, as they come.

    The threads that are left when the caller has enough end by themselves, within the timeout.
    """
    answers: queue.Queue[tuple[Orderer, Exception | None]] = queue.Queue()

    def send(orderer: Orderer) -> None:
        try:
            orderer.broadcast_once(message, timeout=timeout)
        except Exception as error:  # noqa: BLE001 - it is raised where it is waited for
            answers.put((orderer, error))
        else:
            answers.put((orderer, None))

    todo = list(orderers)
    for orderer in todo:
        threading.Thread(target=send, args=(orderer,), daemon=True).start()
    for _ in todo:
        orderer, error = answers.get()
        if isinstance(error, Refused) and any(text in error.reason for text in _HAVE):
            error = None
        if error is not None and not isinstance(error, FabricError):
            raise error
        yield orderer, error


def _is_final(error: FabricError) -> bool:
    return isinstance(error, Refused) and error.status not in _MAY_CHANGE


def _away(failures: Sequence[FabricError]) -> list[Unreachable]:
    return [each for each in failures if isinstance(each, Unreachable)]


def _told(failures: Sequence[FabricError], *, taken: int, needed: int) -> FabricError:
    """One error for all, a Refused where there is one, because that is an orderer's own answer."""
    each = "; ".join(str(failure) for failure in failures)
    sentence = f"{taken} of the channel's orderers took it and {needed} are needed: {each}"
    for failure in failures:
        if isinstance(failure, Refused):
            return Refused(sentence, status=failure.status, reason=failure.reason)
    return Unreachable(sentence)
