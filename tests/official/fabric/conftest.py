"""The network that most tests share: made once, with a channel that both peers have joined."""

from collections.abc import Generator, Iterator

import pytest

from actions import chaincodes
from actions.members import Members
from hlf.client.connection import close_all
from hlf.client.lifecycle import Definition
from tests.official.fabric.contained import Unpacked, unpack
from tests.official.fabric.legacy_bench import Bench, made
from tests.official.fabric.lifecycle_bench import CurrentBench
from tests.official.fabric.network import CHANNEL, PIVT, Network, Served, build_chaincode
from tests.official.fabric.nodes import Process
from tools import images

_LAST = 4000
"""Characters of a dead node's log that a failure shows."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure shows what nodes wrote that ended by themselves."""
    report = yield
    if report.failed:
        for each in Process.died():
            report.sections.append((f"{each.folder.name} ended", each.log[-_LAST:]))
    return report


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    made = Network(tmp_path_factory.mktemp("network"))
    made.start()
    try:
        genesis = made.create(CHANNEL)
        for peer in made.admin_peers():
            peer.join(genesis)
        yield made
    finally:
        close_all()
        made.stop()


@pytest.fixture(scope="session")
def chaincode(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The test chaincode, served, and committed on the channel as version 1, sequence 1."""
    folder = tmp_path_factory.mktemp("chaincode")
    served = Served(build_chaincode(folder), folder)
    served.process.start()
    try:
        served.wait()
        definition = Definition(name="basic", version="1", sequence=1)
        served.roll_out(network, definition)
        yield served
    finally:
        served.process.stop()


@pytest.fixture(scope="session")
def kafka_image(tmp_path_factory: pytest.TempPathFactory) -> Unpacked:
    return unpack(images.KAFKA, tmp_path_factory.mktemp("kafka"))


@pytest.fixture(scope="session")
def serving(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CurrentBench]:
    made = CurrentBench(tmp_path_factory.mktemp("current"), network)
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture
def current(serving: CurrentBench, monkeypatch: pytest.MonkeyPatch) -> CurrentBench:
    """A channel of its own for the action; servers are processes here, and so are peers."""
    members = serving.members
    monkeypatch.setattr(chaincodes, "await_servers", lambda *_: None)
    monkeypatch.setattr(chaincodes.nodes, "ready", lambda *_: {"peer": "KargaMSP"})
    monkeypatch.setattr(Members, "of", classmethod(lambda cls, _, **_more: cls(**vars(members))))
    return serving


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A network with the capabilities of PIVT's samples."""
    yield from made(tmp_path_factory.mktemp("legacy"), PIVT)


@pytest.fixture(scope="session")
def legacy_channel(bench: Bench) -> str:
    """Joined by both peers."""
    return bench.join("common")
