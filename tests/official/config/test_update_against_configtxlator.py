"""compute_update of many pairs of configurations, ours and configtxlator's: the same messages."""

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from hlf.config import build
from hlf.config.model import Bft, ChannelConfig, Organization
from hlf.config.protos import Config, ConfigGroup, ConfigUpdate, serialize
from hlf.config.update import compute_update
from tests.official.config import fabric
from tests.unit.config import networks

Change = Callable[[ChannelConfig], ChannelConfig]


def application(config: ChannelConfig, **fields: object) -> ChannelConfig:
    assert config.application is not None
    return replace(config, application=replace(config.application, **fields))


def orderer(config: ChannelConfig, **fields: object) -> ChannelConfig:
    assert config.orderer is not None
    return replace(config, orderer=replace(config.orderer, **fields))


def members(config: ChannelConfig, names: tuple[str, ...]) -> ChannelConfig:
    return application(config, organizations={name: networks.peer_org(name) for name in names})


def karga(config: ChannelConfig, **fields: object) -> ChannelConfig:
    assert config.application is not None
    orgs: Mapping[str, Organization] = config.application.organizations
    return application(config, organizations={**orgs, "Karga": replace(orgs["Karga"], **fields)})


def policies(config: ChannelConfig, **rules: str) -> ChannelConfig:
    assert config.application is not None
    return application(config, policies={**config.application.policies, **rules})


CHANNEL_CHANGES: dict[str, Change] = {
    "an organization goes": lambda c: members(c, ("Karga", "Atlantis")),
    "a policy changes": lambda c: policies(c, Admins="ALL Admins"),
    "a policy comes": lambda c: policies(c, Auditors="OR('KargaMSP.client')"),
    "a channel policy changes": lambda c: replace(c, policies={**c.policies, "Readers": "ALL R"}),
    "a capability": lambda c: application(c, capabilities=("V2_0",)),
    "the channel's capability": lambda c: replace(c, capabilities=("V3_0",)),
    "no capability": lambda c: application(c, capabilities=()),
    "an ACL": lambda c: application(c, acls={"peer/Propose": "/Channel/Application/Admins"}),
    "no ACLs": lambda c: application(c, acls={}),
    "batch size": lambda c: orderer(c, max_message_count=77),
    "batch timeout": lambda c: orderer(c, batch_timeout="4s"),
    "addresses": lambda c: orderer(c, addresses=("one:7050",)),
    "an anchor": lambda c: karga(c, anchor_peers=("a:7051", "b:7051")),
    "no anchor": lambda c: karga(c, anchor_peers=()),
    "two places at once": lambda c: karga(orderer(c, max_channels=9), anchor_peers=("a:7051",)),
}


def consortium(config: ChannelConfig, name: str, orgs: tuple[str, ...]) -> ChannelConfig:
    wanted = {org: networks.peer_org(org) for org in orgs}
    return replace(config, consortiums={**config.consortiums, name: wanted})


SYSTEM_CHANGES: dict[str, Change] = {
    "an organization joins a consortium": lambda c: consortium(
        c, "SecondConsortium", ("Karga", "Atlantis")
    ),
    "an organization leaves one": lambda c: consortium(c, "TheConsortium", ("Karga",)),
    "a consortium comes": lambda c: consortium(c, "ThirdConsortium", ("Nevergreen",)),
    "a consortium goes": lambda c: replace(
        c, consortiums={"TheConsortium": c.consortiums["TheConsortium"]}
    ),
    "batch size": lambda c: orderer(c, preferred_max_bytes=1024),
}


def check(
    old: Config, new: ConfigGroup, folder: Path, binaries: str = fabric.FABRIC_2
) -> ConfigUpdate | None:
    """Both tools' answers for this pair are the same; ours is given back."""
    original, updated, output = folder / "old", folder / "new", folder / "update"
    original.write_bytes(serialize(old))
    updated.write_bytes(serialize(Config(channel_group=new)))
    theirs = fabric.attempt(
        "configtxlator", "compute_update", "--channel_id", "common",
        "--original", original, "--updated", updated, "--output", output, binaries=binaries,
    )  # fmt: skip
    ours = compute_update(old, new, channel="common")
    if ours is None:
        assert "no differences detected" in theirs.stderr
    else:
        assert theirs.returncode == 0, theirs.stderr
        assert ConfigUpdate.FromString(output.read_bytes()) == ours
    return ours


def versioned(group: ConfigGroup, chance: random.Random) -> ConfigGroup:
    """The group as it might be after a life of updates: with versions everywhere."""
    copy = ConfigGroup()
    copy.CopyFrom(group)
    for each in walk(copy):
        each.version = chance.randrange(5)
        for element in (*each.policies.values(), *each.values.values()):
            element.version = chance.randrange(5)
    return copy


def walk(group: ConfigGroup) -> list[ConfigGroup]:
    return [group, *(each for child in group.groups.values() for each in walk(child))]


def compare(
    before: ChannelConfig,
    after: ChannelConfig,
    material,
    folder: Path,
    seed: str,
    *,
    binaries: str = fabric.FABRIC_2,
):
    given = {"msps": material.msps, "certificates": material.certificates}
    old = versioned(build.channel_group(before, **given), random.Random(seed))
    config = Config(sequence=7, channel_group=old)
    assert check(config, build.channel_group(after, **given), folder, binaries) is not None


@pytest.mark.parametrize("kind", ["solo", "kafka", "etcdraft"])
@pytest.mark.parametrize("change", CHANNEL_CHANGES)
def test_a_change_of_a_channel_and_its_reverse(
    change: str, kind: networks.Kind, material, tmp_path: Path
):
    before = networks.application_channel(kind)
    after = CHANNEL_CHANGES[change](before)
    compare(before, after, material, tmp_path, change)
    compare(after, before, material, tmp_path, change)


@pytest.mark.parametrize("kind", ["solo", "kafka", "etcdraft"])
@pytest.mark.parametrize("change", SYSTEM_CHANGES)
def test_a_change_of_a_system_channel_and_its_reverse(
    change: str, kind: networks.Kind, material, tmp_path: Path
):
    before = networks.system_channel(kind)
    after = SYSTEM_CHANGES[change](before)
    compare(before, after, material, tmp_path, change)
    compare(after, before, material, tmp_path, change)


def test_a_consenter_less(material, tmp_path: Path):
    before = networks.application_channel("etcdraft")
    assert before.orderer is not None
    assert before.orderer.raft is not None
    raft = replace(before.orderer.raft, consenters=networks.consenters()[:2])
    compare(before, orderer(before, raft=raft), material, tmp_path, "raft")


BFT_CHANGES: dict[str, Change] = {
    "a consenter goes": lambda c: orderer(c, bft=Bft(consenters=networks.bft_consenters()[:3])),
    "default options": lambda c: orderer(c, bft=Bft(consenters=networks.bft_consenters())),
    "batch size": lambda c: orderer(c, max_message_count=77),
    "to Raft": lambda c: networks.own_channel("etcdraft"),
}


@pytest.mark.parametrize("change", BFT_CHANGES)
def test_a_change_of_a_bft_channel_and_its_reverse(change: str, material, tmp_path: Path):
    before = networks.own_channel("BFT")
    after = BFT_CHANGES[change](before)
    compare(before, after, material, tmp_path, change, binaries=fabric.FABRIC_3)
    compare(after, before, material, tmp_path, change, binaries=fabric.FABRIC_3)


def test_equal_configurations_give_no_update(material, tmp_path: Path):
    given = {"msps": material.msps, "certificates": material.certificates}
    group = build.channel_group(networks.application_channel(), **given)
    old = Config(channel_group=versioned(group, random.Random(1)))
    assert check(old, group, tmp_path) is None


@pytest.mark.parametrize("seed", range(60))
def test_random_changes_of_the_messages(seed: int, material, tmp_path: Path):
    """Changes anywhere, also such as no ChannelConfig can say."""
    chance = random.Random(seed)
    config = (
        networks.system_channel("kafka") if seed % 2 else networks.application_channel("etcdraft")
    )
    group = build.channel_group(config, msps=material.msps, certificates=material.certificates)
    new = ConfigGroup()
    new.CopyFrom(group)
    for _ in range(chance.randrange(4)):
        mutate(new, chance)
    check(Config(channel_group=versioned(group, chance)), new, tmp_path)


def mutate(root: ConfigGroup, chance: random.Random) -> None:
    group = chance.choice(walk(root))
    elements = chance.choice((group.groups, group.values, group.policies))
    name = chance.choice([*elements, "New"])
    kind = chance.randrange(4)
    if kind == 0 and name in elements:
        del elements[name]
    elif kind == 1 and elements is group.values:
        group.values[name].value = chance.randbytes(3)
    elif kind == 2 and elements is group.groups:
        group.groups[name].policies["Fresh"].policy.type = chance.randrange(3)
    elif elements is group.policies:
        group.policies[name].policy.value = chance.randbytes(3)
    elif kind == 3:
        elements[name].mod_policy = chance.choice(("Admins", "Writers", ""))
    else:
        group.mod_policy = chance.choice(("Admins", "Writers", ""))
