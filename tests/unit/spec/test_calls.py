"""A chaincode's `ctor`: a call as PIVT+ writes it, JSON in a string, or as a mapping."""

import pytest

FILE = "network.yaml"
PLACE = "network.chaincodes[0].ctor"


def with_ctor(given, text):
    given.change(FILE, '      version: "1.0"\n', f'      version: "1.0"\n      ctor: {text}\n')
    return given


def test_a_chaincode_without_one(simple):
    assert simple.load().chaincodes[0].init is None


@pytest.mark.parametrize(
    ("text", "init"),
    [
        ("""'{"Args": ["org.papernet:instantiate"]}'""", ("org.papernet:instantiate",)),
        ("""'{"Args":[""]}'""", ("",)),
        ("""'{"function":"init","Args":["a", " b "]}'""", ("init", "a", " b ")),
        ("{Args: [init, 1.10, true, 2020-01-01]}", ("init", "1.10", "true", "2020-01-01")),
        ("{Function: init}", ("init",)),
        ("{function: init, args: []}", ("init",)),
        ("{Args: []}", ()),
        ("""{Args: ['{"a": 1}', ""]}""", ('{"a": 1}', "")),
    ],
)
def test_what_it_says(simple, text, init):
    assert with_ctor(simple, text).load().chaincodes[0].init == init


@pytest.mark.parametrize(
    ("text", "below", "words"),
    [
        ("init", "", '`init` is no call|as in `{"Args"'),
        ("'{\"Args\": [}'", "", "is no call"),
        ("'5'", "", "a mapping is expected"),
        ("[a]", "", "a mapping is expected"),
        ("{}", "", "names neither `Function` nor `Args`"),
        ("{Arguments: [a], Args: [b]}", ".Arguments", "`Arguments` is not known here"),
        ("{Args: [a], args: [b]}", ".args", "`args` is here twice, in upper and lower case"),
        ("{Args: a}", ".Args", "a list is expected"),
        ("{Args: [[a]]}", ".Args[0]", "an argument is one text"),
        ("{Args: [{a: 1}]}", ".Args[0]", "an argument is one text"),
        ("{Args: [null]}", ".Args[0]", 'the argument is empty|`""`'),
        ("{Function: 5}", ".Function", "takes `5` for a number"),
    ],
)
def test_what_is_none(simple, tell, text, below, words):
    told = with_ctor(simple, text).mistake()
    tell(told, file=FILE, path=f"{PLACE}{below}", words=words)
