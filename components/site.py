"""Where a network is built: the claimed namespace, the settings, and how long things live.

Every component takes it, so that what is kept at `pulumi destroy` is decided in this one place.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from hlf.spec.model import Node, Settings


@dataclass(frozen=True, kw_only=True)
class Site:
    """`namespace` is an Output of the claim: whatever uses it waits until the namespace is ours."""

    namespace: pulumi.Output[str]
    settings: Settings
    tls: bool
    actual_domains: bool
    system_channel: bool
    """Whether orderers begin with one; otherwise channels are given to them one by one."""
    kafka: bool
    own_cluster_port: bool
    """Whether orderers have a port for their cluster, because that for clients speaks no TLS."""
    provider: pulumi.ProviderResource | None = None
    """What makes manifests; none before the namespace is ours."""

    def host(self, node: Node, kubernetes_name: str) -> str:
        """Return the name by which other nodes know a node."""
        return node.fqdn if self.actual_domains else kubernetes_name

    def metadata(
        self,
        name: str,
        *,
        labels: Mapping[str, str] | None = None,
        annotations: Mapping[str, str] | None = None,
    ) -> Any:
        """Return an object's metadata, as a manifest."""
        given = {"labels": dict(labels)} if labels else {}
        return {
            "name": name,
            "namespace": self.namespace,
            "annotations": {**ADOPT, **(annotations or {})},
            **given,
        }

    def passing(
        self, parent: pulumi.Resource, depends_on: list[pulumi.Resource] | None = None
    ) -> pulumi.ResourceOptions:
        """Options for what can be made anew at any time: Services, pods, actions."""
        return pulumi.ResourceOptions(parent=parent, depends_on=depends_on, provider=self.provider)

    def lasting(
        self, parent: pulumi.Resource, depends_on: list[pulumi.Resource] | None = None
    ) -> pulumi.ResourceOptions:
        """Options for what a network cannot lose: keys, volumes, the genesis block."""
        return pulumi.ResourceOptions(
            parent=parent,
            depends_on=depends_on,
            provider=self.provider,
            retain_on_delete=self.settings.keep_data,
        )


ADOPT = {"pulumi.com/patchForce": "true"}
"""Annotation of everything: what an object of the network says is ours to say.

Without it an object that a stack left behind, or that was edited by hand, would be a conflict that
`pulumi up` cannot solve.
"""

NO_WAIT = {
    "pulumi.com/skipAwait": "true",
    # else a deletion that is not waited for is seen, and adopted, by an `up` right after
    "pulumi.com/deletionPropagationPolicy": "background",
}
"""Annotation of what Pulumi should not wait for: actions wait for pods, and know better why."""
