"""A backup keeps its key, and is made by a Job."""

import re
from typing import Any

import pytest

from actions.backup import BackupProvider
from tests.unit.actions.jobs_made import Controller, cron_job
from tests.unit.actions.kubernetes import Kubernetes

PROPS: dict[str, Any] = {
    "namespace": "fabric",
    "store": "s3://backups/fabric",
    "resource": "urn",
}


def called(olds: dict[str, Any], news: dict[str, Any]) -> dict[str, str]:
    checked = BackupProvider().check(olds, news)
    assert checked.failures == []
    return {name: checked.inputs[name] for name in ("key", "day") if name in checked.inputs}


def test_without_a_key_it_is_called_by_the_day_and_stays_so() -> None:
    (day,) = called({}, PROPS).values()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", day)
    assert called({}, PROPS) == {"day": day}
    assert called({**PROPS, "day": "2026-01-01"}, PROPS) == {"day": "2026-01-01"}
    assert called({**PROPS, "key": "a"}, PROPS) == {"key": "a"}


def test_a_key_of_the_settings_counts() -> None:
    assert called({**PROPS, "key": "a"}, {**PROPS, "key": "b"}) == {"key": "b"}
    assert called({**PROPS, "day": "2026-01-01"}, {**PROPS, "key": "b"}) == {"key": "b"}


def test_the_network_of_another_namespace_gets_a_backup_of_its_own() -> None:
    olds = {**PROPS, "namespace": "other", "day": "2026-01-01"}
    assert called(olds, PROPS)["day"] != "2026-01-01"


def test_without_a_key_its_job_is_told_the_day(kubernetes: Kubernetes) -> None:
    kubernetes.put_namespace("fabric")
    kubernetes.put("fabric", "cronjobs", cron_job())
    controller = Controller(kubernetes, lambda _: [{"result": {}}])
    BackupProvider().create({**PROPS, "day": "2026-01-01", "backup": None})
    assert controller.arguments == [["backup", "--day", "2026-01-01"]]


def test_its_job_is_told_the_key_and_what_it_says_is_kept(kubernetes: Kubernetes) -> None:
    kubernetes.put_namespace("fabric")
    kubernetes.put("fabric", "cronjobs", cron_job())
    controller = Controller(kubernetes, lambda _: [{"result": {"files": 34}}])
    created = BackupProvider().create({**PROPS, "key": "a", "backup": None})
    assert created.outs == {**PROPS, "key": "a", "backup": {"files": "34"}}
    assert controller.arguments == [["backup", "--key", "a"]]
    BackupProvider().update(created.id, created.outs, {**PROPS, "key": "b"})
    assert controller.arguments[1:] == [["backup", "--key", "b"]]
    assert {each["metadata"]["name"] for each in controller.made} == {
        "hlf-backup--a",
        "hlf-backup--b",
    }


def test_of_a_network_that_is_restored_from_it_it_is_made(kubernetes: Kubernetes) -> None:
    kubernetes.put_namespace("fabric")
    kubernetes.put("fabric", "cronjobs", cron_job())
    controller = Controller(kubernetes, lambda _: [{"result": {}}])
    props = {**PROPS, "key": "a", "backup": None}
    created = BackupProvider().create({**props, "restored": "a"})
    assert controller.arguments == [["backup", "--key", "a", "--restored"]]
    for olds, news in ((created.outs, props), (props, {**props, "restored": "a"})):
        assert BackupProvider().diff(created.id, olds, news).changes is False


@pytest.mark.usefixtures("kubernetes")
def test_a_removal_takes_no_more_than_the_job(kubernetes: Kubernetes) -> None:
    BackupProvider().delete("fabric/hlf-backup", {**PROPS, "key": "a"})
    assert kubernetes.requests == ["DELETE fabric/jobs/hlf-backup--a"]
