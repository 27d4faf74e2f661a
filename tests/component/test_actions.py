"""The inputs of actions: providers by reference, plain values, maps and never lists."""

import base64
from collections.abc import Iterator, Mapping
from typing import Any

from hlf import names
from tests.component.recorded import (
    CHAINCODES,
    CHANNEL,
    DEPLOYMENT,
    DYNAMIC,
    GENESIS,
    IDENTITY,
    INVOCATION,
    Recorded,
    Sample,
)

PROVIDERS = {
    "Authority": "actions.authority",
    "Chaincodes": "actions.chaincodes",
    "Channel": "actions.channel",
    "Claim": "actions.claim",
    "Genesis": "actions.genesis",
    "Guard": "actions.guard",
    "Identity": "actions.identity",
    "Invocation": "actions.invocation",
    "Rollout": "actions.rollout",
    "Source": "actions.source",
}
"""Type and module: both are in every stack's state."""


def values(value: Any) -> Iterator[Any]:
    yield value
    if isinstance(value, Mapping):
        for each in value.values():
            yield from values(each)


def test_providers_are_stored_by_reference(simple: Recorded) -> None:
    seen: set[str] = set()
    for action in simple.actions:
        stored = base64.b64decode(action.inputs["__provider"])
        type_ = action.type.removeprefix(DYNAMIC)
        seen.add(type_)
        assert len(stored) < 100
        assert PROVIDERS[type_].encode() in stored
        assert f"{type_}Provider".encode() in stored
        assert "__provider" not in action.secret
    assert seen == set(PROVIDERS)


def test_inputs_are_texts_flags_and_maps_of_them(simple: Recorded) -> None:
    """Lists are compared by position, numbers come back as floats, null is dropped."""
    for action in simple.actions:
        for key, value in action.inputs.items():
            kinds = {type(each) for each in values(value)}
            assert kinds <= {str, bool, dict}, f"{action.urn}: {key} holds {kinds}"


def test_every_action_knows_its_own_urn(simple: Recorded) -> None:
    for action in simple.actions:
        # the engine leaves the stack out of URNs, its stand-in does not
        known, own = (
            u.replace("pulumi:pulumi:Stack$", "") for u in (action.inputs["resource"], action.urn)
        )
        assert known == own


def test_actions_refer_to_nodes_by_name_and_msp_id(simple: Recorded) -> None:
    common, private = sorted(simple.channels, key=lambda each: each.name)
    peers = {names.peer(org, "peer0"): f"{org}MSP" for org in ("Karga", "Nevergreen", "Atlantis")}
    assert common.inputs["peers"] == peers
    assert set(private.inputs["peers"].values()) == {"KargaMSP", "AtlantisMSP"}
    for action in simple.of(CHANNEL, CHAINCODES, INVOCATION):
        assert action.inputs["orderers"] == {
            "hlf-orderer--groeifabriek--orderer0": "GroeifabriekMSP"
        }
        assert set(action.inputs["peers"].values()) <= set(action.inputs["admins"])


def test_definitions_are_readable(simple: Recorded) -> None:
    (common,) = [each for each in simple.of(CHAINCODES) if each.name == "common"]
    definition = common.inputs["definitions"]["very-simple"]
    assert definition["version"] == "1.0"
    assert definition["label"] == "very-simple_1.0"
    assert definition["policy"].startswith("OR(")
    assert set(definition["organizations"]) == {"KargaMSP", "NevergreenMSP", "AtlantisMSP"}


def test_a_chaincode_without_a_policy_takes_the_channels(sample: Sample) -> None:
    policy = "          # Who must endorse a transaction: here, any one member\n          policy:"
    network = sample.change("network.yaml", (policy, "          #")).record()
    (common,) = [each for each in network.of(CHAINCODES) if each.name == "common"]
    definition = common.inputs["definitions"]["very-simple"]
    assert definition["policy"] == "/Channel/Application/Endorsement"


def test_the_arguments_of_init_are_in_the_definition(sample: Sample) -> None:
    version = '      version: "1.0"\n'
    sample.change("network.yaml", (version, f"{version}      ctor: {{Args: [init, '100']}}\n"))
    (common, other) = sorted(sample.record().of(CHAINCODES), key=lambda each: each.name)
    assert common.inputs["definitions"]["very-simple"]["init"] == {"1": "init", "2": "100"}
    assert "init" not in other.inputs["definitions"]["even-simpler"]


def test_collections_of_a_chaincodes_folder_are_in_its_definition(sample: Sample) -> None:
    rule = "OR('KargaMSP.member')"
    folder = sample.root / "chaincode" / "very-simple"
    before = sample.record()
    (folder / "collections_config.json").write_text(f'[{{"name": "deals", "policy": "{rule}"}}]')
    network = sample.record()
    (common,) = [each for each in network.of(CHAINCODES) if each.name == "common"]
    definition = common.inputs["definitions"]["very-simple"]
    assert definition["collections"]["deals"]["policy"] == rule
    (other,) = [each for each in network.of(CHAINCODES) if each.name != "common"]
    assert "collections" not in other.inputs["definitions"]["even-simpler"]
    assert network.names(DEPLOYMENT) == before.names(DEPLOYMENT), "no server is another one"


def test_a_chaincode_is_called_on_the_peers_of_its_organizations(sample: Sample) -> None:
    on_common = "- name: common\n          orgs: [Karga, Nevergreen, Atlantis]"
    sample.change("network.yaml", (on_common, on_common.replace(", Atlantis", "")))
    (call,) = [c for c in sample.record().of(INVOCATION) if c.name == "common/very-simple"]
    assert set(call.inputs["peers"].values()) == {"KargaMSP", "NevergreenMSP"}
    assert call.inputs["function"] == "ping"
    assert not {"arguments", "transient", "trigger"} & call.inputs.keys()
    assert not call.secret_outputs


def test_a_call_is_what_the_channel_says(sample: Sample) -> None:
    place = "        - name: common\n          orgs"
    invoke = (
        "{function: put, args: [apple, red], trigger: again,"
        " transient: {price: {secret: deals, key: price}}}"
    )
    invoked = place.replace("          orgs", f"          invoke: {invoke}\n          orgs")
    sample.change("network.yaml", (place, invoked))
    call = next(c for c in sample.record().of(INVOCATION) if c.name == "common/very-simple")
    assert call.inputs["function"] == "put"
    assert call.inputs["arguments"] == {"1": "apple", "2": "red"}
    assert call.inputs["transient"] == {"price": {"secret": "deals", "key": "price"}}
    assert call.inputs["trigger"] == "again"
    assert call.secret_outputs == {"result"}, "it may hold what is secret"


def test_a_call_can_be_switched_off(sample: Sample) -> None:
    place = "        - name: common\n          orgs"
    without = place.replace("          orgs", "          invoke: false\n          orgs")
    sample.change("network.yaml", (place, without))
    assert [c.name for c in sample.record().of(INVOCATION)] == [
        "private-karga-atlantis/even-simpler"
    ]


def test_the_system_channel_is_the_genesis_profile(simple: Recorded) -> None:
    (genesis,) = simple.of(GENESIS)
    assert genesis.inputs["channel"] == "testchainid"
    assert set(genesis.inputs["config"]["consortiums"]) == {"TheConsortium", "SecondConsortium"}


def test_roles_are_as_in_crypto_config(simple: Recorded) -> None:
    roles = {i.inputs["commonName"]: i.inputs["role"] for i in simple.of(IDENTITY)}
    assert roles["orderer0.groeifabriek.nl"] == "orderer"
    assert roles["peer0.atlantis.com"] == "peer"
    assert roles["Admin@atlantis.com"] == "admin"
    assert roles["User1@atlantis.com"] == "client"
    assert len(roles) == 11
