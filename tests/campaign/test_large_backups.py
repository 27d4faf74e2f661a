"""Networks with large ledgers are backed up in use, lost with everything, and restored.

`HLF_LEDGER_MB` is the size of the ledger on each node, 200 if not given.
"""

import os
from pathlib import Path

from tests.e2e.backup import disaster
from tests.e2e.conftest import Measure
from tests.e2e.harness import claimed
from tests.e2e.harness.stack import Stack
from tests.e2e.shapes.conftest import MakeSample

MEGABYTES = int(os.environ.get("HLF_LEDGER_MB", "200"))


def test_raft_with_tls_and_s3(make_sample: MakeSample, tmp_path: Path, measure: Measure) -> None:
    stack = make_sample("scaled-raft-tls", name="campaign-backup-raft-s3")
    disaster.lives_in_s3(stack, tmp_path, megabytes=MEGABYTES, measure=measure)


def test_raft_with_tls_and_a_folder(
    make_sample: MakeSample, tmp_path: Path, measure: Measure
) -> None:
    stack = make_sample("scaled-raft-tls", name="campaign-backup-raft-folder")
    _with_folder(stack, tmp_path, measure)


def test_solo_and_azure(make_sample: MakeSample, tmp_path: Path, measure: Measure) -> None:
    stack = make_sample("simple", name="campaign-backup-solo-azure")
    disaster.lives_in_azure(stack, tmp_path, megabytes=MEGABYTES, measure=measure)


def test_solo_and_a_folder(make_sample: MakeSample, tmp_path: Path, measure: Measure) -> None:
    _with_folder(make_sample("simple", name="campaign-backup-solo-folder"), tmp_path, measure)


def _with_folder(stack: Stack, folder: Path, measure: Measure) -> None:
    disaster.lives(
        stack,
        folder,
        disaster.setting(claimed.STORE),
        megabytes=MEGABYTES,
        measure=measure,
        volume=lambda: claimed.volume(stack.namespace, folder / "store"),
    )
