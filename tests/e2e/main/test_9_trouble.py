"""Pods that cannot start end `up` with the reason, and not with a time-out."""

from concurrent.futures import Future
from pathlib import Path

from tests.e2e.conftest import MakeStack
from tests.e2e.harness.stack import Run

SOON = 120.0
"""Seconds; the time-outs for pods are 300 and 600."""


def test_chaincodes_that_do_not_start_are_told_with_the_reason(doomed: Future[Run]) -> None:
    run = doomed.result()

    assert run.status != 0
    assert "container chaincode: its image cannot be pulled: hlf-e2e/missing:1.0" in run.output
    assert "container chaincode: it crashed 3 times" in run.output
    assert "Its last lines:" in run.output
    assert "Traceback" not in run.output
    assert run.seconds <= SOON


def test_a_storage_class_that_there_is_not_is_told(
    make_stack: MakeStack, with_images: Path
) -> None:
    stack = make_stack(
        "e2e-main-storage", with_images, pods={"all": {"storage": {"class": "nowhere"}}}
    )
    run = stack.up(ok=False)

    assert run.status != 0
    assert "there is no StorageClass nowhere" in run.output
    assert "hlf:pods" in run.output
    assert "Traceback" not in run.output
    assert run.seconds <= SOON
