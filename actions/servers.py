"""The servers of chaincodes: waiting for them, which may be building from source first."""

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
_REACH_TIMEOUT = 20.0
_NOT_REACHED = "could not launch chaincode"


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
    """Try until peers reach a ready server: its Service may know of the pod a bit later."""
    last: FabricError | None = None
    for _ in Deadline(_REACH_TIMEOUT).tries():
        try:
            return attempt()
        except FabricError as error:
            if _NOT_REACHED not in str(error):
                raise
            last = error
    assert last is not None  # noqa: S101  (there is at least one try)
    raise last


def serves(namespace: str, server: str) -> bool:
    """Say whether a Deployment has a pod that is ready."""
    return any(pods.is_ready(pod) for pod in cluster.find(namespace, "pods", f"app={server}"))
