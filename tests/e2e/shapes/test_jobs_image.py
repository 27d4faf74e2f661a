"""The image of jobs, in a pod with few rights: it asks the cluster, a pod and object stores."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from hlf import names
from hlf.backup.store import open_store
from tests.e2e.harness import embedded, stores
from tests.e2e.harness.kubernetes import Namespace
from tests.e2e.harness.stores import Server
from tools import images

NAME = "e2e-jobs-image"
RBAC = "rbac.authorization.k8s.io"
PORT = 8080
ASK_CLUSTER = f"""
import sys
from urllib.request import urlopen
from actions import cluster
cluster.use(None)
assert {{pod["metadata"]["name"] for pod in cluster.find("{NAME}", "pods")}} == {{"job", "other"}}
for address in cluster.forward("{NAME}", "other", {PORT}), f"{{sys.argv[1]}}:{PORT}":
    assert urlopen(f"http://{{address}}/", timeout=10).status == 200
"""
PUT = """
import sys
from hlf.backup.store import open_store
open_store(sys.argv[1]).put("from/pod", b"x" * 4_000_000)
"""


def pod(name: str, *command: str) -> dict[str, Any]:
    """As restricted as Kubernetes knows it, with a folder to write to."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name},
        "spec": {
            "serviceAccountName": NAME,
            "terminationGracePeriodSeconds": 0,
            "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [
                {
                    "name": "main",
                    "image": names.JOBS_IMAGE,
                    "args": list(command),
                    "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
                    "securityContext": {
                        "allowPrivilegeEscalation": False,
                        "readOnlyRootFilesystem": True,
                        "capabilities": {"drop": ["ALL"]},
                    },
                }
            ],
            "volumes": [{"name": "tmp", "emptyDir": {}}],
        },
    }


def rights() -> list[dict[str, Any]]:
    """To see pods and to reach their ports."""
    metadata = {"name": NAME}
    rules = [
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]},
        {"apiGroups": [""], "resources": ["pods/portforward"], "verbs": ["create", "get"]},
    ]
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata},
        {"apiVersion": f"{RBAC}/v1", "kind": "Role", "metadata": metadata, "rules": rules},
        {
            "apiVersion": f"{RBAC}/v1",
            "kind": "RoleBinding",
            "metadata": metadata,
            "roleRef": {"apiGroup": RBAC, "kind": "Role", "name": NAME},
            "subjects": [{"kind": "ServiceAccount", "name": NAME}],
        },
    ]


@pytest.fixture(scope="module")
def namespace(node: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Namespace]:
    """With the pod `job`, which waits for commands, and `other`, which serves a folder."""
    embedded.provide(images.JOBS)
    found = Namespace(NAME)
    found.remove()
    found.kubectl("create", "namespace", NAME)
    found.kubectl("label", "namespace", NAME, "pod-security.kubernetes.io/enforce=restricted")
    other = pod("other", "-m", "http.server", str(PORT), "--directory", "/tmp")
    probe = {"tcpSocket": {"port": PORT}, "periodSeconds": 1}
    other["spec"]["containers"][0]["readinessProbe"] = probe
    items = [*rights(), pod("job", "-c", "import time; time.sleep(3600)"), other]
    file = tmp_path_factory.mktemp("manifests") / "all.json"
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
    found.kubectl("apply", "-f", str(file))
    found.kubectl("wait", "pods", "--all", "--for=condition=Ready", "--timeout=60s")
    yield found
    found.remove()


def run(namespace: Namespace, code: str, *arguments: str, **environment: str) -> None:
    variables = [f"{name}={value}" for name, value in environment.items()]
    program = ["env", *variables, "python3", "-c", code, *arguments]
    namespace.kubectl("exec", "job", "--", *program)


def test_it_asks_the_cluster_as_its_service_account(namespace: Namespace) -> None:
    """And reaches pods both through it and at their addresses."""
    other = namespace.get("pod", "other")
    assert other
    run(namespace, ASK_CLUSTER, other["status"]["podIP"])


@pytest.mark.parametrize("serve", [stores.s3, stores.azure])
def test_it_writes_to_object_stores(
    namespace: Namespace,
    serve: Callable[[Path], AbstractContextManager[Server]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with serve(tmp_path) as server:
        url = f"{server.url}/some/where"
        run(namespace, PUT, url, **server.environment)
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        assert open_store(url).get("from/pod") == b"x" * 4_000_000
