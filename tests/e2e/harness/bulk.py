"""Ledgers of a size: transactions with large values that nothing can compress."""

import secrets

from hlf.client.transaction import submit
from tests.e2e.harness.fabric import Client
from tests.e2e.harness.load import CHAINCODE, CHANNEL

_VALUE = 500_000
"""Bytes as hex are twice as many characters; a transaction has its value three times."""
_IN_LEDGER = 3 * 2 * _VALUE


def grow(client: Client, megabytes: int) -> None:
    """Add so many megabytes to a channel's ledger on each of its nodes."""
    peers = client.peers(CHANNEL)
    orderer = client.orderer(peers[0].signer)
    for number in range(-(-megabytes * 10**6 // _IN_LEDGER)):
        args = ["put", f"bulk-{number}", secrets.token_hex(_VALUE)]
        submit(peers[:1], orderer, CHANNEL, CHAINCODE, args, timeout=120, commit_on=peers)
