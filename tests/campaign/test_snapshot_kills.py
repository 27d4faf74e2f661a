"""A peer joins a channel by a snapshot, after runs that were killed in each step of it."""

from pathlib import Path

from tests.e2e.conftest import Measure
from tests.e2e.growth.test_snapshot import joins
from tests.e2e.harness.steps import SNAPSHOT
from tests.e2e.shapes.conftest import MakeSample


def test_each_step(make_sample: MakeSample, tmp_path: Path, measure: Measure) -> None:
    stack = make_sample("simple", name="campaign-snapshot-kills")
    stack.up()
    joins(stack, tmp_path, SNAPSHOT, measure)
