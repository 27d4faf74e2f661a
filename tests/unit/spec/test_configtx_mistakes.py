"""configtx.yaml: what configtxgen refuses, and what it lets through and nobody can mean."""

import pytest

from hlf.config.model import RaftOptions

FILE = "configtx.yaml"
GENESIS = "Profiles.OrdererGenesis"
KARGA = "Organizations[1]"
GENESIS_ORDERER = """    Orderer:
      <<: *OrdererDefaults
      Organizations:
        - *Groeifabriek
"""
KAFKA_ORDERER = """    Orderer:
      <<: *OrdererDefaults
      OrdererType: kafka
      Kafka: {Brokers: ["kafka0:9092"]}
      Organizations: [*Groeifabriek]
"""


@pytest.mark.parametrize(
    ("old", "new", "path", "words"),
    [
        ("Profiles:", "Extra: 1\nProfiles:", "Extra", "the key `Extra` is not known|`Channel`"),
        ("  BatchSize:", "  BatchSiez: {}\n  BatchSize:", "Orderer.BatchSiez", "`BatchSize`"),
        ("    MSPDir:", "    MspDir: x\n    MSPDir:", "Organizations[0].MspDir", "`MSPDir`"),
        (
            "        Type: Signature\n",
            "        Type: Signature\n        Rules: x\n",
            "Organizations[0].Policies.Readers.Rules",
            "did you mean `Rule`?",
        ),
        ("  common:\n", "  common:\n    Consotrium: x\n", "Profiles.common.Consotrium", "`Consort"),
    ],
)
def test_unknown_keys(simple, tell, *, old, new, path, words):
    simple.change(FILE, old, new)
    tell(simple.mistake(), file=FILE, path=path, words=words)


@pytest.mark.parametrize(
    ("old", "new", "path", "words"),
    [
        (
            "Type: Signature",
            "Type: Sginature",
            "Policies.Readers.Type",
            "did you mean `Signature`?",
        ),
        (
            "OR('GroeifabriekMSP.member')",
            "OR('GroeifabriekMSP.members')",
            "Policies.Readers.Rule",
            "members|one of member, admin",
        ),
        (
            "OR('GroeifabriekMSP.member')",
            "NOR('GroeifabriekMSP.member')",
            "Policies.Readers.Rule",
            "wrong at character 1",
        ),
        (
            "OR('GroeifabriekMSP.member')",
            "ANY Readers",
            "Policies.Readers.Rule",
            "not a signature policy",
        ),
        ("OR('GroeifabriekMSP.member')", "", "Policies.Readers.Rule", "the value is empty"),
        (
            "OR('GroeifabriekMSP.member')",
            "AND(" * 3000,
            "Policies.Readers.Rule",
            "wrong at character",
        ),
        (
            "OR('GroeifabriekMSP.member')",
            "OR('GroeifabriekSMP.member')",
            "Policies.Readers.Rule",
            "has the MSP ID `GroeifabriekSMP`|did you mean `GroeifabriekMSP`?",
        ),
        ("      Writers:", "      Writes:", "", "the policy `Writers` is missing"),
    ],
)
def test_policies_of_an_organization(simple, tell, *, old, new, path, words):
    simple.change(FILE, old, new)
    full_path = f"Organizations[0].{path}".rstrip(".")
    # A missing Writers is also missed by the orderer's `ANY Writers`
    mistake = simple.mistakes()[0] if path == "" else simple.mistake()
    tell(mistake, file=FILE, path=full_path, words=words)


@pytest.mark.parametrize(
    ("section", "old", "new", "path", "words"),
    [
        ("Channel:", "ANY Readers", "SOME Readers", "Channel.Policies.Readers.Rule", "ANY, ALL or"),
        ("Channel:", "ANY Readers", "ANY", "Channel.Policies.Readers.Rule", "ANY, ALL or MAJORITY"),
        (
            "Channel:",
            "ANY Readers",
            "OR('KargaMSP.member')",
            "Channel.Policies.Readers.Rule",
            "no rule of an ImplicitMeta policy",
        ),
        (
            "Channel:",
            "ANY Readers",
            "ANY Raeders",
            f"{GENESIS}.Policies.Readers.Rule",
            "asks `Orderer` for a policy `Raeders`|did you mean `Readers`?",
        ),
        ("Channel:", "    Readers:", "    Extra:", GENESIS, "the policy `Readers` is missing"),
        ("Orderer:", "    Writers:", "    Extra:", f"{GENESIS}.Orderer", "`Writers` is missing"),
        (
            "Orderer:",
            "    BlockValidation:",
            "    Extra:",
            f"{GENESIS}.Orderer",
            "`BlockValidation` is missing",
        ),
        (
            "Orderer:",
            "    BlockValidation:",
            "    'Block Validation':",
            "Orderer.Policies.Block Validation",
            "Fabric takes `Block Validation` for no policy name",
        ),
        (
            "Application:",
            "    LifecycleEndorsement:",
            "    Extra:",
            "Profiles.common.Application",
            "`LifecycleEndorsement` is missing|the chaincode lifecycle of V2_0",
        ),
        (
            "Application:",
            "    Endorsement:\n",
            "    Extra:\n",
            "Profiles.common.Application",
            "`Endorsement` is missing",
        ),
        (
            "Application:",
            "MAJORITY Endorsement",
            "MAJORITY Endorsers",
            "Profiles.common.Application.Policies.LifecycleEndorsement.Rule",
            "asks `KargaMSP` for a policy `Endorsers`|did you mean `Endorsement`?",
        ),
    ],
)
def test_policies_of_a_section(simple, tell, *, section, old, new, path, words):
    change_in_section(simple, section, old, new)
    told = [mistake for mistake in simple.mistakes() if mistake.path == path]
    tell(told[0], file=FILE, path=path, words=words)


def change_in_section(simple, section, old, new):
    path = simple.root / "net" / FILE
    before, mark, after = path.read_text().partition(f"\n{section} &")
    assert mark
    assert old in after
    path.write_text(before + mark + after.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "path", "words"),
    [
        ("Timeout: 1s", "Timeout: 2", "BatchTimeout", "'2' is a duration without a unit|2s"),
        ("Timeout: 1s", "Timeout: -1s", "BatchTimeout", "'-1s' is not a duration above zero"),
        ("Timeout: 1s", "Timeout: 0s", "BatchTimeout", "not a duration above zero"),
        ("Timeout: 1s", "Timeout: soon", "BatchTimeout", "'soon' is not a duration"),
        ("Timeout: 1s", "Timeout: 2h", "BatchTimeout", "`2h` makes no sense|from 1ms to 1h"),
        ("Timeout: 1s", "Timeout: [1s]", "BatchTimeout", "a list stands where one value"),
        ("Count: 5", "Count: 0", "BatchSize.MaxMessageCount", "0 is out of range"),
        ("Count: 5", "Count: many", "BatchSize.MaxMessageCount", "`many`|whole number"),
        ("98 MB", "5 GB", "BatchSize.AbsoluteMaxBytes", "'5 GB' is too large"),
        ("98 MB", "0", "BatchSize.AbsoluteMaxBytes", "'0' is no size above zero"),
        ("98 MB", "98 megabytes", "BatchSize.AbsoluteMaxBytes", "is not a size"),
        ("98 MB", "100 MB", "BatchSize", "more than nodes can send each other|99 MB"),
        ("98 MB", "512 KB", "BatchSize", "`PreferredMaxBytes` (1048576 bytes) is more than"),
        ("1024 KB", "-1", "BatchSize.PreferredMaxBytes", "'-1' is not a size"),
        ("  BatchSize:", "  MaxChannels: -1\n  BatchSize:", "MaxChannels", "-1 is out of range"),
        ("  OrdererType: solo", "  OrdererType: Solo", "OrdererType", "did you mean `solo`?"),
        ("orderer0:7050", "orderer0", "Addresses[0]", "is no address|host:port"),
        ("orderer0:7050", "orderer0:70500", "Addresses[0]", "`70500` is no port|65535"),
        ("orderer0:7050", "orderer0:0", "Addresses[0]", "`0` is no port"),
        (
            "    - hlf-orderer--groeifabriek--orderer0:7050\n",
            "    - hlf-orderer-lb:7050\n    - hlf-orderer-lb:7050\n",
            "Addresses[1]",
            "`hlf-orderer-lb:7050` is in this list twice",
        ),
    ],
)
def test_the_orderer_section(simple, tell, *, old, new, path, words):
    simple.change(FILE, old, new)
    tell(simple.mistake(), file=FILE, path=f"Orderer.{path}", words=words)


@pytest.mark.parametrize(
    ("old", "new", "path", "words"),
    [
        (
            "orderer0:7050",
            "orderer1:7050",
            f"{GENESIS}.Orderer.Addresses[0]",
            "`hlf-orderer--groeifabriek--orderer1` is no orderer|did you mean",
        ),
        (
            "hlf-orderer--groeifabriek--orderer0:7050",
            "orderer0.groeifabriek.nl:7050",
            f"{GENESIS}.Orderer.Addresses[0]",
            "`orderer0.groeifabriek.nl` is no orderer",
        ),
        (
            "orderer0:7050",
            "orderer0:7051",
            f"{GENESIS}.Orderer.Addresses[0]",
            "no orderer listens on port 7051|7050",
        ),
        (
            "    - hlf-orderer--groeifabriek--orderer0:7050\n",
            "",
            f"{GENESIS}.Orderer",
            "there is no address of an orderer",
        ),
        (
            "- Host: hlf-peer--karga--peer0",
            "- Host: hlf-peer--karga--peer1",
            "Profiles.common.Application.Organizations[0].AnchorPeers[0]",
            "`hlf-peer--karga--peer1` is no peer of `Karga`|`hlf-peer--karga--peer0`",
        ),
        (
            "- Host: hlf-peer--karga--peer0",
            "- Host: hlf-peer--atlantis--peer0",
            "Profiles.common.Application.Organizations[0].AnchorPeers[0]",
            "is no peer of `Karga`",
        ),
        (
            "Port: 7051",
            "Port: 7052",
            "Profiles.common.Application.Organizations[0].AnchorPeers[0]",
            "no peer listens on port 7052|7051",
        ),
        ("Port: 7051", "Port: 99999", f"{KARGA}.AnchorPeers[0].Port", "99999 is out of range"),
        ("Port: 7051", "Prot: 7051", f"{KARGA}.AnchorPeers[0].Prot", "did you mean `Port`?"),
        (
            "- Host: hlf-peer--karga--peer0",
            "- Host: 'a b'",
            f"{KARGA}.AnchorPeers[0].Host",
            "`a b` is no host name",
        ),
    ],
)
def test_hosts_and_ports(simple, tell, *, old, new, path, words):
    simple.change(FILE, old, new)
    told = {mistake.path: mistake for mistake in simple.mistakes()}
    tell(told.pop(path), file=FILE, path=path, words=words)
    assert set(told) <= {f"{KARGA}.AnchorPeers[0]"}, "at most the missing `Port`"


@pytest.mark.parametrize("host", ["hlf-orderer-lb", "hlf-orderer--groeifabriek"])
def test_orderers_may_be_named_by_their_common_services(simple, host):
    simple.change(FILE, "hlf-orderer--groeifabriek--orderer0", host)
    simple.load()


@pytest.mark.parametrize(
    ("section", "name", "words"),
    [
        ("Channel", "V9_9", "there is no capability `V9_9` for Channel|`V2_0`"),
        ("Channel", "V2_5", "there is no capability `V2_5` for Channel"),
        ("Orderer", "V2_5", "there is no capability `V2_5` for Orderer"),
        ("Application", "V2_1", "there is no capability `V2_1` for Application|did you mean"),
    ],
)
def test_capabilities(simple, tell, section, name, words):
    mark = f"  {section}: &{section}Capabilities\n"
    simple.change(FILE, mark, f"{mark}    {name}: true\n")
    told = simple.mistakes()
    tell(told[0], file=FILE, path=f"Capabilities.{section}.{name}", words=words)
    assert len(told) == 1


def test_a_capability_is_true_or_false(simple, tell):
    simple.change(FILE, "    V2_5: true", "    V2_5: required\n    V2_0: true")
    path = "Capabilities.Application.V2_5"
    tell(simple.mistake(), file=FILE, path=path, words="`required`|`true` or `false`")


def test_an_unknown_section_of_capabilities(simple, tell):
    simple.change(FILE, "  Channel: &C", "  Chanel: {V2_0: true}\n  Channel: &C")
    tell(simple.mistake(), file=FILE, path="Capabilities.Chanel", words="did you mean `Channel`?")


@pytest.mark.parametrize(
    ("old", "new", "path", "words"),
    [
        ("    Name: KargaMSP\n", "", KARGA, "`Name` is missing|such as `KargaMSP`"),
        ("    ID: KargaMSP\n", "", KARGA, "`ID` is missing"),
        (
            "    MSPDir: crypto-config/peerOrganizations/aptalkarga.tr/msp\n",
            "",
            KARGA,
            "`MSPDir` is missing|crypto-config/peerOrganizations/<domain>/msp",
        ),
        ("Name: KargaMSP", "Name: Karga MSP", f"{KARGA}.Name", "no organization's name"),
        ("ID: KargaMSP", "ID: Karga/MSP", f"{KARGA}.ID", "Fabric takes `Karga/MSP` for no MSP ID"),
        (
            "crypto-config/peerOrganizations/aptalkarga.tr/msp",
            "aptalkarga.tr/msp",
            f"{KARGA}.MSPDir",
            "`aptalkarga.tr/msp` is no MSP folder",
        ),
        (
            "peerOrganizations/aptalkarga.tr",
            "peerOrganizations/../../etc",
            f"{KARGA}.MSPDir",
            "is no MSP folder",
        ),
        (
            "peerOrganizations/aptalkarga.tr",
            "peerOrganizations/aptalkarg.tr",
            f"{KARGA}.MSPDir",
            "`aptalkarg.tr` is the domain of no peer organization|did you mean `aptalkarga.tr`?",
        ),
        (
            "peerOrganizations/aptalkarga.tr",
            "ordererOrganizations/aptalkarga.tr",
            f"{KARGA}.MSPDir",
            "`aptalkarga.tr` is the domain of no orderer organization",
        ),
        (
            "    ID: KargaMSP",
            "    MSPType: idemix\n    ID: KargaMSP",
            f"{KARGA}.MSPType",
            "the MSP type `idemix` is not supported|`bccsp`",
        ),
        (
            "    ID: KargaMSP",
            "    AdminPrincipal: Role.ADMIN\n    ID: KargaMSP",
            f"{KARGA}.AdminPrincipal",
            "has no meaning any more|`Policies.Admins`",
        ),
        (
            "    ID: KargaMSP",
            "    SkipAsForeign: true\n    ID: KargaMSP",
            f"{KARGA}.SkipAsForeign",
            "`SkipAsForeign` is not built yet",
        ),
        (
            "    ID: NevergreenMSP",
            "    ID: KargaMSP",
            "Organizations[2].ID",
            "`KargaMSP` is also the MSP ID of `KargaMSP`|an ID of its own",
        ),
        (
            "    Name: NevergreenMSP",
            "    Name: KargaMSP",
            "Organizations[2]",
            "the organization `KargaMSP` is in this list twice",
        ),
        (
            "peerOrganizations/nevergreen.nl",
            "peerOrganizations/aptalkarga.tr",
            "Organizations[2].ID",
            "`aptalkarga.tr` has the MSP ID `KargaMSP` in another place",
        ),
    ],
)
def test_organizations(simple, tell, *, old, new, path, words):
    simple.change(FILE, old, new)
    told = {mistake.path: mistake for mistake in simple.mistakes() if mistake.file.endswith(FILE)}
    tell(told[path], file=FILE, path=path, words=words)


@pytest.mark.parametrize(
    ("old", "new", "path", "words"),
    [
        (
            "    Consortium: TheConsortium\n",
            "    Consortium: TheConsotrium\n",
            "Profiles.common.Consortium",
            "no consortium `TheConsotrium`|did you mean `TheConsortium`?",
        ),
        (
            "    Consortium: TheConsortium\n",
            "",
            "Profiles.common",
            "`Consortium` is missing",
        ),
        (
            "    Consortium: TheConsortium\n",
            "    Consortium: SecondConsortium\n",
            "Profiles.common.Application",
            "`NevergreenMSP` is not in the consortium `SecondConsortium`",
        ),
        (
            "    Consortium: TheConsortium\n",
            "    Consortium: TheConsortium\n    Consortiums: {}\n",
            "Profiles.common",
            "the profile of the channel `common` has `Consortiums`",
        ),
        (
            "      SecondConsortium:\n",
            "      'Second Consortium':\n",
            f"{GENESIS}.Consortiums.Second Consortium",
            "for no consortium's name",
        ),
        (
            "      Organizations:\n        - *Groeifabriek\n",
            "",
            f"{GENESIS}.Orderer",
            "`Groeifabriek` runs orderers and is no organization of this `Orderer`",
        ),
        (
            "        - *Karga\n        - *Nevergreen\n        - *Atlantis\n\n  private",
            "        - *Karga\n        - *Nevergreen\n        - *Karga\n\n  private",
            "Profiles.common.Application.Organizations[2]",
            "the organization `KargaMSP` is in this list twice",
        ),
        (
            GENESIS_ORDERER,
            "",
            GENESIS,
            "has no `Orderer`",
        ),
        (
            "  OrdererGenesis:\n",
            "  OrdererGenesis:\n    Application: *ApplicationDefaults\n",
            f"{GENESIS}.Application",
            "the profile of the system channel has an `Application`",
        ),
        (
            "  common:\n",
            f"  common:\n{KAFKA_ORDERER}",
            "Profiles.common.Orderer.OrdererType",
            "the orderer type `kafka` is not the system channel's, `solo`",
        ),
    ],
)
def test_profiles(simple, tell, *, old, new, path, words):
    simple.change(FILE, old, new)
    told = [mistake for mistake in simple.mistakes() if words.split("|")[0] in mistake.problem]
    assert told, simple.mistakes()
    tell(told[0], file=FILE, path=path, words=words)


def test_a_genesis_profile_without_consortiums(simple, tell):
    text = (simple.root / "net" / FILE).read_text()
    start, end = text.index("    # Who may create channels"), text.index("  # One profile for each")
    (simple.root / "net" / FILE).write_text(text[:start] + text[end:])
    tell(simple.mistake(), file=FILE, path=GENESIS, words="has no `Consortiums`")


def test_a_channels_profile_without_application(simple, tell):
    simple.change(
        FILE,
        "    Application:\n      <<: *ApplicationDefaults\n      Organizations:\n"
        "        - *Karga\n        - *Nevergreen\n        - *Atlantis\n",
        "",
    )
    tell(simple.mistake(), file=FILE, path="Profiles.common", words="has no `Application`")


def test_a_channel_without_organizations(simple, tell):
    members = "      Organizations:\n        - *Karga\n        - *Atlantis\n"
    simple.change(FILE, members, "")
    told = {mistake.path: mistake for mistake in simple.mistakes()}
    path = "Profiles.private-karga-atlantis.Application"
    tell(told[path], file=FILE, path=path, words="the channel has no organizations")


@pytest.mark.parametrize(
    ("endpoint", "path", "words"),
    [
        ("orderer0", "Organizations[0].OrdererEndpoints[0]", "`orderer0` is no address"),
        (
            "hlf-orderer--groeifabriek--orderer1:7050",
            f"{GENESIS}.Orderer.Organizations[0].OrdererEndpoints[0]",
            "`hlf-orderer--groeifabriek--orderer1` is no orderer",
        ),
    ],
)
def test_orderer_endpoints(simple, tell, *, endpoint, path, words):
    simple.change(FILE, "    ID: G", f"    OrdererEndpoints: ['{endpoint}']\n    ID: G")
    tell(simple.mistake(), file=FILE, path=path, words=words)


def test_a_file_without_profiles(simple, tell):
    text = (simple.root / "net" / FILE).read_text()
    (simple.root / "net" / FILE).write_text(text.partition("\nProfiles:")[0])
    tell(simple.mistake(), file=FILE, path="", words="`Profiles` is missing")


def test_an_organization_of_crypto_config_that_configtx_lacks(simple, tell):
    simple.change(
        "crypto-config.yaml",
        "PeerOrgs:\n",
        "PeerOrgs:\n  - {Name: Cimmeria, Domain: cimmeria.hage, Template: {Count: 1}}\n",
    )
    tell(
        simple.mistake(),
        file="crypto-config.yaml",
        path="PeerOrgs[0].Name",
        words="no organization of configtx.yaml belongs to `Cimmeria`"
        "|`MSPDir: crypto-config/peerOrganizations/cimmeria.hage/msp`",
    )


def test_solo_is_a_single_orderer(simple, tell):
    simple.change(
        "crypto-config.yaml", "- Hostname: orderer0", "- Hostname: orderer0\n      - Hostname: o1"
    )
    words = "`solo` is a single orderer, and crypto-config.yaml has 2|etcdraft"
    path = f"{GENESIS}.Orderer.OrdererType"
    tell(simple.mistake(), file=FILE, path=path, words=words)


CERTIFICATE = (
    "crypto-config/ordererOrganizations/groeifabriek.nl/orderers/orderer0.groeifabriek.nl"
    "/tls/server.crt"
)
CONSENTER = (
    "{Host: hlf-orderer--groeifabriek--orderer0, Port: 7050, "
    f"ClientTLSCert: {CERTIFICATE}, ServerTLSCert: {CERTIFICATE}}}"
)
RAFT = f"OrdererType: etcdraft\n  EtcdRaft:\n    Options: {{}}\n    Consenters:\n    - {CONSENTER}"


@pytest.mark.parametrize(("tls", "port"), [("true", 7050), ("false", 7059)])
def test_consenters_listen_where_they_speak_tls(simple, tell, tls, port):
    simple.change("network.yaml", "\nnetwork:", f"\ntlsEnabled: {tls}\nnetwork:")
    simple.change(FILE, "OrdererType: solo", RAFT.replace("Port: 7050", f"Port: {port}"))
    assert simple.load().orderer_type == "etcdraft"
    simple.change(FILE, f"Port: {port}, ClientTLSCert", "Port: 7777, ClientTLSCert")
    path = f"{GENESIS}.Orderer.EtcdRaft.Consenters[0]"
    tell(simple.mistake(), file=FILE, path=path, words=f"on port 7777|`tlsEnabled`|write {port}")


@pytest.mark.parametrize("options", ["    Options: {}\n", ""])
def test_raft_with_a_system_channel(simple, options):
    simple.change("network.yaml", "\nnetwork:", "\ntlsEnabled: true\nnetwork:")
    simple.change(FILE, "OrdererType: solo", RAFT.replace("    Options: {}\n", options))
    system_channel = simple.load().system_channel
    assert system_channel.config.orderer.raft.options == RaftOptions()
    assert system_channel.config.orderer.consenters[0].node == ("Groeifabriek", "orderer0")


@pytest.mark.parametrize(
    ("old", "new", "path", "words"),
    [
        (
            f"    - {CONSENTER}",
            "",
            f"{GENESIS}.Orderer.EtcdRaft",
            "`etcdraft`, and there are no consenters",
        ),
        (
            f"    - {CONSENTER}",
            f"    - {CONSENTER}\n    - {CONSENTER}",
            "Orderer.EtcdRaft.Consenters[1]",
            "is the same consenter as Orderer.EtcdRaft.Consenters[0]",
        ),
        (
            "--orderer0, Port",
            "--orderer1, Port",
            f"{GENESIS}.Orderer.EtcdRaft.Consenters[0].Host",
            "`hlf-orderer--groeifabriek--orderer1` is no name of the orderer",
        ),
        ("Port: 7050", "Port: 0", "Orderer.EtcdRaft.Consenters[0].Port", "0 is out of range"),
        (
            "Host: hlf-orderer--groeifabriek--orderer0, ",
            "",
            "Orderer.EtcdRaft.Consenters[0]",
            "`Host` is missing",
        ),
        (
            "ClientTLSCert",
            "ClientTLSCrt",
            "Orderer.EtcdRaft.Consenters[0].ClientTLSCrt",
            "did you mean `ClientTLSCert`?",
        ),
        (
            f"ServerTLSCert: {CERTIFICATE}",
            "ServerTLSCert: junk.pem",
            f"{GENESIS}.Orderer.EtcdRaft.Consenters[0].ServerTLSCert",
            "`junk.pem` is no TLS certificate of an orderer",
        ),
        (
            "Options: {}",
            "Options: {ElectionTick: 1}",
            "Orderer.EtcdRaft.Options",
            "`ElectionTick` (1) is not more than `HeartbeatTick` (1)",
        ),
        (
            "Options: {}",
            "Options: {TickInterval: 500}",
            "Orderer.EtcdRaft.Options.TickInterval",
            "'500' is a duration without a unit",
        ),
        (
            "Options: {}",
            "Options: {MaxInflightBlocks: 0}",
            "Orderer.EtcdRaft.Options.MaxInflightBlocks",
            "0 is out of range",
        ),
        (
            "Options: {}",
            "Options: {SnapshotIntervalSize: 5 GB}",
            "Orderer.EtcdRaft.Options.SnapshotIntervalSize",
            "'5 GB' is too large",
        ),
        (
            "Options: {}",
            "Options: {HeartbeatTock: 1}",
            "Orderer.EtcdRaft.Options.HeartbeatTock",
            "did you mean `HeartbeatTick`?",
        ),
    ],
)
def test_raft(simple, tell, *, old, new, path, words):
    simple.change(FILE, "OrdererType: solo", RAFT)
    simple.change(FILE, old, new)
    told = simple.mistakes()
    tell(next(each for each in told if each.path == path), file=FILE, path=path, words=words)


def test_kafka_needs_brokers(simple, tell):
    simple.change(FILE, "OrdererType: solo", "OrdererType: kafka")
    path = f"{GENESIS}.Orderer.OrdererType"
    words = "`kafka`, and there are no brokers|Kafka.Brokers"
    tell(simple.mistake(), file=FILE, path=path, words=words)


@pytest.mark.parametrize(
    ("brokers", "words"),
    [("[kafka0]", "`kafka0` is no address"), ("['kafka0:x']", "`x` is no port")],
)
def test_brokers_are_addresses(simple, tell, brokers, words):
    simple.change(FILE, "OrdererType: solo", f"OrdererType: kafka\n  Kafka: {{Brokers: {brokers}}}")
    told = {mistake.path: mistake for mistake in simple.mistakes()}
    path = "Orderer.Kafka.Brokers[0]"
    tell(told[path], file=FILE, path=path, words=words)


def test_profiles_that_nobody_uses_may_be_unfinished(simple):
    simple.change(
        FILE,
        "  common:\n",
        "  Spare:\n    Orderer: {OrdererType: kafka}\n    Application: {Organizations: []}\n"
        "  common:\n",
    )
    simple.load()
