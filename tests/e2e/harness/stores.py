"""Servers of object stores that pods reach, and this process by the same URL and environment.

They run in the node's network namespace and listen at the node's address, so that nothing leaves it
but what comes from this process over the node's link. They end when the node is stopped.
"""

from contextlib import AbstractContextManager
from pathlib import Path

from tests.official.stores import servers
from tests.official.stores.servers import Server
from tools import netns


def s3(folder: Path) -> AbstractContextManager[Server]:
    """S3 with a bucket; its log is in the folder."""
    return servers.moto(folder, host=_address(), prefix=netns.enter([]))


def azure(folder: Path) -> AbstractContextManager[Server]:
    """Azure Blob with a container; its log is in the folder."""
    return servers.azurite(folder, host=_address(), prefix=netns.enter([]))


def _address() -> str:
    """Without the namespace, requests to the node's address would leave this machine."""
    assert netns.exists(), "the embedded node is not up"
    return netns.NODE_ADDRESS
