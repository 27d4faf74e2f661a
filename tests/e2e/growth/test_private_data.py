"""A chaincode with Init, private data and a value from a Secret comes to a running network."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from hlf.client.errors import Refused
from hlf.client.transaction import evaluate, submit
from tests.e2e.conftest import Measure
from tests.e2e.harness import images, network
from tests.e2e.harness.changes import changes
from tests.e2e.harness.fabric import Client
from tests.e2e.harness.network import NETWORK
from tests.e2e.harness.stack import Stack
from tools.home import CHECKOUT

EXPECTED = Path(__file__).with_name("previews")
FIXTURE = CHECKOUT / "tests" / "fixtures" / "chaincode"
CHANNEL, NAME = "common", "deals"
PRICE = "a-price-that-only-members-know"
DEALS = {
    "name": "terms",
    "policy": "OR('KargaMSP.member', 'AtlantisMSP.member')",
    "requiredPeerCount": 1,
    "blockToLive": 1000,
    "memberOnlyRead": True,
}
GET = ("getPrivate", "terms", "price")


def _add(image: str, content: Any) -> None:
    orgs = ["Karga", "Nevergreen", "Atlantis"]
    invoke = {
        "function": "putPrivate",
        "args": ["terms", "price"],
        "transient": {"price": {"secret": NAME, "key": "price"}},
    }
    members = ", ".join(f"'{org}MSP.member'" for org in orgs)
    place = {"name": CHANNEL, "orgs": orgs, "policy": f"OR({members})", "invoke": invoke}
    content["network"]["chaincodes"].append(
        {
            "name": NAME,
            "image": image,
            "orgs": orgs,
            "ctor": {"Args": ["began"]},
            "channels": [place],
        }
    )


def test_a_chaincode_with_private_data(running: Stack, tmp_path: Path, measure: Measure) -> None:
    image = images.make_image(FIXTURE, tmp_path, modules="readonly")
    files = network.edited_copy(
        Path(running.settings["network"]), tmp_path / "net", NETWORK, lambda c: _add(image, c)
    )
    # the indexes of a chaincode that is there are part of its package
    folder = tmp_path / "chaincodes"
    shutil.copytree(
        CHECKOUT / "samples" / "chaincode", folder, ignore=shutil.ignore_patterns("*.go")
    )
    (folder / NAME).mkdir()
    collections = folder / NAME / "collections_config.json"
    collections.write_text(json.dumps([DEALS]))
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

    # endorsed by one member; the others have it because Fabric brought it to them
    (karga,) = client.peers_of("Karga", CHANNEL)
    put, given = ["putPrivate", "terms", "price"], {"price": b"another"}
    orderer, peers = client.orderer(karga.signer), client.peers(CHANNEL)
    submit([karga], orderer, CHANNEL, NAME, put, transient=given, commit_on=peers)
    _assert_members_know(client, "another")

    collections.write_text(json.dumps([{**DEALS, "maxPeerCount": 2}, {**DEALS, "name": "more"}]))
    _expect(changes(running), "change-collections")
    collections.write_text("[]")
    refused = running.preview(ok=False)
    assert "its collection terms is not in the files, and Fabric lets none go" in refused.output

    running.settings.clear()
    running.configure(**before)
    running.up()
    assert NAME in client.definitions(CHANNEL)


def _assert_members_know(client: Client, value: str) -> None:
    for org in ("Karga", "Atlantis"):
        (peer,) = client.peers_of(org, CHANNEL)
        assert evaluate(peer, CHANNEL, NAME, GET).decode() == value
    (outsider,) = client.peers_of("Nevergreen", CHANNEL)
    with pytest.raises(Refused, match="does not have read access permission"):
        evaluate(outsider, CHANNEL, NAME, GET)


def _expect(found: list[str], name: str) -> None:
    assert found == (EXPECTED / f"{name}.txt").read_text().splitlines()
