"""A folder of this machine as a volume in a namespace, which outlives the namespace."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.harness.kubernetes import Namespace

CLAIM = "backups"
STORE = f"claim://{CLAIM}/networks"


@contextmanager
def volume(namespace: Namespace, folder: Path) -> Iterator[None]:
    """Have the namespace with a claim of the folder, for `STORE`; take the volume away."""
    folder.mkdir(parents=True, exist_ok=True)
    # Volumes that are folders of the machine are not made the pod's by Kubernetes.
    folder.chmod(0o777)
    name = f"{namespace.name}-{CLAIM}"
    # Of a run of these tests that was killed.
    namespace.kubectl("delete", "pv", name, "--ignore-not-found")
    common = {"accessModes": ["ReadWriteMany"], "storageClassName": ""}
    size = {"storage": "1Gi"}
    objects = [
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {
                "name": namespace.name,
                "labels": {"pod-security.kubernetes.io/enforce": "restricted"},
            },
        },
        {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": name},
            "spec": {
                **common,
                "capacity": size,
                "persistentVolumeReclaimPolicy": "Retain",
                "hostPath": {"path": str(folder)},
                "claimRef": {"namespace": namespace.name, "name": CLAIM},
            },
        },
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": CLAIM, "namespace": namespace.name},
            "spec": {**common, "volumeName": name, "resources": {"requests": size}},
        },
    ]
    manifest = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
    subprocess.run(["kubectl", "apply", "-f", "-"], input=manifest, text=True, check=True)
    try:
        yield
    finally:
        namespace.kubectl("delete", "pvc", CLAIM, "--ignore-not-found", "--wait=false")
        namespace.kubectl("delete", "pv", name, "--wait=false")
