"""What is added leaves alone what is there, and two runs ask for the same.

The maps that name all nodes or members of something do grow; nothing else may change.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.component.recorded import (
    CHAINCODES,
    CHANNEL,
    CLAIM,
    GENESIS,
    INVOCATION,
    ROLLOUT,
    Recorded,
    Sample,
)

GROWING: Mapping[str, set[str]] = {
    ROLLOUT: {"nodes", "peers", "admins"},
    CHANNEL: {"peers", "config", "msps", "admins"},
    CHAINCODES: {"peers", "definitions", "admins"},
    INVOCATION: {"peers", "admins"},
    GENESIS: {"config", "msps"},  # which find no difference: see actions.genesis
}

DROPPED = (CLAIM, "volumes")
"""An input that is looked at and not kept, so that it is no difference: see actions.claim."""


@pytest.fixture
def before(simple: Recorded) -> Recorded:
    return simple


def changes(
    before: Recorded, after: Recorded, *, more: frozenset[str] | set[str] = frozenset()
) -> dict[str, set[str]]:
    """Return the names of changed inputs by URN; every resource of before must be in after.

    After it there may be `more` inputs.
    """
    new = {each.urn: each for each in after.resources}
    found: dict[str, set[str]] = {}
    for old in before.resources:
        assert old.urn in new, f"{old.urn} is gone"
        inputs = new[old.urn].inputs
        assert set(old.inputs) <= set(inputs) <= {*old.inputs, *more}, old.urn
        different = {
            key
            for key, value in inputs.items()
            if old.inputs.get(key) != value and (old.type, key) != DROPPED
        }
        if different:
            found[old.urn] = different
    return found


def assert_only_grew(before: Recorded, after: Recorded) -> None:
    old = {each.urn: each for each in before.resources}
    new = {each.urn: each for each in after.resources}
    for urn, keys in changes(before, after).items():
        assert keys <= GROWING.get(old[urn].type, set()), f"{urn}: {keys} changed"
        for key in keys:
            assert holds(new[urn].inputs[key], old[urn].inputs[key]), f"{urn}: {key} lost something"


def holds(new: Any, old: Any) -> bool:
    if isinstance(old, Mapping):
        return all(key in new and holds(new[key], value) for key, value in old.items())
    return new == old


def test_two_runs_ask_for_the_same(before: Recorded, sample: Sample) -> None:
    again = sample.record()
    assert changes(before, again) == {}
    assert changes(again, before) == {}


def test_a_peer_more(before: Recorded, sample: Sample) -> None:
    template = "Template:\n      Count:"
    after = sample.change("crypto-config.yaml", (f"{template} 1", f"{template} 2")).record()
    assert_only_grew(before, after)
    changed = {urn.split("$")[-1] for urn in changes(before, after)}
    assert changed == {
        "pulumi-python:dynamic/fabric:Rollout::nodes",
        "pulumi-python:dynamic/fabric:Channel::common",
        "pulumi-python:dynamic/fabric:Channel::private-karga-atlantis",
        "pulumi-python:dynamic/fabric:Chaincodes::common",
        "pulumi-python:dynamic/fabric:Chaincodes::private-karga-atlantis",
        "pulumi-python:dynamic/fabric:Invocation::common/very-simple",
        "pulumi-python:dynamic/fabric:Invocation::private-karga-atlantis/even-simpler",
    }
    added = {each.urn for each in after.resources} - {each.urn for each in before.resources}
    # Identity, Secret, volume claim, Service, StatefulSet; a budget, as there are two now
    assert len(added) == 6


def test_a_peer_outside_a_channel(before: Recorded, sample: Sample) -> None:
    """Another peer more, as far as the channel and what runs on it are concerned."""
    template = "Template:\n      Count:"
    more = sample.change("crypto-config.yaml", (f"{template} 1", f"{template} 2"))
    both = more.record()
    left = "- name: common\n"
    without = f"{left}      withoutPeers: [peer1.aptalkarga.tr]\n"
    after = more.change("network.yaml", (left, without)).record()
    changed = {
        urn.split("$")[-1]: keys for urn, keys in changes(both, after, more={"outside"}).items()
    }
    assert changed == {
        "pulumi-python:dynamic/fabric:Channel::common": {"peers", "outside"},
        "pulumi-python:dynamic/fabric:Chaincodes::common": {"peers"},
        "pulumi-python:dynamic/fabric:Invocation::common/very-simple": {"peers"},
    }
    (channel,) = [each for each in after.channels if each.inputs["channel"] == "common"]
    assert channel.inputs["outside"] == {"hlf-peer--karga--peer1": "KargaMSP"}
    assert "hlf-peer--karga--peer1" not in channel.inputs["peers"]


def test_joining_by_snapshots(before: Recorded, sample: Sample) -> None:
    """It is one input more of the channel, and no difference (see ChannelProvider.diff)."""
    left = "- name: common\n"
    after = sample.change("network.yaml", (left, f"{left}      joinBySnapshot: true\n")).record()
    found = changes(before, after, more={"joinBySnapshot"})
    assert {urn.split("$")[-1]: keys for urn, keys in found.items()} == {
        "pulumi-python:dynamic/fabric:Channel::common": {"joinBySnapshot"}
    }
    (channel,) = [each for each in after.channels if each.inputs["channel"] == "common"]
    assert channel.inputs["joinBySnapshot"] == {
        "image": "hlf-jobs:1",
        "pullSecrets": {},
        "labels": {},
        "annotations": {},
        "resources": {"requests": {"cpu": "50m", "memory": "128Mi"}},
    }


def test_a_user_more(before: Recorded, sample: Sample) -> None:
    users = "always there\n      Count:"
    after = sample.change("crypto-config.yaml", (f"{users} 1", f"{users} 2")).record()
    assert changes(before, after) == {}


def test_an_organization_more(before: Recorded, sample: Sample) -> None:
    """It joins one of the two channels; the other does not notice."""
    atlantis = "  - Name: Atlantis\n"
    lemuria = (
        "  - Name: Lemuria\n    Domain: lemuria.org\n    EnableNodeOUs: true\n"
        "    Template: {Count: 1}\n    Users: {Count: 1}\n"
    )
    rules = "\n".join(
        f"      {name}: {{Type: Signature, Rule: \"OR('LemuriaMSP.member')\"}}"
        for name in ("Readers", "Writers", "Admins", "Endorsement")
    )
    organization = (
        "  - &Lemuria\n    Name: LemuriaMSP\n    ID: LemuriaMSP\n"
        "    MSPDir: crypto-config/peerOrganizations/lemuria.org/msp\n"
        f"    Policies:\n{rules}\n\n"
    )
    capabilities = "# The oldest Fabric that may take part"
    consortium = "          - *Nevergreen\n          - *Atlantis\n"
    members = "        - *Nevergreen\n        - *Atlantis\n"
    channel = "- name: common\n      # All peers of these organizations join\n      orgs: [Karga"
    sample.change("crypto-config.yaml", (atlantis, lemuria + atlantis))
    sample.change(
        "configtx.yaml",
        (capabilities, organization + capabilities),
        (consortium, f"{consortium}          - *Lemuria\n"),
        (
            f"Organizations:\n        - *Karga\n{members}",
            f"Organizations:\n        - *Karga\n{members}        - *Lemuria\n",
        ),
    )
    sample.change("network.yaml", (channel, f"{channel}, Lemuria"))
    after = sample.record()
    assert_only_grew(before, after)
    assert {urn.split("::")[-1] for urn in changes(before, after)} == {
        "nodes",
        "testchainid",
        "common",
    }


def test_a_channel_more(before: Recorded, sample: Sample) -> None:
    private = "  private-karga-atlantis:\n"
    profile = (
        "  third:\n    Consortium: TheConsortium\n    <<: *ChannelDefaults\n    Application:\n"
        "      <<: *ApplicationDefaults\n      Organizations: [*Karga, *Nevergreen]\n\n"
    )
    sample.change("configtx.yaml", (private, profile + private))
    channels = "  channels:\n"
    sample.change(
        "network.yaml", (channels, f"{channels}    - {{name: third, orgs: [Karga, Nevergreen]}}\n")
    )
    after = sample.record()
    assert changes(before, after) == {}
    assert "third" in {each.inputs["channel"] for each in after.of(CHANNEL)}


def test_a_chaincode_more_on_a_channel(before: Recorded, sample: Sample) -> None:
    chaincodes = "  chaincodes:\n"
    more = (
        "    - name: another\n      version: '1.0'\n      orgs: [Karga]\n"
        "      image: example/another:1.0\n"
        "      channels: [{name: common, orgs: [Karga]}]\n"
    )
    after = sample.change("network.yaml", (chaincodes, chaincodes + more)).record()
    assert_only_grew(before, after)
    assert {urn.split("$")[-1]: keys for urn, keys in changes(before, after).items()} == {
        "pulumi-python:dynamic/fabric:Chaincodes::common": {"definitions"}
    }


def test_another_order_in_the_files_is_no_change(before: Recorded, sample: Sample) -> None:
    path = sample.root / "net" / "crypto-config.yaml"
    head, karga, rest = path.read_text().partition("  - Name: Karga\n")
    karga += rest.partition("  - Name: Nevergreen\n")[0]
    others = rest.partition("  - Name: Nevergreen\n")[2]
    path.write_text(f"{head}  - Name: Nevergreen\n{others}\n{karga}")
    sample.change("network.yaml", ("orgs: [Karga, Nevergreen, Atlantis]",) * 2)
    after = sample.record()
    assert changes(before, after) == {}
    assert changes(after, before) == {}
