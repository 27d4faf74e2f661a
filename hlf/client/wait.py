"""Waiting with an end: a deadline for a whole call, pauses between tries, many nodes at once."""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from hlf.client.errors import Unreachable
from hlf.errors import FabricError

_Item = TypeVar("_Item")
_Answer = TypeVar("_Answer")

_FIRST_PAUSE = 0.03
_LONGEST_PAUSE = 0.5


class Deadline:
    """The end of a call that is made of several steps; all times are in seconds."""

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout
        self._end = time.monotonic() + timeout

    def remaining(self) -> float:
        """What is left; 0 when it has passed."""
        return max(0.0, self._end - time.monotonic())

    def tries(self) -> Iterator[None]:
        """At least one try, then pauses of doubling length before each further one, to the end."""
        yield
        pause = _FIRST_PAUSE
        while self.remaining() > pause:
            time.sleep(pause)
            yield
            pause = min(2 * pause, _LONGEST_PAUSE)


def gather(function: Callable[[_Item], _Answer], items: Iterable[_Item]) -> list[_Answer]:
    """The answers for all items, asked for at once, in the order of the items.

    Everything is waited for. One failure is raised as it is; of several, the sentences become one
    error, Unreachable if all of them are.
    """
    todo = list(items)
    if len(todo) <= 1:
        return [function(item) for item in todo]
    with ThreadPoolExecutor(len(todo)) as pool:
        futures = [pool.submit(function, item) for item in todo]
    errors = [error for future in futures if (error := future.exception()) is not None]
    for error in errors:
        if not isinstance(error, FabricError):
            raise error
    if len(errors) > 1:
        kind = Unreachable if all(isinstance(e, Unreachable) for e in errors) else FabricError
        raise kind("; ".join(str(error) for error in errors))
    return [future.result() for future in futures]
