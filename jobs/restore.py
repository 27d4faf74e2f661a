"""A restore of the whole network: proved before anything is touched, and after everything runs.

Volumes keep what they held until the restored network has shown what the backup's manifest says;
else they get it back. While a restore is under way, a ConfigMap says so: half of the nodes may be
of before then, and must not start. A killed job is followed by another pod of it, which goes on.
"""

import re
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Any

from actions import cluster, restoring
from actions.cluster import ClusterError
from hlf import names
from hlf.backup.manifest import Manifest, Node, moment
from hlf.backup.proof import prove
from hlf.backup.repository import Repository
from hlf.backup.soundness import Channel, channels
from hlf.client.lifecycle import installed
from hlf.client.peer import Peer
from hlf.client.wait import gather
from hlf.config.read import header_hash
from hlf.errors import FabricError
from jobs import objects, standing, workers
from jobs.alone import be_alone
from jobs.filling import FILL, FORGET, RETURN, manifest_of
from jobs.place import Place
from jobs.standing import Standing
from jobs.telling import amount, say

_FILLING = 24 * 3600.0
_SERVING = 120.0
_KEY, _PROVED = "key", "proved"
_PACKAGE = re.compile(r"lifecycle/chaincodes/(?P<label>.+)\.(?P<hash>[0-9a-f]{64})\.tar\.gz")


def refuse_under_way(place: Place, *, but: str | None = None) -> None:
    """FabricError where a restore is not over, unless it is that of this backup."""
    problem = restoring.problem(place.namespace, but)
    if problem:
        raise FabricError(problem)


def bring_keys(place: Place, key: str) -> dict[str, Any]:
    """Bring back CAs, identities and the genesis block, before anything is made of them."""
    repository, manifest = _opened(place, key)
    made = objects.bring_back(place.namespace, repository, manifest)
    return {"key": key, "made": str(len(made))}


def run(place: Place, key: str) -> dict[str, Any]:
    """Put a backup in the place of what the network has; nothing where that was done."""
    be_alone(place)
    if key in (cluster.config_map(place.namespace, names.RESTORED) or {}):
        say(f"backup {key} was restored before, and is not again")
        return {"key": key}
    workers.clear(place)
    repository, manifest = _opened(place, key)
    if restoring.key(place.namespace) is None:
        say(f"checking backup {key}")
        proof = prove(repository, manifest)
        if proof.problems:
            raise FabricError(f"backup {key} is refused: {'; '.join(proof.problems)}")
    if _is_all_gone(place):
        cluster.delete(place.namespace, "configmaps", names.RESTORING)
        return {"key": key}
    everyone = standing.nodes(place)
    standing.refuse_unplaced(everyone)
    if not _is_proved(place):
        _replace(place, manifest, everyone)
    _with_workers(place, FORGET, everyone, key)
    now = moment(datetime.now(UTC))
    done = {key: now, names.LAST_RESTORE: f"{key}, {now}"}
    cluster.apply_config_map(place.namespace, names.RESTORED, text=done)
    cluster.delete(place.namespace, "configmaps", names.RESTORING)
    size = sum(node.tree.size for node in manifest.nodes)
    say(f"backup {key} is restored: {amount(size)}")
    return {
        "key": key,
        "ended": now,
        "size": str(size),
        "channels": {c.name: f"{c.height} blocks" for c in channels(manifest)},
    }


def _is_all_gone(place: Place) -> bool:
    """Whether the network of a restore that was not over is gone, so that there is none to end.

    FabricError where its volumes are left: nodes that were made for them would start on them as
    they are.
    """
    if restoring.key(place.namespace) is None or standing.are_there(place):
        return False
    claims = cluster.find(place.namespace, "persistentvolumeclaims")
    left = sorted(place.network.nodes.keys() & {each["metadata"]["name"] for each in claims})
    if left:
        raise FabricError(
            f"a restore in {place.namespace} was not over when the nodes were destroyed, and their "
            "volumes may hold half of it; delete the PersistentVolumeClaims of these nodes "
            f"({', '.join(left)}), and run `pulumi up` again: it restores into new ones"
        )
    return True


def _replace(place: Place, manifest: Manifest, everyone: Collection[Standing]) -> None:
    """Have the nodes run with the backup's files, or again with what they had."""
    key = manifest.key
    cluster.apply_config_map(place.namespace, names.RESTORING, text={_KEY: key})
    standing.stop(place, everyone)
    try:
        _with_workers(place, FILL, everyone, key)
        standing.start(place, everyone)
        _prove(place, manifest, everyone)
    except (FabricError, ClusterError) as error:
        said = str(error).rstrip(".")
        say(f"error: {said}")
        _return(place, everyone, key)
        raise FabricError(f"{said}. What was there before is there again") from None
    # From here on clients' transactions count: nothing may fill these volumes once more.
    proved = {_KEY: key, _PROVED: "true"}
    cluster.apply_config_map(place.namespace, names.RESTORING, text=proved)


def _is_proved(place: Place) -> bool:
    return _PROVED in (cluster.config_map(place.namespace, names.RESTORING) or {})


def _opened(place: Place, key: str) -> tuple[Repository, Manifest]:
    """Open the store, and read the manifest of a backup that may be restored here."""
    repository = place.repository()
    manifest = manifest_of(repository, key)
    _refuse_other(place, manifest)
    return repository, manifest


def _refuse_other(place: Place, manifest: Manifest) -> None:
    """A backup fits a network of the same nodes and choices; another one would not start."""
    refuse_under_way(place, but=manifest.key)
    problems = [*_other_nodes(place, manifest), *_other_choices(place, manifest)]
    if problems:
        raise FabricError(
            f"backup {manifest.key} is of another network than the files describe: "
            f"{'; '.join(problems)}. `python -m hlf.backup inputs` writes the files as "
            "they were"
        )


def _other_nodes(place: Place, manifest: Manifest) -> Iterator[str]:
    here = {name: node.role for name, node in place.network.nodes.items()}
    there = manifest.network.nodes
    for name in sorted(here.keys() - there.keys()):
        yield f"{name} is not in it"
    for name in sorted(there.keys() - here.keys()):
        yield f"{name} of the backup is not in the files"


def _other_choices(place: Place, manifest: Manifest) -> Iterator[str]:
    here, there = place.network.shape, manifest.network.shape
    for choice in sorted(here.keys() & there.keys()):
        if here[choice] != there[choice]:
            yield f"{choice} is {here[choice]}, and {there[choice]} in the backup"


def _with_workers(place: Place, verb: str, nodes: Collection[Standing], key: str) -> None:
    doing = {FILL: "restoring", FORGET: "forgetting what was before", RETURN: "bringing back"}
    with workers.crew(place, verb, nodes, key=key, name=verb) as crew:
        crew.wait(workers.is_done, doing=doing[verb], timeout=_FILLING)


def _return(place: Place, everyone: Collection[Standing], key: str) -> None:
    say("bringing back what was there before")
    standing.stop(place, everyone)
    _with_workers(place, RETURN, everyone, key)
    standing.start(place, everyone)
    cluster.delete(place.namespace, "configmaps", names.RESTORING)


def _prove(place: Place, manifest: Manifest, everyone: Collection[Standing]) -> None:
    """Wait until every node has what the manifest says; FabricError where one has other blocks.

    It may have more by then: clients come back as soon as orderers do.
    """
    standing.await_ready(place, everyone)
    say("waiting for the nodes to have what the backup has")
    clients = place.clients()
    peers = clients.peers(place.network.access["peers"])
    tops = {channel.name: channel for channel in channels(manifest)}

    def last_hash(node: Node, channel: str) -> bytes:
        height = tops[channel].height
        if node.name in peers:
            return peers[node.name].hash_at(channel, height, timeout=_SERVING)
        orderer = clients.orderer(node.name, node.msp_id, clients.signers[node.msp_id])
        orderer.catch_up(channel, height - 1, timeout=_SERVING)
        return header_hash(orderer.block(channel, height - 1).header)

    def check(node: Node, channel: str) -> None:
        found = last_hash(node, channel).hex()
        expected = _last_hash(tops[channel])
        if found != expected:
            raise FabricError(
                f"block {tops[channel].height - 1} of channel {channel} has the hash {found} on "
                f"{node.name}, and {expected} in backup {manifest.key}"
            )

    asked = [(node, channel) for node in manifest.nodes for channel in node.ledgers]
    gather(lambda each: check(*each), asked)
    gather(lambda node: _check_installed(peers[node.name], node), _with_packages(manifest))


def _last_hash(channel: Channel) -> str:
    """Of the highest orderer's last block."""
    return next(
        ledger.last_hash for ledger in channel.orderers.values() if ledger.height == channel.height
    )


def _with_packages(manifest: Manifest) -> list[Node]:
    return [node for node in manifest.nodes if node.role == "peer" and _packages(node)]


def _packages(node: Node) -> set[str]:
    """Ids of the chaincode packages in a peer's folder, where they are `label.hash.tar.gz`."""
    found = (_PACKAGE.fullmatch(file.path) for file in node.tree.files)
    return {f"{each['label']}:{each['hash']}" for each in found if each}


def _check_installed(peer: Peer, node: Node) -> None:
    missing = _packages(node) - installed(peer).keys()
    if missing:
        raise FabricError(f"{node.name} lacks chaincode package {', '.join(sorted(missing))}")
