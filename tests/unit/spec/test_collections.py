"""Private data collections in a chaincode's folder, and what is wrong with them."""

import json

import pytest

from hlf.client.collections import Collection

FILE = "collections_config.json"
OR = "OR('KargaMSP.member', 'AtlantisMSP.member')"
GOOD = {"name": "deals", "policy": OR}


def put(given, *collections, chaincode="very-simple", indent="  ", **changes):
    text = json.dumps(collections or ({**GOOD, **changes},), indent=indent)
    (given.root / "chaincode" / chaincode / FILE).write_text(text)


def told(given, path, words, *, chaincode="very-simple"):
    mistake = given.mistake()
    assert (mistake.file, mistake.path) == (f"chaincode/{chaincode}/{FILE}", path)
    assert mistake.remedy
    for word in words.split("|"):
        assert word in str(mistake), f"{word!r} is not in: {mistake}"


def test_a_chaincode_without_collections(simple):
    assert [chaincode.collections for chaincode in simple.load().chaincodes] == [{}, {}]


@pytest.mark.parametrize("indent", ["  ", "\t", None])
def test_the_defaults_are_those_of_fabrics_command(simple, indent):
    put(simple, indent=indent)
    assert simple.load().chaincodes[0].collections == {"deals": Collection(policy=OR)}


def test_everything_that_a_collection_can_say(simple):
    simple.change("crypto-config.yaml", "Count: 1", "Count: 2")
    full = {
        "requiredPeerCount": 1,
        "maxPeerCount": 2,
        "blockToLive": 1_000_000,
        "memberOnlyRead": True,
        "memberOnlyWrite": True,
        "endorsementPolicy": {"signaturePolicy": "OR('KargaMSP.peer')"},
    }
    reference = {"channelConfigPolicy": "/Channel/Application/Endorsement"}
    put(simple, {**GOOD, **full}, {**GOOD, "name": "others", "endorsementPolicy": reference})
    assert simple.load().chaincodes[0].collections == {
        "deals": Collection(
            policy=OR,
            required_peer_count=1,
            max_peer_count=2,
            block_to_live=1_000_000,
            member_only_read=True,
            member_only_write=True,
            endorsement_policy="OR('KargaMSP.peer')",
        ),
        "others": Collection(policy=OR, endorsement_policy="/Channel/Application/Endorsement"),
    }


def test_a_chaincode_with_an_image_needs_no_source_for_them(simple):
    put(simple)
    (simple.root / "chaincode/very-simple/go.mod").unlink()
    named = "- name: very-simple\n"
    simple.change("network.yaml", named, f"{named}      image: example/very-simple:1.0\n")
    assert set(simple.load().chaincodes[0].collections) == {"deals"}


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        ({"name": None}, "[0].name", "`name` is missing"),
        ({"name": "_deals"}, "[0].name", "takes `_deals` for no name of a collection"),
        ({"name": "de als"}, "[0].name", "for no name"),
        ({"policy": None}, "[0].policy", "`policy` is missing"),
        ({"policy": "OR('KargaMSP')"}, "[0].policy", "is not an MSP ID"),
        ({"policy": "ANY Readers"}, "[0].policy", "is not a signature policy"),
        (
            {"policy": "AND('KargaMSP.member', 'AtlantisMSP.member')"},
            "[0].policy",
            "is more than a list of organizations|with `OR(...)`",
        ),
        (
            {"policy": "OR('KargaMPS.member')"},
            "[0].policy",
            "`KargaMPS` is the MSP ID of no member of the channel `common`|did you mean `KargaMSP`",
        ),
        ({"memberOnly": True}, "[0].memberOnly", "`memberOnly` is not known here|did you mean"),
        ({"memberOnlyRead": "yes"}, "[0].memberOnlyRead", "`yes` stands where true or false"),
        ({"requiredPeerCount": -1}, "[0].requiredPeerCount", "-1 is out of range"),
        ({"blockToLive": 1.5}, "[0].blockToLive", "`1.5` stands where a whole number"),
        (
            {"requiredPeerCount": 1, "maxPeerCount": 0},
            "[0].maxPeerCount",
            "goes to at most 0 other peers (`maxPeerCount`), and must go to 1",
        ),
        (
            {"requiredPeerCount": 2, "maxPeerCount": 2},
            "[0].requiredPeerCount",
            "must go to 2 other peers|on the channel `common`|have 2 in all|write at most 1",
        ),
        (
            {"endorsementPolicy": {}},
            "[0].endorsementPolicy",
            "takes one of `signaturePolicy` and `channelConfigPolicy`",
        ),
        (
            {"endorsementPolicy": {"signaturePolicy": "OR('KargaMPS.peer')"}},
            "[0].endorsementPolicy.signaturePolicy",
            "`KargaMPS` is the MSP ID of no member of the channel `common`",
        ),
        (
            {"endorsementPolicy": {"channelConfigPolicy": "Endorsement"}},
            "[0].endorsementPolicy.channelConfigPolicy",
            "`Endorsement` is no path of a channel's policy",
        ),
        (
            {"endorsementPolicy": {"channelConfigPolicy": "/Channel/Application/Endorsment"}},
            "[0].endorsementPolicy.channelConfigPolicy",
            "`common` has no policy `Endorsment` under `Application`|did you mean `Endorsement`",
        ),
    ],
)
def test_a_wrong_collection(simple, changes, path, words):
    put(simple, **changes)
    told(simple, path, words)


def test_paths_of_other_policies_are_taken_as_they_are(simple):
    for path in ("/Channel/Writers", "/Channel/Application/KargaMSP/Endorsement"):
        put(simple, endorsementPolicy={"channelConfigPolicy": path})
        assert simple.load().chaincodes[0].collections["deals"].endorsement_policy == path


@pytest.mark.parametrize(
    ("text", "path", "words"),
    [
        ("[{'name': 'x'}]", "", "this is not JSON|double quotes"),
        ('[{"name": "x"},]', "", "this is not JSON"),
        ("{}", "", "a list is expected"),
        ("[" * 100_000 + "]" * 100_000, "", "nested"),
        ("[1]", "[0]", "a mapping is expected"),
    ],
)
def test_a_file_of_another_format(simple, text, path, words):
    (simple.root / "chaincode/very-simple" / FILE).write_text(text)
    told(simple, path, words)


def test_each_name_is_there_once_and_the_line_is_told(simple):
    put(simple, GOOD, GOOD)
    told(simple, "[1].name", ":7:|`deals` is there twice, first as [0].name")


def test_a_policy_fits_every_channel_of_the_chaincode(simple):
    put(simple, chaincode="even-simpler", policy="OR('NevergreenMSP.member')")
    words = "`NevergreenMSP` is the MSP ID of no member of the channel `private-karga-atlantis`"
    told(simple, "[0].policy", words, chaincode="even-simpler")


def test_the_lifecycle_of_fabric_1_knows_less(pivt):
    put(pivt)
    assert set(pivt.load().chaincodes[0].collections) == {"deals"}
    put(pivt, endorsementPolicy={"signaturePolicy": "OR('KargaMSP.peer')"})
    told(pivt, "[0].endorsementPolicy", "`common`|no endorsement policy of its own")
    assert pivt.load(raiseApplicationCapability="V2_5").chaincodes[0].collections
    put(pivt, endorsementPolicy={"channelConfigPolicy": "/Channel/Application/Endorsement"})
    assert pivt.load(raiseApplicationCapability="V2_5").chaincodes[0].collections
    put(pivt)
    pivt.change(
        "configtx.yaml",
        "Application: &ApplicationCapabilities\n        V1_4_2",
        "Application: &ApplicationCapabilities\n        V1_1",
    )
    told(pivt, "[0]", "`common` has no private data before the Application capability V1_2")
