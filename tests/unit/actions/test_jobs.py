"""A Job is run to its end once, whoever began it, and its end is read."""

import threading
from typing import Any

import pytest

from actions import jobs
from actions.cluster import ClusterError
from tests.unit.actions.jobs_made import Controller, condition, cron_job, job, pod
from tests.unit.actions.kubernetes import Kubernetes

NAME = "hlf-backup--a"
ARGUMENTS = ["backup", "--key", "a"]
RESULT = {"files": 34, "size": 120}


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch, kubernetes: Kubernetes) -> None:
    monkeypatch.setattr(jobs, "_LOOK", 0.2)
    monkeypatch.setattr(jobs, "_START_TIMEOUT", 3.0)
    kubernetes.put_namespace("fabric")
    kubernetes.put("fabric", "cronjobs", cron_job())


@pytest.fixture
def told() -> list[str]:
    return []


def run(told: list[str] | None = None) -> dict[str, Any]:
    report = (lambda _: None) if told is None else told.append
    return jobs.run("fabric", name=NAME, arguments=ARGUMENTS, report=report)


def succeeds(kubernetes: Kubernetes) -> Controller:
    return Controller(kubernetes, lambda _: [{"result": RESULT}])


def test_a_job_is_made_as_the_cron_job_has_it_but_for_its_arguments(
    kubernetes: Kubernetes,
) -> None:
    controller = succeeds(kubernetes)
    assert run() == RESULT
    (made,) = controller.made
    assert made["metadata"]["name"] == NAME
    assert made["metadata"]["annotations"] == {"cronjob.kubernetes.io/instantiate": "manual"}
    assert controller.arguments == [ARGUMENTS]
    assert made["spec"]["backoffLimit"] == 3


def test_without_the_cron_job_it_is_told_what_to_do(kubernetes: Kubernetes) -> None:
    kubernetes.remove(("fabric", "cronjobs", "hlf-backup"))
    with pytest.raises(ClusterError, match=r"CronJob hlf-backup.*fabric.*pulumi refresh"):
        run()


def test_a_store_on_a_volume_that_is_not_there_is_told_at_once(kubernetes: Kubernetes) -> None:
    with_volume = cron_job("file:///backups/fabric")
    pod = with_volume["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    pod["volumes"] = [{"name": "store", "persistentVolumeClaim": {"claimName": "backups"}}]
    kubernetes.put("fabric", "cronjobs", with_volume)
    controller = succeeds(kubernetes)
    with pytest.raises(ClusterError, match=r"PersistentVolumeClaim backups.* is not in fabric"):
        run()
    assert controller.made == []
    kubernetes.put("fabric", "persistentvolumeclaims", {"metadata": {"name": "backups"}})
    assert run() == RESULT


def test_one_that_succeeded_is_not_made_again(kubernetes: Kubernetes) -> None:
    controller = succeeds(kubernetes)
    kubernetes.put("fabric", "jobs", job(NAME, *ARGUMENTS, **condition("Complete")))
    kubernetes.put("fabric", "pods", pod("one", uid="before", message={"result": {"files": 1}}))
    assert run() == {"files": 1}
    assert controller.made == []


def test_one_that_succeeded_and_lost_its_pod_has_no_result(kubernetes: Kubernetes) -> None:
    controller = succeeds(kubernetes)
    kubernetes.put("fabric", "jobs", job(NAME, *ARGUMENTS, **condition("Complete")))
    assert run() == {}
    assert controller.made == []


def test_one_that_succeeded_with_another_store_is_made_anew(kubernetes: Kubernetes) -> None:
    controller = succeeds(kubernetes)
    kubernetes.put("fabric", "jobs", job(NAME, *ARGUMENTS, **condition("Complete")))
    kubernetes.put("fabric", "cronjobs", cron_job("gs://other"))
    assert run() == RESULT
    assert len(controller.made) == 1


@pytest.mark.parametrize("status", [condition("Failed"), {}], ids=["failed", "has no pod"])
def test_one_that_does_not_work_is_made_anew(
    kubernetes: Kubernetes, status: dict[str, Any]
) -> None:
    controller = succeeds(kubernetes)
    kubernetes.put("fabric", "jobs", job(NAME, *ARGUMENTS, **status))
    assert run() == RESULT
    assert len(controller.made) == 1


def test_one_that_works_is_followed_to_its_end(kubernetes: Kubernetes) -> None:
    controller = succeeds(kubernetes)
    line, told = "copying hlf-peer--karga--peer0: 34 files, 120 MB", list[str]()
    kubernetes.put("fabric", "jobs", job(NAME, *ARGUMENTS))
    kubernetes.put("fabric", "pods", pod("one", uid="before", phase="Running"))
    kubernetes.logs["one"] = [line]

    def report(said: str) -> None:
        told.append(said)
        if said == line:
            kubernetes.put("fabric", "pods", pod("one", uid="before", message={"result": {}}))

    assert jobs.run("fabric", name=NAME, arguments=ARGUMENTS, report=report) == {}
    assert controller.made == []
    assert line in told


def test_one_that_works_with_another_store_is_left_alone(kubernetes: Kubernetes) -> None:
    kubernetes.put("fabric", "jobs", job(NAME, *ARGUMENTS))
    kubernetes.put("fabric", "pods", pod("one", uid="before", phase="Running"))
    kubernetes.put("fabric", "cronjobs", cron_job("gs://other"))
    with pytest.raises(ClusterError, match=r"hlf-backup--a in fabric is at work.*hlf:backup"):
        run()


def test_pods_of_a_job_that_was_deleted_do_not_count(kubernetes: Kubernetes) -> None:
    kubernetes.put("fabric", "pods", pod("old", uid="gone", message={"result": {"files": 0}}))
    succeeds(kubernetes)
    assert run() == RESULT


def test_a_further_try_counts_and_why_is_told(kubernetes: Kubernetes, told: list[str]) -> None:
    Controller(kubernetes, lambda _: [{"error": "The store is away."}, {"result": RESULT}])
    assert run(told) == RESULT
    assert any("The store is away." in each for each in told)


def test_a_job_that_failed_says_it_itself(kubernetes: Kubernetes) -> None:
    Controller(kubernetes, lambda _: [{"error": "The passphrase is another one."}])
    with pytest.raises(ClusterError, match=r"^The passphrase is another one\.$"):
        run()


def test_a_job_that_failed_without_a_word_is_told_by_its_pod(kubernetes: Kubernetes) -> None:
    name = f"{NAME}-0"

    def killed(made: dict[str, Any]) -> list[Any]:
        kubernetes.logs[name] = ["copying", "Killed"]
        return [{"error": ""}]

    Controller(kubernetes, killed)
    with pytest.raises(ClusterError, match=rf"Pod {name} in fabric did not end well.*\n.*\nKilled"):
        run()


def test_an_image_that_cannot_be_pulled_is_told_at_once(kubernetes: Kubernetes) -> None:
    def unpulled(key: tuple[str, str, str], made: dict[str, Any]) -> None:
        waiting = pod("one", uid=made["metadata"]["uid"], phase="Pending")
        state = {"waiting": {"reason": "ErrImagePull", "message": "not found"}}
        waiting["status"]["containerStatuses"][0]["state"] = state
        kubernetes.put("fabric", "pods", waiting)

    kubernetes.on_create = unpulled
    with pytest.raises(ClusterError, match=r"cannot be pulled: hlf-jobs:1: not found"):
        run()


def test_a_job_without_a_pod_is_told_after_a_while(kubernetes: Kubernetes) -> None:
    with pytest.raises(ClusterError, match=r"does not start.*it has no pod.*describe job"):
        run()


def test_a_job_that_is_deleted_is_told(kubernetes: Kubernetes) -> None:
    timer = threading.Timer(0.5, kubernetes.remove, [("fabric", "jobs", NAME)])
    timer.start()
    with pytest.raises(ClusterError, match=r"was deleted before its end"):
        run()
    timer.join()


@pytest.mark.parametrize(
    ("message", "result", "error"),
    [
        ({"result": {"files": 1}}, {"files": 1}, None),
        ({"error": "It is away."}, None, "It is away."),
        ('{"result": {"fil', None, None),
        ("", None, None),
        ([1], None, None),
    ],
)
def test_what_a_pod_leaves_behind(
    message: object, result: dict[str, Any] | None, error: str | None
) -> None:
    found = jobs.ending(pod("one", uid="u", message=message))
    assert found is not None
    assert (found.result, found.error) == (result, error)


def test_how_a_pod_ended_as_kubernetes_says_it() -> None:
    killed = jobs.ending(pod("one", uid="u", phase="Failed", code=137, reason="OOMKilled"))
    assert killed is not None
    assert killed.problem == "exit code 137, OOMKilled"
    evicted = {"status": {"phase": "Failed", "reason": "Evicted", "message": "The node was low."}}
    found = jobs.ending(evicted)
    assert found is not None
    assert found.problem == "The node was low"
    assert jobs.ending(pod("one", uid="u", phase="Running")) is None


def test_results_become_texts_and_maps_of_texts() -> None:
    value = {"files": 3, "whole": True, "gone": None, "of": {"common": 7}, "who": ["a", "b"]}
    assert jobs.texts(value) == {
        "files": "3",
        "whole": "true",
        "of": {"common": "7"},
        "who": "a, b",
    }
