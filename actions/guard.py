"""What stops `pulumi destroy` before it touches anything.

Pulumi deletes what depends on others first, and stops at what is protected or cannot be deleted.
Protecting each key and volume would be too late (pods would be gone by then), and would also refuse
an edit of the files that takes a peer out. So one thing depends on everything. It can be protected,
and it is not deleted where the kube context leads to another cluster by now.
"""

import pulumi
from pulumi.dynamic import CheckFailure, CheckResult

from actions import same_cluster
from actions.cluster import ClusterError
from actions.progress import Report
from actions.provider import Action, ActionResource, Props


class GuardProvider(Action):
    """Inputs: owner (`project/stack`), and cluster, which is found out here."""

    def identity(self, inputs: Props) -> str:  # noqa: D102
        return inputs["owner"]

    def apply(self, inputs: Props, report: Report) -> Props:  # noqa: ARG002, D102
        return {}

    def check(self, olds: Props, news: Props) -> CheckResult:
        """Note the cluster."""
        try:
            return CheckResult(same_cluster.noted(olds, news), [])
        except ClusterError as error:
            return CheckResult(news, [CheckFailure("", str(error))])

    def remove(self, inputs: Props) -> None:  # noqa: D102
        same_cluster.check(inputs)


class Guard(ActionResource, module="fabric", name="Guard"):
    """Depends on a whole network, so that it is the first to be deleted."""

    def __init__(self, name: str, network: pulumi.Resource, *, owner: str, protect: bool) -> None:
        opts = pulumi.ResourceOptions(depends_on=[network], protect=protect)
        super().__init__(GuardProvider(), name, {"owner": owner}, opts)
