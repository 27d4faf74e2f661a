"""A job is killed in each step of a backup and of a restore."""

from pathlib import Path

from tests.e2e.backup import kills
from tests.e2e.conftest import Measure
from tests.e2e.shapes.conftest import MakeSample

BACKUP_STEPS = (
    "preparing orderers",
    "preparing peers",
    "stopping the network",
    "looking at orderers",
    "copying orderers",
    "copying peers",
    "waiting for orderers",
    "checking backup",
    "is made",
)
RESTORE_STEPS = ("checking", "restoring", "waiting for pods", "waiting for the nodes", "forgetting")


def test_each_step(make_sample: MakeSample, tmp_path: Path, measure: Measure) -> None:
    stack = make_sample("simple-raft-tls", name="campaign-backup-kills")
    with kills.saved(stack, tmp_path / "store", tmp_path / "files"):
        kills.backups(stack, tmp_path / "store", BACKUP_STEPS, measure)
        kills.restores(stack, RESTORE_STEPS, measure)
