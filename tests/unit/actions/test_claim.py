"""A namespace belongs to one stack, and is deleted only by the stack that made it."""

import copy
import re
import threading
from collections.abc import Callable
from typing import Any

import pytest

from actions import claim, cluster
from actions.claim import ClaimProvider
from actions.cluster import ClusterError
from actions.provider import Props
from tests.unit.actions.kubernetes import Key, Kubernetes

SHAPE = {"tls": "false", "stateDatabase": "LevelDB", "fabric": "2.5"}
PROPS = {"namespace": "fabric", "owner": "hlf/dev", "shape": SHAPE, "resource": "urn"}
CLAIMED = {"owner": "hlf/dev", **SHAPE}
OTHER = {**PROPS, "owner": "hlf/other"}
NAMESPACE: Key = ("", "namespaces", "fabric")
CLAIM: Key = ("fabric", "configmaps", "hlf-network")
SECRET: Key = ("fabric", "secrets", "hlf-authority--karga")
THEIRS = {"labels": {"team": "theirs"}, "annotations": {"note": "theirs"}}


@pytest.fixture
def controller(kubernetes: Kubernetes) -> None:
    """Empties a namespace that is deleted, at once."""

    def empty(key: Key) -> None:
        if key == NAMESPACE:
            kubernetes.empty("fabric")

    kubernetes.on_delete = empty


@pytest.fixture
def later(kubernetes: Kubernetes) -> Callable[[], threading.Timer]:
    """Ends the deletion of the namespace after a while."""

    def start() -> threading.Timer:
        timer = threading.Timer(0.3, kubernetes.empty, ["fabric"])
        timer.start()
        return timer

    return start


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claim, "_GONE_TIMEOUT", 0.2)


def objects(kubernetes: Kubernetes) -> dict[Key, Any]:
    return copy.deepcopy(kubernetes.objects)


def put_claim(kubernetes: Kubernetes, owner: str) -> None:
    manifest = {"metadata": {"name": "hlf-network"}, "data": {"owner": owner}}
    kubernetes.put("fabric", "configmaps", manifest)


def put_secret(kubernetes: Kubernetes) -> None:
    kubernetes.put("fabric", "secrets", {"metadata": {"name": "hlf-authority--karga"}})


def test_the_first_makes_the_namespace_claims_it_and_may_do_so_again(
    kubernetes: Kubernetes,
) -> None:
    first = ClaimProvider().create(dict(PROPS))
    assert kubernetes.phase("fabric") == "Active"
    assert kubernetes.objects[CLAIM]["data"] == CLAIMED
    before = objects(kubernetes)
    assert ClaimProvider().create(dict(PROPS)).id == first.id == "fabric/hlf-network"
    assert objects(kubernetes) == before


def test_a_namespace_that_is_made_takes_restricted_pods_only(kubernetes: Kubernetes) -> None:
    ClaimProvider().create(dict(PROPS))
    labels = kubernetes.objects[NAMESPACE]["metadata"]["labels"]
    assert labels == {"pod-security.kubernetes.io/enforce": "restricted"}


def test_a_namespace_that_is_there_is_used_as_it_is(kubernetes: Kubernetes) -> None:
    """Without a try to create it, which is refused to who may only use it."""
    kubernetes.put_namespace("fabric", **THEIRS)
    before = objects(kubernetes)
    ClaimProvider().create(dict(PROPS))
    assert {key: value for key, value in objects(kubernetes).items() if key != CLAIM} == before
    assert "POST /namespaces/" not in kubernetes.requests


@pytest.mark.usefixtures("controller")
def test_the_namespace_that_was_made_goes_with_all_that_is_in_it(kubernetes: Kubernetes) -> None:
    kubernetes.put_namespace("neighbour")
    created = ClaimProvider().create(dict(PROPS))
    put_secret(kubernetes)
    ClaimProvider().delete(created.id, created.outs)
    assert set(kubernetes.objects) == {("", "namespaces", "neighbour")}
    ClaimProvider().delete(created.id, created.outs)


@pytest.mark.usefixtures("controller")
def test_a_namespace_that_was_there_before_is_only_released(kubernetes: Kubernetes) -> None:
    kubernetes.put_namespace("fabric", **THEIRS)
    put_secret(kubernetes)
    before = objects(kubernetes)
    created = ClaimProvider().create(dict(PROPS))
    ClaimProvider().delete(created.id, created.outs)
    assert objects(kubernetes) == before
    ClaimProvider().delete(created.id, created.outs)
    assert objects(kubernetes) == before


@pytest.mark.usefixtures("controller")
def test_authorities_of_organizations_that_left_go_with_the_claim(kubernetes: Kubernetes) -> None:
    kubernetes.put_namespace("fabric", **THEIRS)
    before = objects(kubernetes)
    created = ClaimProvider().create(dict(PROPS))
    labels = {"hlf/authority": "true"}
    kubernetes.put("fabric", "secrets", {"metadata": {"name": SECRET[2], "labels": labels}})
    ClaimProvider().delete(created.id, created.outs)
    assert objects(kubernetes) == before


@pytest.mark.usefixtures("controller")
def test_a_second_stack_is_told_whose_it_is_and_changes_nothing(kubernetes: Kubernetes) -> None:
    ClaimProvider().create(dict(PROPS))
    put_secret(kubernetes)
    before = objects(kubernetes)
    with pytest.raises(ClusterError) as caught:
        ClaimProvider().create(dict(OTHER))
    for part in ("fabric", "hlf/dev", "pulumi config set namespace", "hlf-network"):
        assert part in str(caught.value)
    assert objects(kubernetes) == before
    ClaimProvider().delete("fabric/hlf-network", dict(OTHER))
    assert objects(kubernetes) == before


@pytest.mark.usefixtures("controller")
def test_who_was_given_the_namespace_by_another_stack_only_releases_it(
    kubernetes: Kubernetes,
) -> None:
    """The maker has it still, though it lost its claim."""
    ClaimProvider().create(dict(PROPS))
    kubernetes.remove(CLAIM)
    created = ClaimProvider().create(dict(OTHER))
    ClaimProvider().delete(created.id, created.outs)
    assert kubernetes.phase("fabric") == "Active"
    assert CLAIM not in kubernetes.objects


@pytest.mark.parametrize("former", ["hlf/dev", "hlf/other"])
def test_a_namespace_that_is_being_deleted_is_waited_for_and_made_anew(
    kubernetes: Kubernetes, later: Callable[[], threading.Timer], former: str
) -> None:
    kubernetes.put_namespace("fabric", phase="Terminating", **THEIRS)
    put_claim(kubernetes, former)
    put_secret(kubernetes)
    timer = later()
    ClaimProvider().create(dict(PROPS))
    timer.join()
    assert set(kubernetes.objects) == {NAMESPACE, CLAIM}
    assert kubernetes.phase("fabric") == "Active"
    assert "team" not in kubernetes.objects[NAMESPACE]["metadata"]["labels"]
    assert kubernetes.objects[CLAIM]["data"] == CLAIMED


@pytest.mark.usefixtures("impatient")
def test_a_namespace_that_stays_is_not_claimed(kubernetes: Kubernetes) -> None:
    kubernetes.put_namespace("fabric", phase="Terminating")
    with pytest.raises(ClusterError, match=r"fabric is still being deleted.*kubectl describe"):
        ClaimProvider().create(dict(PROPS))
    assert set(kubernetes.objects) == {NAMESPACE}


def test_removing_ends_when_the_namespace_is_gone(
    kubernetes: Kubernetes, later: Callable[[], threading.Timer]
) -> None:
    timers: list[threading.Timer] = []
    created = ClaimProvider().create(dict(PROPS))
    kubernetes.on_delete = lambda _: timers.append(later())
    ClaimProvider().delete(created.id, created.outs)
    assert kubernetes.objects == {}
    (timer,) = timers
    timer.join()


@pytest.mark.usefixtures("impatient")
def test_a_removal_that_does_not_end_is_told_and_may_be_tried_again(
    kubernetes: Kubernetes,
) -> None:
    created = ClaimProvider().create(dict(PROPS))
    for _ in range(2):
        with pytest.raises(ClusterError, match=r"fabric is still being deleted"):
            ClaimProvider().delete(created.id, created.outs)
    assert kubernetes.phase("fabric") == "Terminating"
    kubernetes.empty("fabric")
    ClaimProvider().delete(created.id, created.outs)
    assert kubernetes.objects == {}


@pytest.mark.usefixtures("controller")
def test_a_kill_between_namespace_and_claim_is_made_good_by_the_next_run(
    kubernetes: Kubernetes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(cluster, "create_config_map", kill)
        with pytest.raises(KeyboardInterrupt):
            ClaimProvider().create(dict(PROPS))
    assert set(kubernetes.objects) == {NAMESPACE}

    created = ClaimProvider().create(dict(PROPS))
    assert set(kubernetes.objects) == {NAMESPACE, CLAIM}
    ClaimProvider().delete(created.id, created.outs)
    assert kubernetes.objects == {}


def test_another_owner_is_drift_and_none_is_gone(kubernetes: Kubernetes) -> None:
    created = ClaimProvider().create(dict(PROPS))
    assert ClaimProvider().read(created.id, created.outs).id == created.id
    kubernetes.objects[CLAIM]["data"]["owner"] = "hlf/other"
    read = ClaimProvider().read(created.id, created.outs)
    assert read.inputs is not None
    assert read.inputs["owner"] == "hlf/other"
    kubernetes.remove(CLAIM)
    assert ClaimProvider().read(created.id, created.outs).id == ""


def test_another_namespace_is_another_claim() -> None:
    diff = ClaimProvider().diff("", PROPS, {**PROPS, "namespace": "other"})
    assert diff.replaces == ["namespace"]


def test_a_namespace_that_is_gone_is_one_sentence(kubernetes: Kubernetes) -> None:
    ClaimProvider().create(dict(PROPS))
    assert refusals(PROPS, PROPS) == []
    kubernetes.empty("fabric")
    (refusal,) = refusals(PROPS, PROPS)
    assert re.search(r"Namespace fabric is not there.*`pulumi refresh`", refusal)


def refusals(olds: Props, news: Props) -> list[str]:
    failures = ClaimProvider().check(dict(olds), {"volumes": {}, **news}).failures
    assert all(each.property == "" for each in failures), "Pulumi would add words about it"
    return [each.reason for each in failures]


def put_volume(kubernetes: Kubernetes, size: str) -> None:
    spec = {"storageClassName": "standard", "resources": {"requests": {"storage": size}}}
    claim = {"metadata": {"name": "hlf-peer--karga--peer0"}, "spec": spec}
    kubernetes.put("fabric", "persistentvolumeclaims", claim)


def wanted(size: str) -> Props:
    return {**PROPS, "volumes": {"hlf-peer--karga--peer0": {"kind": "peer", "size": size}}}


@pytest.fixture
def here(kubernetes: Kubernetes) -> str:
    """What tells the cluster from others."""
    kubernetes.put_namespace("kube-system", uid="here")
    return "here"


def test_the_cluster_becomes_an_input_and_volumes_do_not(here: str) -> None:
    checked = ClaimProvider().check({}, wanted("1Gi"))
    assert checked.inputs == {**PROPS, "cluster": here}, "nothing is kept of volumes"
    assert checked.failures == []


def test_who_may_not_see_the_cluster_keeps_what_is_known(kubernetes: Kubernetes) -> None:
    ClaimProvider().create(dict(PROPS))
    assert "cluster" not in ClaimProvider().check({}, wanted("1Gi")).inputs
    known = {**PROPS, "cluster": "here"}
    assert ClaimProvider().check(known, wanted("1Gi")).inputs == known


def test_another_cluster_is_refused_and_left_alone(kubernetes: Kubernetes, here: str) -> None:
    """It may have a namespace of the same name and owner: another backend's stack of this name."""
    created = ClaimProvider().create({**PROPS, "cluster": "another"})
    before = objects(kubernetes)
    (refusal,) = refusals(created.outs, PROPS)
    assert re.search(r"hlf/dev is on another cluster.*kube context test.*HLF_CONTEXT", refusal)
    for work in (ClaimProvider().read, ClaimProvider().delete):
        with pytest.raises(ClusterError, match="on another cluster"):
            work(created.id, created.outs)
    assert objects(kubernetes) == before


def test_a_volume_of_ours_that_cannot_become_what_is_wanted_is_refused(
    kubernetes: Kubernetes,
) -> None:
    ClaimProvider().create(dict(PROPS))
    put_volume(kubernetes, "2Gi")
    assert refusals(PROPS, wanted("2Gi")) == []
    (refusal,) = refusals(PROPS, wanted("1Gi"))
    assert "hlf:pods.peer.storage.size" in refusal


def test_a_namespace_of_another_stack_is_refused_by_a_preview(kubernetes: Kubernetes) -> None:
    """Whether this stack is new, or has had the namespace before, or had another name."""
    ClaimProvider().create(dict(PROPS))
    put_volume(kubernetes, "2Gi")
    for olds in ({}, OTHER, PROPS):
        (refusal,) = refusals(olds, {**wanted("1Gi"), "owner": "hlf/other"})
        assert re.search(r"fabric belongs to the Fabric network of stack hlf/dev", refusal)


def test_a_namespace_that_another_stack_leaves_is_not_refused(kubernetes: Kubernetes) -> None:
    ClaimProvider().create(dict(PROPS))
    kubernetes.objects[NAMESPACE]["status"]["phase"] = "Terminating"
    assert refusals({}, OTHER) == []


def test_what_is_for_good_is_refused(kubernetes: Kubernetes) -> None:
    """By what the cluster has: a stack that kept its data and was destroyed is no other."""
    ClaimProvider().create(dict(PROPS))
    news = {**PROPS, "shape": {**SHAPE, "tls": "true", "stateDatabase": "CouchDB"}}
    for olds in ({}, PROPS):
        first, second = refusals(olds, news)
        assert "`tlsEnabled` of network.yaml says true" in first
        assert "hlf:stateDatabase" in second


def test_a_shape_that_may_change_is_kept_and_an_edited_one_is_drift(
    kubernetes: Kubernetes,
) -> None:
    created = ClaimProvider().create(dict(PROPS))
    news = {**PROPS, "shape": {**SHAPE, "fabric": "3.1"}}
    assert refusals(PROPS, news) == []
    ClaimProvider().update(created.id, created.outs, news)
    assert kubernetes.objects[CLAIM]["data"] == {**CLAIMED, "fabric": "3.1"}
    read = ClaimProvider().read(created.id, created.outs)
    assert read.inputs is not None
    assert read.inputs["shape"] == news["shape"]


def test_a_claim_that_says_no_shape_gets_one(kubernetes: Kubernetes) -> None:
    kubernetes.put_namespace("fabric")
    put_claim(kubernetes, "hlf/dev")
    assert refusals({}, PROPS) == []
    ClaimProvider().create(dict(PROPS))
    assert kubernetes.objects[CLAIM]["data"] == CLAIMED


@pytest.mark.parametrize("grows", [True, False])
def test_a_storage_class_says_whether_volumes_grow(kubernetes: Kubernetes, *, grows: bool) -> None:
    ClaimProvider().create(dict(PROPS))
    put_volume(kubernetes, "1Gi")
    class_ = {"metadata": {"name": "standard"}, **({"allowVolumeExpansion": True} if grows else {})}
    kubernetes.put("", "storageclasses", class_)
    assert (refusals(PROPS, wanted("2Gi")) == []) == grows


def test_a_cluster_that_cannot_be_found_is_a_failed_check(kubernetes: Kubernetes) -> None:
    cluster.use("nowhere")
    try:
        (refusal,) = refusals({}, PROPS)
    finally:
        cluster.use("test")
    assert re.search(r"no kube context nowhere.*hlf:context.*HLF_CONTEXT.*there are: test", refusal)


def put_restore(kubernetes: Kubernetes, name: str) -> None:
    data = {"key": "a"} if name == "hlf-restoring" else {"a": "then", ".last": "a, then"}
    kubernetes.put("fabric", "configmaps", {"metadata": {"name": name}, "data": data})


def test_a_restore_that_was_broken_off_is_gone_on_with_or_refused(kubernetes: Kubernetes) -> None:
    ClaimProvider().create(dict(PROPS))
    put_restore(kubernetes, "hlf-restoring")
    for wanted in ({}, {"restoreFrom": "b"}):
        (refusal,) = refusals(PROPS, {**PROPS, **wanted})
        assert re.search(r"backup a in namespace fabric.*config set restoreFrom a", refusal)
    assert refusals(PROPS, {**PROPS, "restoreFrom": "a"}) == []


def test_what_was_restored_is_known_as_long_as_it_is_asked_for(kubernetes: Kubernetes) -> None:
    """Also by a stack that is made anew with the data that it kept.

    That there was a restore is known for longer: something may not have been done again after it.
    """
    asked = {**PROPS, "restoreFrom": "a"}
    restored: Key = ("fabric", "configmaps", "hlf-restored")
    ClaimProvider().create(dict(asked))
    put_restore(kubernetes, "hlf-restored")
    ClaimProvider().create(dict(asked))
    assert kubernetes.objects[restored]["data"] == {"a": "then", ".last": "a, then"}
    for _ in range(2):
        ClaimProvider().update("fabric/hlf-network", dict(asked), dict(PROPS))
        assert kubernetes.objects[restored]["data"] == {".last": "a, then"}


def test_what_was_restored_goes_with_the_claim(kubernetes: Kubernetes) -> None:
    kubernetes.put_namespace("fabric", **THEIRS)
    before = objects(kubernetes)
    created = ClaimProvider().create({**PROPS, "restoreFrom": "a"})
    put_restore(kubernetes, "hlf-restored")
    put_restore(kubernetes, "hlf-restoring")
    put_restore(kubernetes, "hlf-backup-at-work")
    ClaimProvider().delete(created.id, created.outs)
    assert objects(kubernetes) == before
