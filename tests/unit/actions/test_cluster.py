"""What of the Kubernetes API is more than a request."""

import threading
import time
from collections.abc import Iterator

from actions import cluster
from tests.unit.actions.kubernetes import Kubernetes


def test_a_log_comes_line_by_line_and_ends_with_its_container(kubernetes: Kubernetes) -> None:
    read = threading.Event()

    def lines() -> Iterator[str]:
        yield "one"
        assert read.wait(5), "the first line did not come before the second was written"
        yield "two"

    kubernetes.logs["pod"] = lines()
    found: list[str] = []
    for line in cluster.follow_log("fabric", "pod", "jobs", silence=10):
        found.append(line)
        read.set()
    assert found == ["one", "two"]


def test_a_log_ends_after_silence(kubernetes: Kubernetes) -> None:
    end = threading.Event()

    def lines() -> Iterator[str]:
        yield "one"
        end.wait(10)

    kubernetes.logs["pod"] = lines()
    begun = time.monotonic()
    assert list(cluster.follow_log("fabric", "pod", "jobs", silence=2)) == ["one"]
    assert time.monotonic() - begun < 8
    end.set()


def test_a_log_that_is_not_there_has_no_lines(kubernetes: Kubernetes) -> None:
    assert list(cluster.follow_log("fabric", "pod", "jobs", silence=5)) == []


def test_a_merge_sets_fields_and_takes_them_away(kubernetes: Kubernetes) -> None:
    kubernetes.put_namespace("fabric")
    data = {"metadata": {"name": "one"}, "data": {"a": "1", "b": "2"}}
    kubernetes.put("fabric", "configmaps", data)
    cluster.merge("fabric", "configmaps", "one", {"data": {"a": None, "c": "3"}})
    cluster.merge("fabric", "configmaps", "two", {"data": {"a": None}})
    assert cluster.config_map("fabric", "one") == {"b": b"2", "c": b"3"}
    assert cluster.config_map("fabric", "two") is None


def test_what_is_there_already_is_not_created(kubernetes: Kubernetes) -> None:
    kubernetes.put_namespace("fabric")
    job = {"metadata": {"name": "one"}}
    made = cluster.create("fabric", "jobs", job, version="batch/v1")
    assert made is not None
    assert made["metadata"]["uid"]
    assert cluster.create("fabric", "jobs", job, version="batch/v1") is None
