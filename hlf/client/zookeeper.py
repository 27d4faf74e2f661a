"""ZooKeeper: whether a server serves, and what is kept in it, again after each change.

A server takes a session only if a majority of the servers agrees. That tells whether it serves; an
open port does not. The library, kazoo, has no types: it stays in this module.
Source: ZooKeeper's Programmer's Guide, "ZooKeeper Sessions" and "ZooKeeper Watches".
"""

import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from typing import Any, TypeVar

from kazoo.client import KazooClient
from kazoo.exceptions import KazooException, NoNodeError
from kazoo.handlers.threading import KazooTimeoutError

from hlf.client.errors import Unreachable
from hlf.client.wait import Deadline

_Answer = TypeVar("_Answer")

_SESSION = 10.0
"""Seconds after which a server that is silent is given up for another one."""
_AGAIN = {"max_tries": -1, "delay": 0.1, "max_delay": 1.0}
"""Connecting is tried until there is no time left, with pauses of these seconds."""


class Tree:
    """What is kept in ZooKeeper; whatever is asked for is watched from then on."""

    def __init__(self, client: Any, notice: Callable[[object], None]) -> None:
        self._client = client
        self._notice = notice

    def children(self, path: str) -> list[str]:
        """Return the names below a path; none where it is not there."""
        try:
            return self._client.get_children_async(path, self._notice).get(timeout=_SESSION)
        except NoNodeError:
            return []

    def data(self, path: str) -> bytes | None:
        """Return what is at a path; None where it is not there."""
        if self.made(path) is None:
            return None
        try:
            content, _ = self._client.get_async(path).get(timeout=_SESSION)
        except NoNodeError:
            return None
        return content

    def made(self, path: str) -> int | None:
        """Return the transaction that made a path; None where it is not there.

        What has been removed and made again has another one.
        """
        stat = self._client.exists_async(path, self._notice).get(timeout=_SESSION)
        return None if stat is None else stat.czxid


def serves(address: str, *, timeout: float) -> bool:
    """Return whether the server at `host:port` takes a session within these seconds."""
    try:
        with _session([address], timeout):
            return True
    except Unreachable:
        return False


def watch(
    addresses: Iterable[str], read: Callable[[Tree], _Answer], *, timeout: float
) -> Generator[_Answer]:
    """Yield what `read` makes of the tree, and again after each change of what it asked for.

    Ends after `timeout` seconds; what that means is the caller's affair. Any of the servers
    (`host:port`) will do. Raises Unreachable where none serves in the end.
    """
    deadline, changed, lost = Deadline(timeout), threading.Event(), False

    def notice(_: object) -> None:
        changed.set()

    with _session(addresses, timeout) as client:
        client.add_listener(notice)
        while True:
            changed.clear()
            try:
                # a server may be behind the others
                client.sync_async("/").get(timeout=_SESSION)
                found = read(Tree(client, notice))
            except (KazooException, KazooTimeoutError):
                lost = True
            else:
                lost = False
                yield found
            if not changed.wait(deadline.remaining()):
                break
    if lost:
        raise _unreachable(timeout)


@contextmanager
def _session(addresses: Iterable[str], timeout: float) -> Generator[Any]:
    session = min(timeout, _SESSION)
    client: Any = KazooClient(",".join(addresses), session, connection_retry=_AGAIN)
    try:
        client.start(timeout)
    except KazooTimeoutError:
        raise _unreachable(timeout) from None
    try:
        yield client
    finally:
        client.stop()
        client.close()


def _unreachable(timeout: float) -> Unreachable:
    return Unreachable(
        f"No ZooKeeper server took a session within {timeout:.0f} s: see that a majority of them "
        "runs, and what their logs say."
    )
