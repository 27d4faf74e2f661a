"""What a chaincode definition should be, as an action's inputs, and what follows from it.

Pure functions: which sequence a definition gets, which changes are refused, which servers are
waited for before it is approved, and how a package's state reads. The work with Fabric is in
`actions.chaincodes`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pulumi.output import Unknown

from actions.arguments import in_order, numbered
from hlf.client import collections
from hlf.client.collections import Collection
from hlf.client.lifecycle import CHANNEL_ENDORSEMENT, Approval, Definition
from hlf.client.package import Package, ccaas_package
from hlf.errors import FabricError


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A chaincode of the inputs."""

    definition: Definition
    """With sequence 0: which one it becomes depends on what is committed."""
    package: Package
    server: str
    """The Deployment that runs it."""
    organizations: frozenset[str]
    """MSP IDs of those whose peers run it; the others approve it without a package."""
    init: tuple[str, ...] | None = None
    """What its Init is called with after a commit, where it is."""


def connection(address: str, root: str | None) -> dict[str, object]:
    """Return the connection.json by which peers reach a chaincode's server.

    `root` is the certificate of the servers' authority in PEM; without it they speak no TLS.
    """
    plain: dict[str, object] = {"address": address, "dial_timeout": "10s", "tls_required": False}
    if root is None:
        return plain
    return {**plain, "tls_required": True, "root_cert": root, "client_auth_required": False}


def package_for(
    label: str, address: str, *, root: str | None = None, indexes: Mapping[str, str] | None = None
) -> Package:
    """Return the package of a chaincode that runs as a service; equal input, equal id.

    `indexes` are for CouchDB, by their paths below META-INF.
    """
    metadata = metadata_of(indexes or {})
    return ccaas_package(label=label, connection=connection(address, root), metadata=metadata)


def package_of(definition: Mapping[str, Any]) -> Package:
    """Return the package that an entry of the input `definitions` describes."""
    return package_for(
        definition["label"],
        definition["address"],
        root=definition.get("tlsRoot"),
        indexes=definition.get("indexes"),
    )


def metadata_of(indexes: Mapping[str, str]) -> dict[str, bytes]:
    """Return the files below META-INF of a package."""
    return {path: text.encode() for path, text in indexes.items()}


def server_inputs(
    address: str, root: str | None, indexes: Mapping[str, str] | None
) -> dict[str, Any]:
    """Return what an entry of the input `definitions` says of what is in the package."""
    return {
        "address": address,
        **({} if root is None else {"tlsRoot": root}),
        **({"indexes": dict(indexes)} if indexes else {}),
    }


def collection_inputs(private: Mapping[str, Collection] | None) -> dict[str, Any]:
    """Return what an entry of the input `definitions` says of private data collections."""
    return {"collections": collections.to_plain(private)} if private else {}


def collections_of(definition: Mapping[str, Any]) -> dict[str, Collection]:
    """Return the private data collections of an entry of the input `definitions`."""
    return collections.from_plain(definition.get("collections", {}))


def init_inputs(init: Sequence[str] | None) -> dict[str, Any]:
    """Return what an entry of the input `definitions` says of the call of Init."""
    return {} if init is None else {"init": numbered(init)}


def init_of(definition: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Return the arguments of Init of an entry of the input `definitions`."""
    return tuple(in_order(definition["init"])) if "init" in definition else None


def problems(olds: Mapping[str, Any], news: Mapping[str, Any]) -> list[str]:
    """Return why Fabric would refuse what the inputs `news` say after `olds`, or not notice it."""
    before, after = olds.get("definitions", {}), news["definitions"]
    if isinstance(after, Unknown):
        return []
    lifecycles = olds.get("lifecycle"), news.get("lifecycle")
    return [
        _refused(name, news["channel"], why)
        for name, new in after.items()
        # a package that waits for the servers' authority is unknown in a preview
        if name in before and not isinstance(new, Unknown)
        for why in (
            collections.refusal(collections_of(new), collections_of(before[name])),
            _init_refusal(before[name], new, lifecycles),
        )
        if why
    ]


def _init_refusal(
    old: Mapping[str, Any], new: Mapping[str, Any], lifecycles: tuple[str | None, str | None]
) -> str | None:
    """Return why Init would not be called with what it is to be called with now."""
    before, after = init_of(old), init_of(new)
    if before == after or old["version"] != new["version"] or lifecycles[0] != lifecycles[1]:
        return None
    # in the current lifecycle whether Init is called is part of the definition
    if lifecycles[1] is None and None in (before, after):
        return None
    return (
        f"its Init was called for version {old['version']}, and Fabric calls it once for each "
        "version; raise the chaincode's `version` in network.yaml together with its `ctor`"
    )


def check_collections(
    name: str, channel: str, wanted: Mapping[str, Collection], live: Mapping[str, Collection]
) -> None:
    """Raise FabricError where Fabric would refuse a change of a chaincode's collections."""
    why = collections.refusal(wanted, live)
    if why:
        raise FabricError(_refused(name, channel, why))


def next_definition(
    wanted: Definition, committed: Definition | None, *, is_lost: bool = False
) -> Definition:
    """Return the wanted definition with its sequence: the committed one's where they agree.

    It is the next one also where an approval `is_lost`.
    """
    if committed is None:
        return replace(wanted, sequence=1)
    same = replace(wanted, sequence=committed.sequence, collections=committed.collections)
    # other tools give the same collections in another order: what is committed is what counts
    alike = collections.unpacked(wanted.collections) == collections.unpacked(committed.collections)
    if same == committed and alike and not is_lost:
        return committed
    return replace(wanted, sequence=committed.sequence + 1)


def servers_to_await(
    wanted: Mapping[str, Wanted],
    committed: Mapping[str, Definition],
    approved: Mapping[str, Approval | None],
) -> list[str]:
    """Return the servers that must be ready before their chaincodes are approved.

    These are of chaincodes in use that become another package, so that the new server takes over
    from the running one. `approved` are approvals of the definitions that the wanted ones become,
    by an organization that runs them. A chaincode that is committed for the first time is not
    waited for: nobody calls it yet.
    """
    return [
        each.server
        for name, each in wanted.items()
        if name in committed and _package_of(approved.get(name)) != each.package.id
    ]


def definition_inputs(
    *,
    version: str,
    policy: str | None,
    label: str,
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
        "policy": policy or CHANNEL_ENDORSEMENT,
        "label": label,
        **server_inputs(address, root, indexes),
        "packageId": package_for(label, address, root=root, indexes=indexes).id,
        "organizations": dict.fromkeys(organizations, True),
        **collection_inputs(private),
        **init_inputs(init),
    }


def wanted_of(definitions: Mapping[str, Mapping[str, Any]]) -> dict[str, Wanted]:
    """Return the chaincodes that the input `definitions` describes, by name."""
    return {
        name: Wanted(
            definition=Definition(
                name=name,
                version=each["version"],
                sequence=0,
                policy=each["policy"],
                init_required="init" in each,
                collections=collections.packed(collections_of(each)),
            ),
            package=package_of(each),
            server=each["address"].partition(":")[0],
            organizations=frozenset(each["organizations"]),
            init=init_of(each),
        )
        for name, each in definitions.items()
    }


def state_of_package(package_id: str, lacking: list[str], others: list[str]) -> str:
    """Return the package's id, or what is in the way: peers without it, other approvals."""
    if lacking:
        return f"not installed on {', '.join(sorted(lacking))}"
    if others:
        return f"not approved by {', '.join(sorted(others))}"
    return package_id


def _refused(name: str, channel: str, why: str) -> str:
    return f"Chaincode {name} on channel {channel} cannot become what is asked for: {why}."


def _package_of(approval: Approval | None) -> str | None:
    return None if approval is None else approval.package_id
