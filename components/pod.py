"""The parts of a pod's manifest that all pods of a network share.

Manifests are plain dictionaries in Kubernetes' own spelling. Pods pass the *restricted* Pod
Security Standard: not root, no capabilities, a read-only root file system, no API token.
"""

from collections.abc import Mapping
from typing import Any

import pulumi

from hlf.spec.model import PodSettings

SECONDS_OF_A_WEEK = 7 * 24 * 60 * 60

USER = 7051
"""The user and group that containers run as and volumes belong to, unless an image has its own."""


def pod_spec(
    settings: PodSettings, *, apart: Mapping[str, str] | None = None, user: int = USER
) -> dict[str, Any]:
    """Return what a pod's spec begins with: security, where its images come from, its place.

    Pods that carry the labels `apart` are kept on machines of their own, as the settings say.
    """
    spec = _security(user)
    if settings.pull_secrets:
        spec["imagePullSecrets"] = [{"name": name} for name in settings.pull_secrets]
    if apart and settings.anti_affinity != "none":
        spec["affinity"] = {"podAntiAffinity": _anti_affinity(settings.anti_affinity, apart)}
    return spec


def resources(settings: PodSettings) -> dict[str, Any]:
    """Return a container's `resources`, as the part of a container that holds them."""
    found = {"requests": settings.resources.requests, "limits": settings.resources.limits}
    return {"resources": {key: dict(amounts) for key, amounts in found.items() if amounts}}


def _anti_affinity(kind: str, labels: Mapping[str, str]) -> dict[str, Any]:
    term = {"labelSelector": {"matchLabels": dict(labels)}, "topologyKey": "kubernetes.io/hostname"}
    if kind == "required":
        return {"requiredDuringSchedulingIgnoredDuringExecution": [term]}
    preferred = [{"weight": 100, "podAffinityTerm": term}]
    return {"preferredDuringSchedulingIgnoredDuringExecution": preferred}


def _security(user: int) -> dict[str, Any]:
    return {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": user,
            "runAsGroup": user,
            "fsGroup": user,
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
    """Return the probes of a container that is ready as soon as a port is open."""
    return {"readinessProbe": {"tcpSocket": {"port": port}, "periodSeconds": 1}}


def starts(port: int, *, operations: int) -> dict[str, Any]:
    """Return the probes of a Fabric node: it is ready as soon as its port for clients is open.

    From then on its operations port is looked at, because under TLS a node writes an error for
    each connection to the other that says nothing. Fabric's /healthz is no help: it is green before
    and without ledgers, and crashes an orderer of a Kafka network that is still booting. A start
    may take as long as it wants: it may be building an index.
    """
    return {
        "startupProbe": {
            "tcpSocket": {"port": port},
            "periodSeconds": 1,
            "failureThreshold": SECONDS_OF_A_WEEK,
        },
        "readinessProbe": {"tcpSocket": {"port": operations}, "periodSeconds": 2},
    }
