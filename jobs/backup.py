"""A backup of the whole network: prepared while it runs, stopped as shortly as can be, proved.

The order is the specification of `hlf.backup.soundness`. Orderers stop first, so that no peer can
be above them; peers stop when they have taken what orderers had handed to them; what is stopped is
copied at once, orderers while the peers still catch up, and orderers start again while the peers
are copied.
Stopping is the fence: NetworkPolicies bind neither connections that stand nor port-forwards.

A killed job is followed by another pod of it, which begins with having every node run again.
"""

import time
from collections.abc import Collection, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from actions import cluster
from actions.nodes import Nodes
from hlf.backup.keys import by_day, by_time, is_by_time
from hlf.backup.manifest import Manifest, Node, Origin, contents, moment
from hlf.backup.proof import prove
from hlf.backup.pruning import prune
from hlf.backup.reading_manifest import read_manifest
from hlf.backup.repository import Repository
from hlf.backup.soundness import channels, problems
from hlf.backup.writing import Writer, begin
from hlf.client.peer import Peer
from hlf.client.wait import gather
from hlf.errors import FabricError
from jobs import copying, objects, restore, standing, workers
from jobs.alone import be_alone
from jobs.place import Place
from jobs.standing import Standing
from jobs.telling import amount, say

_PREPARING = 24 * 3600.0
_COPYING = 3600.0
_LEVEL = 5.0
"""Seconds for peers to commit what orderers have handed to them before these stopped."""
_SERVING = 60.0
_JOB_NAME = "batch.kubernetes.io/job-name"
_BROKERS = frozenset({"kafka", "zookeeper"})


def run(
    place: Place, *, key: str | None = None, day: str | None = None, is_restored: bool = False
) -> dict[str, Any]:
    """Make a backup and return what it is; without a key it is called by a day.

    Of a network that was restored from the backup of this key, that one is it.
    """
    be_alone(place)
    restore.refuse_under_way(place)
    begun, job_made = _now(), _job_made(place)
    keys = [key] if key else _keys(day or by_day(begun), job_made)
    repository = place.repository_to_fill()
    there = set(repository.backups())
    for each in keys:
        made = read_manifest(repository, each) if each in there else None
        if made is None:
            continue
        # or an earlier pod of this job was killed when all was done
        if is_restored or datetime.fromisoformat(made.begun) >= job_made:
            return _result(made)
    key = next((each for each in keys if each not in there), keys[-1])
    workers.clear(place)
    _bring_back(place)
    with begin(repository, key) as writer:
        copied, stored, away = _copied(place, key, repository)
        manifest = _manifest(place, key, begun, copied, writer)
        say(f"checking backup {key}")
        found = problems(manifest) or prove(repository, manifest).problems
        if found:
            raise FabricError(f"backup {key} is not made: {'; '.join(found)}")
        writer.commit(manifest)
    result = _result(manifest)
    size = amount(int(result["size"]))
    say(f"backup {key} is made: {size}, {amount(stored)} of it new in the store")
    return {
        **result,
        "stored": str(stored),
        "away": f"{away:.1f} s",
        **_pruned(place, repository),
    }


def _result(manifest: Manifest) -> dict[str, Any]:
    return {
        "key": manifest.key,
        "ended": manifest.ended,
        "nodes": str(len(manifest.nodes)),
        "files": str(sum(len(node.tree.files) for node in manifest.nodes)),
        "size": str(sum(content.size for content in contents(manifest))),
        "channels": {channel.name: f"{channel.height} blocks" for channel in channels(manifest)},
    }


def _job_made(place: Place) -> datetime:
    """When the Job was made whose pod this is: a second pod of it is not another backup."""
    own = cluster.get(place.namespace, "pods", place.pod) or {}
    name = own.get("metadata", {}).get("labels", {}).get(_JOB_NAME)
    job = cluster.get(place.namespace, "jobs", name, version="batch/v1") if name else None
    made = (job or own)["metadata"]["creationTimestamp"]
    return datetime.fromisoformat(made)


def _keys(day: str, job_made: datetime) -> list[str]:
    """What a backup without a key may be called: the day, or where that is taken, with the time."""
    return [day, by_time(day, job_made)]


def _bring_back(place: Place) -> None:
    """Have every node run: a backup of a network with a hole would have one, too."""
    everyone = standing.nodes(place)
    stopped = [node for node in everyone if node.is_stopped]
    if stopped:
        say(f"starting {len(stopped)} nodes that an earlier job left stopped")
        standing.start(place, stopped)
    standing.await_ready(place, everyone)


def _copied(place: Place, key: str, repository: Repository) -> tuple[list[Node], int, float]:
    """Return the nodes, the bytes new in the store, and the seconds that the network was away."""
    everyone = standing.nodes(place)
    standing.refuse_unplaced(everyone)
    of = {
        "orderers": [node for node in everyone if node.role == "orderer"],
        "peers": [node for node in everyone if node.role == "peer"],
        "brokers": [node for node in everyone if node.role in _BROKERS],
    }
    clients = place.clients()
    joined = _joined(clients, place)
    with ExitStack() as stack:
        crews = {
            name: stack.enter_context(
                workers.crew(place, "copy", nodes, key=key, name=name, read_only=True)
            )
            for name, nodes in of.items()
        }
        for name, crew in crews.items():
            crew.wait(workers.is_prepared, doing=f"preparing {name}", timeout=_PREPARING)

        stopped: dict[str, str] = {}

        def stop(name: str) -> None:
            standing.stop(place, of[name])
            stopped[name] = moment(_now())
            crews[name].go()

        def copied(name: str) -> list[Node]:
            crews[name].wait(workers.is_done, doing=f"copying {name}", timeout=_COPYING)
            nodes = [n for each in crews[name].results() for n in copying.read(repository, each)]
            return [replace(node, stopped=stopped[name]) for node in nodes]

        began = time.monotonic()
        say("stopping the network")
        with _running_afterwards(place, everyone), ThreadPoolExecutor(1) as beside:
            stop("orderers")
            brokers_stop = beside.submit(stop, "brokers")
            crews["orderers"].wait(
                workers.has_reached, doing="looking at orderers", timeout=_COPYING
            )
            _let_catch_up(joined, crews["orderers"].heights())
            stop("peers")
            orderers = copied("orderers")
            brokers_stop.result()
            brokers = copied("brokers")
            standing.start(place, [*of["brokers"], *of["orderers"]])
            peers = copied("peers")
        _await_serving(place, clients, everyone, orderers)
        outage = time.monotonic() - began
        stored = sum(each["stored"] for crew in crews.values() for each in crew.results())
        return [*orderers, *brokers, *peers], stored, outage


@contextmanager
def _running_afterwards(place: Place, nodes: Collection[Standing]) -> Generator[None]:
    try:
        yield
    finally:
        standing.start(place, nodes)


def _joined(clients: Nodes, place: Place) -> list[tuple[Peer, str, str]]:
    """Return each peer with its organization and a channel that it has."""
    members = place.network.access["peers"]
    peers = clients.peers(members)
    channels_of = gather(lambda name: peers[name].channels(), peers)
    return [
        (peers[name], members[name], channel)
        for name, joined in zip(peers, channels_of, strict=True)
        for channel in sorted(joined)
    ]


def _let_catch_up(joined: Collection[tuple[Peer, str, str]], heights: Mapping[str, int]) -> None:
    """Give peers some seconds to have what the orderers had.

    Some will not: an orderer may have stopped before it handed its last block to them. They commit
    that when they are restored, and have its private data already.
    """

    def is_level(each: tuple[Peer, str, str]) -> bool:
        peer, _, channel = each
        try:
            peer.wait_for_height(channel, heights.get(channel, 0), timeout=_LEVEL)
        except FabricError:
            return False
        return True

    answers = gather(is_level, joined)
    level = {
        (msp_id, channel)
        for (_, msp_id, channel), answer in zip(joined, answers, strict=True)
        if answer
    }
    for msp_id, channel in sorted({(msp_id, channel) for _, msp_id, channel in joined} - level):
        say(f"peers of {msp_id} are to get the last blocks of {channel} from the orderers again")


def _await_serving(
    place: Place, clients: Nodes, everyone: Collection[Standing], orderers: Collection[Node]
) -> None:
    """Wait until nodes are ready, and orderers have leaders."""
    standing.await_ready(place, everyone)
    say("waiting for orderers to serve their channels")
    asked = [
        (clients.orderer(node.name, node.msp_id, clients.signers[node.msp_id]), channel)
        for node in orderers
        for channel in node.ledgers
    ]
    gather(lambda each: each[0].newest_block(each[1], timeout=_SERVING), asked)


def _manifest(
    place: Place, key: str, begun: datetime, copied: list[Node], writer: Writer
) -> Manifest:
    network = place.network
    return Manifest(
        key=key,
        begun=moment(begun),
        ended=moment(_now()),
        network=Origin(
            namespace=place.namespace,
            stack=network.stack,
            fabric=network.fabric,
            shape=network.shape,
            nodes={name: node.role for name, node in network.nodes.items()},
        ),
        nodes=tuple(sorted(copied, key=lambda node: node.name)),
        objects=objects.save(place.namespace, writer),
        inputs={name: writer.add_bytes(data) for name, data in sorted(place.inputs.items())},
    )


def _pruned(place: Place, repository: Repository) -> dict[str, str]:
    """Let go what is expired; that it cannot be done now is no failure of the backup.

    A backup whose key a person chose stays: somebody may count on it.
    """
    if place.retention is None:
        return {}
    try:
        pruned = prune(repository, place.retention, _now(), expires=is_by_time)
    except FabricError as error:
        return {"pruned": str(error)}
    gone = ", ".join(sorted(pruned.backups))
    if gone:
        say(f"by hlf:backup.retention, backup {gone} is deleted")
    return {"pruned": gone or "none"}


def _now() -> datetime:
    return datetime.now(UTC)
