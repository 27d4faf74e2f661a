"""Pods and StatefulSets as Kubernetes shows them."""

from typing import Any

Manifest = dict[str, Any]


def pod(node: str, *, revision: str = "r1", ready: bool = True, **status: Any) -> Manifest:
    return {
        "metadata": {
            "name": f"{node}-0",
            "labels": {"app": node, "hlf/node": "true", "controller-revision-hash": revision},
        },
        "spec": {"volumes": [{"name": "tmp", "emptyDir": {}}, _claimed(node)]},
        "status": {
            "conditions": [{"type": "Ready", "status": "True" if ready else "False"}],
            **status,
        },
    }


def stateful_set(node: str, *, revision: str = "r1", seen: bool = True) -> Manifest:
    return {
        "metadata": {"name": node, "generation": 2},
        "status": {"observedGeneration": 2 if seen else 1, "updateRevision": revision},
    }


def _claimed(node: str) -> Manifest:
    return {"name": "data", "persistentVolumeClaim": {"claimName": node}}
