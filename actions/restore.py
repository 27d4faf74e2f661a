"""Restores a network from a backup, with Jobs in the cluster.

Two resources, because the keys of a network decide what everything else is made of, while the files
of its nodes are put into volumes that are made before. A restore that was done is not done again:
the job writes it down in the cluster, where it also outlasts a stack that keeps its data. It is
forgotten when the settings ask for no restore (`actions.claim`).
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import pulumi
from pulumi.dynamic import CheckFailure, CheckResult, UpdateResult

from actions import jobs, restoring
from actions.cluster import ClusterError
from actions.progress import Report
from actions.provider import Action, ActionResource, Props
from hlf import names

_KEY = "key"
_RESUMES = "resumes"


class RestoredKeysProvider(Action):
    """Inputs.

    namespace; key of the backup; resumes (found out here), what tells the restore that this goes on
    with. Everything waits for this action, so it is the one that ends a restore that was broken
    off: an object of a node that Pulumi changes before would be started with it.
    """

    replace_on: ClassVar = ("namespace",)
    outputs: ClassVar = ("restored",)

    def identity(self, inputs: Props) -> str:  # noqa: D102
        return f"{inputs['namespace']}/keys"

    def check(self, olds: Props, news: Props) -> CheckResult:
        """Find out whether a restore was broken off; what was is kept, and no difference."""
        try:
            found = restoring.uid(news["namespace"])
        except ClusterError as error:
            return CheckResult(news, [CheckFailure("", str(error))])
        resumes = found or olds.get(_RESUMES)
        return CheckResult({**news, **({_RESUMES: resumes} if resumes else {})}, [])

    def apply(self, inputs: Props, report: Report) -> Props:  # noqa: D102
        namespace, key = inputs["namespace"], inputs[_KEY]
        result = jobs.run(
            namespace,
            name=names.restore_keys_job(key),
            arguments=["keys", "--key", key],
            report=report,
        )
        if restoring.key(namespace) == key:
            _restore(namespace, key, report)
        return {"restored": jobs.texts(result)}

    def remove(self, inputs: Props) -> None:
        """Leave the keys to the network, which has them now."""
        jobs.stop(inputs["namespace"], names.restore_keys_job(inputs[_KEY]))


class RestoreProvider(Action):
    """Inputs: namespace; key of the backup (another one is another restore)."""

    replace_on: ClassVar = ("namespace",)
    outputs: ClassVar = ("restored",)

    def identity(self, inputs: Props) -> str:  # noqa: D102
        return f"{inputs['namespace']}/nodes"

    def apply(self, inputs: Props, report: Report) -> Props:  # noqa: D102
        return {"restored": jobs.texts(_restore(inputs["namespace"], inputs[_KEY], report))}

    def update(self, id_: str, olds: Props, news: Props) -> UpdateResult:
        """Restore the other backup, and let this one be restored after it again."""
        updated = super().update(id_, olds, news)
        if olds[_KEY] != news[_KEY]:
            restoring.forget(news["namespace"], olds[_KEY])
            jobs.stop(news["namespace"], names.restore_job(olds[_KEY]))
        return updated

    def remove(self, inputs: Props) -> None:
        """Leave the network as it is."""
        jobs.stop(inputs["namespace"], names.restore_job(inputs[_KEY]))


def _restore(namespace: str, key: str, report: Report) -> dict[str, Any]:
    return jobs.run(
        namespace,
        name=names.restore_job(key),
        arguments=["restore", "--key", key],
        report=report,
    )


class RestoredKeys(ActionResource, module="fabric", name="RestoredKeys"):
    """Authorities, identities and the genesis block of a backup, in the namespace."""

    namespace: pulumi.Output[str]
    """Its name; what takes it from here waits for them."""
    restored: pulumi.Output[Mapping[str, Any]]
    """What the Job says about it."""

    def __init__(
        self, name: str, *, namespace: pulumi.Input[str], key: str, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__(RestoredKeysProvider(), name, {"namespace": namespace, _KEY: key}, opts)


class Restore(ActionResource, module="fabric", name="Restore"):
    """The nodes, with the files of a backup."""

    restored: pulumi.Output[Mapping[str, Any]]
    """What the Job says about it."""

    def __init__(
        self, name: str, *, namespace: pulumi.Input[str], key: str, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__(RestoreProvider(), name, {"namespace": namespace, _KEY: key}, opts)
