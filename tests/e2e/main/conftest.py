"""The network that the tests of this area share: samples/simple with chaincodes as ready images.

The files are numbered because they build on each other: only `test_8` and later tear it down.
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.conftest import MakeStack
from tests.e2e.harness import network
from tests.e2e.harness.fabric import Client
from tests.e2e.harness.kubernetes import PodWatch
from tests.e2e.harness.stack import Run, Stack


@dataclass(frozen=True, kw_only=True)
class Launched:
    """The running network and how it came up."""

    stack: Stack
    first_up: Run
    pods: frozenset[str]
    """All that were started during the first `up`."""

    @property
    def client(self) -> Client:
        """A client and admin of the network."""
        return Client.of(self.stack)


@pytest.fixture(scope="session")
def with_images(
    chaincode_images: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The sample's files, with chaincodes from images."""
    folder = network.copy(network.SAMPLE, tmp_path_factory.mktemp("network") / "simple")
    network.use_images(folder, chaincode_images)
    return folder


@pytest.fixture(scope="session")
def launched(
    make_stack: MakeStack, with_images: Path, tmp_path_factory: pytest.TempPathFactory
) -> Launched:
    """The network, up since the first test that asked for it."""
    stack = make_stack("e2e-main", with_images)
    watch = PodWatch(stack.namespace, tmp_path_factory.mktemp("watch"))
    first_up = stack.up()
    return Launched(stack=stack, first_up=first_up, pods=frozenset(watch.stop()))


@pytest.fixture(scope="session")
def doomed(
    make_stack: MakeStack,
    chaincode_images: Mapping[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Future[Run]]:
    """An `up` with chaincodes that cannot start: one lacks its image, the other one crashes.

    It goes on beside the tests, because it is mostly Kubernetes' pauses between crashes.
    """
    folder = network.copy(network.SAMPLE, tmp_path_factory.mktemp("doomed") / "simple")
    crashing = "hyperledger/fabric-orderer:2.5.9"  # without its configuration
    network.use_images(folder, {"very-simple": "hlf-e2e/missing:1.0", "even-simpler": crashing})
    stack = make_stack("e2e-main-trouble", folder)
    with ThreadPoolExecutor(1) as background:
        yield background.submit(stack.up, ok=False)
