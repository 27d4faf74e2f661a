"""Who makes a snapshot, what is written down meanwhile, and what is done after a kill."""

import base64
from dataclasses import dataclass, field
from typing import Any

import pytest

from actions import channel, joining, joining_note
from actions.channel import ChannelProvider
from actions.joining_note import Note
from hlf.client import lifecycle, snapshots
from hlf.client.peer import ChainInfo
from tests.unit.actions.kubernetes import Kubernetes
from tests.unit.actions.pods_made import pod

PEERS = {name: f"hlf-peer--{name}" for name in ("karga--peer0", "karga--peer1", "atlantis--peer0")}
FIRST, SECOND, OTHER = PEERS.values()
JOINING = "/var/hyperledger/production/snapshots/joining"


@dataclass(frozen=True, kw_only=True)
class Signer:
    msp_id: str


@dataclass(kw_only=True)
class Peer:
    """A peer with its height, and the folder by which it joins just now."""

    signer: Signer
    height: int = 5
    busy: str | None = None
    asked: list[str] = field(default_factory=list)

    def chain_info(self, channel: str) -> ChainInfo:
        self.asked.append(channel)
        return ChainInfo(height=self.height, current_hash=b"", previous_hash=b"")


@dataclass(kw_only=True)
class Site:
    """As much of a ChannelSite as is looked at."""

    peers: dict[str, Peer]
    channel: str = "common"
    namespace: str = "fabric"
    snapshot_workers: dict[str, Any] | None = field(default_factory=lambda: {"image": "i"})


@pytest.fixture
def site() -> Any:
    karga, atlantis = Signer(msp_id="KargaMSP"), Signer(msp_id="AtlantisMSP")
    return Site(
        peers={
            FIRST: Peer(signer=karga),
            SECOND: Peer(signer=karga),
            OTHER: Peer(signer=atlantis),
        }
    )


@pytest.fixture(autouse=True)
def api(kubernetes: Kubernetes) -> Kubernetes:
    kubernetes.put_namespace("fabric")
    for name in PEERS.values():
        kubernetes.put("fabric", "pods", pod(name))
    return kubernetes


@pytest.fixture
def told() -> list[str]:
    return []


def note(**changes: Any) -> Note:
    return Note(**{"channel": "common", "source": FIRST, "targets": frozenset({SECOND}), **changes})


@pytest.mark.parametrize(
    ("heights", "best"),
    [
        ({}, None),
        ({"a": 1, "b": 1}, None),
        ({"a": 1, "b": 2}, "b"),
        ({"b": 7, "a": 7, "c": 6}, "a"),
    ],
)
def test_the_highest_makes_a_snapshot_if_it_has_more_than_the_first_block(
    heights: dict[str, int], best: str | None
) -> None:
    assert joining.best(heights) == best


def test_only_a_ready_peer_of_its_own_organization_is_asked(site: Any, api: Kubernetes) -> None:
    assert joining._source(site, "KargaMSP", [SECOND]) == FIRST
    assert site.peers[OTHER].asked == []
    assert joining._source(site, "AtlantisMSP", [OTHER]) is None
    api.put("fabric", "pods", pod(FIRST, ready=False))
    assert joining._source(site, "KargaMSP", [SECOND]) is None


@pytest.fixture
def nobody_joins(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[str]]]:
    """What would be joined by whose snapshot."""
    joined: list[tuple[str, list[str]]] = []
    monkeypatch.setattr(snapshots, "joining", lambda peer: peer.busy)
    monkeypatch.setattr(
        joining, "_join", lambda _site, source, targets, *_: joined.append((source, targets))
    )
    return joined


def test_who_has_nobody_is_left(
    site: Any, told: list[str], nobody_joins: list[tuple[str, list[str]]]
) -> None:
    assert joining.by_snapshot(site, [SECOND, OTHER], told.append) == [OTHER]
    assert nobody_joins == [(FIRST, [SECOND])]


def test_without_the_setting_all_are_left(
    site: Any, told: list[str], nobody_joins: list[tuple[str, list[str]]]
) -> None:
    site.snapshot_workers = None
    assert joining.by_snapshot(site, [SECOND, OTHER], told.append) == [SECOND, OTHER]
    assert nobody_joins == []


def test_who_was_told_to_join_by_a_killed_run_is_waited_for(
    site: Any,
    told: list[str],
    nobody_joins: list[tuple[str, list[str]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another snapshot in that place would take its files away."""
    waited: list[tuple[object, str, str]] = []
    monkeypatch.setattr(
        snapshots, "join_by_snapshot", lambda peer, name, folder, **_: waited.append((name, folder))
    )
    site.peers[SECOND].busy = f"{JOINING}/common/7"
    assert joining.by_snapshot(site, [SECOND], told.append) == []
    assert waited == [("common", f"{JOINING}/common/7")]
    assert told == [f"joining by the snapshot of common: {SECOND}"]
    # what it does for another channel is that channel's
    site.peers[SECOND].busy = f"{JOINING}/common-too/7"
    joining.by_snapshot(site, [SECOND], told.append)
    assert len(waited) == 1
    assert nobody_joins == [(FIRST, [SECOND])]


def test_a_note_is_found_as_it_was_written(api: Kubernetes) -> None:
    written = note(blocks=frozenset({7, 12}), targets=frozenset({SECOND, OTHER}))
    joining_note.write("fabric", written, {"tls.key": b"secret"})
    assert joining_note.find("fabric", "common") == [written]
    assert joining_note.find("fabric", "private") == []
    assert joining_note.targets("fabric", "common") == {SECOND, OTHER}
    assert joining_note.targets("fabric", "private") == frozenset()
    joining_note.write("fabric", note(blocks=frozenset({8})))
    assert joining_note.find("fabric", "common") == [note(blocks=frozenset({8}))]
    secret = api.objects["fabric", "secrets", written.name]
    assert secret["data"]["tls.key"] == base64.b64encode(b"secret").decode()
    joining_note.forget("fabric", written)
    assert joining_note.find("fabric", "common") == []


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch, site: Any) -> list[tuple[str, list[str]]]:
    """Whose approvals were waited for, and which folders were removed."""
    done: list[tuple[str, list[str]]] = []
    name_of = {id(peer): name for name, peer in site.peers.items()}
    monkeypatch.setattr(
        lifecycle,
        "await_approvals",
        lambda peer, other, _: done.append(("approvals", [name_of[id(peer)], name_of[id(other)]])),
    )
    monkeypatch.setattr(
        joining.Workers, "remove", lambda _, peer, folders: done.append((peer, list(folders)))
    )
    return done


def test_at_the_end_what_this_network_asked_for_is_removed(
    site: Any, told: list[str], done: list[tuple[str, list[str]]]
) -> None:
    joining_note.write("fabric", note(blocks=frozenset({12, 7})))
    joining.finish(site, told.append)
    assert sorted(done) == [
        ("approvals", [SECOND, FIRST]),
        (FIRST, [f"/var/hyperledger/production/snapshots/completed/common/{n}" for n in (7, 12)]),
        (SECOND, [f"{JOINING}/common"]),
    ]
    assert told == [
        f"waiting for approvals on common: {SECOND}",
        f"removing the snapshot of common: {FIRST}, {SECOND}",
    ]
    assert joining_note.find("fabric", "common") == []


def test_the_snapshot_that_was_there_before_stays(
    site: Any, told: list[str], done: list[tuple[str, list[str]]]
) -> None:
    joining_note.write("fabric", note())
    joining.finish(site, told.append)
    assert done[1:] == [(SECOND, [f"{JOINING}/common"])]


def test_peers_that_are_gone_meanwhile_have_nothing_to_be_removed(
    site: Any, told: list[str], done: list[tuple[str, list[str]]]
) -> None:
    del site.peers[FIRST]
    joining_note.write("fabric", note(blocks=frozenset({7}), targets=frozenset({"gone", SECOND})))
    joining.finish(site, told.append)
    assert done == [(SECOND, [f"{JOINING}/common"])]


def test_without_the_setting_there_is_nothing_to_remove_it_with(
    site: Any, told: list[str], done: list[tuple[str, list[str]]]
) -> None:
    site.snapshot_workers = None
    joining_note.write("fabric", note(blocks=frozenset({7})))
    joining.finish(site, told.append)
    assert done == [("approvals", [SECOND, FIRST])]
    assert joining_note.find("fabric", "common") == []


def test_who_has_not_joined_to_the_end_is_shown_as_outside(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    joining_note.write("fabric", note())
    site.outside = {}
    monkeypatch.setattr(channel, "_members", lambda *_: {FIRST, SECOND})
    wanted = {FIRST: "KargaMSP", SECOND: "KargaMSP"}
    assert channel._peers({"peers": wanted}, site, wanted) == {"peers": {FIRST: "KargaMSP"}}


def test_a_channel_that_is_forgotten_leaves_no_note(api: Kubernetes) -> None:
    joining_note.write("fabric", note())
    joining_note.write("fabric", note(channel="private"))
    left = {"metadata": {"name": "w", "labels": {"hlf/joining": "true"}}}
    left["metadata"]["annotations"] = {"hlf/channel": "common"}
    api.put("fabric", "pods", left)
    ChannelProvider().remove({"namespace": "fabric", "channel": "common"})
    assert ("fabric", "pods", "w") not in api.objects
    assert joining_note.find("fabric", "common") == []
    assert len(joining_note.find("fabric", "private")) == 1


@pytest.mark.parametrize(
    ("changes", "is_one"),
    [
        ({"joinBySnapshot": {"image": "a"}}, False),
        ({"joinBySnapshot": {"image": "b"}}, False),
        ({"joinBySnapshot": {"image": "a"}, "peers": {FIRST: "KargaMSP"}}, True),
        ({"peers": {FIRST: "KargaMSP"}}, True),
    ],
)
@pytest.mark.parametrize("before", [{}, {"joinBySnapshot": {"image": "b"}}])
def test_how_peers_would_join_is_no_difference_to_those_that_have(
    before: dict[str, Any], changes: dict[str, Any], *, is_one: bool
) -> None:
    olds = {"channel": "common", "namespace": "fabric", "peers": {}, "__provider": "x", **before}
    news = {"channel": "common", "namespace": "fabric", "peers": {}, "__provider": "x", **changes}
    found = ChannelProvider().diff("common", olds, news)
    # None leaves it to the engine, which finds none where nothing differs
    same = before == changes
    assert found.changes == (None if is_one or same else False)
    replaced = ChannelProvider().diff("common", olds, {**news, "namespace": "other"})
    assert replaced.replaces == ["namespace"]
