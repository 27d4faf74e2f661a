"""The first thing that `destroy` asks: is this the cluster of the network?"""

import pytest

from actions.cluster import ClusterError
from actions.guard import GuardProvider
from tests.unit.actions.kubernetes import Kubernetes

PROPS = {"owner": "hlf/dev", "resource": "urn"}


def test_it_knows_its_cluster_and_goes_there(kubernetes: Kubernetes) -> None:
    kubernetes.put_namespace("kube-system", uid="here")
    checked = GuardProvider().check({}, dict(PROPS))
    assert checked.inputs == {**PROPS, "cluster": "here"}
    assert checked.failures == []
    created = GuardProvider().create(checked.inputs)
    assert created.id == "hlf/dev"
    GuardProvider().delete(created.id, created.outs)


def test_on_another_cluster_it_stays(kubernetes: Kubernetes) -> None:
    kubernetes.put_namespace("kube-system", uid="there")
    recorded = {**PROPS, "cluster": "here"}
    with pytest.raises(ClusterError, match="hlf/dev is on another cluster"):
        GuardProvider().delete("hlf/dev", recorded)
    (failure,) = GuardProvider().check(recorded, dict(PROPS)).failures
    assert "on another cluster" in failure.reason
