"""Keeps the chaincode definitions of one channel as the files say: install, approve, commit.

A channel whose capabilities end before V2_0 has the lifecycle of Fabric 1 instead; what is done
there is in `actions.legacy_chaincodes`.

All chaincodes of a channel are one resource, because one provider process serves four actions at
a time: inside it every organization approves at once and all definitions are committed at once,
so that any number of chaincodes costs two blocks. The sequence of a definition moves by itself.

What Fabric keeps is never taken away: a chaincode that is left out of the files stays committed.
"""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

import pulumi
from pulumi.dynamic import CheckFailure, CheckResult

from actions import legacy_chaincodes, nodes, restores
from actions.access import Access
from actions.definitions import (
    Wanted,
    check_collections,
    collection_inputs,
    next_definition,
    package_of,
    problems,
    servers_to_await,
    state_of_package,
    wanted_of,
)
from actions.legacy_chaincodes import LSCC
from actions.members import Members
from actions.progress import Report, count
from actions.provider import RESTORED, Action, ActionResource, Props
from actions.servers import await_servers, reach
from hlf.client import legacy, lifecycle
from hlf.client.collections import unpacked
from hlf.client.lifecycle import Approval, ApprovalLost, Definition
from hlf.client.peer import Peer, level
from hlf.client.wait import gather


class ChaincodesProvider(Action):
    """Inputs.

    channel; definitions (name -> version, policy, label, address, packageId, organizations; where
    there are any, indexes, collections by name, and init, the arguments of Init by number; tlsRoot
    where the server speaks TLS); actions.access.Access; lifecycle, which is there and `lscc` where
    it is not the current one; restored (see `actions.provider`).
    """

    replace_on: ClassVar = ("channel", "namespace")
    outputs: ClassVar = ("sequences",)

    def identity(self, inputs: Props) -> str:  # noqa: D102
        return inputs["channel"]

    def apply(self, inputs: Props, report: Report) -> Props:  # noqa: D102
        site = _Site.of(inputs)
        site.catch_up(report)
        if inputs.get("lifecycle") == LSCC:
            legacy_chaincodes.apply(site, inputs["definitions"], report)
            return {"sequences": {}}
        wanted = wanted_of(inputs["definitions"])
        committed = lifecycle.committed(site.any_peer, site.channel)
        site.check(wanted, committed)
        site.install(wanted, report)
        lost = site.lost_approvals(wanted.keys() & committed.keys(), committed)
        definitions = {
            n: next_definition(w.definition, committed.get(n), is_lost=n in lost)
            for n, w in wanted.items()
        }
        site.await_servers(wanted, committed, definitions, report)
        site.approve(wanted, definitions, report)
        new = [d for name, d in definitions.items() if committed.get(name) != d]
        site.commit(new, report)
        # a commit is on one peer of each organization; all of them are called next
        level(list(site.peers.values()), site.channel)
        site.initialize(wanted, report)
        return {"sequences": {name: str(d.sequence) for name, d in definitions.items()}}

    def observe(self, inputs: Props) -> Props | None:  # noqa: D102
        ready = nodes.ready(inputs["namespace"], inputs["peers"])
        if not ready:
            return inputs
        lost = nodes.lost(inputs["namespace"], inputs["peers"].keys() - ready.keys())
        peers = {n: m for n, m in inputs["peers"].items() if n in ready or n in lost}
        members = Members.of({**inputs, "peers": peers}, lost=lost)
        # that one has left the channel is for the Channel to show; here it lacks its packages
        joined = members.joined()
        if not joined.peers:
            return inputs
        if inputs.get("lifecycle") == LSCC:
            return {
                **inputs,
                "definitions": legacy_chaincodes.observe(members, inputs["definitions"]),
            }
        committed = lifecycle.committed(joined.any_peer, joined.channel)
        packages = members.packages(lifecycle.installed)
        definitions = {
            name: _live(members, joined, recorded, committed[name], packages)
            for name, recorded in inputs["definitions"].items()
            if name in committed
        }
        return {**inputs, "definitions": definitions}

    def check(self, olds: Props, news: Props) -> CheckResult:
        """Refuse in a preview what Fabric would refuse later; find out about restores."""
        # with the name of an input, the sentence would come after all of its value
        failures = [CheckFailure("", problem) for problem in problems(olds, news)]
        return CheckResult(restores.check(news), failures)


class _Site(Members):
    """The steps of the current lifecycle."""

    def check(self, wanted: Mapping[str, Wanted], committed: Mapping[str, Definition]) -> None:
        for name in wanted.keys() & committed.keys():
            new = unpacked(wanted[name].definition.collections)
            live = unpacked(committed[name].collections)
            check_collections(name, self.channel, new, live)

    def lost_approvals(
        self, names: Collection[str], committed: Mapping[str, Definition]
    ) -> set[str]:
        """Return the chaincodes of which an organization has lost what it approved."""

        def is_lost(item: tuple[str, Peer]) -> bool:
            name, peer = item
            try:
                self._approval(peer, committed[name])
            except ApprovalLost:
                return True
            return False

        every = [(name, peer) for name in names for peer in self.one_peer_each().values()]
        found = gather(is_lost, every)
        return {name for (name, _), lost in zip(every, found, strict=True) if lost}

    def install(self, wanted: Mapping[str, Wanted], report: Report) -> None:
        found = self.packages(lifecycle.installed)
        missing = [
            (name, each)
            for each in wanted.values()
            for name in self.running(each.organizations)
            if each.package.id not in found[name]
        ]
        if missing:
            peers = count(len({name for name, _ in missing}), "peer")
            report(f"installing {_names(each for _, each in missing)} on {peers}")
            gather(lambda item: lifecycle.install(self.peers[item[0]], item[1].package), missing)

    def await_servers(
        self,
        wanted: Mapping[str, Wanted],
        committed: Mapping[str, Definition],
        definitions: Mapping[str, Definition],
        report: Report,
    ) -> None:
        run = {
            name: self.running(each.organizations)
            for name, each in wanted.items()
            if name in committed
        }
        here = {name: self.peers[peers[0]] for name, peers in run.items() if peers}
        approvals = gather(lambda n: self._approval(here[n], definitions[n]), here)
        used = {name: wanted[name] for name in here}
        approved = dict(zip(here, approvals, strict=True))
        servers = [
            *servers_to_await(used, committed, approved),
            *(wanted[name].server for name in self._used_by_lscc(wanted.keys() - committed.keys())),
        ]
        await_servers(self.namespace, servers, report)

    def approve(
        self,
        wanted: Mapping[str, Wanted],
        definitions: Mapping[str, Definition],
        report: Report,
    ) -> None:
        every = [
            (msp_id, peer, wanted[name], definition)
            for msp_id, peer in self.one_peer_each().items()
            for name, definition in definitions.items()
        ]
        approvals = gather(lambda item: self._approval(item[1], item[3]), every)
        missing = [
            (msp_id, peer, definition, package_id)
            for (msp_id, peer, each, definition), approval in zip(every, approvals, strict=True)
            for package_id in [each.package.id if msp_id in each.organizations else None]
            if approval != Approval(definition=definition, package_id=package_id)
        ]
        if missing:
            who = ", ".join(sorted({msp_id for msp_id, *_ in missing}))
            report(f"approving {_titles(d for _, _, d, _ in missing)} for {who}")
            gather(
                lambda item: lifecycle.approve(
                    item[1], self.orderer, self.channel, item[2], package_id=item[3]
                ),
                missing,
            )

    def commit(self, definitions: list[Definition], report: Report) -> None:
        if not definitions:
            return
        report(f"committing {_titles(definitions)} on {self.channel}")
        # a commit is endorsed only where every approval has arrived
        height = max(p.chain_info(self.channel).height for p in self.one_peer_each().values())
        gather(lambda p: p.wait_for_height(self.channel, height), self.peers.values())
        peers = list(self.one_peer_each().values())
        gather(lambda d: lifecycle.commit(peers, self.orderer, self.channel, d), definitions)

    def initialize(self, wanted: Mapping[str, Wanted], report: Report) -> None:
        """Call Init where a definition asks for it and it was not called for this version."""
        asking = {name: each for name, each in wanted.items() if each.init is not None}
        if not asking:
            return
        done = gather(lambda name: self._initialized(asking[name]), asking)
        due = {n: asking[n] for n, is_done in zip(asking, done, strict=True) if not is_done}
        if due:
            await_servers(self.namespace, [each.server for each in due.values()], report)
            titles = _titles(each.definition for each in due.values())
            report(f"initializing {titles} on {self.channel}")
            gather(lambda name: self._initialize(due[name]), due)

    def _initialized(self, wanted: Wanted) -> bool:
        peer = self.peers[min(self.running(wanted.organizations))]
        name = wanted.definition.name
        return lifecycle.is_initialized(peer, self.channel, name, wanted.init or ())

    def _initialize(self, wanted: Wanted) -> None:
        peers = [self.peers[name] for name in sorted(self.running(wanted.organizations))]
        name = wanted.definition.name
        reach(
            lambda: lifecycle.initialize(peers, self.orderer, self.channel, name, wanted.init or ())
        )

    def _used_by_lscc(self, names: Collection[str]) -> list[str]:
        """Return those that the channel has from the old lifecycle.

        Their first definition takes over from it, so their new servers must be up by then.
        """
        if not names:
            return []
        return sorted(legacy.instances(self.any_peer, self.channel).keys() & set(names))

    def _approval(self, peer: Peer, definition: Definition) -> Approval | None:
        return lifecycle.approved(peer, self.channel, definition.name, sequence=definition.sequence)


def _live(
    members: Members,
    joined: Members,
    recorded: Mapping[str, Any],
    committed: Definition,
    packages: Mapping[str, Mapping[str, str]],
) -> dict[str, Any]:
    """Return a chaincode of the inputs as it is now, by those that have joined the channel.

    `packages` are those on each member.
    """
    # not the recorded id, which may be what an earlier look found in its place
    package_id = package_of(recorded).id
    organizations: list[str] = list(recorded["organizations"])
    running = members.running(organizations)
    lacking = [name for name in running if package_id not in packages[name]]
    others = [
        msp_id
        for msp_id, peer in joined.one_peer_each().items()
        if not _runs(joined, peer, committed, package_id if msp_id in organizations else None)
    ]
    stated = {k: value for k, value in recorded.items() if k not in ("collections", "init")}
    return {
        **stated,
        "version": committed.version,
        "policy": committed.policy,
        "packageId": state_of_package(package_id, lacking, others),
        **collection_inputs(unpacked(committed.collections)),
        **({"init": recorded.get("init", {})} if committed.init_required else {}),
    }


def _runs(members: Members, peer: Peer, committed: Definition, package_id: str | None) -> bool:
    approval = lifecycle.approved(
        peer, members.channel, committed.name, sequence=committed.sequence
    )
    return approval == Approval(definition=committed, package_id=package_id)


def _names(chaincodes: Any) -> str:
    return ", ".join(sorted({each.package.label for each in chaincodes}))


def _titles(definitions: Any) -> str:
    return ", ".join(sorted({f"{d.name} {d.version}" for d in definitions}))


class Chaincodes(ActionResource, module="fabric", name="Chaincodes"):
    """The chaincodes of one channel."""

    sequences: pulumi.Output[dict[str, str]]
    """The sequence of each definition."""

    def __init__(
        self,
        name: str,
        *,
        channel: str,
        definitions: Mapping[str, pulumi.Input[dict[str, Any]]],
        access: Access,
        lifecycle: str | None = None,
        restored: str | None = None,
        opts: pulumi.ResourceOptions,
    ) -> None:
        inputs = {
            "channel": channel,
            "definitions": definitions,
            **access.inputs(),
            **({} if lifecycle is None else {"lifecycle": lifecycle}),
            **({} if restored is None else {RESTORED: restored}),
        }
        super().__init__(ChaincodesProvider(), name, inputs, opts)
