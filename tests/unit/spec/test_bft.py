"""BFT: what it becomes, what Fabric 3 refuses, and what it lets through and cannot work."""

import pytest

from hlf.config.model import BftOptions

FILE = "configtx.yaml"
COMMON = "Profiles.common"
MAPPING = "Orderer.ConsenterMapping"
FOLDER = "crypto-config/ordererOrganizations/groeifabriek.nl/orderers"


def test_bft(bft):
    network = bft.load(fabricVersion="3.1.1")
    assert network.system_channel is None
    orderer = network.channels[0].config.orderer
    assert orderer is not None
    assert (orderer.type, orderer.raft) == ("BFT", None)
    assert orderer.bft is not None
    assert orderer.bft.options == BftOptions()
    assert "BlockValidation" not in orderer.policies
    assert [each.node for each in orderer.consenters] == [
        ("Groeifabriek", f"orderer{number}") for number in range(4)
    ]
    second = orderer.bft.consenters[1]
    assert (second.id, second.msp_id) == (2, "GroeifabriekMSP")
    assert second.identity == "Groeifabriek/orderer1/identity"
    assert second.client_tls_cert == "Groeifabriek/orderer1/tls"


def test_options(bft):
    bft.change(
        FILE,
        "SmartBFT: {}",
        "SmartBFT: {RequestBatchMaxCount: 7, RequestBatchMaxInterval: 20ms, SyncOnStart: true, "
        "SpeedUpViewChange: true, LeaderRotation: 1, DecisionsPerLeader: 0, "
        "RequestMaxBytes: 20000, LeaderHeartbeatTimeout: 5s}",
    )
    orderer = bft.load(fabricVersion="3.1.1").channels[0].config.orderer
    assert orderer is not None
    assert orderer.bft is not None
    assert orderer.bft.options == BftOptions(
        request_batch_max_count=7,
        request_batch_max_interval="20ms",
        sync_on_start=True,
        speed_up_view_change=True,
        request_max_bytes=20000,
        leader_heartbeat_timeout="5s",
    )


def test_without_options_the_defaults_count(bft):
    bft.change(FILE, "  SmartBFT: {}\n", "")
    orderer = bft.load(fabricVersion="3.1.1").channels[0].config.orderer
    assert orderer is not None
    assert orderer.bft is not None
    assert orderer.bft.options == BftOptions()


def test_fabric_2_5_knows_no_bft(bft, tell):
    told = {mistake.path: mistake for mistake in bft.mistakes(fabricVersion="2.5.9")}
    path = f"{COMMON}.Orderer.OrdererType"
    words = "Fabric 2.5.9 knows no orderer type `BFT`|3.1.1|`etcdraft`"
    tell(told.pop(path), file=FILE, path=path, words=words)
    assert list(told) == [f"{COMMON}.Capabilities.V3_0"]


def test_a_wrong_version_of_fabric_3_does_not_make_it_2_5(bft, tell):
    told = bft.mistake(fabricVersion="3.1")
    tell(told, file="Pulumi.dev.yaml", path="hlf:fabricVersion", words="`3.1`|`3.1.1`")


def test_bft_needs_v3_0(bft, tell):
    bft.change(FILE, "    V3_0: true", "    V2_0: true")
    path = f"{COMMON}.Orderer.OrdererType"
    words = "`BFT` needs the Channel capability `V3_0`"
    tell(bft.mistake(fabricVersion="3.1.1"), file=FILE, path=path, words=words)


def without_endpoints(bft, *orderers: int) -> None:
    path = bft.root / "net" / FILE
    lines = path.read_text().splitlines(keepends=True)
    gone = [f"      - hlf-orderer--groeifabriek--orderer{number}:7050\n" for number in orderers]
    path.write_text("".join(line for line in lines if line not in gone))


def test_v3_0_needs_endpoints_of_every_organization(bft, tell):
    without_endpoints(bft, 0, 1, 2, 3)
    told = bft.mistakes(fabricVersion="3.1.1")
    for problem, rest, path in (
        ("`GroeifabriekMSP` has no `OrdererEndpoints`", "`V3_0`", ".Organizations[0]"),
        ("no address of an orderer", "`OrdererEndpoints`", ""),
    ):
        found = next(mistake for mistake in told if problem in mistake.problem)
        tell(found, file=FILE, path=f"{COMMON}.Orderer{path}", words=f"{problem}|{rest}")


def test_a_consenter_without_an_endpoint_is_warned_of_once(bft):
    assert bft.load(fabricVersion="3.1.1").warnings == ()
    without_endpoints(bft, 1, 3)
    (warning,) = bft.load(fabricVersion="3.1.1").warnings
    assert warning.startswith(f"net/{FILE}:"), warning
    for number in (1, 3):
        assert f"`hlf-orderer--groeifabriek--orderer{number}:7050`" in warning
    assert "orderer0" not in warning
    assert "list every consenter among the endpoints" in warning


def test_v3_0_allows_no_addresses_of_the_whole_service(bft, tell):
    bft.change(
        FILE, "  OrdererType: BFT\n", "  OrdererType: BFT\n  Addresses: ['hlf-orderer-lb:7050']\n"
    )
    path = f"{COMMON}.Orderer.Addresses[0]"
    words = "`V3_0` allows no `Addresses`|`OrdererEndpoints`"
    tell(bft.mistake(fabricVersion="3.1.1"), file=FILE, path=path, words=words)


def test_bft_without_consenters(bft, tell):
    path = bft.root / "net" / FILE
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "MSPID:" not in line))
    told = bft.mistake(fabricVersion="3.1.1")
    words = "the orderer type is `BFT`, and there are no consenters|`ConsenterMapping`"
    tell(told, file=FILE, path=f"{COMMON}.Orderer.OrdererType", words=words)


@pytest.mark.parametrize("left", [1, 2, 3])
def test_bft_needs_four_consenters(bft, tell, left):
    path = bft.root / "net" / FILE
    lines = path.read_text().splitlines(keepends=True)
    gone = [f", ID: {number}, " for number in range(left + 1, 5)]
    path.write_text("".join(line for line in lines if not any(each in line for each in gone)))
    words = f"{left} consenters bear no faulty one|3f+1|at least 4"
    told = bft.mistake(fabricVersion="3.1.1")
    tell(told, file=FILE, path=f"{COMMON}.{MAPPING}", words=words)


@pytest.mark.parametrize(
    ("old", "new", "path", "words"),
    [
        ("ID: 2, ", "", f"{MAPPING}[1]", "`ID` is missing|from 1"),
        ("ID: 2, ", "ID: 0, ", f"{MAPPING}[1].ID", "0 is out of range"),
        ("ID: 2, ", "ID: two, ", f"{MAPPING}[1].ID", "whole number"),
        ("ID: 2, ", "ID: 1, ", f"{MAPPING}[1]", f"1 is also the ID of {MAPPING}[0]"),
        (", MSPID: GroeifabriekMSP", "", f"{MAPPING}[0]", "`MSPID` is missing"),
        (
            "MSPID: GroeifabriekMSP",
            "MSPID: KargaMSP",
            f"{COMMON}.{MAPPING}[0].MSPID",
            "`KargaMSP` is not the MSP ID of `Groeifabriek`|write `GroeifabriekMSP`",
        ),
        ("Identity: ", "Identiti: ", f"{MAPPING}[0].Identiti", "did you mean `Identity`?"),
        (
            f"Identity: {FOLDER}/orderer0.groeifabriek.nl/msp/signcerts/",
            f"Identity: {FOLDER}/orderer0.groeifabriek.nl/msp/keystore/",
            f"{COMMON}.{MAPPING}[0].Identity",
            "is no signing certificate of an orderer|did you mean",
        ),
        (
            f"Identity: {FOLDER}/orderer0.groeifabriek.nl/msp",
            f"Identity: {FOLDER}/orderer1.groeifabriek.nl/msp",
            f"{COMMON}.{MAPPING}[0].Identity",
            "`Identity` is of the orderer `orderer1.groeifabriek.nl`, and `ServerTLSCert` of",
        ),
        (
            (
                f"Identity: {FOLDER}/orderer0.groeifabriek.nl/msp/signcerts/"
                "orderer0.groeifabriek.nl-cert.pem"
            ),
            f"Identity: {FOLDER}/orderer0.groeifabriek.nl/tls/server.crt",
            f"{COMMON}.{MAPPING}[0].Identity",
            "is no signing certificate of an orderer",
        ),
        (
            "Host: hlf-orderer--groeifabriek--orderer0",
            "Host: hlf-orderer--groeifabriek--orderer9",
            f"{COMMON}.{MAPPING}[0].Host",
            "is no name of the orderer `orderer0.groeifabriek.nl`",
        ),
        (
            "Host: hlf-orderer--groeifabriek--orderer0",
            "Host: hlf-orderer--groeifabriek--orderer1",
            f"{MAPPING}[1]",
            "is the same consenter as",
        ),
        ("Port: 7050", "Port: 70500", f"{MAPPING}[0].Port", "70500 is out of range"),
        (
            "    AbsoluteMaxBytes: 98 MB",
            "    AbsoluteMaxBytes: 8 KB\n    PreferredMaxBytes: 1 KB\n    #",
            f"{COMMON}.Orderer",
            "`AbsoluteMaxBytes` (8192 bytes) is less than BFT allows|10240",
        ),
        (
            "MaxMessageCount: 5",
            "MaxMessageCount: 4000000000",
            f"{COMMON}.Orderer",
            "`BatchSize.MaxMessageCount` (4000000000) is more than `AbsoluteMaxBytes`",
        ),
        (
            "    AbsoluteMaxBytes: 98 MB",
            "    AbsoluteMaxBytes: 5 MB",
            f"{COMMON}.Orderer",
            "`SmartBFT.RequestMaxBytes` (6000000) is more than `AbsoluteMaxBytes`",
        ),
    ],
)
def test_mistakes(bft, tell, *, old, new, path, words):
    bft.change(FILE, "SmartBFT: {}", "SmartBFT: {RequestMaxBytes: 6000000}")
    text = (bft.root / "net" / FILE).read_text()
    if "PreferredMaxBytes: 1 KB" in new:
        (bft.root / "net" / FILE).write_text(text.replace("    PreferredMaxBytes: 1024 KB\n", ""))
    bft.change(FILE, old, new)
    told = [each for each in bft.mistakes(fabricVersion="3.1.1") if each.path == path]
    assert told, bft.mistakes(fabricVersion="3.1.1")
    found = next((each for each in told if words.split("|")[0] in str(each)), told[0])
    tell(found, file=FILE, path=path, words=words)


@pytest.mark.parametrize(
    ("options", "path", "words"),
    [
        ("RequestBatchCount: 5", ".RequestBatchCount", "did you mean `RequestBatchMaxCount`?"),
        ("RequestBatchMaxCount: 0", ".RequestBatchMaxCount", "0 is out of range"),
        ("RequestBatchMaxBytes: 1024", ".RequestBatchMaxBytes", "1024 is out of range|10240"),
        ("RequestBatchMaxInterval: 50", ".RequestBatchMaxInterval", "'50' is a duration without"),
        ("IncomingMessageBufferSize: 0", ".IncomingMessageBufferSize", "0 is out of range"),
        ("RequestPoolSize: many", ".RequestPoolSize", "`many`|whole number"),
        ("RequestForwardTimeout: 0s", ".RequestForwardTimeout", "not a duration above zero"),
        ("RequestMaxBytes: -1", ".RequestMaxBytes", "-1 is out of range"),
        ("LeaderHeartbeatCount: 0", ".LeaderHeartbeatCount", "0 is out of range"),
        ("LeaderHeartbeatTimeout: soon", ".LeaderHeartbeatTimeout", "'soon' is not a duration"),
        ("CollectTimeout: []", ".CollectTimeout", "a list stands where one value"),
        ("SyncOnStart: perhaps", ".SyncOnStart", "`perhaps`|true or false"),
        ("SpeedUpViewChange: 1", ".SpeedUpViewChange", "`1`|true or false"),
        ("LeaderRotation: 2", ".LeaderRotation", "`LeaderRotation` is on (2)|off"),
        ("LeaderRotation: often", ".LeaderRotation", "`often` is no value of `LeaderRotation`"),
        ("DecisionsPerLeader: 3", ".DecisionsPerLeader", "leaders do not rotate|take it out"),
        (
            "RequestForwardTimeout: 30s",
            "",
            "`RequestForwardTimeout` (30s) is more than `RequestComplainTimeout` (20s)",
        ),
        (
            "RequestComplainTimeout: 10m",
            "",
            "`RequestComplainTimeout` (10m) is more than `RequestAutoRemoveTimeout` (3m0s)",
        ),
        (
            "ViewChangeResendInterval: 21s",
            "",
            "`ViewChangeResendInterval` (21s) is more than `ViewChangeTimeout` (20s)",
        ),
        (
            "RequestMaxBytes: 10485761",
            "",
            "`RequestMaxBytes` (10485761) is more than `RequestBatchMaxBytes` (10485760)",
        ),
        (
            "RequestBatchMaxCount: 20000, RequestBatchMaxBytes: 10240",
            "",
            "`RequestBatchMaxCount` (20000) is more than `RequestBatchMaxBytes` (10240)",
        ),
    ],
)
def test_mistakes_in_options(bft, tell, options, path, words):
    bft.change(FILE, "SmartBFT: {}", f"SmartBFT: {{{options}}}")
    told = bft.mistake(fabricVersion="3.1.1")
    tell(told, file=FILE, path=f"Orderer.SmartBFT{path}", words=words)
