"""The samples of other shapes: each with a stack of its own, its chaincodes as ready images."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import yaml

from tests.e2e.conftest import MakeStack
from tests.e2e.harness import embedded, network
from tests.e2e.harness.stack import Stack
from tools import samples
from tools.home import CHECKOUT

MakeSample = Callable[..., Stack]


@pytest.fixture(scope="session")
def make_sample(
    make_stack: MakeStack,
    chaincode_images: Mapping[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> MakeSample:
    """Makes a stack of a sample with the settings that it brings; it is not up yet."""

    def make(sample: str, *, name: str | None = None, **settings: Any) -> Stack:
        folder = network.copy(
            CHECKOUT / "samples" / sample, tmp_path_factory.mktemp("net") / sample
        )
        network.use_images(folder, chaincode_images)
        content = yaml.safe_load(samples.settings(sample).read_text())["config"]
        content |= {f"hlf:{key}": value for key, value in settings.items()}
        files = [(folder / name).read_text() for name in (network.CONFIGTX, network.NETWORK)]
        embedded.provide(*samples.images_of(yaml.safe_dump(content), *files))
        chosen = {key.removeprefix("hlf:"): value for key, value in content.items()}
        return make_stack(name or f"e2e-{sample}", **{**chosen, "network": folder})

    return make
