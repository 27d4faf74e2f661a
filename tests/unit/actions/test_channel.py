"""A channel never loses the current chaincode lifecycle."""

from dataclasses import replace

import pytest

from actions.reconfigure import check_lifecycle
from hlf.config.model import Application, ChannelConfig
from hlf.errors import FabricError


def config(*capabilities: str) -> ChannelConfig:
    application = Application(policies={}, capabilities=capabilities, organizations={})
    return ChannelConfig(policies={}, application=application)


@pytest.mark.parametrize("lower", [(), ("V1_4_2",)])
@pytest.mark.parametrize("current", [("V2_0",), ("V1_4_2", "V2_5")])
def test_lowering_is_refused_with_what_to_do(
    current: tuple[str, ...], lower: tuple[str, ...]
) -> None:
    with pytest.raises(FabricError, match=r"channel common .*hlf:raiseApplicationCapability"):
        check_lifecycle("common", config(*current), config(*lower))


@pytest.mark.parametrize(
    ("live", "wanted"),
    [
        (("V1_4_2",), ("V1_3",)),
        (("V1_4_2",), ("V2_0",)),
        (("V2_5",), ("V2_0",)),
        ((), ("V1_1",)),
    ],
)
def test_other_changes_pass(live: tuple[str, ...], wanted: tuple[str, ...]) -> None:
    check_lifecycle("common", config(*live), config(*wanted))


def test_a_channel_without_an_application_part_passes() -> None:
    check_lifecycle("system", replace(config("V2_0"), application=None), config())
