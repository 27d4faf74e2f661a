"""Which nodes an action works on, and as whom: the inputs that `actions.nodes` reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi


@dataclass(frozen=True, kw_only=True)
class Access:
    """Which nodes an action works on, and as whom: inputs that all such actions have."""

    namespace: pulumi.Input[str]
    orderers: Mapping[str, str]
    """The MSP ID of each, by its name in Kubernetes."""
    peers: Mapping[str, str]
    """The MSP ID of each, by its name in Kubernetes."""
    admins: Mapping[str, str]
    """The Secret of each organization's admin, by MSP ID."""
    tls_roots: Mapping[str, str]
    """The ConfigMap with each organization's TLS CA, by MSP ID; empty where nodes speak no TLS."""
    orderer_type: str

    def inputs(self) -> dict[str, Any]:
        """Return them as an action's inputs."""
        return {
            "namespace": self.namespace,
            "orderers": self.orderers,
            "peers": self.peers,
            "admins": self.admins,
            "tlsRoots": self.tls_roots,
            "ordererType": self.orderer_type,
        }
