"""Snapshots of a peer's ledger: asked for, waited for, and joined by instead of all blocks.

A snapshot is a folder of the peer, `completed` says which; Fabric neither sends nor deletes it.
It has the states, hashes of private data and ids of transactions as of its last block, and
commits of the channel wait while it is made. The signers of the peers are admins of their
organizations.

What a peer does not say, and how it is known here all the same:

- Whether a snapshot is there. The request for one that is there is refused as such, but only while
  its block is the last one. When that has passed, it is known that the request was dealt with,
  because the next block is not committed before; that it failed would be in the peer's log alone.
- Which block it is of, if 0 was asked for (the last one). So a number is asked for.
- A peer that is killed between making a snapshot and crossing out the request keeps the request.
  Until that is cancelled, requests for later blocks wait in vain when these come.
- Why joining by a snapshot failed. It goes on when the call has been answered, and only its end is
  told.

Source: Fabric's `core/ledger/kvledger/snapshot_mgmt.go`, `core/ledger/snapshotgrpc` and
`core/ledger/ledgermgmt/ledger_mgmt.go` (CreateLedgerFromSnapshot).
"""

import secrets
from collections.abc import Callable
from enum import Enum, auto
from pathlib import PurePosixPath
from typing import Any

from google.protobuf.message import Message

from hlf.client.connection import call, connect
from hlf.client.errors import ChannelNotFound, NoAnswer, Refused
from hlf.client.identity import Signer
from hlf.client.peer import JOINING, Peer
from hlf.client.protos import (
    JoinBySnapshotStatus,
    SignatureHeader,
    SignedSnapshotRequest,
    SnapshotQuery,
    SnapshotRequest,
    SnapshotStub,
    serialize,
)
from hlf.client.remedy import refusal
from hlf.client.wait import Deadline
from hlf.errors import FabricError

_NONCE_BYTES = 24
# Fabric has no statuses for these.
_MADE = "snapshot already generated"
_PENDING = "duplicate snapshot request"
_PAST = "cannot be less than the last committed block number"
_NOT_PENDING = "no snapshot request exists"
_BEING_MADE = "it is under processing"
_NO_CHANNEL = "cannot find ledger for channel"


class State(Enum):
    """What a request for a snapshot has met."""

    ASKED = auto()
    """Nothing: it is to be made now."""
    PENDING = auto()
    """The same request, which waits for its block or is being dealt with."""
    MADE = auto()
    """The snapshot."""


def completed(production: str, channel: str, block: int) -> str:
    """The folder of a snapshot on the peer, whose `peer.fileSystemPath` is `production`."""
    return str(PurePosixPath(production, "snapshots", "completed", channel, str(block)))


def request(peer: Peer, channel: str, block: int, *, timeout: float = 30.0) -> State:
    """Ask for a snapshot as of a block, the peer's last one (0 stands for it) or one to come.

    Raises Refused where the block is of the past.
    """
    wanted = SnapshotRequest(
        signature_header=_header(peer.signer), channel_id=channel, block_number=block
    )
    doing = f"making a snapshot of channel {channel} at block {block}"
    try:
        _send(peer, wanted, lambda stub: stub.Generate, doing=doing, timeout=timeout)
    except Refused as error:
        if _MADE in error.reason:
            return State.MADE
        if _PENDING in error.reason:
            return State.PENDING
        raise
    return State.ASKED


def pending(peer: Peer, channel: str, *, timeout: float = 30.0) -> tuple[int, ...]:
    """The blocks of which snapshots are asked for and not made yet, the next first."""
    query = SnapshotQuery(signature_header=_header(peer.signer), channel_id=channel)
    doing = f"listing requests for snapshots of channel {channel}"
    answer = _send(peer, query, lambda stub: stub.QueryPendings, doing=doing, timeout=timeout)
    return tuple(answer.block_numbers)


def cancel(peer: Peer, channel: str, block: int, *, timeout: float = 30.0) -> bool:
    """Take back the request for a snapshot; whether there was one.

    Raises Refused where the snapshot is being made.
    """
    wanted = SnapshotRequest(
        signature_header=_header(peer.signer), channel_id=channel, block_number=block
    )
    doing = f"cancelling the snapshot of channel {channel} at block {block}"
    try:
        _send(peer, wanted, lambda stub: stub.Cancel, doing=doing, timeout=timeout)
    except Refused as error:
        if _NOT_PENDING not in error.reason:
            raise
        return False
    return True


def make(
    peer: Peer,
    channel: str,
    block: int = 0,
    *,
    asked_for: Callable[[int], None] = lambda _: None,
    timeout: float = 600.0,
) -> int:
    """Have a snapshot made and wait until it is there; gives the number of its last block.

    0 stands for the peer's last block, or the one that it is committing. What was asked for
    before, or is there, is taken for it; what is not is told to `asked_for` as soon as it is asked
    for. Raises Refused where the block is of the past, FabricError where the peer fails at it,
    NoAnswer where it takes more seconds than `timeout`.
    """
    deadline = Deadline(timeout)
    number = block
    _clear(peer, channel, timeout=timeout)
    asked = seen = False
    for _ in deadline.tries():
        left = max(deadline.remaining(), 1.0)
        if not block and not seen:
            # just before it is asked for: blocks may come faster than tries
            number = max(number, _last(peer, channel, timeout=left))
        try:
            state = request(peer, channel, number, timeout=left)
        except Refused as error:
            is_past = _PAST in error.reason
            if is_past and seen and number not in pending(peer, channel, timeout=left):
                return number
            if block or not is_past:
                raise
            # the next block is there, or is being committed
            number += 1
            asked = seen = False
            continue
        if state is State.MADE:
            _take_back(peer, channel, number, timeout=left)
            return number
        if state is State.ASKED:
            if asked:
                raise FabricError(
                    f"{peer} failed to make a snapshot of channel {channel} at block {number}; "
                    "see its log, and that its volume has room for it"
                )
            asked_for(number)
        asked, seen = asked or state is State.ASKED, True
        if state is State.PENDING and _last(peer, channel, timeout=left) == number:
            # where it is not being made, it never will be
            asked = not _take_back(peer, channel, number, timeout=left) and asked
    height = peer.chain_info(channel).height
    raise NoAnswer(
        f"{peer} has not made a snapshot of channel {channel} at block {number} in {timeout:g} s, "
        f"and has {height} blocks; allow more time, or ask for an earlier block"
    )


def joining(peer: Peer, *, timeout: float = 30.0) -> str | None:
    """The folder of the snapshot by which the peer is joining a channel just now, if any."""
    answer = peer.query(
        "",
        "cscc",
        ["JoinBySnapshotStatus"],
        doing="asking whether it is joining a channel by a snapshot",
        timeout=timeout,
    )
    status = JoinBySnapshotStatus.FromString(answer)
    return status.bootstrapping_snapshot_dir if status.in_progress else None


def join_by_snapshot(peer: Peer, channel: str, folder: str, *, timeout: float = 600.0) -> None:
    """Join the channel of a snapshot in a folder of the peer, and wait until it has joined.

    One that is joined already is fine. A peer joins by one snapshot at a time; others are waited
    for. The folder is of no use to the peer afterwards. Raises Refused where there is no such
    folder, FabricError where the peer fails at what is in it, NoAnswer where it takes more seconds
    than `timeout`.
    """
    deadline = Deadline(timeout)
    started = False
    for _ in deadline.tries():
        left = max(deadline.remaining(), 1.0)
        busy = joining(peer, timeout=left)
        if busy is not None:
            started = started or busy == folder
        elif channel in peer.channels(timeout=left):
            return
        elif started:
            raise FabricError(
                f"{peer} failed to join channel {channel} by the snapshot in {folder}; see its "
                "log, and that the files are those that a peer of this channel made"
            )
        else:
            started = _start(peer, channel, folder, timeout=left)
    raise NoAnswer(
        f"{peer} has not joined channel {channel} by the snapshot in {folder} in {timeout:g} s; "
        "see its log, or allow more time"
    )


def _start(peer: Peer, channel: str, folder: str, *, timeout: float) -> bool:
    """Whether the peer begins to join; not if it is at another snapshot."""
    doing = f"joining channel {channel} by the snapshot in {folder}"
    try:
        peer.query("", "cscc", ["JoinChainBySnapshot", folder], doing=doing, timeout=timeout)
    except Refused as error:
        if JOINING not in error.reason:
            raise
        return False
    return True


def _last(peer: Peer, channel: str, *, timeout: float) -> int:
    number = peer.chain_info(channel, timeout=timeout).height - 1
    if number < 1:
        raise FabricError(
            f"{peer} has only the first block of channel {channel}, of which no snapshot is made; "
            "join other peers by that block"
        )
    return number


def _clear(peer: Peer, channel: str, *, timeout: float) -> None:
    """Cancel requests for blocks of the past, which would be in the way of all later ones."""
    height = peer.chain_info(channel, timeout=timeout).height
    for block in pending(peer, channel, timeout=timeout):
        if block < height - 1:
            _take_back(peer, channel, block, timeout=timeout)


def _take_back(peer: Peer, channel: str, block: int, *, timeout: float) -> bool:
    """Cancel a request, if its snapshot is not being made just now; whether it was cancelled."""
    try:
        return cancel(peer, channel, block, timeout=timeout)
    except Refused as error:
        if _BEING_MADE not in error.reason:
            raise
        return False


def _send(
    peer: Peer,
    message: Message,
    method: Callable[[SnapshotStub], Callable[..., Any]],
    *,
    doing: str,
    timeout: float,
) -> Any:
    """The answer of the peer's snapshot service to a message that its signer signs."""
    content = serialize(message)
    signed = SignedSnapshotRequest(request=content, signature=peer.signer.sign(content))

    def attempt(remaining: float) -> Any:
        return method(SnapshotStub(connect(peer.endpoint)))(signed, timeout=remaining)

    try:
        return call(attempt, node=str(peer), doing=doing, timeout=timeout)
    except Refused as error:
        if _NO_CHANNEL not in error.reason:
            raise
        status = "NOT_FOUND"
        sentence = refusal(str(peer), doing, status=status, reason=error.reason)
        raise ChannelNotFound(sentence, status=status, reason=error.reason) from None


def _header(signer: Signer) -> SignatureHeader:
    return SignatureHeader(creator=signer.creator, nonce=secrets.token_bytes(_NONCE_BYTES))
