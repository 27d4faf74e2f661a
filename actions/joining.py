"""Peers join a channel by a snapshot that another peer of their organization makes.

The snapshot goes from one volume to the other (`actions.snapshot_workers`); then the peer joins by
it, and neither folder is of use any more. What is under way is written down
(`actions.joining_note`), so that a run after one that was killed ends it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from actions import joining_note, nodes, snapshot_workers
from actions.channel_site import ChannelSite
from actions.joining_note import Note
from actions.progress import Report
from actions.snapshot_workers import PRODUCTION, Workers
from hlf.client import lifecycle, snapshots
from hlf.client.peer import Peer
from hlf.client.wait import gather
from jobs.snapshot_transfer import make_ticket, ticket_files

_TIMEOUT = 3600.0
"""Seconds for a snapshot to be made, and for a peer to join by it after those of other channels."""


def by_snapshot(site: ChannelSite, new: Iterable[str], report: Report) -> list[str]:
    """Have new peers join by snapshots; return those for which there is nobody to make one."""
    names = list(new)
    joining = gather(lambda name: _is_joining(site, name, report), names)
    left = [name for name, is_joining in zip(names, joining, strict=True) if not is_joining]
    made_of = site.snapshot_workers
    if made_of is None:
        return left
    by_source: dict[str, list[str]] = {}
    for msp_id in sorted({site.peers[name].signer.msp_id for name in left}):
        mine = [name for name in left if site.peers[name].signer.msp_id == msp_id]
        source = _source(site, msp_id, left)
        if source is not None:
            by_source[source] = mine
    gather(lambda each: _join(site, *each, made_of, report), by_source.items())
    return [name for name in left if not any(name in each for each in by_source.values())]


def finish(site: ChannelSite, report: Report) -> None:
    """Do what is left to do when peers have joined, and have the channel's blocks."""
    for note in joining_note.find(site.namespace, site.channel):
        _finish(site, note, report)
        joining_note.forget(site.namespace, note)


def _finish(site: ChannelSite, note: Note, report: Report) -> None:
    """Wait for what peers are given by the others, and remove the snapshot; of those still here."""
    channel = site.channel
    source = site.peers.get(note.source)
    targets = sorted(note.targets & site.peers.keys())
    if source is not None and targets:
        report(f"waiting for approvals on {channel}: {', '.join(targets)}")
        gather(lambda n: lifecycle.await_approvals(site.peers[n], source, channel), targets)
    if site.snapshot_workers is not None:
        report(f"removing the snapshot of {channel}: {', '.join((note.source, *targets))}")
        workers = Workers(namespace=site.namespace, note=note, made_of=site.snapshot_workers)
        folders = {name: [str(_folder(channel))] for name in targets}
        if source is not None and note.blocks:
            folders[note.source] = [_completed(channel, block) for block in sorted(note.blocks)]
        gather(lambda each: workers.remove(*each), folders.items())


def forget(namespace: str, channel: str) -> None:
    """Delete what a killed run may have left in the cluster; folders stay."""
    snapshot_workers.forget(namespace, channel)
    for note in joining_note.find(namespace, channel):
        joining_note.forget(namespace, note)


def _is_joining(site: ChannelSite, name: str, report: Report) -> bool:
    """Whether a peer was told by a killed run to join; then it has joined."""
    busy = snapshots.joining(site.peers[name])
    if busy is None or not PurePosixPath(busy).is_relative_to(_folder(site.channel)):
        return False
    report(f"joining by the snapshot of {site.channel}: {name}")
    snapshots.join_by_snapshot(site.peers[name], site.channel, busy, timeout=_TIMEOUT)
    return True


def _source(site: ChannelSite, msp_id: str, new: Sequence[str]) -> str | None:
    """Return the highest ready peer of an organization that has more than the first block."""
    others = {
        name: msp_id
        for name, peer in site.peers.items()
        if peer.signer.msp_id == msp_id and name not in new
    }
    ready = sorted(nodes.ready(site.namespace, others))
    heights = dict(zip(ready, gather(lambda n: _height(site.peers[n], site), ready), strict=True))
    return best(heights)


def best(heights: Mapping[str, int]) -> str | None:
    """Return the peer that is to make a snapshot, by the number of blocks of each."""
    able = {name: height for name, height in heights.items() if height > 1}
    return min(able, key=lambda name: (-able[name], name)) if able else None


def _height(peer: Peer, site: ChannelSite) -> int:
    return peer.chain_info(site.channel).height


def _join(
    site: ChannelSite,
    source: str,
    targets: Sequence[str],
    made_of: Mapping[str, object],
    report: Report,
) -> None:
    """Have peers join by a snapshot of another one."""
    channel = site.channel
    earlier = next(
        (n for n in joining_note.find(site.namespace, channel) if n.source == source), None
    )
    note = Note(
        channel=channel,
        source=source,
        targets=frozenset(targets) | (earlier.targets if earlier else frozenset()),
        blocks=earlier.blocks if earlier else frozenset(),
    )
    joining_note.write(site.namespace, note, ticket_files(make_ticket()))
    asked = set(note.blocks)

    def asked_for(block: int) -> None:
        asked.add(block)
        joining_note.write(site.namespace, replace(note, blocks=frozenset(asked)))

    report(f"making a snapshot of {channel} on {source}")
    block = snapshots.make(site.peers[source], channel, asked_for=asked_for, timeout=_TIMEOUT)
    workers = Workers(namespace=site.namespace, note=note, made_of=made_of)
    into = str(_folder(channel) / str(block))
    with workers.serving(_completed(channel, block)) as address:
        report(f"fetching the snapshot of {channel} at block {block}: {', '.join(targets)}")
        gather(lambda name: workers.fetch(name, address, into, block), targets)
    report(f"joining by the snapshot of {channel}: {', '.join(targets)}")
    gather(
        lambda name: snapshots.join_by_snapshot(site.peers[name], channel, into, timeout=_TIMEOUT),
        targets,
    )


def _completed(channel: str, block: int) -> str:
    return snapshots.completed(PRODUCTION, channel, block)


def _folder(channel: str) -> PurePosixPath:
    """Where peers have snapshots of a channel by which they join it."""
    return PurePosixPath(PRODUCTION, "snapshots", "joining", channel)
