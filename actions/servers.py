"""The servers of chaincodes: waiting for them, which may be building from source first."""

from collections.abc import Iterable

from actions import cluster, pods
from actions.progress import Report

_SELECTOR = "chaincode"
_TIMEOUT = 600.0
"""Seconds; a build on a small node takes a while."""


def await_servers(namespace: str, servers: Iterable[str], report: Report) -> None:
    """Wait until the pods of these Deployments are ready; nothing to wait for is fine."""
    wanted = dict.fromkeys(servers)
    if wanted:
        pods.wait_ready(namespace, _SELECTOR, wanted, timeout=_TIMEOUT, report=report)


def serves(namespace: str, server: str) -> bool:
    """Say whether a Deployment has a pod that is ready."""
    return any(pods.is_ready(pod) for pod in cluster.find(namespace, "pods", f"app={server}"))
