"""Claims a namespace for one stack, so that two networks are never merged into one.

Kubernetes would merge them without a word: server-side apply takes over objects that exist. A
ConfigMap that is created only where there is none says whose the namespace is. A namespace that
does not exist is made here too, after which it is this stack's to delete; one that was there
before is only used. No other resource may stand for the namespace: a stack that was refused would
have it in its state, and its `destroy` would delete another's network.

Everything waits for the claim, so what would go wrong later for the whole network is refused when
it is checked, before a state is changed: a cluster that does not answer or is another one, a
namespace of another stack, a volume or a network that cannot become what is asked for, a restore
that was broken off and is not what is asked for.
"""

from typing import ClassVar

import pulumi
from pulumi.dynamic import CheckFailure, CheckResult

from actions import cluster, restoring, same_cluster, shape, volumes
from actions.cluster import ClusterError, Manifest
from actions.progress import Report
from actions.provider import Action, ActionResource, Props
from actions.shape import Shape
from actions.volumes import Wanted
from hlf import names
from hlf.client.wait import Deadline

_MADE_BY = "hlf/made-by"
"""Annotation of a namespace that was made here: the stack that may delete it."""
_SECURITY = {"pod-security.kubernetes.io/enforce": "restricted"}
_GONE_TIMEOUT = 180.0
_OWNER = "owner"
_RESTORE_FROM = "restoreFrom"
_VOLUMES = "volumes"
"""No input of what is kept: it would change with every node that comes or goes."""


class ClaimProvider(Action):
    """Inputs.

    namespace, owner (`project/stack`), shape (of actions.shape), and cluster, which is found out
    here. Owner and shape are kept in the ConfigMap, which outlives the stack with `keepData`.
    restoreFrom, the key of a backup, where one is to be restored.
    """

    replace_on: ClassVar = ("namespace",)

    def identity(self, inputs: Props) -> str:  # noqa: D102
        return f"{inputs['namespace']}/{names.CLAIM}"

    def apply(self, inputs: Props, report: Report) -> Props:  # noqa: D102
        namespace, owner = inputs["namespace"], inputs["owner"]
        report(f"claiming namespace {namespace}")
        _make_namespace(namespace, owner)
        _claim(namespace, {_OWNER: owner, **inputs["shape"]})
        if _RESTORE_FROM not in inputs:
            # and not when the restore itself is removed: it is by `destroy` too, after which an
            # `up` with kept data would put the backup in the place of what came after it
            restoring.forget_all(namespace)
        return {}

    def observe(self, inputs: Props) -> Props | None:  # noqa: D102
        same_cluster.check(inputs)
        found = _claimed(inputs["namespace"])
        if found is None:
            return None
        owner = found.pop(_OWNER)
        return {**inputs, "owner": owner, "shape": found}

    def check(self, olds: Props, news: Props) -> CheckResult:
        """Refuse what would go wrong later; note the cluster, drop what was only to be looked at.

        Raised, the sentence would come after gRPC's words on exceptions.
        """
        inputs = {key: value for key, value in news.items() if key != _VOLUMES}
        try:
            inputs = same_cluster.noted(olds, inputs)
            problems = _problems(olds, news)
        except ClusterError as error:
            return CheckResult(inputs, [CheckFailure("", str(error))])
        return CheckResult(inputs, [CheckFailure("", problem) for problem in problems])

    def remove(self, inputs: Props) -> None:  # noqa: D102
        namespace, owner = inputs["namespace"], inputs["owner"]
        same_cluster.check(inputs)
        if _owner(namespace) != owner:
            return
        if _made_by(namespace) != owner:
            for each in cluster.find(namespace, "secrets", f"{names.IS_AUTHORITY}=true"):
                cluster.delete(namespace, "secrets", each["metadata"]["name"])
            for name in (names.AT_WORK, names.RESTORED, names.RESTORING, names.CLAIM):
                cluster.delete(namespace, "configmaps", name)
            return
        cluster.delete_namespace(namespace)
        for _ in Deadline(_GONE_TIMEOUT).tries():
            if cluster.namespace(namespace) is None:
                return
        raise ClusterError(_still_there(namespace))


def _claim(namespace: str, data: dict[str, str]) -> None:
    if cluster.create_config_map(namespace, names.CLAIM, data):
        return
    found = _claimed(namespace)
    if found is not None and found[_OWNER] != data[_OWNER]:
        raise ClusterError(_belongs(namespace, found[_OWNER]))
    if found != data:
        cluster.apply_config_map(namespace, names.CLAIM, text=data)


def _problems(olds: Props, news: Props) -> list[str]:
    """Return what the network in the namespace cannot become.

    Raises ClusterError where there is none, although there was, or where it is another stack's.
    """
    namespace, owner = news["namespace"], news["owner"]
    found = _claimed(namespace)
    if found is None and olds.get("namespace") == namespace:
        raise ClusterError(
            f"Namespace {namespace} is not there, or lacks ConfigMap {names.CLAIM}, though the "
            f"state of stack {owner} has it: run `pulumi refresh` to see what is gone, then "
            "`pulumi up` to make it again."
        )
    if found is None or _is_going(cluster.namespace(namespace)):
        return []
    if found[_OWNER] != owner:
        raise ClusterError(_belongs(namespace, found[_OWNER]))
    live = cluster.find(namespace, "persistentvolumeclaims")
    begun = restoring.problem(namespace, news.get(_RESTORE_FROM))
    return [
        *([begun] if begun else []),
        *shape.problems(namespace, found, news["shape"]),
        *volumes.problems(news[_VOLUMES], live, cluster.cannot_expand),
    ]


def _make_namespace(name: str, owner: str) -> None:
    """Have the namespace, waiting for one of this name that is being deleted."""
    for _ in Deadline(_GONE_TIMEOUT).tries():
        # looked for first: who may only use a namespace is refused when creating one that is there
        found = cluster.namespace(name)
        if found is None:
            if cluster.create_namespace(name, labels=_SECURITY, annotations={_MADE_BY: owner}):
                return
        elif not _is_going(found):
            return
    raise ClusterError(_still_there(name))


def _still_there(name: str) -> str:
    return (
        f"Namespace {name} is still being deleted after {_GONE_TIMEOUT:.0f} s: "
        f"`kubectl describe namespace {name}` says what keeps it."
    )


def _is_going(namespace: Manifest | None) -> bool:
    return namespace is not None and namespace["status"]["phase"] == "Terminating"


def _belongs(namespace: str, other: str) -> str:
    return (
        f"Namespace {namespace} belongs to the Fabric network of stack {other}; a second network "
        "in it would be merged with the first. Choose another namespace with "
        "`pulumi config set namespace <name>`; or, where that stack is gone for good or was "
        f"renamed to this one, delete ConfigMap {names.CLAIM} there first."
    )


def _claimed(namespace: str) -> dict[str, str] | None:
    """Return owner and shape of the network in a namespace."""
    found = cluster.config_map(namespace, names.CLAIM)
    if found is None:
        return None
    return {_OWNER: "", **{key: value.decode() for key, value in found.items()}}


def _owner(namespace: str) -> str | None:
    found = _claimed(namespace)
    return None if found is None else found[_OWNER]


def _made_by(namespace: str) -> str | None:
    found = cluster.namespace(namespace)
    return None if found is None else found["metadata"].get("annotations", {}).get(_MADE_BY)


class Claim(ActionResource, module="fabric", name="Claim"):
    """The namespace, ours."""

    namespace: pulumi.Output[str]
    """Its name; what takes it from here waits for the claim."""

    def __init__(
        self,
        name: str,
        *,
        namespace: str,
        owner: str,
        shape: Shape,
        volumes: Wanted,
        restore_from: str | None = None,
        opts: pulumi.ResourceOptions,
    ) -> None:
        inputs = {
            "namespace": namespace,
            "owner": owner,
            "shape": shape,
            _VOLUMES: volumes,
            **({} if restore_from is None else {_RESTORE_FROM: restore_from}),
        }
        super().__init__(ClaimProvider(), name, inputs, opts)
