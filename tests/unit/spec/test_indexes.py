"""CouchDB indexes in a chaincode's folder: found, and what is wrong with one."""

import json

import pytest

from hlf.client.package import ccaas_code

GOOD = '{"index": {"fields": ["owner"]}, "ddoc": "owners", "name": "owner", "type": "json"}'
FOLDER = "META-INF/statedb/couchdb"
PATH = "network.chaincodes[0].name"


def put(simple, path, text):
    file = simple.root / "chaincode" / "very-simple" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="latin-1")


def define(simple, collection):
    """A collection, which there must be for an index of it."""
    policy = "OR('KargaMSP.member')"
    put(simple, "collections_config.json", json.dumps([{"name": collection, "policy": policy}]))


def test_a_chaincode_without_indexes(simple):
    assert [chaincode.indexes for chaincode in simple.load().chaincodes] == [{}, {}]


@pytest.mark.parametrize("image", [False, True])
def test_indexes_of_its_own_and_of_collections(simple, image):
    put(simple, f"{FOLDER}/indexes/owner.json", GOOD)
    put(simple, f"{FOLDER}/collections/private/indexes/owner.json", GOOD)
    define(simple, "private")
    if image:
        named = "- name: very-simple\n"
        simple.change("network.yaml", named, f"{named}      image: example/very-simple:1.0\n")
    assert simple.load().chaincodes[0].indexes == {
        "statedb/couchdb/indexes/owner.json": GOOD,
        "statedb/couchdb/collections/private/indexes/owner.json": GOOD,
    }


def test_an_index_of_a_collection_that_there_is_not(simple, tell):
    put(simple, f"{FOLDER}/collections/privat/indexes/owner.json", GOOD)
    words = "for the collection `privat`, which `very-simple` does not have"
    tell(simple.mistake(), file="network.yaml", path=PATH, words=words)


@pytest.mark.parametrize(
    ("path", "text", "words"),
    [
        ("indexes/owner.json", "{", "indexes/owner.json is no JSON"),
        ("indexes/owner.json", "\xff", "indexes/owner.json is no JSON"),
        ("indexes/owner.json", "[]", "has no `index`"),
        ("indexes/owner.json", '{"index": {}}', "has no `index.fields`"),
        ("indexes/owner.json", '{"index": {"fields": []}}', "has no `index.fields`"),
        ("indexes/owner.json", " " * 70_000, "is larger than 64 KiB"),
        ("indexes/owner.txt", GOOD, "for no index|`.json`"),
        ("owner.json", GOOD, "for no index|`indexes`"),
        ("collections/owner.json", GOOD, "for no index"),
    ],
)
def test_a_wrong_index(simple, tell, path, text, words):
    put(simple, f"{FOLDER}/{path}", text)
    tell(simple.mistake(), file="network.yaml", path=PATH, words=words)


LONG = [
    (f"indexes/{'a' * 95}.json", f"indexes/{'a' * 96}.json"),
    (
        f"collections/{'c' * 110}/indexes/{'a' * 95}.json",
        f"collections/{'c' * 111}/indexes/{'a' * 95}.json",
    ),
    # The archive's format may split a path before `indexes`, too.
    (
        f"collections/{'c' * 118}/indexes/{'a' * 87}.json",
        f"collections/{'c' * 118}/indexes/{'a' * 88}.json",
    ),
]


@pytest.mark.parametrize(("longest", "longer"), LONG)
def test_the_longest_path_is_what_a_package_carries(simple, tell, longest, longer):
    define(simple, longest.removeprefix("collections/").split("/")[0])
    put(simple, f"{FOLDER}/{longest}", GOOD)
    found = simple.load().chaincodes[0].indexes
    assert set(found) == {f"statedb/couchdb/{longest}"}
    assert ccaas_code(connection={}, metadata=dict.fromkeys(found, b""))
    with pytest.raises(ValueError, match="too long"):
        ccaas_code(connection={}, metadata={f"statedb/couchdb/{longer}": b""})
    put(simple, f"{FOLDER}/{longer}", GOOD)
    words = f"{longer} is too long for a chaincode package|at most 100 characters|at most 110"
    tell(simple.mistake(), file="network.yaml", path=PATH, words=words)
