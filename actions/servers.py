"""The servers of chaincodes: waiting for them, which may be building from source first."""

import math
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

from actions import cluster, pods
from actions.progress import Report
from hlf.client.wait import Deadline
from hlf.errors import FabricError

_Answer = TypeVar("_Answer")

_SELECTOR = "chaincode"
_TIMEOUT = 600.0
"""Seconds; a build on a small node takes a while."""
_PATIENCE = {"could not launch chaincode": 20.0, "required to disseminate to at least": 60.0}
"""Seconds by what peers say while a Service does not know of a new pod, and while they do not know
each other yet, which takes gossip a while, and so cannot give each other private data."""


def await_servers(
    namespace: str, servers: Iterable[str], report: Report, *, code: str | None = None
) -> None:
    """Wait until the pods of these Deployments are ready; nothing to wait for is fine.

    Where `code` is given, only pods that run it count (see `actions.pods.revision`).
    """
    wanted = dict.fromkeys(servers, code)
    if wanted:
        pods.wait_ready(namespace, _SELECTOR, wanted, timeout=_TIMEOUT, report=report)


def reach(attempt: Callable[[], _Answer]) -> _Answer:
    """Try until peers reach a ready server and, where it has private data for them, each other."""
    start = time.monotonic()
    tries = Deadline(math.inf).tries()
    while True:
        next(tries)
        try:
            return attempt()
        except FabricError as error:
            found = [seconds for words, seconds in _PATIENCE.items() if words in str(error)]
            if time.monotonic() - start >= max(found, default=0.0):
                raise


def serves(namespace: str, server: str) -> bool:
    """Say whether a Deployment has a pod that is ready."""
    return any(pods.is_ready(pod) for pod in cluster.find(namespace, "pods", f"app={server}"))
