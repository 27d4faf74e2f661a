"""What the embedded node has besides Kubernetes itself: cluster names (CoreDNS) and storage."""

from typing import Any

from tools import versions

DNS_ADDRESS = "10.96.0.10"
DNS_IMAGE = f"coredns/coredns:{versions.COREDNS}"

_SYSTEM = "kube-system"
_LABELS = {"k8s-app": "kube-dns"}
_COREFILE = """\
.:53 {
    errors
    health
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
        ttl 5
    }
    cache 5
}
"""


def manifests() -> list[dict[str, Any]]:
    """Return everything, in the order in which to apply it."""
    return [*_dns_access(), _dns_service(), _dns_configuration(), _dns_deployment(), _storage()]


def _named(kind: str, api: str, name: str, *, namespace: str | None = None) -> dict[str, Any]:
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": api, "kind": kind, "metadata": metadata}


def _dns_access() -> list[dict[str, Any]]:
    rbac = "rbac.authorization.k8s.io"
    watched = {"": ["endpoints", "services", "pods", "namespaces"]}
    watched["discovery.k8s.io"] = ["endpointslices"]
    return [
        _named("ServiceAccount", "v1", "coredns", namespace=_SYSTEM),
        _named("ClusterRole", f"{rbac}/v1", "system:coredns")
        | {
            "rules": [
                {"apiGroups": [group], "resources": resources, "verbs": ["list", "watch"]}
                for group, resources in watched.items()
            ]
        },
        _named("ClusterRoleBinding", f"{rbac}/v1", "system:coredns")
        | {
            "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", "name": "system:coredns"},
            "subjects": [{"kind": "ServiceAccount", "name": "coredns", "namespace": _SYSTEM}],
        },
    ]


def _dns_service() -> dict[str, Any]:
    return _named("Service", "v1", "kube-dns", namespace=_SYSTEM) | {
        "spec": {
            "clusterIP": DNS_ADDRESS,
            "selector": _LABELS,
            "ports": [
                {"name": "dns", "port": 53, "protocol": "UDP"},
                {"name": "dns-tcp", "port": 53, "protocol": "TCP"},
            ],
        }
    }


def _dns_configuration() -> dict[str, Any]:
    configuration = _named("ConfigMap", "v1", "coredns", namespace=_SYSTEM)
    return configuration | {"data": {"Corefile": _COREFILE}}


def _dns_deployment() -> dict[str, Any]:
    container = {
        "name": "coredns",
        "image": DNS_IMAGE,
        "args": ["-conf", "/etc/coredns/Corefile"],
        "readinessProbe": {"httpGet": {"path": "/ready", "port": 8181}, "periodSeconds": 1},
        "volumeMounts": [{"name": "configuration", "mountPath": "/etc/coredns"}],
    }
    pod = {
        "serviceAccountName": "coredns",
        "dnsPolicy": "Default",
        "priorityClassName": "system-cluster-critical",
        "containers": [container],
        "volumes": [{"name": "configuration", "configMap": {"name": "coredns"}}],
    }
    return _named("Deployment", "apps/v1", "coredns", namespace=_SYSTEM) | {
        "spec": {
            "selector": {"matchLabels": _LABELS},
            "template": {"metadata": {"labels": _LABELS}, "spec": pod},
        }
    }


def _storage() -> dict[str, Any]:
    storage = _named("StorageClass", "storage.k8s.io/v1", "standard")
    storage["metadata"]["annotations"] = {"storageclass.kubernetes.io/is-default-class": "true"}
    return storage | {
        "provisioner": "hlf/volume-provisioner",
        "reclaimPolicy": "Delete",
        "volumeBindingMode": "WaitForFirstConsumer",
    }
