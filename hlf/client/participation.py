"""The channels that an orderer is in, through its channel participation API.

Without a system channel, an orderer comes into a channel by joining it with a config block: all of
a new channel's orderers with its first block, one that comes later with the last config block.
The API is HTTP, on a port of its own, for whoever has a TLS certificate of the right CA.

Source: Fabric's `orderer/common/channelparticipation` and `orderer/common/types`.
"""

import http.client
import json
import secrets
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from hlf.client import tls
from hlf.client.connection import PATIENCE, Endpoint, away, untrusted
from hlf.client.errors import ChannelNotFound, NoAnswer, Refused, Unreachable, Untrusted
from hlf.client.protos import Block, serialize
from hlf.client.remedy import refusal
from hlf.client.wait import Deadline
from hlf.config.read import channel_of
from hlf.errors import FabricError

_CHANNELS = "/participation/v1/channels"
_LARGEST_ANSWER = 16 * 1024 * 1024
_JOINED = "channel already exists"
_REMOVING = frozenset({str(HTTPStatus.CONFLICT.value)})
"""Statuses that pass: a channel is being removed."""


@dataclass(frozen=True, kw_only=True)
class Membership:
    """What an orderer is in a channel."""

    channel: str
    status: str
    """`active`, `onboarding` (it still fetches blocks), `inactive` or `failed`."""
    relation: str
    """`consenter`, `follower`, `config-tracker`, or `other` in Solo."""
    height: int
    """How many blocks it has."""


@dataclass(frozen=True, kw_only=True)
class _Request:
    doing: str
    method: str = "GET"
    path: str = ""
    """Below that of all channels."""
    body: bytes | None = None
    content_type: str = ""


class Participation:
    """An orderer's channel participation API; may be used from many threads at once.

    `endpoint` is that of the orderer's admin server; its `client` is what lets us in.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint

    def __str__(self) -> str:
        return f"{self.endpoint.name} at {self.endpoint.address}"

    def channels(self, *, timeout: float = 30.0) -> frozenset[str]:
        """The channels that the orderer is in, the system channel among them."""
        answer = self._call(_Request(doing="listing channels"), timeout=timeout)
        found = [*(answer.get("channels") or []), answer.get("systemChannel")]
        return frozenset(each["name"] for each in found if each)

    def info(self, channel: str, *, timeout: float = 30.0) -> Membership:
        """What the orderer is in a channel; ChannelNotFound where it is not in it."""
        doing = f"asking for its place in channel {channel}"
        answer = self._call(_Request(path=f"/{channel}", doing=doing), timeout=timeout)
        try:
            return Membership(
                channel=answer["name"],
                status=answer["status"],
                relation=answer["consensusRelation"],
                height=answer["height"],
            )
        except KeyError as missing:
            raise FabricError(
                f"{self} answered without {missing} when asked for its place in channel {channel}; "
                "see that the address is that of the orderer's admin server"
            ) from None

    def join(self, block: Block, *, timeout: float = 60.0) -> Membership:
        """Join the channel of a config block; one that is joined already is fine.

        Returns before the orderer has caught up (`wait_active`).
        """
        deadline = Deadline(timeout)
        channel = channel_of(block)
        boundary = secrets.token_hex(16)
        request = _Request(
            method="POST",
            doing=f"joining channel {channel}",
            body=_form(serialize(block), boundary),
            content_type=f"multipart/form-data; boundary={boundary}",
        )
        try:
            self._call(request, timeout=timeout)
        except Refused as error:
            if _JOINED not in error.reason:
                raise
        return self.info(channel, timeout=max(deadline.remaining(), 1.0))

    def remove(self, channel: str, *, timeout: float = 60.0) -> None:
        """Leave a channel and delete its ledger; one that is not there is fine.

        Returns when it is gone, which an orderer does not wait for.
        """
        deadline = Deadline(timeout)
        request = _Request(method="DELETE", path=f"/{channel}", doing=f"leaving channel {channel}")
        try:
            self._call(request, timeout=timeout)
        except ChannelNotFound:
            return
        for _ in deadline.tries():
            if channel not in self.channels(timeout=max(deadline.remaining(), 1.0)):
                return
        raise NoAnswer(
            f"{self} has not left channel {channel} in {timeout:g} s; see the orderer's log"
        )

    def wait_active(self, channel: str, *, height: int = 1, timeout: float = 60.0) -> Membership:
        """Wait until the orderer takes part in a channel and has `height` blocks.

        Whether it knows a leader it does not say here; see `Ordering.wait_for_leader`.
        """
        deadline = Deadline(timeout)
        reached = "nothing yet"
        for _ in deadline.tries():
            found = self.info(channel, timeout=max(deadline.remaining(), 1.0))
            if found.status == "active" and found.height >= height:
                return found
            reached = f"{found.status} with {found.height} blocks"
        raise NoAnswer(
            f"{self} is {reached} in channel {channel} and not active with {height} in "
            f"{timeout:g} s; see that it reaches the channel's other orderers, and its log"
        )

    def _call(self, request: "_Request", *, timeout: float) -> Mapping[str, Any]:
        """The JSON of a successful answer; tried again as `hlf.client.connection.call` does."""
        deadline, patience = Deadline(timeout), Deadline(min(PATIENCE, timeout))
        failure: FabricError = Unreachable(f"there was no time left for {request.doing} on {self}")
        for _ in deadline.tries():
            try:
                status, text = self._once(request, deadline.remaining())
                return self._read(status, text, request.doing)
            except (NoAnswer, Untrusted):
                raise
            except Refused as error:
                if error.status not in _REMOVING:
                    raise
                failure = error
            except Unreachable as error:
                failure = error
                if not patience.remaining():
                    break
        raise failure

    def _once(self, request: "_Request", timeout: float) -> tuple[int, bytes]:
        """Status and body of one answer."""
        doing = request.doing
        connection = tls.Connection(self.endpoint, timeout=max(timeout, 0.001))
        try:
            connection.request(
                request.method,
                _CHANNELS + request.path,
                body=request.body,
                headers={"Content-Type": request.content_type} if request.body else {},
            )
            response = connection.getresponse()
            return response.status, response.read(_LARGEST_ANSWER)
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
            raise away(str(self), doing, "the connection was closed") from None
        except ssl.SSLError as error:
            raise untrusted(str(self), doing, tls.cause(error)) from None
        except TimeoutError:
            raise NoAnswer(
                f"{self} gave no answer in {timeout:.3g} s while {doing}; "
                "see the node's log, or allow more time"
            ) from None
        except ConnectionRefusedError:
            raise away(str(self), doing, "connection refused") from None
        except socket.gaierror:
            raise away(str(self), doing, "its name cannot be resolved") from None
        except (OSError, http.client.HTTPException):
            raise away(str(self), doing, "the connection was closed") from None
        finally:
            connection.close()

    def _read(self, status: int, text: bytes, doing: str) -> Mapping[str, Any]:
        try:
            answer = json.loads(text) if text else {}
        except ValueError:
            answer = {}
        if not isinstance(answer, dict):
            answer = {}
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return answer
        reason = str(answer.get("error", ""))
        sentence = refusal(str(self), doing, status=str(status), reason=reason)
        kind = ChannelNotFound if status == HTTPStatus.NOT_FOUND and reason else Refused
        raise kind(sentence, status=str(status), reason=reason)


def _form(block: bytes, boundary: str) -> bytes:
    """A form with one file, as the API wants it."""
    head = (
        f"--{boundary}\r\n"
        'Content-Disposition: form-data; name="config-block"; filename="config.block"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return head.encode() + block + f"\r\n--{boundary}--\r\n".encode()
