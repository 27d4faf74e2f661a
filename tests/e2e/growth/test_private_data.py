"""A chaincode with Init, private data and a value from a Secret comes to a running network."""

import json
from pathlib import Path

import pytest

from hlf.client.errors import Refused
from hlf.client.transaction import evaluate
from tests.e2e.conftest import Measure
from tests.e2e.harness import deals
from tests.e2e.harness.changes import changes
from tests.e2e.harness.fabric import Client
from tests.e2e.harness.stack import Stack

EXPECTED = Path(__file__).with_name("previews")
CHANNEL, NAME = deals.CHANNEL, deals.NAME
PRICE = "a-price-that-only-members-know"
GET = ("getPrivate", "terms", "price")


def test_a_chaincode_with_private_data(running: Stack, tmp_path: Path, measure: Measure) -> None:
    invoke = {
        "function": "putPrivate",
        "args": ["terms", "price"],
        "transient": {"price": {"secret": NAME, "key": "price"}},
    }
    files = deals.add(Path(running.settings["network"]), tmp_path / "net", invoke=invoke)
    folder = deals.chaincodes(tmp_path / "chaincodes")
    running.namespace.kubectl("create", "secret", "generic", NAME, f"--from-literal=price={PRICE}")
    before = dict(running.settings)
    running.configure(network=str(files), chaincode=str(folder))
    _expect(changes(running), "add-private-data")
    measure("up that adds a chaincode with private data", running.up().seconds)

    client = Client.of(running)
    assert client.evaluate(CHANNEL, NAME, "get", "init") == {"began"}
    _assert_members_know(client, PRICE)
    state = json.dumps(running.export())
    assert PRICE not in state + "".join(running.printed)

    deals.put(client, "price", "another")
    _assert_members_know(client, "another")

    changed = {**deals.COLLECTION, "maxPeerCount": 2}
    deals.set_collections(folder, [changed, {**deals.COLLECTION, "name": "more"}])
    _expect(changes(running), "change-collections")
    deals.set_collections(folder, [])
    refused = running.preview(ok=False)
    assert "its collection terms is not in the files, and Fabric lets none go" in refused.output

    running.settings.clear()
    running.configure(**before)
    running.up()
    assert NAME in client.definitions(CHANNEL)


def _assert_members_know(client: Client, value: str) -> None:
    assert deals.get(client, "price") == {value}
    (outsider,) = client.peers_of("Nevergreen", CHANNEL)
    with pytest.raises(Refused, match="does not have read access permission"):
        evaluate(outsider, CHANNEL, NAME, GET)


def _expect(found: list[str], name: str) -> None:
    assert found == (EXPECTED / f"{name}.txt").read_text().splitlines()
