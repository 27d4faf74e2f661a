"""A channel that peers join by a snapshot of another peer."""

import pytest

FILE = "network.yaml"
COMMON = "- name: common\n"
PATH = "network.channels[0].joinBySnapshot"


def say(given, text):
    given.change(FILE, COMMON, f"{COMMON}      joinBySnapshot: {text}\n")


@pytest.mark.parametrize(("text", "expected"), [("true", True), ("false", False)])
def test_it_is_of_one_channel(simple, text, expected):
    say(simple, text)
    common, other = simple.load().channels
    assert common.join_by_snapshot is expected
    assert other.join_by_snapshot is False


@pytest.mark.parametrize("text", ["sometimes", "{peer0: true}", "1"])
def test_it_is_true_or_false(simple, tell, text):
    say(simple, text)
    tell(simple.mistake(), file=FILE, path=PATH, words="where true or false is expected")


def test_with_couchdb_it_is_refused_because_of_backups(simple, tell):
    say(simple, "true")
    mistake = simple.mistake(stateDatabase="CouchDB")
    tell(mistake, file=FILE, path=PATH, words="`hlf:stateDatabase: CouchDB`|in no backup|take it")


def test_without_it_couchdb_is_fine(simple):
    say(simple, "false")
    assert simple.load(stateDatabase="CouchDB").channels[0].join_by_snapshot is False


def test_with_the_lifecycle_of_fabric_1_it_is_refused(pivt, tell):
    say(pivt, "true")
    tell(pivt.mistake(), file=FILE, path=PATH, words="`common` has the chaincode lifecycle|`V2_0`")
    assert pivt.load(raiseApplicationCapability="V2_5").channels[0].join_by_snapshot
