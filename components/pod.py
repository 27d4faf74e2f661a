"""The parts of a pod's manifest that all pods of a network share.

Manifests are plain dictionaries in Kubernetes' own spelling. Pods pass the *restricted* Pod
Security Standard: not root, no capabilities, a read-only root file system, no API token.
"""

from collections.abc import Mapping
from typing import Any

import pulumi

USER = 7051
"""The user and group that all containers run as and volumes belong to."""


def pod_security() -> dict[str, Any]:
    """Return the parts of a pod's spec that have to do with security."""
    return {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "fsGroup": USER,
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }


def container_security() -> dict[str, Any]:
    """Return a container's securityContext."""
    return {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def env(values: Mapping[str, pulumi.Input[str]]) -> list[dict[str, Any]]:
    """Return a container's env, sorted by name."""
    return [{"name": name, "value": values[name]} for name in sorted(values)]


def listens(port: int) -> dict[str, Any]:
    """Return a readiness probe for a port.

    Fabric's /healthz is no help: it is green before and without ledgers, and crashes an orderer
    of a Kafka network that is still booting.
    """
    return {"tcpSocket": {"port": port}, "periodSeconds": 1, "failureThreshold": 3}
