"""Keeps the chaincodes of a channel with the lifecycle of Fabric 1: install, deploy, upgrade.

The counterpart of `actions.chaincodes`, which chooses between the two. Nobody approves here: one
admin of a member deploys, on a peer that calls the chaincode's Init. So every server is waited for
first, also at the first time.

What Fabric keeps is never taken away: a chaincode that is left out of the files stays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from actions.definitions import (
    check_collections,
    collection_inputs,
    collections_of,
    connection,
    init_inputs,
    init_of,
    metadata_of,
    server_inputs,
)
from actions.members import Members
from actions.progress import Report, count
from actions.servers import await_servers, reach
from hlf.client import legacy
from hlf.client.collections import Collection, packed, unpacked
from hlf.client.errors import Invalidated, Refused
from hlf.client.legacy import Instance, LegacyPackage, legacy_package
from hlf.client.package import ccaas_code
from hlf.client.peer import level
from hlf.client.wait import gather
from hlf.errors import FabricError

LSCC = "lscc"
ANY_MEMBER = "any member"
"""The policy of a chaincode for which none is given: Fabric makes it of the channel's members as
they are when it is deployed or upgraded."""
_INIT = ("",)
"""What Init is called with where no `ctor` says it, as in PIVT: one empty argument."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A chaincode of the inputs."""

    instance: Instance
    package: LegacyPackage
    server: str
    """The Deployment that runs it."""
    organizations: frozenset[str]
    """MSP IDs of those whose peers run it."""
    init: tuple[str, ...]
    """What its Init is called with."""


def definition_inputs(
    *,
    name: str,
    version: str,
    policy: str | None,
    address: str,
    organizations: list[str],
    indexes: Mapping[str, str] | None = None,
    private: Mapping[str, Collection] | None = None,
    init: Sequence[str] | None = None,
    root: str | None = None,
) -> dict[str, Any]:
    """Return one entry of the input `definitions`.

    `private` are its private data collections, `init` are the arguments of its Init.
    """
    return {
        "version": version,
        "policy": policy or ANY_MEMBER,
        **server_inputs(address, root, indexes),
        "packageId": legacy.ccid(name, version),
        "organizations": dict.fromkeys(organizations, True),
        **collection_inputs(private),
        **init_inputs(init),
    }


def wanted_of(definitions: Mapping[str, Mapping[str, Any]]) -> dict[str, Wanted]:
    """Return the chaincodes that the input `definitions` describes, by name."""
    return {
        name: Wanted(
            instance=Instance(
                name=name,
                version=each["version"],
                policy=None if each["policy"] == ANY_MEMBER else each["policy"],
                collections=packed(collections_of(each)),
            ),
            package=_package(name, each),
            server=each["address"].partition(":")[0],
            organizations=frozenset(each["organizations"]),
            init=_INIT if (given := init_of(each)) is None else given,
        )
        for name, each in definitions.items()
    }


def is_due(wanted: Instance, live: Instance | None) -> bool:
    """Return whether a chaincode is to be deployed or upgraded.

    Raises FabricError where only its policy is another, or only its private data collections are,
    which Fabric does not change alone.
    """
    if live is None or live.version != wanted.version:
        return True
    if unpacked(wanted.collections) != unpacked(live.collections):
        raise FabricError(
            f"chaincode {wanted.name} {wanted.version} is on the channel with other collections, "
            "and the old lifecycle changes collections only together with the version; raise the "
            "chaincode's `version` in network.yaml, or go back in collections_config.json"
        )
    if wanted.policy is not None and wanted.policy != live.policy:
        raise FabricError(
            f"chaincode {wanted.name} {wanted.version} is on the channel with the policy "
            f"{live.policy}, and the old lifecycle changes a policy only together with the "
            "version; raise the chaincode's `version` in network.yaml"
        )
    return False


def apply(members: Members, definitions: Mapping[str, Mapping[str, Any]], report: Report) -> None:
    """Bring the channel's chaincodes to what the input `definitions` says."""
    wanted = wanted_of(definitions)
    level(list(members.peers.values()), members.channel)
    live = legacy.instances(members.any_peer, members.channel)
    for name in wanted.keys() & live.keys():
        new, old = wanted[name].instance.collections, live[name].collections
        check_collections(name, members.channel, unpacked(new), unpacked(old))
    due = {name: w for name, w in wanted.items() if is_due(w.instance, live.get(name))}
    _install(members, wanted, report)
    await_servers(members.namespace, [each.server for each in due.values()], report)
    if due:
        titles = ", ".join(f"{n} {w.instance.version}" for n, w in sorted(due.items()))
        report(f"deploying {titles} on {members.channel}")
        gather(lambda name: _deploy(members, due[name], live.get(name)), due)


def observe(members: Members, definitions: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the input `definitions` as it is now; at least one peer has joined the channel."""
    live = legacy.instances(members.joined().any_peer, members.channel)
    installed = members.packages(legacy.installed)
    return {
        name: _live(members, recorded, live[name], installed)
        for name, recorded in definitions.items()
        if name in live
    }


def state_of_package(package: LegacyPackage, lacking: list[str], others: list[str]) -> str:
    """Return the id of an installed package, or what is in the way."""
    if lacking:
        return f"not installed on {', '.join(sorted(lacking))}"
    if others:
        return f"another package on {', '.join(sorted(others))}"
    return package.ccid


def _install(members: Members, wanted: Mapping[str, Wanted], report: Report) -> None:
    installed = members.packages(legacy.installed)
    missing: list[tuple[str, LegacyPackage]] = []
    for each in wanted.values():
        package, peers = each.package, members.running(each.organizations)
        lacking, others = _compare(package, peers, installed)
        if others:
            raise FabricError(legacy.other_package(package, others))
        missing += [(name, package) for name in lacking]
    if missing:
        titles = ", ".join(sorted({package.ccid for _, package in missing}))
        where = count(len({name for name, _ in missing}), "peer")
        report(f"installing {titles} on {where}")
        gather(lambda item: legacy.install(members.peers[item[0]], item[1]), missing)


def _deploy(members: Members, wanted: Wanted, live: Instance | None) -> None:
    peer = members.peers[min(members.running(wanted.organizations))]
    submit = legacy.deploy if live is None else legacy.upgrade
    try:
        reach(
            lambda: submit(
                peer,
                members.orderer,
                members.channel,
                wanted.instance,
                init=wanted.init,
                commit_on=list(members.peers.values()),
            )
        )
    except (Invalidated, Refused):
        # the same of a run that was killed may have been ordered just before
        now = legacy.instances(peer, members.channel).get(wanted.instance.name)
        if now is None or is_due(wanted.instance, now):
            raise


def _live(
    members: Members,
    recorded: Mapping[str, Any],
    live: Instance,
    installed: Mapping[str, Mapping[str, str]],
) -> dict[str, Any]:
    """Return a chaincode of the inputs as it is now."""
    package = _package(live.name, recorded)
    peers = members.running(list(recorded["organizations"]))
    lacking, others = _compare(package, peers, installed)
    # Fabric's own policy is of the members of its time, and it changes only with the version
    policy = recorded["policy"] if recorded["policy"] == ANY_MEMBER else live.policy
    stated = {key: value for key, value in recorded.items() if key != "collections"}
    return {
        **stated,
        "version": live.version,
        "policy": policy,
        "packageId": state_of_package(package, lacking, others),
        **collection_inputs(unpacked(live.collections)),
    }


def _compare(
    package: LegacyPackage, peers: list[str], installed: Mapping[str, Mapping[str, str]]
) -> tuple[list[str], list[str]]:
    """Return the peers without a package of its name and version, and those with another."""
    found = {name: installed[name].get(package.ccid) for name in peers}
    lacking = [name for name, fingerprint in found.items() if fingerprint is None]
    others = [n for n, each in found.items() if each not in (None, package.fingerprint)]
    return lacking, others


def _package(name: str, definition: Mapping[str, Any]) -> LegacyPackage:
    metadata = metadata_of(definition.get("indexes", {}))
    there = connection(definition["address"], definition.get("tlsRoot"))
    code = ccaas_code(connection=there, metadata=metadata)
    return legacy_package(name=name, version=definition["version"], code=code)
