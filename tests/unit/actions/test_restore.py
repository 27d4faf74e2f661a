"""Keys first, nodes later; once for each time that it is asked for; to its end in any case."""

from typing import Any

import pytest

from actions.provider import Props
from actions.restore import RestoredKeysProvider, RestoreProvider
from tests.unit.actions.jobs_made import Controller, cron_job
from tests.unit.actions.kubernetes import Kubernetes

PROPS: Props = {"namespace": "fabric", "key": "a", "resource": "urn"}
RESTORING = ("fabric", "configmaps", "hlf-restoring")
RESTORED = ("fabric", "configmaps", "hlf-restored")


@pytest.fixture
def controller(kubernetes: Kubernetes) -> Controller:
    kubernetes.put_namespace("fabric")
    kubernetes.put("fabric", "cronjobs", cron_job())

    def work(made: dict[str, Any]) -> list[Any]:
        if made["metadata"]["name"].startswith("hlf-restore--"):
            kubernetes.remove(RESTORING)
        return [{"result": {"nodes": 4}}]

    return Controller(kubernetes, work)


def put(kubernetes: Kubernetes, name: str, data: dict[str, str]) -> None:
    kubernetes.put("fabric", "configmaps", {"metadata": {"name": name}, "data": data})


def test_keys_and_nodes_have_a_job_each(controller: Controller) -> None:
    for provider in (RestoredKeysProvider(), RestoreProvider()):
        assert provider.create(dict(PROPS)).outs == {**PROPS, "restored": {"nodes": "4"}}
    assert controller.arguments == [["keys", "--key", "a"], ["restore", "--key", "a"]]


def test_a_restore_that_was_broken_off_is_ended_before_anything_else(
    kubernetes: Kubernetes, controller: Controller
) -> None:
    put(kubernetes, "hlf-restoring", {"key": "a"})
    checked = RestoredKeysProvider().check(PROPS, PROPS)
    assert checked.inputs["resumes"], "a difference, by which Pulumi runs it again"
    updated = RestoredKeysProvider().update("fabric/keys", PROPS, checked.inputs)
    assert controller.arguments == [["keys", "--key", "a"], ["restore", "--key", "a"]]
    assert RESTORING not in kubernetes.objects
    again = RestoredKeysProvider().check(updated.outs, PROPS)
    assert again.inputs == checked.inputs, "and none any more"


@pytest.mark.usefixtures("kubernetes")
def test_without_one_there_is_no_difference() -> None:
    assert RestoredKeysProvider().check(PROPS, PROPS).inputs == PROPS


def test_the_other_of_two_backups_can_be_restored_again(
    kubernetes: Kubernetes, controller: Controller
) -> None:
    RestoreProvider().create(dict(PROPS))
    put(kubernetes, "hlf-restored", {"a": "then", "b": "now"})
    RestoreProvider().update("fabric/nodes", dict(PROPS), {**PROPS, "key": "b"})
    assert kubernetes.objects[RESTORED]["data"] == {"b": "now"}
    names = {name for _, plural, name in kubernetes.objects if plural == "jobs"}
    assert names == {"hlf-restore--b"}
    RestoreProvider().update("fabric/nodes", {**PROPS, "key": "b"}, dict(PROPS))
    assert [each[2] for each in controller.arguments] == ["a", "b", "a"]


def test_a_removal_leaves_the_network_and_what_is_known_of_it(kubernetes: Kubernetes) -> None:
    """It comes with `destroy` too: what was restored is kept with the data."""
    put(kubernetes, "hlf-restored", {"a": "then"})
    RestoreProvider().delete("fabric/nodes", dict(PROPS))
    RestoredKeysProvider().delete("fabric/keys", dict(PROPS))
    assert RESTORED in kubernetes.objects
    assert kubernetes.requests == [
        "DELETE fabric/jobs/hlf-restore--a",
        "DELETE fabric/jobs/hlf-restore-keys--a",
    ]
