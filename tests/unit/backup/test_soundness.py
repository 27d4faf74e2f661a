"""Which sets of nodes are a network that can go on, and what is told of the others."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from actions import shape
from hlf.backup.manifest import ORDERER_TYPE, Ledger, Manifest, Node
from hlf.backup.soundness import channels, problems, raft_sources
from tests.unit.backup.networks import (
    CHANNEL,
    LOG,
    ORDERER,
    ORDERER_BLOCKS,
    PEER,
    PEER_BLOCKS,
    SNAPSHOT_INFO,
    at,
    manifest,
    orderer,
    other,
    peer,
    sound,
    tree,
)

WAL = f"orderer/wal/{CHANNEL}"
SNAPSHOTS = f"orderer/snapshot/{CHANNEL}"
LATER_LOG = (f"{WAL}/0000000000000004-0000000000000010.wal", f"{WAL}/1.tmp")


def of(nodes: dict[str, Node], *changed: Node) -> Manifest:
    return manifest([*(nodes | {node.name: node for node in changed}).values()])


def without(names: Iterable[str], *gone: str) -> list[str]:
    return [name for name in names if name not in gone]


def test_a_sound_set() -> None:
    made = manifest([*sound().values()])
    assert problems(made) == ()
    (channel,) = channels(made)
    assert (channel.name, channel.height, len(channel.nodes)) == (CHANNEL, 10, 6)
    assert raft_sources(made) == {CHANNEL: sound()["orderer1"]}


def test_the_shape_is_that_of_the_networks_choices() -> None:
    assert ORDERER_TYPE == shape.ORDERER_TYPE


def _mended(name: str, ledger: Ledger) -> Callable[[dict[str, Node]], Manifest]:
    return lambda nodes: of(nodes, replace(nodes[name], ledgers={CHANNEL: ledger}))


def _with_names(name: str, names: Iterable[str]) -> Callable[[dict[str, Node]], Manifest]:
    return lambda nodes: of(nodes, replace(nodes[name], tree=tree(list(names))))


def _missing(nodes: dict[str, Node]) -> Manifest:
    expected = {name: node.role for name, node in nodes.items()}
    del nodes["karga1"]
    return manifest([*nodes.values()], expected=expected | {"karga1-couchdb": "couchdb"})


def _too_many(nodes: dict[str, Node]) -> Manifest:
    expected = {name: node.role for name, node in nodes.items() if name != "karga1"}
    return manifest([*nodes.values()], expected=expected)


def _other_role(nodes: dict[str, Node]) -> Manifest:
    expected = {name: node.role for name, node in nodes.items()}
    return manifest([*nodes.values()], expected=expected | {"karga1": "orderer"})


def _without_orderers(nodes: dict[str, Node]) -> Manifest:
    return manifest([node for node in nodes.values() if node.role == "peer"])


def _without_type(nodes: dict[str, Node]) -> Manifest:
    made = manifest([*nodes.values()])
    return replace(made, network=replace(made.network, shape={}))


def _without_logs(nodes: dict[str, Node]) -> Manifest:
    bare = tree(without(ORDERER, LOG))
    changed = (replace(nodes[name], tree=bare) for name in ("orderer1", "orderer2"))
    return of(nodes, *changed)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            _missing,
            (
                "peer karga1 of the network is not in the backup; see why it was not copied, and "
                "make the backup again"
            ),
        ),
        (
            _too_many,
            "peer karga1 is in the backup and is no node of the network; make the backup again",
        ),
        (
            _other_role,
            (
                "karga1 has the role orderer in the network, and peer in the backup; make the "
                "backup again"
            ),
        ),
        (
            _without_type,
            "the manifest does not say the network's ordererType; make the backup again",
        ),
        (
            _mended("karga0", at(12)),
            (
                "channel common: peer karga0 has 12 blocks, and no orderer has more than 10, so "
                "the orderers would make others in the place of the rest; stop all orderers before "
                "the first peer, and make the backup again"
            ),
        ),
        (
            _mended("nevergreen0", at(9)),
            (
                "channel common: no peer of Nevergreen has all 10 blocks (nevergreen0 9), and "
                "nobody else may have the private data of the rest; let one run until the orderers "
                "have stopped, and make the backup again"
            ),
        ),
        (
            _mended("karga1", at(10, "b")),
            (
                f"channel common: the last of 10 blocks has different hashes, {at(10).last_hash} "
                f"on karga0, nevergreen0, orderer1, orderer2, {at(10, 'b').last_hash} on karga1; "
                "these nodes are on different chains: mend the network, or choose a backup of "
                "before"
            ),
        ),
        (
            _with_names("karga1", without(PEER, PEER_BLOCKS)),
            "node karga1 has no block files of channel common; make the backup again",
        ),
        (
            _with_names("karga1", [*PEER, PEER_BLOCKS.replace("common", "new")]),
            (
                "node karga1 has files of channel new, and the manifest does not say how many "
                "blocks; make the backup again"
            ),
        ),
        *(
            (
                _with_names("karga1", without(PEER, f"{lost}/CURRENT")),
                f"node karga1 lacks {lost}, which it cannot make again; make the backup again",
            )
            for lost in ("ledgersData/pvtdataStore", "ledgersData/configHistory", "transientstore")
        ),
        (
            _with_names(
                "karga1", [*without(PEER, "ledgersData/chains/index/CURRENT"), SNAPSHOT_INFO]
            ),
            (
                "node karga1 lacks ledgersData/chains/index, which it cannot make again; make the "
                "backup again"
            ),
        ),
        (
            _with_names(
                "karga1", [*without(PEER, "ledgersData/stateLeveldb/CURRENT"), SNAPSHOT_INFO]
            ),
            (
                "node karga1 joined channel common by a snapshot, and its ledgersData/stateLeveldb "
                "is not there: with CouchDB, such a peer's states are in no backup, and it has not "
                "all blocks to make them again; let it leave the channel and join it by its first "
                "block, and make the backup again"
            ),
        ),
        (
            _without_logs,
            (
                "channel common: no orderer with all 10 blocks (orderer1, orderer2) has its "
                "write-ahead log of Raft whole, with the snapshot that this begins with, so the "
                "restored orderers would have no leader; make the backup again"
            ),
        ),
    ],
)
def test_what_is_refused(change: Callable[[dict[str, Node]], Manifest], told: str) -> None:
    assert problems(change(sound())) == (told,)


def test_everything_wrong_is_told_at_once() -> None:
    nodes = sound() | {"karga0": peer("karga0", "Karga", at(9), names=PEER[:-1])}
    told = problems(of(nodes, orderer("orderer2", at(10, "b"))))
    assert [each.partition(";")[0].partition(",")[0] for each in told] == [
        "node karga0 lacks transientstore",
        "channel common: no peer of Karga has all 10 blocks (karga0 9",
        "channel common: the last of 10 blocks has different hashes",
    ]


def test_a_backup_of_peers_alone() -> None:
    assert problems(_without_orderers(sound()))[:2] == (
        "the network has no orderer; make the backup again",
        (
            "channel common is on karga0, karga1, nevergreen0 and on no orderer of the backup; "
            "make the backup again"
        ),
    )


@pytest.mark.parametrize(
    ("orderers", "peers", "is_sound"),
    [
        ("2026-11-25T09:00:00Z", "2026-11-25T09:00:04Z", True),
        ("2026-11-25T09:00:00Z", "2026-11-25T09:00:00Z", True),
        ("2026-11-25T09:00:00Z", "2026-11-25T08:59:59Z", False),
        ("2026-11-25T09:00:00Z", "", False),
        ("", "2026-11-25T09:00:00Z", False),
        ("", "", False),
    ],
)
def test_peers_may_be_short_that_ran_without_orderers(
    orderers: str, peers: str, is_sound: bool
) -> None:
    stopped = {"orderer": orderers, "peer": peers}
    nodes = [replace(each, stopped=stopped[each.role]) for each in sound().values()]
    short = (
        replace(each, ledgers={CHANNEL: at(8)}) if each.role == "peer" else each for each in nodes
    )
    told = problems(manifest([*short]))
    assert [each.partition(" has all")[0] for each in told] == (
        []
        if is_sound
        else [f"channel common: no peer of {name}" for name in ("Karga", "Nevergreen")]
    )


def test_a_peer_that_ran_longer_stands_for_none_of_another_organization() -> None:
    nodes = {name: replace(each, stopped="2026-11-25T09:00:00Z") for name, each in sound().items()}
    early = replace(nodes["nevergreen0"], stopped="2026-11-24T09:00:00Z", ledgers={CHANNEL: at(8)})
    (told,) = problems(of(nodes, early))
    assert told.startswith("channel common: no peer of Nevergreen has all 10 blocks")


def test_two_backups_do_not_mix() -> None:
    """Orderers of one and peers of another, either way."""
    older = {"orderer": at(10), "peer": at(10)}
    for role, told in (
        ("orderer", "no peer of Karga has all 15 blocks"),
        ("peer", "and no orderer has more than 10"),
    ):
        heights = older | {role: at(15)}
        nodes = (replace(node, ledgers={CHANNEL: heights[node.role]}) for node in sound().values())
        assert told in problems(manifest([*nodes]))[0]


def test_peers_that_have_nothing_to_make_again() -> None:
    """With CouchDB, without indexes, and without any channel."""
    nodes = sound()
    states = without(PEER, "ledgersData/stateLeveldb/CURRENT", "ledgersData/chains/index/CURRENT")
    fresh = replace(peer("karga1", "Karga", at(0), names=()), ledgers={})
    assert problems(of(nodes, peer("karga0", "Karga", at(10), names=states), fresh)) == ()


def test_a_channel_that_nobody_has_a_block_of() -> None:
    nodes = (orderer("orderer0", Ledger(height=0, last_hash="")),)
    assert problems(manifest(nodes)) == (
        (
            "channel common has no block on any orderer; make the backup again when an orderer has "
            "its blocks"
        ),
    )


@pytest.mark.parametrize(
    ("names", "is_whole"),
    [
        ((LOG,), True),
        ((LOG.replace("orderer/", "orderer/etcdraft/"),), True),
        ((LOG, f"{WAL}/0000000000000001-0000000000000007.wal"), True),
        ((LOG, f"{WAL}/0000000000000002-0000000000000007.wal"), False),
        (LATER_LOG, False),
        ((*LATER_LOG, f"{SNAPSHOTS}/0000000000000002-000000000000000f.snap"), False),
        ((*LATER_LOG, f"{SNAPSHOTS}/0000000000000002-0000000000000010.snap"), True),
        ((*LATER_LOG, f"{SNAPSHOTS}/0000000000000002-0000000000000010.snap.broken"), False),
        ((f"{WAL}/0000000000000001.wal",), False),
        ((LOG.replace("common", "other"),), False),
    ],
)
def test_which_logs_of_raft_are_whole(names: tuple[str, ...], is_whole: bool) -> None:
    nodes = sound()
    node = orderer("orderer2", at(11), names=(ORDERER_BLOCKS, *names))
    assert (raft_sources(of(nodes, node)) == {CHANNEL: node}) == is_whole


def test_one_orderer_stands_for_as_many_channels_as_can_be() -> None:
    def of_two(name: str, common: int, second: int) -> Node:
        blocks = [each.replace(CHANNEL, "second") for each in (ORDERER_BLOCKS, LOG)]
        made = orderer(name, at(common), names=(*ORDERER, *blocks))
        return replace(made, ledgers={**made.ledgers, "second": at(second)})

    nodes = (of_two("a", 9, 5), of_two("b", 10, 5), of_two("c", 10, 4))
    chosen = {channel: node.name for channel, node in raft_sources(manifest(nodes)).items()}
    assert chosen == {CHANNEL: "b", "second": "b"}


def test_kafka_has_the_topics() -> None:
    nodes = [
        orderer("orderer0", at(9), names=(ORDERER_BLOCKS,)),
        orderer("orderer1", at(10), names=(ORDERER_BLOCKS,)),
        peer("karga0", "Karga", at(10)),
        other("zookeeper0", "zookeeper", ["version-2/snapshot.0"]),
    ]
    topic = other("kafka0", "kafka", ["log/common-0/00000000000000000000.log"])
    empty = other("kafka0", "kafka", ["log/meta.properties", "log/other-0/0.log"])
    assert problems(manifest([*nodes, topic], kind="kafka")) == ()
    assert problems(manifest([*nodes, empty], kind="kafka")) == (
        (
            "channel common: no broker of the backup has its topic, from which the orderers go on; "
            "make the backup again"
        ),
    )
    expected = {node.name: node.role for node in (*nodes, topic)}
    assert problems(manifest(nodes, kind="kafka", expected=expected))[0].startswith(
        "kafka kafka0 of the network is not in the backup"
    )


@pytest.mark.parametrize("kind", ["solo", "BFT"])
def test_others_need_no_log(kind: str) -> None:
    nodes = (
        orderer("orderer0", at(10), names=(ORDERER_BLOCKS,)),
        peer("karga0", "Karga", at(10)),
    )
    made = manifest(nodes, kind=kind)
    assert problems(made) == ()
    assert raft_sources(made) == {}
