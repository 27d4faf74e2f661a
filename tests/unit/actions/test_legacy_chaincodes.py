"""The old lifecycle: what is due, what its inputs say, and how drift reads."""

import hashlib
from dataclasses import replace
from types import SimpleNamespace

import pytest

from actions import chaincodes, legacy_chaincodes
from actions.chaincodes import ChaincodesProvider
from actions.legacy_chaincodes import (
    ANY_MEMBER,
    LSCC,
    definition_inputs,
    is_due,
    state_of_package,
    wanted_of,
)
from hlf.client.collections import Collection, packed
from hlf.client.legacy import Instance, legacy_package, other_package
from hlf.client.package import ccaas_code
from hlf.client.protos import ChaincodeDeploymentSpec
from hlf.errors import FabricError

RULE = "OR('AMSP.member')"
WANTED = Instance(name="cc", version="1.0", policy=RULE)
CODE = ccaas_code(connection={"address": "server:7052"})
PACKAGE = legacy_package(name="cc", version="1.0", code=CODE)


def test_the_first_time_and_another_version_are_due() -> None:
    assert is_due(WANTED, None)
    assert is_due(WANTED, replace(WANTED, version="0.9"))
    assert is_due(WANTED, replace(WANTED, version="1.1"))


def test_what_is_there_is_not_due() -> None:
    assert not is_due(WANTED, WANTED)
    assert not is_due(replace(WANTED, policy=None), WANTED), "whatever Fabric chose"


def test_another_policy_alone_is_told_with_what_to_do() -> None:
    with pytest.raises(FabricError, match=r"cc 1\.0.*AND.*raise the chaincode's `version`"):
        is_due(WANTED, replace(WANTED, policy="AND('AMSP.member', 'BMSP.member')"))


def test_other_collections_alone_are_told_with_what_to_do() -> None:
    deals = packed({"deals": Collection(policy=RULE)})
    assert not is_due(replace(WANTED, collections=deals), replace(WANTED, collections=deals))
    assert is_due(replace(WANTED, collections=deals, version="1.1"), WANTED)
    with pytest.raises(FabricError, match=r"cc 1\.0.*other collections.*raise the chaincode's"):
        is_due(replace(WANTED, collections=deals), WANTED)


def test_collections_are_in_the_inputs_where_there_are_any() -> None:
    deals = {"deals": Collection(policy=RULE)}
    given = {"name": "cc", "version": "1.0", "policy": RULE, "address": "server:7052"}
    made = definition_inputs(**given, organizations=["AMSP"], private=deals)
    assert set(made["collections"]) == {"deals"}
    assert wanted_of({"cc": made})["cc"].instance == replace(WANTED, collections=packed(deals))


def test_init_has_one_empty_argument_unless_it_is_said() -> None:
    given = {"name": "cc", "version": "1.0", "policy": RULE, "address": "server:7052"}
    without = definition_inputs(**given, organizations=["AMSP"])
    assert "init" not in without
    assert wanted_of({"cc": without})["cc"].init == ("",)
    for arguments in (("init", "100"), ()):
        made = definition_inputs(**given, organizations=["AMSP"], init=arguments)
        assert wanted_of({"cc": made})["cc"].init == arguments


@pytest.mark.parametrize(("policy", "shown"), [(None, ANY_MEMBER), (RULE, RULE)])
def test_inputs_become_what_is_wanted(policy: str | None, shown: str) -> None:
    made = definition_inputs(
        name="cc",
        version="1.0",
        policy=policy,
        address="server:7052",
        organizations=["BMSP", "AMSP"],
        indexes={},
    )
    assert made == {
        "version": "1.0",
        "policy": shown,
        "address": "server:7052",
        "packageId": "cc:1.0",
        "organizations": {"BMSP": True, "AMSP": True},
    }
    read = wanted_of({"cc": made})["cc"]
    assert read.instance == replace(WANTED, policy=policy)
    assert read.package.ccid == "cc:1.0"
    assert read.server == "server"
    assert read.organizations == {"AMSP", "BMSP"}


def test_a_package_follows_from_name_version_and_code() -> None:
    assert legacy_package(name="cc", version="1.0", code=CODE) == PACKAGE
    spec = ChaincodeDeploymentSpec.FromString(PACKAGE.data)
    assert spec.code_package == CODE
    assert spec.chaincode_spec.chaincode_id.name == "cc"
    metadata = hashlib.sha256(b"cc1.0").digest()
    whole = hashlib.sha256(hashlib.sha256(CODE).digest() + metadata)
    assert PACKAGE.fingerprint == whole.hexdigest()
    for other in ({"name": "dd"}, {"version": "1.1"}, {"code": b"x"}):
        made = legacy_package(**{"name": "cc", "version": "1.0", "code": CODE, **other})
        assert made.fingerprint != PACKAGE.fingerprint


def test_a_package_is_short_to_print() -> None:
    assert "data" not in repr(PACKAGE)


def test_the_package_tells_who_lacks_it_or_has_another() -> None:
    assert state_of_package(PACKAGE, [], []) == "cc:1.0"
    assert state_of_package(PACKAGE, ["b", "a"], ["c"]) == "not installed on a, b"
    assert state_of_package(PACKAGE, [], ["c", "b"]) == "another package on b, c"


def test_another_package_of_a_version_is_told_with_what_to_do() -> None:
    told = other_package(PACKAGE, ["peer a", "peer b"])
    assert told.startswith("peer a, peer b has another package of cc:1.0")
    assert told.endswith("raise the chaincode's version")


def test_the_lifecycle_is_chosen_by_an_input(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []
    members = SimpleNamespace(peers={"p": None})
    members.joined = lambda: members
    members.catch_up = lambda _: None
    monkeypatch.setattr(chaincodes.nodes, "ready", lambda _, peers: peers)
    monkeypatch.setattr(chaincodes.Members, "of", lambda _, **_others: members)
    monkeypatch.setattr(legacy_chaincodes, "apply", lambda *given: seen.append(given[:2]))
    monkeypatch.setattr(legacy_chaincodes, "observe", lambda *_: {"cc": {"version": "2"}})
    inputs = {
        "channel": "common",
        "namespace": "fabric",
        "peers": {"p": "AMSP"},
        "definitions": {"cc": {"version": "1"}},
        "lifecycle": LSCC,
    }
    provider = ChaincodesProvider()
    assert provider.apply(inputs, lambda _: None) == {"sequences": {}}
    assert seen == [(members, inputs["definitions"])]
    assert provider.observe(inputs) == {**inputs, "definitions": {"cc": {"version": "2"}}}


def test_the_lifecycle_changes_in_place() -> None:
    olds = {"channel": "c", "namespace": "n", "definitions": {}, "lifecycle": LSCC}
    news = {key: value for key, value in olds.items() if key != "lifecycle"}
    assert ChaincodesProvider().diff("c", olds, news).replaces == []
