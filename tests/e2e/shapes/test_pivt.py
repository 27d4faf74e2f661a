"""A folder written for PIVT runs as it is, by the old lifecycle, and is raised by a setting.

The files are in the shape of PIVT's own sample: capabilities of 1.4, no policies for the current
lifecycle. Only the chaincodes are images, which serve the peers as Fabric 2 asks of chaincodes.
"""

from collections.abc import Mapping

import pytest

from hlf.client import legacy
from tests.e2e.conftest import MakeStack, Measure
from tests.e2e.harness import network
from tests.e2e.harness.fabric import CHAINCODES, Client
from tests.e2e.harness.use import use
from tools.home import CHECKOUT

FILES = CHECKOUT / "tests" / "unit" / "spec" / "pivt-simple"


def test_a_pivt_folder_comes_up_and_is_raised(
    make_stack: MakeStack,
    chaincode_images: Mapping[str, str],
    tmp_path_factory: pytest.TempPathFactory,
    measure: Measure,
) -> None:
    folder = network.copy(FILES, tmp_path_factory.mktemp("pivt") / "simple")
    network.use_images(folder, chaincode_images)
    stack = make_stack("e2e-pivt", folder)
    measure("PIVT's simple: up", stack.up().seconds)
    use(stack)
    stack.preview("--expect-no-changes")
    stack.refresh("--expect-no-changes")
    peer = Client.of(stack).peers("common", user="Admin")[0]
    assert set(legacy.instances(peer, "common")) == {"very-simple"}

    stack.configure(raiseApplicationCapability="V2_0")
    preview = stack.preview("--diff").output
    assert "V2_0" in preview
    measure("PIVT's simple: up that raises it", stack.up().seconds)
    client = Client.of(stack)
    for channel, chaincode in CHAINCODES.items():
        assert set(client.definitions(channel)) == {chaincode}
    assert client.evaluate("common", "very-simple", "get", "of-Karga") == {"Karga"}
    use(stack)
    stack.preview("--expect-no-changes")
    stack.refresh("--expect-no-changes")
    stack.destroy()
