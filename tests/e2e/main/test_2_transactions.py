"""The network used through a client of its own."""

import json

import pytest

from hlf.client.errors import Refused
from tests.e2e.harness.fabric import MEMBERS
from tests.e2e.main.conftest import Launched


def test_values_that_were_put_are_read_on_every_peer(launched: Launched) -> None:
    client = launched.client
    for key, value in (("apple", "red"), ("pear", "green")):
        client.submit("common", "very-simple", "put", key, value)
    assert client.evaluate("common", "very-simple", "get", "apple") == {"red"}
    (listed,) = client.evaluate("common", "very-simple", "list")
    assert json.loads(listed) == [
        {"key": "apple", "value": "red"},
        {"key": "pear", "value": "green"},
    ]


def test_a_counter_counts_on_every_peer_of_its_channel(launched: Launched) -> None:
    client, channel = launched.client, "private-karga-atlantis"
    for _ in range(2):
        client.submit(channel, "even-simpler", "increment", "visits")
    assert client.evaluate(channel, "even-simpler", "read", "visits") == {"2"}


@pytest.mark.parametrize("channel", MEMBERS)
def test_all_peers_have_the_same_blocks(launched: Launched, channel: str) -> None:
    ledgers = launched.client.ledgers(channel)
    assert len(ledgers) == 1


def test_who_is_no_member_of_a_channel_is_refused(launched: Launched) -> None:
    client, channel = launched.client, "private-karga-atlantis"
    outsider = client.admin("Nevergreen")
    with pytest.raises(Refused, match="FORBIDDEN"):
        client.orderer(outsider).newest_block(channel)
