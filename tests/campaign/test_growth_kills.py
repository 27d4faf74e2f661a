"""Two organizations come and go, and `up` is killed fifty times at random moments meanwhile.

`HLF_SEED` is where the moments come from; it is part of every failure's message.
"""

import os
import random
import time
from collections.abc import Mapping
from pathlib import Path

from tests.e2e.harness import network
from tests.e2e.harness.belongings import strangers
from tests.e2e.harness.use import use
from tests.e2e.shapes.conftest import MakeSample

KILLS = 50
LONGEST = 25.0
"""Seconds; a whole `up` takes about that long."""
PATIENCE = 4
"""Kills in a row after which `up` may run to its end."""


def test_a_network_that_grows_and_shrinks_converges(
    make_sample: MakeSample, chaincode_images: Mapping[str, str]
) -> None:
    seed = int(os.environ.get("HLF_SEED") or time.time())
    moments = random.Random(seed)
    stack = make_sample("simple", name="e2e-campaign-growth")
    base = Path(stack.settings["network"])
    network.use_images(base / "extended", chaincode_images)
    stack.up()
    wanted, in_a_row = base, 0
    for number in range(1, KILLS + 1):
        if in_a_row == 0:
            wanted = base if wanted != base else base / "extended"
            stack.configure(network=str(wanted))
        moment = moments.uniform(0.5, LONGEST)
        where = f"kill {number} after {moment:.1f} s of HLF_SEED={seed}"
        run = stack.up(ok=False, kill_after=moment)
        assert run.killed or run.status == 0, f"{where}:\n{run.tail()}"
        stack.prepare()
        in_a_row = in_a_row + 1 if run.killed else 0
        if not run.killed or in_a_row == PATIENCE:
            stack.up()
            stack.preview("--expect-no-changes")
            assert strangers(stack) == [], where
            use(stack)
            in_a_row = 0
