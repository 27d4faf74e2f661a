"""Who has to sign an update: as few as the channel's policies need, or who is missing."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from hlf.config import build
from hlf.config.adjust import adjust
from hlf.config.authorize import UnsatisfiedError, signers
from hlf.config.model import Application, ChannelConfig, Organization
from hlf.config.protos import Config
from hlf.config.update import compute_update
from tests.unit.config import networks

PEERS = ("AtlantisMSP", "KargaMSP", "NevergreenMSP")
ALL = (*PEERS, "GroeifabriekMSP")


def asked(given, change: Callable[[ChannelConfig], ChannelConfig], admins=ALL, **policies: str):
    """Who signs a change of a channel whose Application has these policies."""
    before = _application(lambda a: replace(a, policies={**a.policies, **policies}))(
        networks.application_channel("etcdraft")
    )
    live = build.channel_group(before, **given)
    wanted = adjust(live, build.channel_group(change(before), **given))
    update = compute_update(Config(channel_group=live), wanted, channel="common")
    assert update is not None
    return sorted(signers(live, update, admins=admins))


def _application(change: Callable[[Application], Application]):
    def changed(config: ChannelConfig) -> ChannelConfig:
        assert config.application is not None
        return replace(config, application=change(config.application))

    return changed


def organization(name: str, **changes):
    def change(application: Application) -> Application:
        found: Organization = replace(application.organizations[name], **changes)
        return replace(application, organizations={**application.organizations, name: found})

    return _application(change)


acls = _application(lambda a: replace(a, acls={}))


def less_an_org(config: ChannelConfig) -> ChannelConfig:
    return _application(
        lambda a: replace(
            a, organizations={n: o for n, o in a.organizations.items() if n != "Nevergreen"}
        )
    )(config)


def batch(config: ChannelConfig) -> ChannelConfig:
    assert config.orderer is not None
    return replace(config, orderer=replace(config.orderer, batch_timeout="1s"))


def capability(config: ChannelConfig) -> ChannelConfig:
    return replace(config, capabilities=())


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("MAJORITY Admins", ["AtlantisMSP", "KargaMSP"]),
        ("ANY Admins", ["AtlantisMSP"]),
        ("ALL Admins", list(PEERS)),
        ("OR('NevergreenMSP.admin')", ["NevergreenMSP"]),
        ("AND('KargaMSP.admin', 'NevergreenMSP.member')", ["KargaMSP", "NevergreenMSP"]),
        (
            "OutOf(2, 'AtlantisMSP.peer', 'KargaMSP.admin', 'NevergreenMSP.admin')",
            ["KargaMSP", "NevergreenMSP"],
        ),
        ("OR('AtlantisMSP.peer', AND('KargaMSP.admin', 'GroeifabriekMSP.member'))",
         ["GroeifabriekMSP", "KargaMSP"]),
        ("OutOf(0, 'KargaMSP.admin')", []),
    ],
)  # fmt: skip
def test_as_few_sign_as_the_policy_needs(given, rule: str, expected: list[str]) -> None:
    for change in (acls, less_an_org):
        assert asked(given, change, Admins=rule) == expected


def test_what_is_changed_decides_whose_policy_counts(given) -> None:
    assert asked(given, organization("Nevergreen", anchor_peers=())) == ["NevergreenMSP"]
    assert asked(given, batch) == ["GroeifabriekMSP"]
    assert asked(given, capability) == ["AtlantisMSP", "GroeifabriekMSP", "KargaMSP"]
    both = asked(given, lambda config: batch(organization("Karga", anchor_peers=())(config)))
    assert both == ["GroeifabriekMSP", "KargaMSP"]


def test_a_policy_may_be_asked_by_its_whole_path(given) -> None:
    def addresses(config: ChannelConfig) -> ChannelConfig:
        assert config.orderer is not None
        return replace(config, orderer=replace(config.orderer, addresses=("elsewhere:7050",)))

    assert asked(given, addresses) == ["GroeifabriekMSP"]


def test_one_signature_counts_once(given) -> None:
    """As in Fabric, which takes the first rule that an identity meets."""
    twice = "AND('KargaMSP.admin', 'KargaMSP.member')"
    with pytest.raises(UnsatisfiedError, match="no admins can meet it"):
        asked(given, acls, Admins=twice)


def test_who_is_missing_is_told(given) -> None:
    with pytest.raises(UnsatisfiedError) as caught:
        asked(given, acls, admins=["KargaMSP", "GroeifabriekMSP"])
    assert str(caught.value) == (
        "the policy /Channel/Application/Admins (`MAJORITY Admins`) is not met by the admins here "
        "(GroeifabriekMSP, KargaMSP): admins of AtlantisMSP or NevergreenMSP are missing"
    )


def test_each_policy_that_is_not_met_is_told(given) -> None:
    def change(config: ChannelConfig) -> ChannelConfig:
        return organization("Nevergreen", anchor_peers=())(batch(config))

    with pytest.raises(UnsatisfiedError) as caught:
        asked(given, change, admins=["KargaMSP"])
    told = str(caught.value)
    assert told.count("is not met") == 2
    assert "/Channel/Orderer/Admins (`MAJORITY Admins`)" in told
    assert "/Channel/Application/Nevergreen/Admins (`OR('NevergreenMSP.admin')`)" in told


def test_a_policy_that_only_others_meet_is_told(given) -> None:
    with pytest.raises(UnsatisfiedError, match=r"`OR\('KargaMSP.peer'\)`.* no admins can meet it"):
        asked(given, acls, Admins="OR('KargaMSP.peer')")


def test_a_policy_that_there_is_not_is_told(given) -> None:
    live = build.channel_group(networks.application_channel("etcdraft"), **given)
    live.groups["Application"].values["ACLs"].mod_policy = "/Channel/Application/Nobody"
    wanted = build.channel_group(acls(networks.application_channel("etcdraft")), **given)
    live.groups["Application"].mod_policy = "Nobody"
    update = compute_update(Config(channel_group=live), adjust(live, wanted), channel="common")
    assert update is not None
    with pytest.raises(UnsatisfiedError, match=r"Application/Nobody \(which the channel does not"):
        signers(live, update, admins=ALL)
