"""What all e2e tests stand on: toolchain and node, stacks that clean up, measured times."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from actions import cluster
from hlf.client.wait import gather
from tests.e2e.harness import embedded, images
from tests.e2e.harness.stack import Stack

MakeStack = Callable[..., Stack]
Measure = Callable[[str, float], None]

_measured: list[tuple[str, float]] = []


@pytest.fixture(scope="session", autouse=True)
def node() -> None:
    """The embedded node is up, for `pulumi`, `kubectl` and this process."""
    embedded.start()
    cluster.use(None)


@pytest.fixture(scope="session")
def chaincode_images(node: None, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Images of the sample chaincodes on the node, by chaincode."""
    return images.make_chaincode_images(tmp_path_factory.mktemp("images"))


@pytest.fixture(scope="session")
def make_stack(node: None) -> Iterator[MakeStack]:
    """Makes stacks that are taken away again at the end."""
    made: list[Stack] = []

    def make(name: str, network: Path, **settings: Any) -> Stack:
        stack = Stack(
            cli=embedded.pulumi(name),
            settings={"network": str(network), "keepData": False, **settings},
        )
        stack.remove()  # what a run of these tests left that was killed
        made.append(stack)
        stack.prepare()
        return stack

    yield make
    gather(Stack.remove, made)


@pytest.fixture(scope="session")
def measure() -> Measure:
    """Notes a time in seconds, which is shown at the end."""
    return lambda what, seconds: _measured.append((what, seconds))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the times that were measured."""
    if _measured:
        terminalreporter.section("measured")
        for what, seconds in _measured:
            terminalreporter.write_line(f"{seconds:7.1f} s  {what}")
