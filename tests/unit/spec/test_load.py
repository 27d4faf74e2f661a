"""What `load` makes of files in which nothing is wrong."""

from pathlib import Path

import pytest

from hlf.spec import load
from hlf.spec.model import ChaincodeOnChannel, Node

MEMBERS = ("Karga", "Nevergreen", "Atlantis")


def test_the_sample_of_the_repository_comes_with_its_chaincodes():
    root = Path(__file__).parents[3]
    network = load({}, root=root, stack="dev")
    assert network.settings.network == root / "samples/simple"
    assert [chaincode.source for chaincode in network.chaincodes] == [
        root / "samples/chaincode/very-simple",
        root / "samples/chaincode/even-simpler",
    ]


def test_organizations(simple):
    network = simple.load()
    (orderer_org,) = network.orderer_orgs
    assert (orderer_org.name, orderer_org.msp_id) == ("Groeifabriek", "GroeifabriekMSP")
    assert orderer_org.nodes == (
        Node(org="Groeifabriek", host="orderer0", domain="groeifabriek.nl"),
    )
    assert orderer_org.users == 0
    assert tuple(org.name for org in network.peer_orgs) == MEMBERS
    karga = network.peer_orgs[0]
    assert (karga.msp_id, karga.domain, karga.node_ous, karga.users) == (
        "KargaMSP",
        "aptalkarga.tr",
        True,
        1,
    )
    assert [node.fqdn for node in karga.nodes] == ["peer0.aptalkarga.tr"]


def test_system_channel(simple):
    system_channel = simple.load().system_channel
    config = system_channel.config
    assert system_channel.name == "testchainid"
    assert config.application is None
    assert config.capabilities == ("V2_0",)
    assert config.policies == {
        "Readers": "ANY Readers",
        "Writers": "ANY Writers",
        "Admins": "MAJORITY Admins",
    }
    assert {name: tuple(orgs) for name, orgs in config.consortiums.items()} == {
        "TheConsortium": ("KargaMSP", "NevergreenMSP", "AtlantisMSP"),
        "SecondConsortium": ("KargaMSP",),
    }
    assert config.consortiums["SecondConsortium"]["KargaMSP"].anchor_peers == ()
    orderer = config.orderer
    assert orderer is not None
    assert orderer.type == "solo"
    assert orderer.addresses == ("hlf-orderer--groeifabriek--orderer0:7050",)
    assert orderer.batch_timeout == "1s"
    assert orderer.max_message_count == 5
    assert orderer.absolute_max_bytes == 98 * 1024 * 1024
    assert orderer.preferred_max_bytes == 1024 * 1024
    assert orderer.policies["BlockValidation"] == "ANY Writers"
    assert tuple(orderer.organizations) == ("GroeifabriekMSP",)


def test_channels(simple):
    network = simple.load()
    common, private = network.channels
    assert (common.name, common.orgs) == ("common", MEMBERS)
    assert (private.name, private.orgs) == ("private-karga-atlantis", ("Karga", "Atlantis"))
    assert common.config.consortium == "TheConsortium"
    assert common.config.orderer == network.system_channel.config.orderer
    application = private.config.application
    assert application is not None
    assert application.capabilities == ("V2_5",)
    assert application.policies["LifecycleEndorsement"] == "MAJORITY Endorsement"
    assert tuple(application.organizations) == ("KargaMSP", "AtlantisMSP")
    assert application.organizations["KargaMSP"].anchor_peers == ("hlf-peer--karga--peer0:7051",)
    assert application.organizations["KargaMSP"].policies["Endorsement"] == "OR('KargaMSP.peer')"


def test_chaincodes(simple):
    very_simple, _ = simple.load().chaincodes
    assert (very_simple.name, very_simple.version) == ("very-simple", "1.0")
    assert very_simple.language == "golang"
    assert very_simple.source == simple.root / "chaincode" / "very-simple"
    assert very_simple.image is None
    assert very_simple.channels == (
        ChaincodeOnChannel(
            channel="common",
            orgs=MEMBERS,
            policy="OR('KargaMSP.member','NevergreenMSP.member','AtlantisMSP.member')",
        ),
    )


def test_a_chaincode_with_an_image_needs_no_source(simple):
    simple.change("network.yaml", 'version: "1.0"', "image: example/very-simple:1.0")
    (simple.root / "chaincode" / "very-simple" / "go.mod").unlink()
    very_simple, _ = simple.load().chaincodes
    assert very_simple.image == "example/very-simple:1.0"
    assert very_simple.source is None
    assert very_simple.version == "1.0", "the default, as in PIVT"


def test_the_version_for_all_chaincodes_counts_where_one_has_none(simple):
    simple.change("network.yaml", '      version: "1.0"\n', "")
    simple.change("network.yaml", "\nnetwork:", '\nchaincode:\n  version: "2.0"\nnetwork:')
    assert [chaincode.version for chaincode in simple.load().chaincodes] == ["2.0", "1.0"]


def test_a_chaincode_without_policy_takes_the_channels(simple):
    policy = "OR('KargaMSP.member','AtlantisMSP.member')"
    simple.change("network.yaml", f"          policy: {policy}\n", "")
    assert simple.load().chaincodes[1].channels[0].policy is None


@pytest.mark.parametrize(
    "section",
    ["  BatchTimeout: 1s\n", "    MaxMessageCount: 5\n", "    AbsoluteMaxBytes: 98 MB\n"],
)
def test_what_the_orderer_section_leaves_out_is_as_configtxgen_completes_it(simple, section):
    simple.change("configtx.yaml", section, "")
    orderer = simple.load().system_channel.config.orderer
    assert orderer is not None
    defaults = {
        "  BatchTimeout: 1s\n": (orderer.batch_timeout, "2s"),
        "    MaxMessageCount: 5\n": (orderer.max_message_count, 500),
        "    AbsoluteMaxBytes: 98 MB\n": (orderer.absolute_max_bytes, 10 * 1024 * 1024),
    }
    found, expected = defaults[section]
    assert found == expected


def test_an_absent_batch_size_is_completed_whole(simple):
    simple.change("configtx.yaml", "BatchSize:", "BatchSize: {}\n  Kafka:")
    simple.change("configtx.yaml", "    MaxMessageCount: 5\n", "    Brokers: [kafka0:9092]\n")
    simple.change("configtx.yaml", "    AbsoluteMaxBytes: 98 MB\n", "")
    simple.change("configtx.yaml", "    PreferredMaxBytes: 1024 KB\n", "")
    orderer = simple.load().system_channel.config.orderer
    assert orderer is not None
    assert orderer.max_message_count == 500
    assert orderer.preferred_max_bytes == 2 * 1024 * 1024
    assert orderer.kafka_brokers == (), "solo has none"


def test_durations_are_as_go_prints_them(simple):
    simple.change("configtx.yaml", "BatchTimeout: 1s", "BatchTimeout: 1500ms")
    orderer = simple.load().system_channel.config.orderer
    assert orderer is not None
    assert orderer.batch_timeout == "1.5s"


def test_a_capability_that_is_off_is_not_required(simple):
    simple.change("configtx.yaml", "    V2_5: true", "    V2_5: true\n    V1_4_2: false")
    application = simple.load().channels[0].config.application
    assert application is not None
    assert application.capabilities == ("V2_5",)


def test_endpoints_of_an_orderer_organization(simple):
    endpoint = "hlf-orderer--groeifabriek--orderer0:7050"
    simple.change("configtx.yaml", f"    - {endpoint}\n", "")
    simple.change("configtx.yaml", "    ID: G", f"    OrdererEndpoints: ['{endpoint}']\n    ID: G")
    orderer = simple.load().system_channel.config.orderer
    assert orderer is not None
    assert orderer.addresses == ()
    assert orderer.organizations["GroeifabriekMSP"].orderer_endpoints == (endpoint,)


def test_signature_policies_of_a_section(simple):
    rule = "OR('KargaMSP.admin')"
    simple.change(
        "configtx.yaml",
        "ImplicitMeta\n      Rule: MAJORITY Admins",
        f"Signature\n      Rule: {rule}",
    )
    application = simple.load().channels[0].config.application
    assert application is not None
    assert application.policies["Admins"] == rule


def test_a_channels_own_orderer_section_counts(simple):
    own = (
        "    Orderer:\n      <<: *OrdererDefaults\n      BatchTimeout: 3s\n"
        "      Organizations: [*Groeifabriek]\n"
    )
    simple.change("configtx.yaml", "  common:\n", f"  common:\n{own}")
    common, private = simple.load().channels
    assert common.config.orderer is not None
    assert common.config.orderer.batch_timeout == "3s"
    assert private.config.orderer is not None
    assert private.config.orderer.batch_timeout == "1s"


def test_what_a_channels_profile_leaves_out_is_as_in_the_system_channel(simple):
    simple.change(
        "configtx.yaml",
        "    Consortium: TheConsortium\n    <<: *ChannelDefaults\n",
        "    Consortium: TheConsortium\n",
    )
    network = simple.load()
    assert network.channels[0].config.policies == network.system_channel.config.policies
    assert network.channels[0].config.capabilities == ("V2_0",)


def test_templates_of_names(simple):
    simple.change(
        "crypto-config.yaml",
        "      Count: 1\n",
        "      Count: 2\n      Start: 5\n      Hostname: '{{.Prefix}}-{{.Index}}'\n"
        "      SANS: ['{{.Hostname}}.alt.{{ .Domain }}', 172.16.10.31]\n",
    )
    simple.change("configtx.yaml", "hlf-peer--karga--peer0", "hlf-peer--karga--peer-6")
    assert simple.load().peer_orgs[0].nodes == tuple(
        Node(
            org="Karga",
            host=f"peer-{index}",
            domain="aptalkarga.tr",
            sans=(f"peer-{index}.alt.aptalkarga.tr", "172.16.10.31"),
        )
        for index in (5, 6)
    )


def test_names_of_a_spec(simple):
    simple.change(
        "crypto-config.yaml",
        "      - Hostname: orderer0\n",
        "      - Hostname: orderer0\n        CommonName: '{{.Hostname}}.{{.Domain}}'\n"
        "        SANS: ['alt-{{.CommonName}}', '*.example.com']\n",
    )
    (node,) = simple.load().orderer_orgs[0].nodes
    assert node.sans == ("alt-orderer0.groeifabriek.nl", "*.example.com")


def test_specs_come_before_templated_nodes_as_in_cryptogen(simple):
    simple.change(
        "crypto-config.yaml",
        "    Template:\n      Count: 1\n",
        "    Specs: [{Hostname: gateway}]\n    Template:\n      Count: 1\n",
    )
    assert [node.host for node in simple.load().peer_orgs[0].nodes] == ["gateway", "peer0"]


def test_settings(simple):
    settings = simple.load(
        namespace="blocks",
        fabricVersion="2.5.12",
        stateDatabase="LevelDB",
        keepData=False,
        protect=True,
        context="kind-dev",
    ).settings
    assert settings.network == simple.root / "net"
    assert settings.namespace == "blocks"
    assert settings.fabric_version == "2.5.12"
    assert (settings.keep_data, settings.protect) == (False, True)


def test_defaults_of_the_settings(simple):
    settings = simple.load().settings
    assert settings.namespace == "dev", "the name of the stack"
    assert settings.fabric_version == "2.5.9"
    assert settings.state_database == "LevelDB"
    assert (settings.keep_data, settings.protect) == (True, False)


@pytest.mark.parametrize("file", ["crypto-config.yaml", "configtx.yaml", "network.yaml"])
def test_byte_order_marks_and_crlf_do_no_harm(simple, file):
    expected = simple.load()
    data = (simple.root / "net" / file).read_bytes().replace(b"\n", b"\r\n")
    simple.write(file, b"\xef\xbb\xbf" + data)
    assert simple.load() == expected


def test_absolute_folders(simple):
    network = load(
        {"network": str(simple.root / "net"), "chaincode": str(simple.root / "chaincode")},
        root=Path("/nowhere"),
        stack="dev",
    )
    assert network.settings.network == simple.root / "net"


def test_tls_and_actual_domains(simple):
    simple.change(
        "network.yaml", "\nnetwork:", "\ntlsEnabled: true\nuseActualDomains: true\nnetwork:"
    )
    simple.change(
        "configtx.yaml", "hlf-orderer--groeifabriek--orderer0", "orderer0.groeifabriek.nl"
    )
    for org, domain in (
        ("karga", "aptalkarga.tr"),
        ("nevergreen", "nevergreen.nl"),
        ("atlantis", "atlantis.com"),
    ):
        simple.change("configtx.yaml", f"hlf-peer--{org}--peer0", f"peer0.{domain}")
    network = simple.load()
    assert (network.tls, network.actual_domains) == (True, True)
