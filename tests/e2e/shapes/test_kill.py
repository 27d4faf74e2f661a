"""`up` killed in the steps that only other shapes have; the next one completes the network."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import MakeStack
from tests.e2e.harness import network
from tests.e2e.harness.belongings import strangers
from tests.e2e.harness.kill import kill_in
from tests.e2e.harness.stack import Stack
from tests.e2e.harness.use import use
from tests.e2e.shapes.conftest import MakeSample
from tests.e2e.shapes.test_pivt import FILES


def test_databases_certificates_orderers_that_join_and_init(make_sample: MakeSample) -> None:
    """Without a system channel, some orderers may have a channel's first block and others not."""
    stack = make_sample("raft-fabric-3", name="e2e-kill", stateDatabase="CouchDB")
    network.edit(Path(stack.settings["network"]), network.NETWORK, _initialize)
    quick = ("making the password of", "issuing the certificate of", "joining", "initializing")
    for step in quick:
        kill_in(stack, step, held_up=quick[quick.index(step) :])
    _completes(stack)


def test_chaincodes_of_the_old_lifecycle(
    make_stack: MakeStack,
    chaincode_images: Mapping[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = network.copy(FILES, tmp_path_factory.mktemp("pivt-kill") / "simple")
    network.use_images(folder, chaincode_images)
    stack = make_stack("e2e-pivt-kill", folder)
    kill_in(stack, "deploying", held_up=("deploying",))
    _completes(stack)


def _initialize(content: Any) -> None:
    content["network"]["chaincodes"][0]["ctor"] = {"Args": ["init"]}


def _completes(stack: Stack) -> None:
    stack.up()
    stack.preview("--expect-no-changes")
    assert strangers(stack) == []
    use(stack)
