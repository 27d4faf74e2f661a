"""Transactions at a steady rate, whatever happens to the network, and what became of them.

An application would do the same: it has one peer of its own organization endorse, turns to the next
one where that fails, and tries again until the transaction is acknowledged.
"""

import itertools
import json
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from hlf.client.peer import Peer
from hlf.client.transaction import evaluate, submit
from hlf.client.wait import gather
from hlf.errors import FabricError
from tests.e2e.harness.fabric import Client

CHANNEL, CHAINCODE = "common", "very-simple"
_ONE_TRY = 15.0
_LONGEST = 420.0
"""Seconds after which the load ends by itself."""
_WORKERS = 64


@dataclass(frozen=True, kw_only=True)
class Acknowledged:
    """A transaction that a peer has told to be VALID; `at` is when, by the monotonic clock."""

    key: str
    value: str
    at: float


@dataclass(kw_only=True)
class Load:
    """Transactions of the users of some organizations, all in all `rate` a second."""

    client: Client
    orgs: Sequence[str]
    rate: float = 10.0
    patience: float = 60.0
    """Seconds after which a transaction is given up."""
    acknowledged: list[Acknowledged] = field(default_factory=list[Acknowledged])
    given_up: list[str] = field(default_factory=list[str])
    """The last error of each transaction that was not acknowledged in time."""

    @contextmanager
    def running(self) -> Iterator[None]:
        """Send transactions for as long as the block runs, and wait for those under way."""
        stop = threading.Event()
        sender = threading.Thread(target=self._send, args=(stop,))
        sender.start()
        try:
            yield
        finally:
            stop.set()
            sender.join()

    def wait_for(self, count: int, *, timeout: float) -> None:
        """Wait until so many more are acknowledged."""
        end, before = time.monotonic() + timeout, len(self.acknowledged)
        while len(self.acknowledged) < before + count:
            assert time.monotonic() < end, f"no {count} acknowledgements in {timeout:g} s"
            time.sleep(0.05)

    def longest_gap(self, *, since: float) -> float:
        """Return the longest time in seconds without any acknowledgement since a moment."""
        times = [since, *sorted(each.at for each in self.acknowledged if each.at >= since)]
        return max(later - earlier for earlier, later in itertools.pairwise(times))

    def check_peers(self, client: Client) -> None:
        """Read everything that was acknowledged from every peer that the channel has now."""
        peers = client.peers(CHANNEL)
        height = max(gather(lambda p: p.chain_info(CHANNEL).height, peers))
        gather(lambda p: p.wait_for_height(CHANNEL, height), peers)
        expected = {each.key: each.value for each in self.acknowledged}
        for peer, found in zip(peers, gather(_entries, peers), strict=True):
            lost = {key for key, value in expected.items() if found.get(key) != value}
            assert not lost, f"{len(lost)} of {len(expected)} are not on {peer}: {sorted(lost)[:5]}"

    def _send(self, stop: threading.Event) -> None:
        start = time.monotonic()
        prefix = f"load-{time.time_ns():x}"
        with ThreadPoolExecutor(_WORKERS) as pool:
            number = 0
            while not stop.is_set() and time.monotonic() - start < _LONGEST:
                org = self.orgs[number % len(self.orgs)]
                pool.submit(self._one, org, f"{prefix}-{number:05}", str(number))
                number += 1
                stop.wait(max(0.0, start + number / self.rate - time.monotonic()))

    def _one(self, org: str, key: str, value: str) -> None:
        peers = self.client.peers_of(org, CHANNEL)
        end, error, turn = time.monotonic() + self.patience, "", int(value)
        while time.monotonic() < end:
            peer = peers[turn % len(peers)]
            turn += 1
            try:
                self._put(peer, key, value)
            except FabricError as failure:
                error = str(failure)
            else:
                done = Acknowledged(key=key, value=value, at=time.monotonic())
                self.acknowledged.append(done)
                return
        self.given_up.append(error)

    def _put(self, peer: Peer, key: str, value: str) -> None:
        orderer = self.client.orderer(peer.signer)
        submit([peer], orderer, CHANNEL, CHAINCODE, ["put", key, value], timeout=_ONE_TRY)


def _entries(peer: Peer) -> dict[str, str]:
    found = json.loads(evaluate(peer, CHANNEL, CHAINCODE, ["list", "load-", "load."]))
    return {each["key"]: each["value"] for each in found}
