"""What `destroy` leaves: everything, what cannot be made again, or nothing."""

import json
from pathlib import Path

from tests.e2e.conftest import Measure
from tests.e2e.harness import embedded, network
from tests.e2e.harness.belongings import is_made_by_another
from tests.e2e.harness.fabric import MEMBERS, ORDERER
from tests.e2e.main.conftest import Launched
from tools import images

KEPT_KINDS = {"PersistentVolumeClaim", "Secret"}
KEPT_CONFIG_MAPS = {
    "hlf-network",
    "hlf-genesis",
    "hlf-msp--groeifabriek",
    "hlf-msp--karga",
    "hlf-msp--nevergreen",
    "hlf-msp--atlantis",
}
OF_KUBERNETES = {("ConfigMap", "kube-root-ca.crt"), ("ServiceAccount", "default")}


def test_a_protected_network_is_not_touched(launched: Launched) -> None:
    stack = launched.stack
    stack.configure(protect=True)
    stack.up()
    before = _uids(launched)
    assert ("Pod", f"{ORDERER}-0") in before
    try:
        refused = stack.destroy(ok=False)
        assert refused.status != 0
        assert "protect" in refused.output
        assert _uids(launched) == before
    finally:
        stack.configure(protect=False)
        stack.up()


def test_a_network_on_another_cluster_is_not_touched(launched: Launched, tmp_path: Path) -> None:
    """There is one cluster here, so the state is made to say that the network is on another."""
    stack = launched.stack
    before, state = _uids(launched), tmp_path / "state.json"
    kept = stack.export()
    moved = json.loads(json.dumps(kept))
    (guard,) = [
        each for each in moved["deployment"]["resources"] if each["type"].endswith("fabric:Guard")
    ]
    guard["inputs"]["cluster"] = guard["outputs"]["cluster"] = "another"
    try:
        state.write_text(json.dumps(moved))
        stack.pulumi("stack", "import", "--file", str(state))
        refused = stack.destroy(ok=False)
        assert refused.status != 0
        assert f"stack hlf/{stack.name} is on another cluster" in refused.output
        assert _uids(launched) == before
        assert len(stack.resources()) == len(moved["deployment"]["resources"])
    finally:
        state.write_text(json.dumps(kept))
        stack.pulumi("stack", "import", "--file", str(state))


def test_kept_data_is_taken_over_by_the_next_up(launched: Launched) -> None:
    stack, client = launched.stack, launched.client
    stack.configure(keepData=True)
    stack.up()
    client.submit("common", "very-simple", "put", "kept", "value")
    heights = {channel: client.height(channel) for channel in MEMBERS}
    secrets = _secrets(launched)
    uids = _uids(launched)

    stack.destroy()
    left = {key: uid for key, uid in _uids(launched).items() if key[0] != "Pod"}
    assert {(kind, name) for kind, name in left if kind not in KEPT_KINDS} == {
        *OF_KUBERNETES,
        *(("ConfigMap", name) for name in KEPT_CONFIG_MAPS),
    }
    assert left == {key: uid for key, uid in uids.items() if key in left}
    assert _secrets(launched) == secrets
    # pods may take a moment to end, but nothing may be left that an `up` would take for its own
    assert [key for key in uids if key[0] in KEPT_KINDS] == [k for k in left if k[0] in KEPT_KINDS]

    stack.configure(stateDatabase="CouchDB")
    refused = stack.preview(ok=False)
    assert "hlf:stateDatabase says CouchDB" in refused.output
    assert refused.output.count("error: ") == refused.output.count("Go back to LevelDB")
    stack.configure(stateDatabase="LevelDB")

    stack.up()
    assert _secrets(launched) == secrets
    assert {key: uid for key, uid in _uids(launched).items() if key in left} == left
    assert client.evaluate("common", "very-simple", "get", "kept") == {"value"}
    for channel in MEMBERS:
        call = 1  # the chaincode is called again; nothing else is done again
        assert client.height(channel) == heights[channel] + call
    stack.preview("--expect-no-changes")


def test_destroy_leaves_nothing_and_the_next_up_starts_anew(
    launched: Launched, measure: Measure, tmp_path: Path
) -> None:
    """With chaincodes from source, in Go and in Node.js."""
    stack, client = launched.stack, launched.client
    stack.configure(keepData=False)
    stack.up()
    destroy = stack.destroy()
    measure("destroy", destroy.seconds)
    stack.namespace.wait_gone()
    assert stack.resources() == []

    with_node = network.copy(network.SAMPLE, tmp_path / "with-node")
    network.add_chaincode(with_node, "node-simple")
    embedded.provide(*images.needed(node_chaincodes=True))
    stack.configure(network=str(with_node))
    from_source = stack.up()
    measure("first up, chaincodes built from source", from_source.seconds)
    client = launched.client
    client.submit("common", "node-simple", "put", "new", "in Node.js")
    assert client.evaluate("common", "node-simple", "get", "new") == {"in Node.js"}
    client.submit("common", "very-simple", "put", "new", "network")
    assert client.evaluate("common", "very-simple", "list") == {'[{"key":"new","value":"network"}]'}


def test_a_namespace_that_somebody_deleted_is_one_sentence(launched: Launched) -> None:
    stack = launched.stack
    stack.namespace.remove()
    refused = stack.up(ok=False)
    assert refused.status != 0
    assert refused.output.count("error: ") == refused.output.count("is not there, or lacks")
    assert "run `pulumi refresh`" in refused.output
    assert not stack.namespace.exists()

    assert "fabric:Claim: (delete)" in stack.refresh().output
    stack.preview()
    stack.destroy()
    assert not stack.namespace.exists()


def _uids(launched: Launched) -> dict[tuple[str, str], str]:
    return {
        (each["kind"], each["metadata"]["name"]): each["metadata"]["uid"]
        for each in launched.stack.namespace.everything()
        if not is_made_by_another(each) or each["kind"] == "Pod"
    }


def _secrets(launched: Launched) -> dict[str, dict[str, str]]:
    return {
        each["metadata"]["name"]: each["data"] for each in launched.stack.namespace.all("secrets")
    }
