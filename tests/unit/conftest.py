import json
from collections.abc import Iterator

import pytest

from actions import cluster
from tests.unit.actions.kubernetes import Kubernetes


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubernetes]:
    """One for all tests: actions.cluster keeps its connection for the life of the process."""
    kubernetes = Kubernetes()
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "test", "cluster": {"server": kubernetes.url}}],
        "users": [{"name": "test", "user": {}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
        "current-context": "test",
    }
    path = tmp_path_factory.mktemp("kube") / "config"
    path.write_text(json.dumps(config))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("KUBECONFIG", str(path))
        environment.delenv("HLF_CONTEXT", raising=False)
        cluster.use("test")
        yield kubernetes
    kubernetes.close()


@pytest.fixture
def kubernetes(server: Kubernetes) -> Kubernetes:
    """The API of a cluster without objects."""
    server.objects.clear()
    server.requests.clear()
    server.logs.clear()
    server.on_delete = lambda _: None
    server.on_create = lambda _key, _manifest: None
    return server
