"""A channel's first block is written down before any orderer has it, and the same after a kill."""

from actions import first_block
from hlf.config.protos import ConfigGroup
from hlf.config.read import channel_of
from tests.unit.actions.kubernetes import Key, Kubernetes

WRITTEN: Key = ("fabric", "configmaps", "hlf-first-block--common")


def group() -> ConfigGroup:
    return ConfigGroup(mod_policy="Admins")


def test_a_run_that_goes_on_takes_the_block_that_is_written_down(kubernetes: Kubernetes) -> None:
    kubernetes.put_namespace("fabric")
    assert not first_block.is_written("fabric", "common")
    first = first_block.make("fabric", "common", group)
    assert channel_of(first) == "common"
    assert first_block.is_written("fabric", "common")
    assert first_block.make("fabric", "common", group) == first
    assert first_block.make("fabric", "other", group) != first


def test_it_is_forgotten_and_then_another_one_is_made(kubernetes: Kubernetes) -> None:
    kubernetes.put_namespace("fabric")
    first = first_block.make("fabric", "common", group)
    first_block.forget("fabric", "common")
    first_block.forget("fabric", "common")
    assert WRITTEN not in kubernetes.objects
    assert first_block.make("fabric", "common", group) != first


class Orderer:
    """The one question that is asked of a participation API."""

    def __init__(self, *channels: str) -> None:
        self._channels = frozenset(channels)

    def channels(self) -> frozenset[str]:
        return self._channels


def test_outsiders_are_those_who_have_not_joined() -> None:
    orderers = {"a": Orderer("common"), "b": Orderer("other"), "c": Orderer()}
    assert first_block.outsiders("common", orderers) == ["b", "c"]
    assert first_block.outsiders("common", {}) == []
