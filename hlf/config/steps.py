"""The configurations that lead from a live one to the wanted one, where orderers come or go.

Fabric takes one consenter more or less in an update. A new one is wanted by its cluster before it
is told to clients, and must have caught up before the next one comes, or a cluster could lose its
majority to members that have nothing yet. So first come new consenters one by one, with the first
of them new organizations, then everything else, then old consenters go one by one, and with the
last of them their organizations.

A consenter is known by host and port: with other certificates it is the same one, renewed.

Source: Fabric's `orderer/consensus/etcdraft/util.go` (`MembershipChanges`) and
`orderer/consensus/smartbft/configverifier.go`.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from hlf.config.model import (
    BftConsenter,
    ChannelConfig,
    Consenter,
    Orderer,
    Organization,
)

_Address = tuple[str, int]


def steps(live: ChannelConfig, wanted: ChannelConfig) -> list[ChannelConfig]:
    """Return what to have one after the other, `wanted` last; just that where nobody comes or goes.

    Pure. A step may ask for nothing that is not there yet.
    """
    before, after = live.orderer, wanted.orderer
    if before is None or after is None or before.type != after.type:
        return [wanted]
    return [
        *(replace(live, orderer=each) for each in _coming(before, after)),
        *(replace(wanted, orderer=each) for each in _going(before, after)),
    ]


def _coming(before: Orderer, after: Orderer) -> Iterator[Orderer]:
    """Yield what is there with one more new consenter each, or with one renewed."""
    now, wanted = _by_address(before), _by_address(after)
    newcomers = {host for host, port in wanted if (host, port) not in now}
    new = {n: o for n, o in after.organizations.items() if n not in before.organizations}
    silent = {name: _without(org, newcomers) for name, org in new.items()}
    base = replace(before, organizations={**before.organizations, **silent})
    for address, consenter in wanted.items():
        if now.get(address) != consenter:
            now = {**now, address: consenter}
            yield _with(base, now, after)


def _going(before: Orderer, after: Orderer) -> Iterator[Orderer]:
    """Yield what is wanted with the old consenters, then with one less each, then without."""
    now = {**_by_address(before), **_by_address(after)}
    leavers = [address for address in now if address not in _by_address(after)]
    base = replace(after, organizations={**before.organizations, **after.organizations})
    for address in leavers:
        yield _with(base, now, after)
        now = {each: consenter for each, consenter in now.items() if each != address}
    yield after


def _with(orderer: Orderer, now: Mapping[_Address, Consenter], wanted: Orderer) -> Orderer:
    """Return the orderer with these consenters: those that are wanted first, in their order."""
    places = {address: place for place, address in enumerate(_by_address(wanted))}
    ordered = [now[each] for each in sorted(now, key=lambda a: (places.get(a, len(places)), a))]
    if orderer.bft is not None:
        members = tuple(each for each in ordered if isinstance(each, BftConsenter))
        return replace(orderer, bft=replace(orderer.bft, consenters=members))
    if orderer.raft is not None:
        return replace(orderer, raft=replace(orderer.raft, consenters=tuple(ordered)))
    return orderer


def _without(organization: Organization, hosts: Collection[str]) -> Organization:
    """Return it without its endpoints on these hosts, unless it has no others.

    Fabric 3 takes no orderer organization without endpoints.
    """
    endpoints = organization.orderer_endpoints
    kept = tuple(each for each in endpoints if each.rpartition(":")[0] not in hosts)
    return replace(organization, orderer_endpoints=kept or endpoints)


def _by_address(orderer: Orderer) -> dict[_Address, Consenter]:
    return {_address(each): each for each in orderer.consenters}


def _address(consenter: Consenter) -> _Address:
    return consenter.host, consenter.port
