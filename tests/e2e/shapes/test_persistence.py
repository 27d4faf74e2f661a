"""What was committed outlives the pods, and with `keepData` also the network itself."""

from tests.e2e.conftest import Measure
from tests.e2e.harness.fabric import Client
from tests.e2e.shapes.conftest import MakeSample
from tests.e2e.shapes.test_samples import use


def test_data_outlives_pods_and_the_network(make_sample: MakeSample, measure: Measure) -> None:
    """With a CouchDB for each peer: on the embedded node a stand-in, as no registry has it."""
    stack = make_sample("simple-persistent")
    measure("simple-persistent: up", stack.up().seconds)
    use(stack)
    client = Client.of(stack)
    height = client.height("common")
    kinds = "pods,persistentvolumeclaims"
    claims = _uids(stack.namespace.all(kinds), "PersistentVolumeClaim")
    assert {name for name in claims if "couchdb" in name} == {
        f"hlf-couchdb--{org}--peer0" for org in ("karga", "nevergreen", "atlantis")
    }

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
