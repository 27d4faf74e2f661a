"""Networks whose orderers join channels one by one, and what Fabric 3 knows of the rest."""

import pytest

from hlf.config.model import RaftOptions

FILE = "configtx.yaml"
COMMON = "Profiles.common"
PRIVATE = "Profiles.private-karga-atlantis"
OWN = "    Orderer:\n      <<: *OrdererDefaults\n      Organizations: [*Groeifabriek]\n"


@pytest.mark.parametrize("version", ["2.5.9", "3.1.1"])
def test_a_network_without_a_system_channel(raft, version):
    network = raft.load(fabricVersion=version)
    assert network.system_channel is None
    assert network.warnings == ()
    for channel in network.channels:
        orderer = channel.config.orderer
        assert channel.config.consortium is None
        assert orderer is not None
        assert orderer.type == "etcdraft"
        assert orderer.raft is not None
        assert orderer.raft.options == RaftOptions()
        assert orderer.bft is None
        assert [each.node for each in orderer.consenters] == [
            ("Groeifabriek", f"orderer{number}") for number in range(3)
        ]
        assert orderer.consenters[1].host == "hlf-orderer--groeifabriek--orderer1"
        assert orderer.consenters[1].server_tls_cert == "Groeifabriek/orderer1/tls"
        assert orderer.policies["BlockValidation"] == "ANY Writers"


def test_every_channel_has_its_own_orderer_section(raft, tell):
    raft.change(FILE, OWN, "")
    words = "the profile of the channel `common` has no `Orderer`|`network.genesisProfile`"
    tell(raft.mistake(), file=FILE, path=COMMON, words=words)


def test_every_channel_has_an_application(raft, tell):
    raft.change(
        FILE,
        "    Application:\n      <<: *ApplicationDefaults\n      Organizations:\n"
        "        - *Karga\n        - *Atlantis\n",
        "",
    )
    tell(raft.mistake(), file=FILE, path=PRIVATE, words="has no `Application`")


def test_capabilities_without_orderer_capabilities(raft, tell):
    raft.change(FILE, "    <<: *OrdererCapabilities", "    V2_0: false")
    words = "the channel has capabilities and its `Orderer` has none|`V2_0`"
    common, private = raft.mistakes()
    tell(common, file=FILE, path=f"{COMMON}.Orderer", words=words)
    tell(private, file=FILE, path=f"{PRIVATE}.Orderer", words=words)


def test_no_channel_has_a_consortium(raft, tell):
    raft.change(FILE, OWN, f"{OWN}    Consortium: TheConsortium\n")
    words = "`Consortium` has a meaning only where there is a system channel|take it out"
    tell(raft.mistake(), file=FILE, path=f"{COMMON}.Consortium", words=words)


def test_no_channel_has_consortiums(raft, tell):
    raft.change(FILE, OWN, f"{OWN}    Consortiums: {{}}\n")
    tell(raft.mistake(), file=FILE, path=COMMON, words="`common` has `Consortiums`")


def test_a_name_of_a_system_channel_that_has_no_profile(raft, tell):
    raft.change("network.yaml", "network:\n", "network:\n  systemChannelID: testchainid\n")
    path = "network.systemChannelID"
    words = "a `systemChannelID` and no `genesisProfile`|take this out"
    tell(raft.mistake(), file="network.yaml", path=path, words=words)


def test_an_organization_whose_orderers_are_in_no_channel(raft, tell):
    raft.change(
        "crypto-config.yaml",
        "OrdererOrgs:\n",
        "OrdererOrgs:\n  - {Name: Pivt, Domain: pivt.nl, Specs: [{Hostname: orderer0}]}\n",
    )
    raft.change(
        FILE,
        "  - &Karga\n",
        "  - {Name: PivtMSP, ID: PivtMSP, Policies: {Readers: &Any {Type: Signature, "
        "Rule: \"OR('PivtMSP.member')\"}, Writers: *Any, Admins: *Any}, "
        "MSPDir: crypto-config/ordererOrganizations/pivt.nl/msp}\n  - &Karga\n",
    )
    words = "`Pivt` runs orderers and is in no channel's `Orderer`"
    tell(raft.mistake(), file="crypto-config.yaml", path="OrdererOrgs[0].Name", words=words)


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("2.5.9", "the orderer type `solo` needs a system channel|write `etcdraft`"),
        ("3.1.1", "Fabric 3.1.1 knows no orderer type `solo`|`BFT`|2.5.9"),
    ],
)
def test_solo_without_a_system_channel(raft, tell, version, words):
    raft.change(FILE, "OrdererType: etcdraft", "OrdererType: solo")
    raft.change(
        "crypto-config.yaml", "      - Hostname: orderer1\n      - Hostname: orderer2\n", ""
    )
    path = f"{COMMON}.Orderer.OrdererType"
    told = {mistake.path: mistake for mistake in raft.mistakes(fabricVersion=version)}
    tell(told[path], file=FILE, path=path, words=words)


def test_fabric_3_knows_neither_system_channels_nor_solo(simple, tell):
    solo, system_channel = simple.mistakes(fabricVersion="3.1.1")
    path = "Profiles.OrdererGenesis.Orderer.OrdererType"
    tell(solo, file=FILE, path=path, words="Fabric 3.1.1 knows no orderer type `solo`")
    path = "network.genesisProfile"
    words = "Fabric 3.1.1 knows no system channel|`Orderer`|2.5.9"
    tell(system_channel, file="network.yaml", path=path, words=words)


def test_fabric_3_knows_no_kafka(raft, tell):
    kafka = "OrdererType: kafka\n  Kafka: {Brokers: ['kafka0:9092']}"
    raft.change(FILE, "OrdererType: etcdraft", kafka)
    path = f"{COMMON}.Orderer.OrdererType"
    words = "Fabric 3.1.1 knows no orderer type `kafka`"
    tell(raft.mistake(fabricVersion="3.1.1"), file=FILE, path=path, words=words)


def test_fabric_3_knows_no_lifecycle_from_before_2_0(raft, tell):
    raft.change(FILE, "    V2_5: true", "    V1_4_2: true")
    words = "Fabric 3.1.1 knows no chaincode lifecycle from before V2_0|`V2_5`|2.5.9"
    told = raft.mistakes(fabricVersion="3.1.1")
    tell(told[0], file=FILE, path=f"{COMMON}.Application", words=words)
    assert "`hlf:raiseApplicationCapability: V2_5`" in told[0].remedy
    assert not any("built" in mistake.problem for mistake in told)


@pytest.mark.parametrize("capability", ["V2_0", "V2_5"])
def test_fabric_3_takes_a_lifecycle_from_before_2_0_that_is_raised(raft, capability):
    raft.change(FILE, "    V2_5: true", "    V1_4_2: true")
    network = raft.load(fabricVersion="3.1.1", raiseApplicationCapability=capability)
    assert not any(channel.legacy for channel in network.channels)


def test_fabric_2_5_has_the_lifecycle_from_before_2_0_without_a_system_channel(raft):
    raft.change(FILE, "    V2_5: true", "    V1_4_2: true")
    network = raft.load()
    assert network.system_channel is None
    assert all(channel.legacy for channel in network.channels)


def test_fabric_2_5_does_not_know_v3_0(raft, tell):
    raft.change(
        FILE, "Channel: &ChannelCapabilities\n    V2_0", "Channel: &ChannelCapabilities\n    V3_0"
    )
    words = "Fabric 2.5.9 does not know the Channel capability `V3_0`|`V2_0`|3.1.1"
    tell(raft.mistake(), file=FILE, path=f"{COMMON}.Capabilities.V3_0", words=words)


def test_raft_under_v3_0(raft):
    raft.change(
        FILE, "Channel: &ChannelCapabilities\n    V2_0", "Channel: &ChannelCapabilities\n    V3_0"
    )
    assert raft.load(fabricVersion="3.1.1").channels[0].config.capabilities == ("V3_0",)


def test_an_even_number_of_raft_consenters_is_warned_of_once(raft):
    path = raft.root / "net" / FILE
    text = path.read_text()
    at = text.index("    - {Host: hlf-orderer--groeifabriek--orderer2")
    path.write_text(text[:at] + text[text.index("\n", at) + 1 :])
    (warning,) = raft.load().warnings
    assert warning.startswith(f"net/{FILE}:"), warning
    assert "2 consenters of Raft bear no more failures than 1" in warning
    assert "use an odd number" in warning


CERTIFICATE = "orderers/orderer1.groeifabriek.nl/tls/server.crt"
MEMBER = f"{COMMON}.Orderer.EtcdRaft.Consenters"


@pytest.mark.parametrize("prefix", ["./", "../", "../../", "./../"])
def test_paths_may_be_relative(raft, prefix):
    folder = "crypto-config/ordererOrganizations"
    raft.change(FILE, f"ClientTLSCert: {folder}", f"ClientTLSCert: {prefix}{folder}")
    orderer = raft.load().channels[0].config.orderer
    assert orderer is not None
    assert orderer.consenters[0].client_tls_cert == "Groeifabriek/orderer0/tls"


@pytest.mark.parametrize(
    ("old", "new", "path", "words"),
    [
        (
            f"ServerTLSCert: crypto-config/ordererOrganizations/groeifabriek.nl/{CERTIFICATE}",
            (
                "ServerTLSCert: crypto-config/ordererOrganizations/groeifabriek.nl/orderers/"
                "orderer7.groeifabriek.nl/tls/server.crt"
            ),
            f"{MEMBER}[1].ServerTLSCert",
            "is no TLS certificate of an orderer|did you mean `crypto-config/",
        ),
        (
            f"ServerTLSCert: crypto-config/ordererOrganizations/groeifabriek.nl/{CERTIFICATE}",
            "ServerTLSCert: /etc/tls/server.crt",
            f"{MEMBER}[1].ServerTLSCert",
            "`/etc/tls/server.crt` is no TLS certificate of an orderer",
        ),
        (
            f"ClientTLSCert: crypto-config/ordererOrganizations/groeifabriek.nl/{CERTIFICATE}",
            (
                "ClientTLSCert: crypto-config/ordererOrganizations/groeifabriek.nl/orderers/"
                "orderer2.groeifabriek.nl/tls/server.crt"
            ),
            f"{MEMBER}[1].ClientTLSCert",
            (
                "`ClientTLSCert` is of the orderer `orderer2.groeifabriek.nl`, and "
                "`ServerTLSCert` of `orderer1.groeifabriek.nl`"
            ),
        ),
        (
            "Host: hlf-orderer--groeifabriek--orderer1",
            "Host: hlf-orderer--groeifabriek",
            f"{MEMBER}[1].Host",
            (
                "`hlf-orderer--groeifabriek` is no name of the orderer "
                "`orderer1.groeifabriek.nl`|TLS|did you mean `hlf-orderer--groeifabriek--orderer1`?"
            ),
        ),
        (
            "Host: hlf-orderer--groeifabriek--orderer1",
            "Host: orderer1.groeifabriek.nl",
            f"{MEMBER}[1].Host",
            "resolves only with `useActualDomains`|`hlf-orderer--groeifabriek--orderer1`",
        ),
        (
            "Host: hlf-orderer--groeifabriek--orderer1",
            "Host: orderer1",
            f"{MEMBER}[1].Host",
            "`orderer1` resolves only with",
        ),
        (
            "Host: hlf-orderer--groeifabriek--orderer1, Port: 7050",
            "Host: hlf-orderer--groeifabriek--orderer0, Port: 7050",
            "Orderer.EtcdRaft.Consenters[1]",
            "is the same consenter as Orderer.EtcdRaft.Consenters[0]",
        ),
    ],
)
def test_consenters(raft, tell, *, old, new, path, words):
    raft.change(FILE, old, new)
    told = {mistake.path: mistake for mistake in raft.mistakes()}
    tell(told[path], file=FILE, path=path, words=words)


def test_an_orderer_is_one_consenter(raft, tell):
    raft.change("crypto-config.yaml", "orderer1\n", "orderer1\n        SANS: [o1.example.com]\n")
    certificate = f"crypto-config/ordererOrganizations/groeifabriek.nl/{CERTIFICATE}"
    raft.change(
        FILE,
        "    Consenters:\n",
        f"    Consenters:\n    - {{Host: o1.example.com, Port: 7050, ClientTLSCert: {certificate}, "
        f"ServerTLSCert: {certificate}}}\n",
    )
    words = "`orderer1.groeifabriek.nl` is a consenter already, as `o1.example.com:7050`"
    tell(raft.mistake(), file=FILE, path=f"{MEMBER}[2]", words=words)


@pytest.mark.parametrize(
    ("san", "host"), [("o1.example.com", "O1.example.com"), ("'*.example.com'", "o1.example.com")]
)
def test_a_consenter_may_be_named_by_a_san(raft, san, host):
    raft.change("crypto-config.yaml", "orderer1\n", f"orderer1\n        SANS: [{san}]\n")
    raft.change(FILE, "Host: hlf-orderer--groeifabriek--orderer1", f"Host: {host}")
    orderer = raft.load().channels[0].config.orderer
    assert orderer is not None
    assert orderer.consenters[1].node == ("Groeifabriek", "orderer1")


@pytest.mark.parametrize(
    "host", ["orderer1.groeifabriek.nl", "hlf-orderer--groeifabriek--orderer1"]
)
def test_with_actual_domains_both_names_of_a_consenter_resolve(raft, host):
    raft.change("network.yaml", "\nnetwork:", "\nuseActualDomains: true\nnetwork:")
    raft.change(FILE, "Host: hlf-orderer--groeifabriek--orderer1", f"Host: {host}")
    told = [mistake.path for mistake in raft.mistakes()]
    assert not [path for path in told if "Consenters" in path], told


def test_consenters_are_of_the_sections_organizations(raft, tell):
    raft.change(FILE, "      Organizations: [*Groeifabriek]\n", "      Organizations: []\n")
    told = {mistake.path: mistake for mistake in raft.mistakes()}
    words = "this is an orderer of `Groeifabriek`, which is no organization of this `Orderer`"
    tell(told[f"{MEMBER}[0]"], file=FILE, path=f"{MEMBER}[0]", words=words)
