"""`up` killed fifty times at random moments, each growth of a network several times.

`HLF_SEED` is where the moments come from; it is part of every failure's message, so that the same
can be tried again, as far as the machine is as quick.
"""

import os
import random
import time
from collections.abc import Mapping

import pytest

from tests.e2e.conftest import MakeStack
from tests.e2e.harness import network
from tests.e2e.harness.belongings import strangers
from tests.e2e.harness.fabric import CHAINCODES, Client
from tests.e2e.harness.stack import Stack

KILLS = 50
LONGEST = 15.0
"""Seconds; a whole `up` takes about that long, so that some moments are late and some early."""
PATIENCE = 10
"""Kills in a row after which `up` may run to its end, or a network would never grow up."""


def test_a_network_grows_up_however_often_it_is_killed(
    make_stack: MakeStack,
    chaincode_images: Mapping[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    seed = int(os.environ.get("HLF_SEED") or time.time())
    moments = random.Random(seed)
    folder = network.copy(network.SAMPLE, tmp_path_factory.mktemp("campaign") / "simple")
    network.use_images(folder, chaincode_images)
    stack = make_stack("e2e-campaign", folder)
    in_a_row = 0
    for number in range(1, KILLS + 1):
        moment = moments.uniform(0.5, LONGEST)
        where = f"kill {number} after {moment:.1f} s of HLF_SEED={seed}"
        run = stack.up(ok=False, kill_after=moment)
        assert run.killed or run.status == 0, f"{where}:\n{run.tail()}"
        stack.prepare()
        in_a_row = in_a_row + 1 if run.killed else 0
        if not run.killed or in_a_row == PATIENCE:
            stack.up()
            _assert_whole(stack, where)
            stack.destroy()
            in_a_row = 0
    stack.up()
    _assert_whole(stack, f"the end of HLF_SEED={seed}")


def _assert_whole(stack: Stack, where: str) -> None:
    client = Client.of(stack)
    stack.preview("--expect-no-changes")
    assert strangers(stack) == [], where
    for channel, chaincode in CHAINCODES.items():
        assert client.submit(channel, chaincode, "ping"), where
        assert len(client.ledgers(channel)) == 1, where
        assert len(client.config_blocks(channel)) == 2, where
        assert {d.sequence for d in client.definitions(channel).values()} == {1}, where
