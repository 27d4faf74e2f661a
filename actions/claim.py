"""Claims a namespace for one stack, so that two networks are never merged into one.

Kubernetes would merge them without a word: server-side apply takes over objects that exist. A
ConfigMap that is created only where there is none says whose the namespace is. A namespace that
does not exist is made here too, after which it is this stack's to delete; one that was there
before is only used. No other resource may stand for the namespace: a stack that was refused would
have it in its state, and its `destroy` would delete another's network.
"""

from typing import ClassVar

import pulumi
from pulumi.dynamic import DiffResult

from actions import cluster
from actions.cluster import ClusterError
from actions.progress import Report
from actions.provider import Action, ActionResource, Props
from hlf import names
from hlf.client.wait import Deadline

_MADE_BY = "hlf/made-by"
"""Annotation of a namespace that was made here: the stack that may delete it."""
_SECURITY = {"pod-security.kubernetes.io/enforce": "restricted"}
_GONE_TIMEOUT = 180.0


class ClaimProvider(Action):
    """Inputs: namespace, owner (`project/stack`)."""

    replace_on: ClassVar = ("namespace",)

    def identity(self, inputs: Props) -> str:  # noqa: D102
        return f"{inputs['namespace']}/{names.CLAIM}"

    def apply(self, inputs: Props, report: Report) -> Props:  # noqa: D102
        namespace, owner = inputs["namespace"], inputs["owner"]
        report(f"claiming namespace {namespace}")
        _make_namespace(namespace, owner)
        if cluster.create_config_map(namespace, names.CLAIM, {"owner": owner}):
            return {}
        other = _owner(namespace)
        if other != owner:
            raise ClusterError(
                f"Namespace {namespace} belongs to the Fabric network of stack {other}; a second "
                "network in it would be merged with the first. Choose another namespace with "
                "`pulumi config set namespace <name>`; or, where that stack is gone for good or "
                f"was renamed to this one, delete ConfigMap {names.CLAIM} there first."
            )
        return {}

    def observe(self, inputs: Props) -> Props | None:  # noqa: D102
        owner = _owner(inputs["namespace"])
        return None if owner is None else {**inputs, "owner": owner}

    def diff(self, _id: str, olds: Props, news: Props) -> DiffResult:
        """Stop where the namespace is not ours any more, before everything in it fails."""
        found = super().diff(_id, olds, news)
        namespace, owner = olds["namespace"], olds["owner"]
        if not found.replaces and _owner(namespace) is None:
            raise ClusterError(
                f"Namespace {namespace} is not there, or lacks ConfigMap {names.CLAIM}, though the "
                f"state of stack {owner} has it: run `pulumi refresh` to see what is gone, then "
                "`pulumi up` to make it again."
            )
        return found

    def remove(self, inputs: Props) -> None:  # noqa: D102
        namespace, owner = inputs["namespace"], inputs["owner"]
        if _owner(namespace) != owner:
            return
        if _made_by(namespace) != owner:
            cluster.delete(namespace, "configmaps", names.CLAIM)
            return
        cluster.delete_namespace(namespace)
        for _ in Deadline(_GONE_TIMEOUT).tries():
            if cluster.namespace(namespace) is None:
                return
        raise ClusterError(_still_there(namespace))


def _make_namespace(name: str, owner: str) -> None:
    """Have the namespace, waiting for one of this name that is being deleted."""
    for _ in Deadline(_GONE_TIMEOUT).tries():
        # looked for first: who may only use a namespace is refused when creating one that is there
        found = cluster.namespace(name)
        if found is None:
            if cluster.create_namespace(name, labels=_SECURITY, annotations={_MADE_BY: owner}):
                return
        elif found["status"]["phase"] != "Terminating":
            return
    raise ClusterError(_still_there(name))


def _still_there(name: str) -> str:
    return (
        f"Namespace {name} is still being deleted after {_GONE_TIMEOUT:.0f} s: "
        f"`kubectl describe namespace {name}` says what keeps it."
    )


def _owner(namespace: str) -> str | None:
    data = cluster.config_map(namespace, names.CLAIM)
    return None if data is None else data.get("owner", b"").decode()


def _made_by(namespace: str) -> str | None:
    found = cluster.namespace(namespace)
    return None if found is None else found["metadata"].get("annotations", {}).get(_MADE_BY)


class Claim(ActionResource, module="fabric", name="Claim"):
    """The namespace, ours."""

    namespace: pulumi.Output[str]
    """Its name; what takes it from here waits for the claim."""

    def __init__(
        self, name: str, *, namespace: str, owner: str, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__(ClaimProvider(), name, {"namespace": namespace, "owner": owner}, opts)
