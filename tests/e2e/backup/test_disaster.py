"""Everything is lost but a store and the stack's settings, and comes back as it was."""

from pathlib import Path

from tests.e2e.backup import disaster
from tests.e2e.conftest import Measure
from tests.e2e.harness import stores
from tests.e2e.shapes.conftest import MakeSample

_LEDGER = 30
"""Megabytes; `make campaign` has the large ones."""


def test_raft_with_tls_and_s3(make_sample: MakeSample, tmp_path: Path, measure: Measure) -> None:
    with stores.s3(tmp_path) as server:
        stack = make_sample("scaled-raft-tls", name="e2e-backup-raft")
        disaster.lives(
            stack,
            tmp_path,
            disaster.setting(f"{server.url}/raft", server.environment),
            megabytes=_LEDGER,
            measure=measure,
        )


def test_solo_and_azure(make_sample: MakeSample, tmp_path: Path, measure: Measure) -> None:
    with stores.azure(tmp_path) as server:
        stack = make_sample("simple", name="e2e-backup-solo")
        disaster.lives(
            stack,
            tmp_path,
            disaster.setting(f"{server.url}/solo", server.environment),
            megabytes=_LEDGER,
            measure=measure,
        )
