"""What is wrong is told in a sentence, before anything is touched."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import MakeStack
from tests.e2e.harness import network
from tests.e2e.harness.network import CONFIGTX, CRYPTO_CONFIG, NETWORK
from tests.e2e.harness.stack import Run, Stack


@pytest.fixture(scope="module")
def stack(make_stack: MakeStack) -> Stack:
    """A stack with nothing in it."""
    return make_stack("e2e-main-mistakes", network.SAMPLE)


@pytest.fixture(autouse=True)
def _nothing_in_the_cluster(stack: Stack) -> Iterator[None]:
    yield
    assert not stack.namespace.exists()
    stack.configure(network=str(network.SAMPLE))


def test_all_mistakes_in_the_files_are_told_at_once(stack: Stack, tmp_path: Path) -> None:
    folder = network.copy(network.SAMPLE, tmp_path / "wrong")
    network.edit(folder, CRYPTO_CONFIG, lambda c: c["PeerOrgs"][0].update(Domain="../../x"))
    network.edit(folder, CONFIGTX, lambda c: c["Orderer"].update(OrdererTyp="solo"))
    network.edit(folder, NETWORK, _version_without_quotes)
    stack.configure(network=str(folder))

    run = _refused(stack)
    for file, path in (
        (CRYPTO_CONFIG, "PeerOrgs[0].Domain"),
        (CONFIGTX, "Orderer.OrdererTyp"),
        (NETWORK, "network.chaincodes[0].version"),
    ):
        sentence = rf"{re.escape(f'{folder}/{file}')}:\d+: {re.escape(path)}: .+; .+"
        assert len(re.findall(sentence, run.output)) == 1, path


def test_a_setting_that_there_is_not_is_told(stack: Stack) -> None:
    stack.configure(keepDat=True)
    run = _refused(stack)
    del stack.settings["keepDat"]
    assert "Pulumi.e2e-main-mistakes.yaml" in run.output
    assert "keepDat" in run.output
    assert "keepData" in run.output


def test_a_folder_that_there_is_not_is_told(stack: Stack) -> None:
    stack.configure(network="samples/nowhere")
    run = _refused(stack)
    assert "there is no folder samples/nowhere" in run.output


def _refused(stack: Stack) -> Run:
    run = stack.up(ok=False)
    assert run.status != 0
    assert "Traceback" not in run.output
    assert "unhandled error" not in run.output
    return run


def _version_without_quotes(content: Any) -> None:
    content["network"]["chaincodes"][0]["version"] = 1.10
