"""A network in use: every member of every channel submits, and the peers agree."""

from hlf.client.wait import gather
from tests.e2e.harness.fabric import Client
from tests.e2e.harness.stack import Stack


def use(stack: Stack) -> None:
    """Have every member of every channel submit to each chaincode that is called; peers agree."""
    client = Client.of(stack)
    for chaincode in client.network.chaincodes:
        for on in chaincode.channels:
            if on.call:
                _use(client, on.channel, chaincode.name)


def _use(client: Client, channel: str, chaincode: str) -> None:
    members = client.members(channel)

    def put(org: str) -> None:
        if chaincode == "very-simple":
            client.submit(channel, chaincode, "put", f"of-{org}", org, creator=org)
        else:
            client.submit(channel, chaincode, "ping", creator=org)

    gather(put, members)
    assert len(client.ledgers(channel)) == 1
    if chaincode == "very-simple":
        for org in members:
            assert client.evaluate(channel, chaincode, "get", f"of-{org}") == {org}
