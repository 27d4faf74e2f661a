"""Transactions: endorsed by peers, ordered, committed on peers; and queries, which are not ordered.

Which peers must endorse is the caller's knowledge.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from hlf.client.errors import Invalidated
from hlf.client.ordering import Ordering
from hlf.client.peer import Commit, Peer, level
from hlf.client.proposal import Proposed, propose, transaction
from hlf.client.protos import ProposalResponse
from hlf.client.wait import Deadline, gather
from hlf.errors import FabricError

_TRIES = 3
_REMEDIES = {
    "MVCC_READ_CONFLICT": "another transaction changed what it had read, submit it again",
    "PHANTOM_READ_CONFLICT": "another transaction changed what it had read, submit it again",
    "ENDORSEMENT_POLICY_FAILURE": "peers of more or other organizations must endorse it",
}


@dataclass(frozen=True, kw_only=True)
class Result:
    """A committed transaction: `payload` is the chaincode's answer, `block` its block's number."""

    tx_id: str
    payload: bytes
    code: str
    block: int


class _Endorsed(NamedTuple):
    proposed: Proposed
    responses: list[ProposalResponse]


def evaluate(
    peer: Peer,
    channel: str,
    chaincode: str,
    args: Sequence[str | bytes],
    *,
    transient: Mapping[str, bytes] | None = None,
    timeout: float = 60.0,
) -> bytes:
    """The answer of a chaincode on one peer; nothing is written.

    Raises Refused with the chaincode's status and message.
    """
    proposed = propose(peer.signer, channel, chaincode, args, transient=transient)
    doing = _call(channel, chaincode, args)
    return peer.process(proposed, doing=doing, timeout=timeout).response.payload


def submit(
    peers: Sequence[Peer],
    orderer: Ordering,
    channel: str,
    chaincode: str,
    args: Sequence[str | bytes],
    *,
    transient: Mapping[str, bytes] | None = None,
    commit_on: Sequence[Peer] | None = None,
    is_init: bool = False,
    timeout: float = 120.0,
) -> Result:
    """Call a chaincode and return when the transaction is committed on all of `commit_on`.

    All of `peers` endorse at once; the first one's signer is the creator. `commit_on` are `peers`
    if not given. Raises Refused, Unreachable, or Invalidated where the code is not `VALID`.
    """
    deadline = Deadline(timeout)
    doing = _call(channel, chaincode, args)
    endorsed = _endorse(
        peers,
        channel=channel,
        chaincode=chaincode,
        args=args,
        transient=transient,
        is_init=is_init,
        deadline=deadline,
    )
    envelope = transaction(endorsed.proposed, endorsed.responses)
    orderer.broadcast(envelope, timeout=deadline.remaining())
    waited_for = peers if commit_on is None else commit_on
    tx_id = endorsed.proposed.tx_id
    commits = gather(
        lambda peer: peer.commit_status(channel, tx_id, timeout=deadline.remaining()), waited_for
    )
    code, block = _agreed(commits)
    if code != "VALID":
        remedy = _REMEDIES.get(code, "see the peers' logs")
        raise Invalidated(
            f"{doing} was ordered in block {block} and is invalid: {code} (transaction {tx_id}); "
            f"{remedy}",
            code=code,
        )
    payload: bytes = endorsed.responses[0].response.payload
    return Result(tx_id=tx_id, payload=payload, code=code, block=block)


def _endorse(
    peers: Sequence[Peer],
    *,
    channel: str,
    chaincode: str,
    args: Sequence[str | bytes],
    transient: Mapping[str, bytes] | None,
    is_init: bool,
    deadline: Deadline,
) -> _Endorsed:
    """Equal endorsements of all peers.

    Peers whose ledgers are not equally far may differ, so a difference is tried again when the
    ledgers are level; one that stays is the chaincode's.
    """
    doing = _call(channel, chaincode, args)
    groups: dict[bytes, list[str]] = {}
    for _ in range(_TRIES):
        proposed = propose(
            peers[0].signer, channel, chaincode, args, transient=transient, is_init=is_init
        )
        responses = gather(
            lambda peer, proposed=proposed: peer.process(
                proposed, doing=doing, timeout=deadline.remaining()
            ),
            peers,
        )
        groups = {}
        for peer, response in zip(peers, responses, strict=True):
            groups.setdefault(response.payload, []).append(peer.endpoint.name)
        if len(groups) == 1:
            return _Endorsed(proposed, responses)
        level(peers, channel, timeout=deadline.remaining())
    differing = " and ".join(", ".join(names) for names in groups.values())
    raise FabricError(
        f"the endorsements for {doing} differ between {differing}; the chaincode must give "
        "the same writes and answer for the same state (no clock, no random values, no map order)"
    )


def _call(channel: str, chaincode: str, args: Sequence[str | bytes]) -> str:
    name = args[0] if args else ""
    function = name.decode(errors="replace") if isinstance(name, bytes) else name
    return f"calling {function!r} of chaincode {chaincode} on channel {channel}"


def _agreed(commits: Sequence[Commit]) -> tuple[str, int]:
    """Peers validate alike; the first answer that is not `VALID` is the one to tell."""
    worst = next((commit for commit in commits if commit.code != "VALID"), commits[0])
    return worst.code, worst.block
