"""Everything is lost but a store and the stack's settings, and comes back as it was."""

from pathlib import Path

from tests.e2e.backup import disaster
from tests.e2e.conftest import Measure
from tests.e2e.shapes.conftest import MakeSample

_LEDGER = 30
"""Megabytes; `make campaign` has the large ones."""


def test_raft_with_tls_and_s3(make_sample: MakeSample, tmp_path: Path, measure: Measure) -> None:
    stack = make_sample("scaled-raft-tls", name="e2e-backup-raft")
    disaster.lives_in_s3(stack, tmp_path, megabytes=_LEDGER, measure=measure)


def test_solo_and_azure(make_sample: MakeSample, tmp_path: Path, measure: Measure) -> None:
    stack = make_sample("simple", name="e2e-backup-solo")
    disaster.lives_in_azure(stack, tmp_path, megabytes=_LEDGER, measure=measure)
