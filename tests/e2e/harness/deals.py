"""A chaincode with private data of two organizations, beside those of a sample."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hlf.client.transaction import evaluate, submit
from tests.e2e.harness import images, network
from tests.e2e.harness.fabric import Client
from tests.e2e.harness.network import NETWORK
from tools.home import CHECKOUT

FIXTURE = CHECKOUT / "tests" / "fixtures" / "chaincode"
CHANNEL, NAME = "common", "deals"
MEMBERS, OTHERS = ("Karga", "Atlantis"), ("Nevergreen",)
COLLECTION: Mapping[str, object] = {
    "name": "terms",
    "policy": "OR('KargaMSP.member', 'AtlantisMSP.member')",
    "requiredPeerCount": 1,
    "blockToLive": 1000,
    "memberOnlyRead": True,
}


def add(source: Path, folder: Path, **more: object) -> Path:
    """Copy a network's files into a new folder, with this chaincode; `more` is of its entry."""
    image = images.make_image(FIXTURE, folder.parent, modules="readonly")
    orgs = [*MEMBERS, *OTHERS]
    members = ", ".join(f"'{org}MSP.member'" for org in orgs)

    def change(content: Any) -> None:
        place = {"name": CHANNEL, "orgs": orgs, "policy": f"OR({members})", "invoke": False}
        entry = {"name": NAME, "image": image, "orgs": orgs, "ctor": {"Args": ["began"]}}
        content["network"]["chaincodes"].append({**entry, "channels": [{**place, **more}]})

    return network.edited_copy(source, folder, NETWORK, change)


def chaincodes(folder: Path, collections: Sequence[Mapping[str, object]] = (COLLECTION,)) -> Path:
    """Make the folder of chaincodes that these files need: the samples' indexes, and collections.

    The indexes of a chaincode that is there are part of its package.
    """
    shutil.copytree(
        CHECKOUT / "samples" / "chaincode", folder, ignore=shutil.ignore_patterns("*.go")
    )
    (folder / NAME).mkdir()
    set_collections(folder, collections)
    return folder


def set_collections(folder: Path, collections: Sequence[Mapping[str, object]]) -> None:
    """Write the chaincode's collections."""
    text = json.dumps(list(collections))
    (folder / NAME / "collections_config.json").write_text(text)


def put(client: Client, key: str, value: str) -> None:
    """Have one member endorse private data; the others have it because Fabric brings it to them."""
    peer, peers = client.peers_of(MEMBERS[0], CHANNEL)[0], client.peers(CHANNEL)
    orderer, given = client.orderer(peer.signer), {key: value.encode()}
    args = ["putPrivate", COLLECTION["name"], key]
    submit([peer], orderer, CHANNEL, NAME, args, transient=given, commit_on=peers)


def get(client: Client, key: str) -> set[str]:
    """Ask all peers of the members for private data; return the different answers."""
    peers = [peer for org in MEMBERS for peer in client.peers_of(org, CHANNEL)]
    args = ["getPrivate", str(COLLECTION["name"]), key]
    return {evaluate(peer, CHANNEL, NAME, args).decode() for peer in peers}
