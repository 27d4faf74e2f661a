"""Keeping a channel's chaincodes by the lifecycle of Fabric 1: killed runs, drift, moving on."""

from dataclasses import replace

import pytest

from actions import chaincodes, legacy_chaincodes
from actions.arguments import numbered
from actions.chaincodes import ChaincodesProvider
from actions.legacy_chaincodes import ANY_MEMBER
from actions.members import Members
from hlf.client import legacy, lifecycle
from hlf.client.collections import Collection, packed, to_plain
from hlf.client.envelope import sign_update
from hlf.client.errors import Invalidated, Refused
from hlf.client.legacy import Instance
from hlf.client.lifecycle import Definition
from hlf.client.transaction import evaluate, submit
from hlf.client.wait import gather
from hlf.config.build import channel_group
from hlf.config.read import config_of
from hlf.config.update import compute_update
from hlf.errors import FabricError
from hlf.spec.raised import raised
from tests.official.fabric.legacy_bench import Bench

BOTH = "AND('KargaMSP.member', 'NevergreenMSP.member')"
ANY = "OR('KargaMSP.member', 'NevergreenMSP.member')"


@pytest.fixture(autouse=True)
def no_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers are processes here."""
    monkeypatch.setattr(legacy_chaincodes, "await_servers", lambda *_: None)


def test_the_action_goes_on_wherever_a_run_was_killed(bench: Bench, legacy_channel: str) -> None:
    """Between any two steps, and when everything is there already."""
    members, said = bench.members(legacy_channel), list[str]()
    definitions = bench.listed("resumed", "1.0")
    wanted = legacy_chaincodes.wanted_of(definitions)["resumed"]
    legacy.install(bench.peers[1], wanted.package)
    legacy_chaincodes.apply(members, definitions, said.append)
    assert said == [
        "installing resumed:1.0 on 1 peer",
        f"deploying resumed 1.0 on {legacy_channel}",
    ]
    assert legacy_chaincodes.observe(members, definitions) == definitions

    said.clear()
    legacy_chaincodes.apply(members, definitions, said.append)
    assert said == []

    upgraded = bench.listed("resumed", "2.0")
    upgraded["resumed"]["policy"] = BOTH
    wanted = legacy_chaincodes.wanted_of(upgraded)["resumed"]
    gather(lambda peer: legacy.install(peer, wanted.package), bench.peers)
    legacy.upgrade(bench.peers[0], bench.orderer, legacy_channel, wanted.instance, init=[""])
    legacy_chaincodes.apply(members, upgraded, said.append)
    assert said == []
    assert legacy_chaincodes.observe(members, upgraded) == upgraded


def test_the_action_upgrades_many_at_once(bench: Bench, legacy_channel: str) -> None:
    members = bench.members(legacy_channel)
    for version in ("1.0", "2.0"):
        definitions = {k: v for n in "abcd" for k, v in bench.listed(f"many-{n}", version).items()}
        legacy_chaincodes.apply(members, definitions, lambda _: None)
        assert legacy_chaincodes.observe(members, definitions) == definitions
    submit(list(bench.peers), bench.orderer, legacy_channel, "many-a", ["put", "x", "1"])


def test_the_same_from_two_runs_is_no_error(bench: Bench, legacy_channel: str) -> None:
    """As if a killed run's transaction were ordered while the next one runs."""
    members = bench.members(legacy_channel)
    definitions = bench.listed("twice", "1.0")
    gather(lambda _: legacy_chaincodes.apply(members, definitions, lambda _: None), range(2))
    assert legacy_chaincodes.observe(members, definitions) == definitions


def test_drift_is_seen_and_repaired(bench: Bench, legacy_channel: str) -> None:
    members = bench.members(legacy_channel)
    definitions = bench.listed("drifted", "1.0")
    legacy_chaincodes.apply(members, definitions, lambda _: None)
    bench.running("drifted", "1.1")
    by_hand = Instance(name="drifted", version="1.1", policy=BOTH)
    legacy.upgrade(bench.peers[0], bench.orderer, legacy_channel, by_hand, commit_on=bench.peers)

    live = legacy_chaincodes.observe(members, definitions)["drifted"]
    assert (live["version"], live["policy"]) == ("1.1", ANY_MEMBER)

    legacy_chaincodes.apply(members, definitions, lambda _: None)
    assert legacy_chaincodes.observe(members, definitions) == definitions


def test_another_policy_alone_is_refused_before_anything_is_done(
    bench: Bench, legacy_channel: str
) -> None:
    members = bench.members(legacy_channel)
    definitions = bench.listed("policed", "1.0")
    legacy_chaincodes.apply(members, definitions, lambda _: None)
    definitions["policed"]["policy"] = BOTH
    other = {**definitions, **bench.listed("untouched", "1.0")}
    with pytest.raises(FabricError, match=r"policed 1\.0 .*raise the chaincode's `version`"):
        legacy_chaincodes.apply(members, other, lambda _: None)
    assert "untouched:1.0" not in legacy.installed(bench.peers[0])


def test_init_gets_its_arguments(bench: Bench, legacy_channel: str) -> None:
    for version, arguments in (("1.0", ["one"]), ("2.0", ["two"])):
        definitions = bench.listed("began", version)
        definitions["began"]["init"] = numbered(arguments)
        legacy_chaincodes.apply(bench.members(legacy_channel), definitions, lambda _: None)
        members = bench.members(legacy_channel)
        assert legacy_chaincodes.observe(members, definitions) == definitions
        value = evaluate(bench.peers[0], legacy_channel, "began", ["get", "init"])
        assert value.decode() == arguments[0]


def test_collections_come_with_a_version_and_stay(bench: Bench, legacy_channel: str) -> None:
    members, peers = bench.members(legacy_channel), bench.peers
    deals = {"deals": Collection(policy="OR('KargaMSP.member')", block_to_live=9)}
    first = bench.listed("private", "1.0")
    first["private"]["collections"] = to_plain(deals)
    legacy_chaincodes.apply(members, first, lambda _: None)
    assert legacy_chaincodes.observe(members, first) == first
    put = ["putPrivate", "deals", "price"]
    submit(peers, bench.orderer, legacy_channel, "private", put, transient={"price": b"5"})
    get = ["getPrivate", "deals", "price"]
    assert evaluate(peers[0], legacy_channel, "private", get) == b"5"

    more = {**deals, "more": Collection(policy=ANY, member_only_read=True)}
    alone = {"private": {**first["private"], "collections": to_plain(more)}}
    with pytest.raises(FabricError, match=r"private 1\.0 .*other collections.*raise"):
        legacy_chaincodes.apply(members, alone, lambda _: None)
    second = bench.listed("private", "2.0")
    without = {"private": {**second["private"], "collections": to_plain({"more": more["more"]})}}
    with pytest.raises(FabricError, match="collection deals is not in the files"):
        legacy_chaincodes.apply(members, without, lambda _: None)
    second["private"]["collections"] = to_plain(more)
    legacy_chaincodes.apply(members, second, lambda _: None)
    assert legacy_chaincodes.observe(members, second) == second
    assert evaluate(peers[0], legacy_channel, "private", get) == b"5"


@pytest.mark.parametrize("block_to_live", [None, 8])
def test_fabric_itself_keeps_collections(
    bench: Bench, legacy_channel: str, block_to_live: int | None
) -> None:
    name = f"keeping-{block_to_live}"
    definitions = bench.listed(name, "1.0")
    deals = Collection(policy=ANY, block_to_live=9)
    definitions[name]["collections"] = to_plain({"deals": deals})
    legacy_chaincodes.apply(bench.members(legacy_channel), definitions, lambda _: None)
    bench.running(name, "2.0")
    other = {
        "deals" if block_to_live else "others": replace(deals, block_to_live=block_to_live or 9)
    }
    wanted = Instance(name=name, version="2.0", collections=packed(other))
    with pytest.raises(Invalidated):
        legacy.upgrade(bench.peers[0], bench.orderer, legacy_channel, wanted)


def test_another_package_is_told_with_its_peers(bench: Bench, legacy_channel: str) -> None:
    members = bench.members(legacy_channel)
    definitions = bench.listed("moved", "1.0")
    legacy_chaincodes.apply(members, definitions, lambda _: None)
    moved = {"moved": bench.inputs("moved", "1.0", "127.0.0.1:1")}
    live = legacy_chaincodes.observe(members, moved)["moved"]
    assert live["packageId"] == "another package on KargaMSP, NevergreenMSP"
    with pytest.raises(FabricError, match=r"another package of moved:1\.0"):
        legacy_chaincodes.apply(members, moved, lambda _: None)


def test_the_current_lifecycle_takes_over(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the setting raiseApplicationCapability does to a channel in use."""
    channel = bench.join("raised")
    peers, orderer, network = bench.peers, bench.orderer, bench.network
    members = bench.members(channel)
    definitions = bench.listed("ledger", "1.0")
    legacy_chaincodes.apply(members, definitions, lambda _: None)
    submit(peers, orderer, channel, "ledger", ["put", "kept", "yes"])

    live = config_of(orderer.config_block(channel))
    before = network.channel()
    assert before.application is not None
    node_ous = {member.msp_id: True for member in network.members}
    after = replace(before, application=raised(before.application, to="V2_0", node_ous=node_ous))
    group = channel_group(after, msps=network.msps, certificates={})
    update = compute_update(live, group, channel=channel)
    assert update is not None
    signatures = [sign_update(update, member.admin) for member in network.members]
    block = orderer.update_channel(update, signatures)
    gather(lambda peer: peer.wait_for_height(channel, block.header.number + 1), peers)

    submit(peers, orderer, channel, "ledger", ["put", "between", "yes"])
    assert legacy.instances(peers[0], channel).keys() == {"ledger"}
    refused = Instance(name="ledger", version="9")
    with pytest.raises(Refused, match="migrated to the new lifecycle"):
        legacy.upgrade(peers[0], orderer, channel, refused)

    raised_to, serving = bench.current("ledger", "1.0")
    awaited: list[str] = []
    monkeypatch.setattr(chaincodes, "await_servers", lambda _, servers, __: awaited.extend(servers))
    monkeypatch.setattr(Members, "of", classmethod(lambda cls, _, **_more: cls(**vars(members))))
    serving.start()
    try:
        inputs = {"channel": channel, "definitions": raised_to}
        made = ChaincodesProvider().apply(inputs, lambda _: None)
        assert made == {"sequences": {"ledger": "1"}}
        assert awaited == ["127.0.0.1"], "its server, as it is in use"
        assert lifecycle.committed(peers[0], channel) == {
            "ledger": Definition(name="ledger", version="1.0", sequence=1)
        }
        for server in bench.servers:
            server.process.stop()
        for peer in peers:
            assert evaluate(peer, channel, "ledger", ["get", "kept"]) == b"yes"
        submit(peers, orderer, channel, "ledger", ["put", "after", "yes"])
    finally:
        serving.stop()
        for server in bench.servers:
            server.process.start()
