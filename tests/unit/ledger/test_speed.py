"""How fast a chain is checked: in this process's own CPU time, from memory, in chunks of 1 MiB."""

import time

import pytest

from tests.unit.ledger.made import chain, checked, joined

AT_LEAST = 100e6
"""Bytes a second."""
BLOCKS = {
    "10 transactions of 4 kB": (800, 4000, 10),
    "500 transactions of 4 kB": (16, 4000, 500),
    "one transaction of 8 MB": (5, 8_000_000, 1),
}


@pytest.mark.parametrize("what", BLOCKS)
def test_speed(what: str):
    count, size, transactions = BLOCKS[what]
    content = joined(chain(count, size=size, transactions=transactions))
    began = time.process_time()
    found = checked(content)
    taken = time.process_time() - began
    assert found.height == count
    print(f"{what}: {len(content) / taken / 1e6:.0f} MB/s of {len(content) / 1e6:.0f} MB")
    assert len(content) / taken > AT_LEAST
