"""What a chaincode is called with after a commit: `invoke` of one of its channels."""

import pytest

from hlf.spec.model import Call, SecretKey

FILE = "network.yaml"
PLACE = "network.chaincodes[0].channels[0].invoke"
ORGS = "          orgs: [Karga, Nevergreen, Atlantis]\n"


def with_invoke(given, text):
    given.change(FILE, ORGS, f"{ORGS}          invoke: {text}\n")
    return given


def calls(given):
    return [on.call for chaincode in given.load().chaincodes for on in chaincode.channels]


def test_without_any_it_is_ping(simple):
    assert calls(simple) == [Call(function="ping")] * 2


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("", Call()),
        ("true", Call()),
        ("false", None),
        ("{function: put, args: [apple, red]}", Call(function="put", arguments=("apple", "red"))),
        ("""'{"function":"ping","Args":[""]}'""", Call(function="ping", arguments=("",))),
        ("""{Args: [put, '1', ""]}""", Call(function="put", arguments=("1", ""))),
        ('{function: ping, trigger: "2"}', Call(trigger="2")),
        (
            "{function: put, transient: {price: {secret: deals, key: price.json}}}",
            Call(function="put", transient={"price": SecretKey(secret="deals", key="price.json")}),
        ),
    ],
)
def test_what_it_says(simple, text, call):
    assert calls(with_invoke(simple, text)) == [call, Call()]


@pytest.mark.parametrize(
    ("text", "below", "words"),
    [
        ("ping", "", "`ping` is no call"),
        ("{args: []}", "", "names no function|`invoke: false` for no call"),
        ("{trigger: again}", "", "names neither `Function` nor `Args`"),
        ("{functon: put, args: [a]}", ".functon", "is not known here|did you mean `function`?"),
        ("{function: put, trigger: 2}", ".trigger", "takes `2` for a number"),
        ("{function: put, transient: [a]}", ".transient", "a mapping is expected"),
        ("{function: put, transient: {a: b}}", ".transient.a", "a mapping is expected"),
        (
            "{function: put, transient: {a: {secret: b}}}",
            ".transient.a",
            "`key` is missing|name the key of the Secret",
        ),
        (
            "{function: put, transient: {a: {secret: B_, key: c}}}",
            ".transient.a.secret",
            "`B_` is no name of a Secret",
        ),
        (
            "{function: put, transient: {a: {secret: b, key: c/d}}}",
            ".transient.a.key",
            "`c/d` is no key of a Secret",
        ),
        (
            "{function: put, transient: {a: {secret: b, key: c, value: d}}}",
            ".transient.a.value",
            "`value` is not known here",
        ),
    ],
)
def test_what_is_none(simple, tell, text, below, words):
    told = {each.path: each for each in with_invoke(simple, text).mistakes()}
    tell(told[f"{PLACE}{below}"], file=FILE, path=f"{PLACE}{below}", words=words)
