"""What was committed outlives the pods, and with `keepData` also the network itself."""

import base64
import json
import urllib.request

from actions import cluster
from hlf import names
from tests.e2e.conftest import Measure
from tests.e2e.harness.fabric import Client
from tests.e2e.harness.use import use
from tests.e2e.shapes.conftest import MakeSample


def test_data_outlives_pods_and_the_network(make_sample: MakeSample, measure: Measure) -> None:
    """With a CouchDB for each peer: on the embedded node a stand-in, as no registry has it."""
    stack = make_sample("simple-persistent")
    measure("simple-persistent: up", stack.up().seconds)
    use(stack)
    client = Client.of(stack)
    kinds = "pods,persistentvolumeclaims"
    claims = _uids(stack.namespace.all(kinds), "PersistentVolumeClaim")
    assert {name for name in claims if "couchdb" in name} == {
        f"hlf-couchdb--{org}--peer0" for org in ("karga", "nevergreen", "atlantis")
    }

    client.submit("common", "very-simple", "put", "car", '{"owner":"ann"}')
    client.submit("common", "very-simple", "put", "bike", '{"owner":"bob"}')
    found = client.evaluate("common", "very-simple", "find", '{"selector":{"owner":"ann"}}')
    assert [[each["key"] for each in json.loads(one)] for one in found] == [["car"]]
    for database in (name for name in claims if "couchdb" in name):
        assert "owner" in _indexes(stack.namespace.name, database, "common_very-simple")
    height = client.height("common")

    stack.namespace.kubectl("delete", "pods", "--all", "--wait")
    stack.up()  # waits for nothing: it has nothing to do
    stack.namespace.kubectl("wait", "pods", "--all", "--for=condition=Ready", "--timeout=60s")
    assert client.evaluate("common", "very-simple", "get", "of-Karga") == {"Karga"}
    assert client.height("common") == height

    stack.destroy()
    assert _uids(stack.namespace.all(kinds), "PersistentVolumeClaim") == claims
    measure("simple-persistent: up that takes the data over", stack.up().seconds)
    assert Client.of(stack).evaluate("common", "very-simple", "get", "of-Karga") == {"Karga"}
    use(stack)
    stack.preview("--expect-no-changes")


def _uids(manifests: list[dict], kind: str) -> dict[str, str]:
    return {m["metadata"]["name"]: m["metadata"]["uid"] for m in manifests if m["kind"] == kind}


def _indexes(namespace: str, database: str, name: str) -> set[str]:
    """Return the names of the indexes of a database, as its CouchDB tells its own user."""
    address = cluster.forward(namespace, names.pod(database), names.COUCHDB_PORT)
    secret = cluster.secret(namespace, database)
    assert secret is not None
    login = base64.b64encode(secret["user"] + b":" + secret["password"]).decode()
    request = urllib.request.Request(
        f"http://{address}/{name}/_index", headers={"Authorization": f"Basic {login}"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return {each["name"] for each in json.load(answer)["indexes"]}
