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


def key(olds: dict[str, Any], news: dict[str, Any]) -> str:
    checked = BackupProvider().check(olds, news)
    assert checked.failures == []
    return checked.inputs["key"]


def test_without_a_key_it_is_the_day_and_stays_it() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", key({}, PROPS))
    assert key({**PROPS, "key": "2026-01-01"}, PROPS) == "2026-01-01"
    assert key({**PROPS, "key": "a"}, PROPS) == "a"


def test_a_key_of_the_settings_counts() -> None:
    assert key({**PROPS, "key": "a"}, {**PROPS, "key": "b"}) == "b"


def test_the_network_of_another_namespace_gets_a_backup_of_its_own() -> None:
    assert key({**PROPS, "namespace": "other", "key": "2026-01-01"}, PROPS) != "2026-01-01"


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


@pytest.mark.usefixtures("kubernetes")
def test_a_removal_takes_no_more_than_the_job(kubernetes: Kubernetes) -> None:
    BackupProvider().delete("fabric/hlf-backup", {**PROPS, "key": "a"})
    assert kubernetes.requests == ["DELETE fabric/jobs/hlf-backup--a"]
