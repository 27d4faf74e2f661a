"""An invocation says whether its chaincode's server is there, so that `up` calls it again."""

from actions.invocation import InvocationProvider
from tests.unit.actions.kubernetes import Kubernetes
from tests.unit.actions.pods_made import pod

SERVER = "hlf-chaincode--very-simple--0a1b2c3d"
INPUTS = {"namespace": "fabric", "server": SERVER, "answers": True}


def test_a_missing_server_is_drift_that_an_up_repairs(kubernetes: Kubernetes) -> None:
    provider = InvocationProvider()
    read = provider.read("id", {**INPUTS, "result": "pong"})
    assert read.inputs == {**INPUTS, "answers": False}
    assert read.outs["result"] == "pong"
    assert provider.diff("id", {**INPUTS, "answers": False}, INPUTS).replaces == []

    made = pod(SERVER, ready=True)
    made["metadata"]["labels"] = {"app": SERVER}
    kubernetes.put("fabric", "pods", made)
    assert provider.observe({**INPUTS, "answers": False}) == INPUTS
