"""What a peer and an orderer have in common in Kubernetes: volume claim, StatefulSet, Services.

The claim is a resource of its own, so that it can be protected, kept and filled before a first
start.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_kubernetes.apps.v1 import StatefulSet
from pulumi_kubernetes.core.v1 import PersistentVolumeClaim, Service
from pulumi_kubernetes.policy.v1 import PodDisruptionBudget

from components.host_aliases import HostAliases
from components.keys import MSP, TLS
from components.pod import USER, pod_spec, resources
from components.site import NO_WAIT, Site
from hlf.spec.model import PodSettings

DATA = "data"
TMP = "tmp"

MOUNTS: tuple[dict[str, Any], ...] = (
    {"name": DATA, "mountPath": "/var/hyperledger/production"},
    {"name": TMP, "mountPath": "/tmp"},  # noqa: S108  (in the container)
    {"name": MSP, "mountPath": "/etc/hyperledger/msp", "readOnly": True},
    {"name": TLS, "mountPath": "/etc/hyperledger/tls", "readOnly": True},
    {"name": "config", "mountPath": "/etc/hyperledger/config", "readOnly": True},
)
"""Where every node's container has its ledger, its keys and its configuration."""


@dataclass(frozen=True, kw_only=True)
class RunningNode:
    """A node as the rest of the program sees it."""

    name: str
    """Of its Service, StatefulSet, pod's `app` label, Secret and claim."""
    digest: pulumi.Output[str]
    """Another one means that its pod is to be replaced."""
    stateful_set: StatefulSet


def node(
    name: str,
    kubernetes_name: str,
    *,
    settings: PodSettings,
    container: Mapping[str, Any],
    volumes: list[dict[str, Any]],
    labels: Mapping[str, str],
    apart: Mapping[str, str],
    annotations: Mapping[str, pulumi.Input[str]],
    site: Site,
    parent: pulumi.Resource,
    depends_on: list[pulumi.Resource],
    aliases: HostAliases = (),
    user: int = USER,
) -> RunningNode:
    """Make a node. `container` may mount DATA, which lasts, and TMP, beside `volumes`.

    `annotations` go to the pod: what is in them replaces it when it changes. Pods that carry the
    labels `apart` are kept on different machines. Its Service is made before, by `service`.
    """
    claim = _claim(name, kubernetes_name, settings, site=site, parent=parent)
    labels = {**labels, "app": kubernetes_name, "hlf/node": "true"}
    template: dict[str, Any] = {
        "metadata": {
            "labels": {**settings.labels, **labels},
            "annotations": {**settings.annotations, **annotations},
        },
        "spec": {
            **pod_spec(settings, apart=apart, user=user),
            **({"hostAliases": list(aliases)} if aliases else {}),
            "containers": [{**container, **resources(settings)}],
            "volumes": [
                {"name": DATA, "persistentVolumeClaim": {"claimName": kubernetes_name}},
                {"name": TMP, "emptyDir": {}},
                *volumes,
            ],
        },
    }
    spec: Any = {
        "replicas": 1,
        "serviceName": kubernetes_name,
        "selector": {"matchLabels": {"app": kubernetes_name}},
        # pods are replaced one at a time, by actions.rollout
        "updateStrategy": {"type": "OnDelete"},
        "template": template,
    }
    stateful_set = StatefulSet(
        name,
        metadata=site.metadata(kubernetes_name, labels=labels, annotations=NO_WAIT),
        spec=spec,
        opts=site.passing(parent, depends_on=[claim, *depends_on]),
    )
    digest = pulumi.Output.json_dumps(template, sort_keys=True).apply(digest_of)
    return RunningNode(name=kubernetes_name, digest=digest, stateful_set=stateful_set)


def service(
    name: str,
    kubernetes_name: str,
    selector: Mapping[str, str],
    ports: Mapping[str, int],
    *,
    site: Site,
    parent: pulumi.Resource,
    unready: bool = False,
) -> Service:
    """Make a Service; `ports` are named and the same on both sides.

    With `unready` it leads to pods that are not ready, too.
    """
    spec: Any = {
        "type": "ClusterIP",
        **({"publishNotReadyAddresses": True} if unready else {}),
        "selector": dict(selector),
        "ports": [
            {"name": port, "port": number, "targetPort": number, "protocol": "TCP"}
            for port, number in ports.items()
        ],
    }
    return Service(
        name,
        metadata=site.metadata(kubernetes_name, annotations=NO_WAIT),
        spec=spec,
        opts=site.passing(parent),
    )


def budget(
    name: str,
    kubernetes_name: str,
    selector: Mapping[str, str],
    *,
    of: int,
    site: Site,
    parent: pulumi.Resource,
) -> None:
    """Let evictions take one pod at a time of a group of `of`, so that the others can go on.

    A group in which nobody stands in for another gets no budget: it would block every eviction.
    """
    if of > 1:
        spec: Any = {"maxUnavailable": 1, "selector": {"matchLabels": dict(selector)}}
        PodDisruptionBudget(
            name,
            metadata=site.metadata(kubernetes_name),
            spec=spec,
            opts=site.passing(parent),
        )


def digest_of(text: str) -> str:
    """Return a short name for a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _claim(
    name: str,
    kubernetes_name: str,
    settings: PodSettings,
    *,
    site: Site,
    parent: pulumi.Resource,
) -> PersistentVolumeClaim:
    spec: Any = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": settings.storage_size}},
    }
    if settings.storage_class is not None:
        spec["storageClassName"] = settings.storage_class
    # It is for volumes that are made: of one that exists, Kubernetes can only make a new one.
    # `actions.claim` refuses a class that the volume does not have.
    as_made = pulumi.ResourceOptions(ignore_changes=["spec.storageClassName"])
    return PersistentVolumeClaim(
        name,
        metadata=site.metadata(kubernetes_name, annotations=NO_WAIT),
        spec=spec,
        opts=pulumi.ResourceOptions.merge(site.lasting(parent), as_made),
    )
