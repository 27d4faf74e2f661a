"""The nodes' own domains (`peer0.atlantis.com`), known inside the network's pods.

No DNS server knows them. They stand in the hosts file of every node's pod, with the addresses that
Kubernetes gives the nodes' Services and that stay as long as these. So a node that is added
changes the pods of all others, which the rollout replaces one at a time.
"""

from collections.abc import Mapping
from typing import Any

from pulumi_kubernetes.core.v1 import Service

HostAliases = tuple[dict[str, Any], ...]
"""A pod's `hostAliases`."""


def host_aliases(services: Mapping[str, Service]) -> HostAliases:
    """Return the entries for these Services, which are given by the domain that leads to them."""
    return tuple(
        {"ip": service.spec.cluster_ip, "hostnames": [domain]}
        for domain, service in services.items()
    )
