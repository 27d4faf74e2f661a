"""Two jobs do not work in a namespace at once."""

import threading
import time
from dataclasses import replace
from typing import Any

import pytest

from hlf import names
from jobs.alone import be_alone
from jobs.place import Place
from tests.unit.actions.kubernetes import Kubernetes


def pod(name: str, phase: str) -> dict[str, Any]:
    return {"metadata": {"name": name}, "status": {"phase": phase}}


@pytest.fixture(autouse=True)
def namespace(kubernetes: Kubernetes) -> None:
    kubernetes.put_namespace("fabric")


def at_work(kubernetes: Kubernetes) -> str:
    return kubernetes.objects["fabric", "configmaps", names.AT_WORK]["data"]["pod"]


def test_the_first_is_alone_and_again(kubernetes: Kubernetes, place: Place) -> None:
    be_alone(place)
    be_alone(place)
    assert at_work(kubernetes) == place.pod


@pytest.mark.parametrize("phase", ["Succeeded", "Failed", None])
def test_one_that_has_ended_is_followed(
    kubernetes: Kubernetes, place: Place, phase: str | None
) -> None:
    be_alone(replace(place, pod="job-a"))
    if phase:
        kubernetes.put("fabric", "pods", pod("job-a", phase))
    be_alone(place)
    assert at_work(kubernetes) == place.pod


def test_one_that_works_is_waited_for(
    kubernetes: Kubernetes, place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    be_alone(replace(place, pod="job-a"))
    kubernetes.put("fabric", "pods", pod("job-a", "Running"))
    second = threading.Thread(target=be_alone, args=(place,))
    second.start()
    said, end = "", time.monotonic() + 10
    while not said and time.monotonic() < end:
        time.sleep(0.01)
        said = capsys.readouterr().out
    assert said == "waiting for job-a, which backs up or restores\n"
    assert second.is_alive()
    assert at_work(kubernetes) == "job-a"
    kubernetes.put("fabric", "pods", pod("job-a", "Succeeded"))
    second.join(timeout=10)
    assert at_work(kubernetes) == place.pod
    assert capsys.readouterr().out == ""
