"""Files of Fabric 1.4, as PIVT has them: they come up unchanged, or are raised by a setting."""

import pytest

from hlf.config.model import Application, Organization
from hlf.spec.capabilities import has_lifecycle
from hlf.spec.raised import raised

CHANNEL = "    Channel: &ChannelCapabilities\n        "
APPLICATION = "    Application: &ApplicationCapabilities\n        "
STANDARD = {"Readers": "ANY Readers", "Writers": "ANY Writers", "Admins": "MAJORITY Admins"}
MEMBERS = ("KargaMSP", "NevergreenMSP", "AtlantisMSP")


def test_pivts_own_files_have_the_old_lifecycle(pivt):
    network = pivt.load()
    assert [(channel.name, channel.legacy) for channel in network.channels] == [
        ("common", True),
        ("private-karga-atlantis", True),
    ]
    config = network.channels[0].config
    assert config.capabilities == ("V1_4_3",)
    assert config.application is not None
    assert config.application.capabilities == ("V1_4_2",)
    assert config.application.policies == STANDARD
    assert [chaincode.version for chaincode in network.chaincodes] == ["1.0", "1.0"]
    assert [chaincode.language for chaincode in network.chaincodes] == ["golang", "golang"]


def test_samples_of_today_have_the_current_lifecycle(simple):
    assert not any(channel.legacy for channel in simple.load().channels)


@pytest.mark.parametrize(
    ("capabilities", "current"),
    [
        ((), False),
        (("V1_1",), False),
        (("V1_2",), False),
        (("V1_3",), False),
        (("V1_4_2",), False),
        (("V1_4_2", "V2_0"), True),
        (("V2_5",), True),
    ],
)
def test_the_lifecycle_follows_from_the_application_capabilities(capabilities, current):
    assert has_lifecycle(capabilities) is current


@pytest.mark.parametrize("capability", ["V1_1", "V1_2", "V1_3", "V1_4_2"])
def test_older_application_capabilities(pivt, capability):
    pivt.change("configtx.yaml", f"{APPLICATION}V1_4_2", f"{APPLICATION}{capability}")
    assert all(channel.legacy for channel in pivt.load().channels)


@pytest.mark.parametrize("capability", ["V1_1", "V1_3", "V1_4_2"])
def test_channel_capabilities_that_know_no_admins_by_their_certificates(pivt, tell, capability):
    pivt.change("configtx.yaml", f"{CHANNEL}V1_4_3", f"{CHANNEL}{capability}")
    told = pivt.mistakes()
    paths = ["OrdererGenesis", "common", "private-karga-atlantis"]
    assert [mistake.path for mistake in told] == [f"Profiles.{path}" for path in paths]
    words = "`Karga`, `Atlantis`, `Groeifabriek` with `EnableNodeOUs: true`|no admins|`V1_4_3`"
    tell(told[2], file="configtx.yaml", path="Profiles.private-karga-atlantis", words=words)


@pytest.mark.parametrize("capability", ["V1_1", "V1_3", "V1_4_2"])
def test_older_channel_capabilities_without_node_ous(pivt, capability):
    pivt.change("configtx.yaml", f"{CHANNEL}V1_4_3", f"{CHANNEL}{capability}")
    path = pivt.root / "net" / "crypto-config.yaml"
    path.write_text(path.read_text().replace("EnableNodeOUs: true", "EnableNodeOUs: false"))
    assert all(channel.config.capabilities == (capability,) for channel in pivt.load().channels)


def test_an_unknown_capability_is_told(pivt, tell):
    pivt.change("configtx.yaml", f"{APPLICATION}V1_4_2", f"{APPLICATION}V1_4_3")
    words = "there is no capability `V1_4_3` for Application"
    tell(
        pivt.mistakes()[0],
        file="configtx.yaml",
        path="Capabilities.Application.V1_4_3",
        words=words,
    )


@pytest.mark.parametrize("capability", ["V2_0", "V2_5"])
def test_the_setting_gives_every_channel_the_current_lifecycle(pivt, capability):
    before = pivt.load()
    network = pivt.load(raiseApplicationCapability=capability)
    assert not any(channel.legacy for channel in network.channels)
    application = network.channels[0].config.application
    assert application is not None
    assert application.capabilities == ("V1_4_2", capability)
    assert application.policies == {
        **STANDARD,
        "LifecycleEndorsement": "MAJORITY Endorsement",
        "Endorsement": "MAJORITY Endorsement",
    }
    assert {
        name: organization.policies["Endorsement"]
        for name, organization in application.organizations.items()
    } == {member: f"OR('{member}.peer')" for member in MEMBERS}
    assert network.system_channel == before.system_channel
    assert network.channels[0].config.capabilities == ("V1_4_3",)


def test_organizations_without_node_ous_endorse_by_any_member(pivt):
    pivt.change(
        "crypto-config.yaml",
        "Domain: aptalkarga.tr\n    EnableNodeOUs: true",
        "Domain: aptalkarga.tr\n    EnableNodeOUs: false",
    )
    application = pivt.load(raiseApplicationCapability="V2_0").channels[0].config.application
    assert application is not None
    rules = {n: org.policies["Endorsement"] for n, org in application.organizations.items()}
    assert rules["KargaMSP"] == "OR('KargaMSP.member')"
    assert rules["AtlantisMSP"] == "OR('AtlantisMSP.peer')"


def test_the_setting_changes_nothing_that_is_there(simple):
    assert simple.load().channels == simple.load(raiseApplicationCapability="V2_0").channels
    assert simple.load().channels == simple.load(raiseApplicationCapability="V2_5").channels


def test_policies_that_are_written_stay_as_they_are():
    written = Application(
        policies={**STANDARD, "Endorsement": "ANY Endorsement"},
        capabilities=("V1_4_2",),
        organizations={
            "A": Organization(msp_id="AMSP", policies={"Endorsement": "OR('AMSP.member')"})
        },
    )
    made = raised(written, to="V2_5", node_ous={"AMSP": True})
    assert made.policies["Endorsement"] == "ANY Endorsement"
    assert made.policies["LifecycleEndorsement"] == "MAJORITY Endorsement"
    assert made.organizations == written.organizations


def test_a_later_capability_with_all_policies_is_added_alone(simple):
    simple.change("configtx.yaml", "    V2_5: true", "    V2_0: true")
    before = simple.load().channels[0].config.application
    after = simple.load(raiseApplicationCapability="V2_5").channels[0].config.application
    assert after.capabilities == ("V2_0", "V2_5")
    assert (after.policies, after.organizations) == (before.policies, before.organizations)


def test_without_the_setting_nothing_is_raised():
    written = Application(policies=STANDARD, organizations={})
    assert raised(written, to=None, node_ous={}) is written
