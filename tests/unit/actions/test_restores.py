"""Which restore a network has been through is an input of what that may have undone."""

import pytest
from pulumi.output import Unknown

from actions import restores
from actions.chaincodes import ChaincodesProvider
from actions.channel import ChannelProvider
from actions.provider import Props
from tests.unit.actions.kubernetes import Kubernetes

PROPS: Props = {"namespace": "fabric", "channel": "common", "definitions": {}}


@pytest.mark.parametrize(
    ("last", "wanted", "expected"),
    [
        (None, None, None),
        (None, "monday", "monday"),
        ("monday, 9:00", "monday", "monday, 9:00"),
        # it is to come
        ("sunday, 9:00", "monday", "monday"),
        ("monday-2, 9:00", "monday", "monday"),
        # nobody asks for one any more, and what it undid may not have been done again
        ("monday, 9:00", None, "monday, 9:00"),
    ],
)
def test_the_last_that_was_done_or_the_one_to_come(
    kubernetes: Kubernetes, last: str | None, wanted: str | None, expected: str | None
) -> None:
    kubernetes.put_namespace("fabric")
    if last:
        data = {"metadata": {"name": "hlf-restored"}, "data": {".last": last}}
        kubernetes.put("fabric", "configmaps", data)
    inputs = {**PROPS, **({"restored": wanted} if wanted else {})}
    for provider in (ChannelProvider(), ChaincodesProvider()):
        checked = provider.check({}, inputs)
        assert checked.failures == []
        assert checked.inputs.get("restored") == expected


def test_a_namespace_that_is_not_there_yet() -> None:
    inputs = {**PROPS, "namespace": Unknown(), "restored": "monday"}
    assert restores.check(inputs) == inputs
