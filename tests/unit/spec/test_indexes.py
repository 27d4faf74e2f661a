"""CouchDB indexes in a chaincode's folder: found, and what is wrong with one."""

import pytest

GOOD = '{"index": {"fields": ["owner"]}, "ddoc": "owners", "name": "owner", "type": "json"}'
FOLDER = "META-INF/statedb/couchdb"
PATH = "network.chaincodes[0].name"


def put(simple, path, text):
    file = simple.root / "chaincode" / "very-simple" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="latin-1")


def test_a_chaincode_without_indexes(simple):
    assert [chaincode.indexes for chaincode in simple.load().chaincodes] == [{}, {}]


@pytest.mark.parametrize("image", [False, True])
def test_indexes_of_its_own_and_of_collections(simple, image):
    put(simple, f"{FOLDER}/indexes/owner.json", GOOD)
    put(simple, f"{FOLDER}/collections/private/indexes/owner.json", GOOD)
    if image:
        named = "- name: very-simple\n"
        simple.change("network.yaml", named, f"{named}      image: example/very-simple:1.0\n")
    assert simple.load().chaincodes[0].indexes == {
        "statedb/couchdb/indexes/owner.json": GOOD,
        "statedb/couchdb/collections/private/indexes/owner.json": GOOD,
    }


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
