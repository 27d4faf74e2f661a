"""A peer: joining channels, asking for blocks, heights and configuration, calling chaincodes.

Everything goes through the endorser service: a peer answers for itself through its system
chaincodes (`cscc` its channels, `qscc` its ledgers). Transactions are in `hlf.client.transaction`.

Source: Fabric's `core/endorser`, `core/scc/cscc`, `core/scc/qscc`, `internal/pkg/gateway`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hlf.client.connection import Endpoint, call, connect
from hlf.client.errors import ChannelNotFound, NoAnswer, Refused, Unreachable
from hlf.client.identity import Signer
from hlf.client.proposal import Proposed, propose
from hlf.client.protos import (
    Block,
    BlockchainInfo,
    ChannelQueryResponse,
    CommitStatusRequest,
    EndorserStub,
    GatewayStub,
    ProposalResponse,
    SignedCommitStatusRequest,
    TxValidationCode,
    serialize,
)
from hlf.client.remedy import refusal
from hlf.client.wait import Deadline, gather
from hlf.config.read import channel_of

_OK = range(200, 400)
# Fabric has no status of its own for this (`core/ledger/kvledger/kv_ledger_provider.go`).
_JOINED = "already exists with state [ACTIVE]"
JOINING = "a ledger is being created from a snapshot"
"""What a peer says that joins a channel by a snapshot, and joins no other meanwhile."""
# What a peer says to who is of no organization of the channel, as far as it has the channel.
_STRANGER = "creator org unknown"


@dataclass(frozen=True, kw_only=True)
class ChainInfo:
    """How far a peer's ledger is: its number of blocks, and the hashes of the last two."""

    height: int
    current_hash: bytes
    previous_hash: bytes


@dataclass(frozen=True, kw_only=True)
class Commit:
    """A transaction's place in the ledger and Fabric's validation code, such as `VALID`."""

    code: str
    block: int


class Peer:
    """A peer as one signer sees it; may be used from many threads at once."""

    def __init__(self, endpoint: Endpoint, signer: Signer) -> None:
        self.endpoint = endpoint
        self.signer = signer

    def __str__(self) -> str:
        return f"{self.endpoint.name} at {self.endpoint.address}"

    def channels(self, *, timeout: float = 30.0) -> frozenset[str]:
        """The channels that the peer has joined."""
        answer = self.query("", "cscc", ["GetChannels"], doing="listing channels", timeout=timeout)
        return frozenset(
            channel.channel_id for channel in ChannelQueryResponse.FromString(answer).channels
        )

    def join(self, genesis: Block, *, timeout: float = 60.0, patience: float = 3600.0) -> None:
        """Join the channel of a genesis block; a channel that is joined already is fine.

        The signer is an admin of the peer's organization. `patience` is in seconds for which it is
        waited out that the peer joins another channel by a snapshot.
        """
        channel = channel_of(genesis)
        args = ["JoinChain", serialize(genesis)]
        for _ in Deadline(patience).tries():
            if self._join(channel, args, timeout=timeout):
                return
        raise NoAnswer(
            f"{self} has been joining another channel by a snapshot for {patience:g} s, and joins "
            f"{channel} when it has; see its log, or allow more time"
        )

    def _join(self, channel: str, args: Sequence[str | bytes], *, timeout: float) -> bool:
        """Join a channel; False where the peer is joining another by a snapshot."""
        try:
            self.query("", "cscc", args, doing=f"joining channel {channel}", timeout=timeout)
        except Refused as error:
            if JOINING in error.reason:
                return False
            if _JOINED not in error.reason:
                raise
        return True

    def chain_info(self, channel: str, *, timeout: float = 30.0) -> ChainInfo:
        """The height and the last hashes; ChannelNotFound where the peer has not joined."""
        doing = f"asking for the height of channel {channel}"
        args = ["GetChainInfo", channel]
        answer = self.query(channel, "qscc", args, doing=doing, timeout=timeout)
        info = BlockchainInfo.FromString(answer)
        return ChainInfo(
            height=info.height,
            current_hash=info.currentBlockHash,
            previous_hash=info.previousBlockHash,
        )

    def wait_for_height(self, channel: str, height: int, *, timeout: float = 60.0) -> ChainInfo:
        """Wait until the ledger has at least `height` blocks, however long it grows.

        `timeout` counts from the last new block: a peer that joins an old channel has all of its
        blocks to take. A peer of an organization that joined the channel later does not know its
        own members until it has the block that says so; till then its refusals are waited out.
        """
        deadline = Deadline(timeout)
        reached = -1
        while deadline.remaining():
            for _ in deadline.tries():
                info = self._known_chain_info(channel, timeout=max(deadline.remaining(), 1.0))
                if info is None:
                    continue
                if info.height >= height:
                    return info
                if info.height > reached:
                    reached = info.height
                    deadline = Deadline(timeout)
                    break
        has = f"{reached} blocks" if reached >= 0 else "no blocks that know its organization"
        raise Unreachable(
            f"{self} has {has} of channel {channel} and did not reach {height} "
            f"in {timeout:g} s; see that it reaches an orderer"
        )

    def _known_chain_info(self, channel: str, *, timeout: float) -> ChainInfo | None:
        """The height, or None while the peer does not know its own organization."""
        try:
            return self.chain_info(channel, timeout=timeout)
        except Refused as error:
            if _STRANGER not in error.reason:
                raise
            return None

    def hash_at(self, channel: str, height: int, *, timeout: float = 60.0) -> bytes:
        """The hash of the last of the first `height` blocks, which are waited for.

        By what follows on it: a peer that joined by a snapshot does not have that block itself.
        """
        info = self.wait_for_height(channel, height, timeout=timeout)
        if info.height == height:
            return info.current_hash
        return self.block(channel, height).header.previous_hash

    def block(self, channel: str, number: int, *, timeout: float = 30.0) -> Block:
        """A block that the peer has, by its number."""
        doing = f"fetching block {number} of channel {channel}"
        args = ["GetBlockByNumber", channel, str(number)]
        return Block.FromString(self.query(channel, "qscc", args, doing=doing, timeout=timeout))

    def config_block(self, channel: str, *, timeout: float = 30.0) -> Block:
        """The last config block that the peer has."""
        doing = f"fetching the configuration of channel {channel}"
        args = ["GetConfigBlock", channel]
        return Block.FromString(self.query(channel, "cscc", args, doing=doing, timeout=timeout))

    def query(
        self,
        channel: str,
        chaincode: str,
        args: Sequence[str | bytes],
        *,
        doing: str,
        timeout: float,
    ) -> bytes:
        """What a chaincode answers this signer; `doing` stands in the sentence of an error."""
        proposed = propose(self.signer, channel, chaincode, args)
        return self.process(proposed, doing=doing, timeout=timeout).response.payload

    def process(self, proposed: Proposed, *, doing: str, timeout: float) -> ProposalResponse:
        """The peer's response to a proposal, with its endorsement.

        Raises Refused with the response's status (`500`, `404`) where it is no success.
        """

        def attempt(remaining: float) -> ProposalResponse:
            stub = EndorserStub(connect(self.endpoint))
            return stub.ProcessProposal(proposed.signed, timeout=remaining)

        answer = call(attempt, node=str(self), doing=doing, timeout=timeout)
        if answer.response.status in _OK:
            return answer
        status, reason = str(answer.response.status), answer.response.message
        kind = Refused
        if reason == f"channel '{proposed.channel}' not found":
            kind, status = ChannelNotFound, "NOT_FOUND"
        raise kind(
            refusal(str(self), doing, status=status, reason=reason), status=status, reason=reason
        )

    def commit_status(self, channel: str, tx_id: str, *, timeout: float = 60.0) -> Commit:
        """Wait until the peer has committed a transaction, also one of the past.

        This is the gateway service's; unlike a stream of blocks it can be asked again after the
        peer was away, and it needs no block to start from.
        """
        request = serialize(
            CommitStatusRequest(
                channel_id=channel, transaction_id=tx_id, identity=self.signer.creator
            )
        )
        signed = SignedCommitStatusRequest(request=request, signature=self.signer.sign(request))

        def attempt(remaining: float) -> Commit:
            stub = GatewayStub(connect(self.endpoint))
            answer = stub.CommitStatus(signed, timeout=remaining)
            return Commit(code=TxValidationCode.Name(answer.result), block=answer.block_number)

        doing = f"waiting for the commit of transaction {tx_id} on channel {channel}"
        return call(attempt, node=str(self), doing=doing, timeout=timeout)


def level(peers: Sequence[Peer], channel: str, *, timeout: float = 60.0) -> None:
    """Wait until every peer has what the furthest of them has now.

    A peer that is behind endorses on an older state, and endorsements must be equal.
    """
    deadline = Deadline(timeout)
    heights = gather(lambda peer: peer.chain_info(channel, timeout=timeout).height, peers)
    behind = [p for p, height in zip(peers, heights, strict=True) if height < max(heights)]
    gather(
        lambda peer: peer.wait_for_height(
            channel, max(heights), timeout=max(deadline.remaining(), 1.0)
        ),
        behind,
    )
