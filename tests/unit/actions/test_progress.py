"""Status lines reach the engine where there is one, and never get in the way."""

import sys
from collections.abc import Iterator
from concurrent import futures

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from actions import progress

URN = "urn:pulumi:dev::hlf::type::name"


class Engine(engine_pb2_grpc.EngineServicer):
    def __init__(self) -> None:
        self.logged: list[engine_pb2.LogRequest] = []
        self.server = grpc.server(futures.ThreadPoolExecutor(1))
        engine_pb2_grpc.add_EngineServicer_to_server(self, self.server)

    def Log(self, request: engine_pb2.LogRequest, context: object) -> empty_pb2.Empty:  # noqa: N802
        self.logged.append(request)
        return empty_pb2.Empty()


@pytest.fixture(autouse=True)
def not_connected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_engine", [])


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    served = Engine()
    port = served.server.add_insecure_port("127.0.0.1:0")
    served.server.start()
    monkeypatch.setattr(sys, "argv", ["provider", f"127.0.0.1:{port}"])
    yield served
    served.server.stop(None)


def test_a_line_is_shown_beside_its_resource_and_forgotten(engine: Engine) -> None:
    progress.reporter(URN)("joining peer 2/4")
    (line,) = engine.logged
    assert (line.urn, line.message) == (URN, "joining peer 2/4")
    assert line.ephemeral
    assert line.severity == engine_pb2.INFO


@pytest.mark.parametrize(
    "arguments",
    [
        ["pytest"],
        ["pytest", "tests/unit/actions/test_progress.py::test_name"],
        ["pytest", ":1"],
        ["pytest", ""],
        ["provider", "127.0.0.1:1"],
        ["provider", "127.0.0.1:99999999"],
    ],
)
def test_no_engine_is_no_error(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", arguments)
    progress.reporter(URN)("joining peer 2/4")


def test_an_engine_that_went_away_is_no_error(engine: Engine) -> None:
    report = progress.reporter(URN)
    report("one")
    engine.server.stop(None).wait()
    report("two")
    assert [line.message for line in engine.logged] == ["one"]


def test_one_is_no_plural() -> None:
    assert [progress.count(number, "peer") for number in (0, 1, 3)] == [
        "0 peers",
        "1 peer",
        "3 peers",
    ]
