"""Connections to nodes, one for each endpoint and process, and what their failures mean.

Every call to a node goes through `call`: it repeats what may be repeated and turns gRPC's statuses
into sentences. A call is repeated where the connection fails, because nodes start, restart and are
reached through port-forwards, and where Fabric asks for it (`SERVICE_UNAVAILABLE`). That is safe:
messages carry a transaction's id or a configuration's version, so that a node which got one twice
acts on it once, and refuses the second.
"""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import grpc
from cryptography.hazmat.primitives import serialization

from hlf.client.errors import NoAnswer, Refused, Unreachable, Untrusted
from hlf.client.remedy import refusal
from hlf.client.wait import Deadline
from hlf.errors import FabricError
from hlf.pki.pair import Pair, load_certificate

_Answer = TypeVar("_Answer")

PATIENCE = 10.0
"""Seconds for which a node that cannot be connected to is tried again."""

_LARGEST_MESSAGE = 100 * 1024 * 1024
_OPTIONS = (
    ("grpc.max_receive_message_length", _LARGEST_MESSAGE),
    ("grpc.max_send_message_length", _LARGEST_MESSAGE),
    # Fabric's servers close connections that ping more often than once a minute.
    ("grpc.keepalive_time_ms", 120_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.initial_reconnect_backoff_ms", 50),
    # gRPC also takes this as the time that one attempt to connect may last.
    ("grpc.min_reconnect_backoff_ms", 5_000),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.enable_http_proxy", 0),
)

_TLS_CAUSES = {
    "CERTIFICATE_VERIFY_FAILED": "its TLS certificate was not issued by the expected TLS CA",
    "Hostname Verification Check failed": "its TLS certificate is for other names",
    "WRONG_VERSION_NUMBER": "it does not speak TLS, or the address is another service's",
    "Failed to create security handshaker": "the given TLS certificates or key cannot be read",
    # What is left of the alert "certificate required" or "bad certificate" under TLS 1.3.
    "TSI_DATA_CORRUPTED": "it asks for a TLS client certificate, or does not take ours",
}
"""What a gRPC error text holds, and what that means; trying again would not help."""
_CAUSES = {
    "onnection refused": "connection refused",
    "onnection reset": "the connection was reset",
    "ocket closed": "the connection was closed",
    "GOAWAY": "the connection was closed",
    "DNS resolution failed": "its name cannot be resolved",
    "address lookup failed": "its name cannot be resolved",
    "o route to host": "no route to it",
    "etwork is unreachable": "no route to it",
    "imed out": "the connection timed out",
    "imeout": "the connection timed out",
}


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where a node is reached; `address` is `host:port`.

    `name` is what users are shown, such as `peer karga/peer0`. `tls_roots` are PEM certificates of
    the node's TLS CA, None means no TLS. `server_name` is the name expected in its TLS certificate
    where that is not the address's host. `client` is the TLS pair for nodes that ask for one
    (mutual TLS).
    """

    name: str
    address: str
    tls_roots: bytes | None = None
    server_name: str | None = None
    client: Pair | None = None

    def tls_cert_hash(self) -> bytes:
        """SHA-256 of the TLS client certificate in DER; empty without one.

        Under mutual TLS, nodes deliver blocks only to who names it (`common/deliver/binding.go`).
        """
        if self.client is None:
            return b""
        certificate = load_certificate(self.client.certificate)
        return hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).digest()


_channels: dict[Endpoint, grpc.Channel] = {}
_lock = threading.Lock()


def connect(endpoint: Endpoint) -> grpc.Channel:
    """The process's one channel to the endpoint; it connects when it is first used."""
    with _lock:
        if endpoint not in _channels:
            _channels[endpoint] = _open(endpoint)
        return _channels[endpoint]


def close(endpoint: Endpoint) -> None:
    """Close the endpoint's channel, if there is one; calls under way fail."""
    with _lock:
        channel = _channels.pop(endpoint, None)
    if channel is not None:
        channel.close()


def close_all() -> None:
    """Close every channel of the process."""
    for endpoint in list(_channels):
        close(endpoint)


def _open(endpoint: Endpoint) -> grpc.Channel:
    if endpoint.tls_roots is None:
        return grpc.insecure_channel(endpoint.address, options=_OPTIONS)
    credentials = grpc.ssl_channel_credentials(
        root_certificates=endpoint.tls_roots,
        private_key=endpoint.client.key if endpoint.client else None,
        certificate_chain=endpoint.client.certificate if endpoint.client else None,
    )
    options: tuple[tuple[str, object], ...] = _OPTIONS
    if endpoint.server_name is not None:
        options = (*options, ("grpc.ssl_target_name_override", endpoint.server_name))
    return grpc.secure_channel(endpoint.address, credentials, options=options)


def call(
    attempt: Callable[[float], _Answer],
    *,
    node: str,
    doing: str,
    timeout: float,
    again: frozenset[str] = frozenset({"SERVICE_UNAVAILABLE"}),
) -> _Answer:
    """What `attempt` gives, repeated while the node is not there or answers with one of `again`.

    `attempt` gets the seconds that it may take and makes one gRPC call. `node` and `doing` stand in
    the sentence of an error: "`node` does not answer while `doing`". `again` are statuses of
    Refused. Raises Unreachable, or Refused.
    """
    deadline = Deadline(timeout)
    patience = Deadline(min(PATIENCE, timeout))
    failure: FabricError = Unreachable(f"there was no time left for {doing} on {node}")
    for _ in deadline.tries():
        try:
            return attempt(deadline.remaining())
        except Refused as error:
            if error.status not in again:
                raise
            failure = error
        except grpc.RpcError as error:
            code, details = _status(error)
            timed_out = code == grpc.StatusCode.DEADLINE_EXCEEDED
            if timed_out and isinstance(failure, Refused):
                break
            failure = _failure(code, details, node=node, doing=doing, timeout=timeout)
            if (
                code != grpc.StatusCode.UNAVAILABLE
                or _tls_cause(details)
                or not (patience.remaining())
            ):
                break
    raise failure from None


def once(attempt: Callable[[float], _Answer], *, node: str, doing: str, timeout: float) -> _Answer:
    """What `attempt` gives, tried one time, for who has other nodes to turn to; see `call`."""
    try:
        return attempt(timeout)
    except grpc.RpcError as error:
        code, details = _status(error)
        raise _failure(code, details, node=node, doing=doing, timeout=timeout) from None


def _status(error: grpc.RpcError) -> tuple[grpc.StatusCode, str]:
    if not isinstance(error, grpc.Call):
        return grpc.StatusCode.UNKNOWN, str(error)
    return error.code(), error.details() or ""


def _failure(
    code: grpc.StatusCode, details: str, *, node: str, doing: str, timeout: float
) -> FabricError:
    """The sentence for a failed gRPC call; gRPC's own text is left out."""
    if code == grpc.StatusCode.DEADLINE_EXCEEDED:
        return NoAnswer(
            f"{node} gave no answer in {timeout:.3g} s while {doing}; "
            "see the node's log, or allow more time"
        )
    if code == grpc.StatusCode.UNAVAILABLE:
        cause = _tls_cause(details)
        if cause is not None:
            return untrusted(node, doing, cause)
        known = [meaning for text, meaning in _CAUSES.items() if text in details]
        return away(node, doing, known[0] if known else "no connection")
    if code == grpc.StatusCode.CANCELLED:
        return Unreachable(f"the connection to {node} was closed while {doing}")
    sentence = refusal(node, doing, status=code.name, reason=details)
    return Refused(sentence, status=code.name, reason=details)


def untrusted(node: str, doing: str, cause: str) -> Untrusted:
    """The error of a connection that TLS does not let come about."""
    remedy = "compare the TLS CA certificates and names on both sides"
    return Untrusted(f"{node} does not answer ({cause}) while {doing}; {remedy}")


def away(node: str, doing: str, cause: str) -> Unreachable:
    """The error of a connection that does not come about, or breaks."""
    remedy = "see that it runs and that its address is right"
    return Unreachable(f"{node} does not answer ({cause}) while {doing}; {remedy}")


def _tls_cause(details: str) -> str | None:
    return next((cause for text, cause in _TLS_CAUSES.items() if text in details), None)
