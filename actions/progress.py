"""Live status lines: what an action is doing while it does it.

`pulumi up` shows the line beside the resource and forgets it when the resource is done. The
engine takes such lines through its own gRPC service, whose address is the last argument of the
dynamic-provider process. That is not a documented interface, so all of it is in this module and
every failure is swallowed: an action must not fail because its status could not be shown.
"""

import sys
import threading
from collections.abc import Callable

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

Report = Callable[[str], None]

_lock = threading.Lock()
_engine: list[engine_pb2_grpc.EngineStub] = []


def count(number: int, noun: str) -> str:
    """Say how many there are: `1 peer`, `3 peers`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def reporter(urn: str) -> Report:
    """A function that shows a status line beside the resource with this URN."""

    def report(message: str) -> None:
        stub = _stub()
        if stub is None:
            return
        request = engine_pb2.LogRequest(
            severity=engine_pb2.INFO, urn=urn, message=message, ephemeral=True
        )
        try:
            stub.Log(request, timeout=2)
        except grpc.RpcError:
            return

    return report


def _stub() -> engine_pb2_grpc.EngineStub | None:
    with _lock:
        if not _engine:
            address = sys.argv[-1]
            host, _, port = address.rpartition(":")
            if not host or not port.isdigit():
                return None
            _engine.append(engine_pb2_grpc.EngineStub(grpc.insecure_channel(address)))
        return _engine[0]
