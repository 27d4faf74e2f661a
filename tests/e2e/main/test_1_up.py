"""`pulumi up` from nothing to committed transactions, and what it has made."""

from tests.e2e.conftest import Measure
from tests.e2e.harness.fabric import CHAINCODES, MEMBERS
from tests.e2e.harness.kubernetes import Manifest
from tests.e2e.main.conftest import Launched

LIMIT = 40.0
"""Seconds from a ready cluster to transactions committed on all channels."""


def test_up_commits_a_transaction_on_every_channel_in_time(
    launched: Launched, measure: Measure
) -> None:
    measure("first up, chaincodes as images", launched.first_up.seconds)
    calls = _resources(launched, "Invocation")
    called = {call["inputs"]["channel"]: call["inputs"]["chaincode"] for call in calls}
    assert called == CHAINCODES
    assert all(call["outputs"]["transaction"] for call in calls)
    assert launched.first_up.seconds <= LIMIT


def test_the_outputs_name_namespace_and_channels(launched: Launched) -> None:
    outputs = launched.stack.outputs()
    assert outputs["namespace"] == launched.stack.name
    assert outputs["channels"] == list(MEMBERS)


def test_the_namespace_enforces_restricted_pods(launched: Launched) -> None:
    labels = launched.stack.namespace.manifest()["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_pods_are_not_root_and_have_neither_a_writable_root_nor_an_api_token(
    launched: Launched,
) -> None:
    pods = launched.stack.namespace.all("pods")
    assert len(pods) == 6
    for pod in pods:
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is False
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert not any("serviceAccountToken" in str(volume) for volume in spec["volumes"])
        for container in _containers(pod):
            assert container["securityContext"]["readOnlyRootFilesystem"] is True
            assert container["securityContext"]["allowPrivilegeEscalation"] is False
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}


def test_no_pod_was_started_for_an_action(launched: Launched) -> None:
    running = {pod["metadata"]["name"] for pod in launched.stack.namespace.all("pods")}
    assert launched.pods == running


def _containers(pod: Manifest) -> list[Manifest]:
    return pod["spec"].get("initContainers", []) + pod["spec"]["containers"]


def _resources(launched: Launched, kind: str) -> list[Manifest]:
    wanted = f"pulumi-python:dynamic/fabric:{kind}"
    return [each for each in launched.stack.resources() if each["type"] == wanted]
