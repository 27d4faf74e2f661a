"""A copy of samples/simple to change, with chaincode folders that hold just enough."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from hlf.spec import Mistake, SpecError, load
from hlf.spec.model import Network

REPOSITORY = Path(__file__).parents[3]


@dataclass(frozen=True, kw_only=True)
class Input:
    """A folder `net` with the three files and a folder `chaincode`, below `root`."""

    root: Path

    def change(self, file: str, old: str, new: str) -> None:
        """Replace the first `old`, which must be there."""
        path = self.root / "net" / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} does not hold {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def write(self, file: str, data: bytes) -> None:
        (self.root / "net" / file).write_bytes(data)

    def load(self, **settings: object) -> Network:
        return load(
            {"network": "net", "chaincode": "chaincode", **settings}, root=self.root, stack="dev"
        )

    def mistakes(self, **settings: object) -> tuple[Mistake, ...]:
        with pytest.raises(SpecError) as caught:
            self.load(**settings)
        return caught.value.mistakes

    def mistake(self, **settings: object) -> Mistake:
        """The one mistake there is."""
        mistakes = self.mistakes(**settings)
        assert len(mistakes) == 1, "\n".join(str(each) for each in mistakes)
        return mistakes[0]


def assert_told(mistake: Mistake, *, file: str, path: str, words: str) -> None:
    """The sentence names file and path, says each of `words` (split at `|`), and has a remedy."""
    assert mistake.file == (file if file.startswith("Pulumi") else f"net/{file}"), str(mistake)
    assert mistake.path == path, str(mistake)
    assert mistake.remedy
    for word in words.split("|"):
        assert word in str(mistake), f"{word!r} is not in: {mistake}"
    assert "\n" not in str(mistake)


@pytest.fixture(scope="session")
def tell():
    """`assert_told`, because test modules cannot import from conftest here."""
    return assert_told


@pytest.fixture
def simple(tmp_path: Path) -> Input:
    """samples/simple, unchanged."""
    shutil.copytree(REPOSITORY / "samples" / "simple", tmp_path / "net")
    for name in ("very-simple", "even-simpler"):
        (tmp_path / "chaincode" / name).mkdir(parents=True)
        (tmp_path / "chaincode" / name / "go.mod").write_text(f"module {name}\n")
    return Input(root=tmp_path)


@pytest.fixture
def pivt(simple: Input) -> Input:
    """The same network in PIVT's own way: Fabric 1.4's capabilities and lifecycle."""
    shutil.rmtree(simple.root / "net")
    shutil.copytree(Path(__file__).parent / "pivt-simple", simple.root / "net")
    return simple


def consenter(host: str, number: int | None = None) -> str:
    """An orderer as a consenter; of BFT where it has a number."""
    folder = f"crypto-config/ordererOrganizations/groeifabriek.nl/orderers/{host}.groeifabriek.nl"
    fields = {
        "Host": f"hlf-orderer--groeifabriek--{host}",
        "Port": "7050",
        "ClientTLSCert": f"{folder}/tls/server.crt",
        "ServerTLSCert": f"{folder}/tls/server.crt",
    }
    if number is not None:
        identity = f"{folder}/msp/signcerts/{host}.groeifabriek.nl-cert.pem"
        fields |= {"ID": str(number), "MSPID": "GroeifabriekMSP", "Identity": identity}
    return "{" + ", ".join(f"{key}: {value}" for key, value in fields.items()) + "}"


def without_system_channel(given: Input, orderers: int, ordering: str) -> Input:
    """The network with `orderers` orderers and this ordering, each channel with its own."""
    specs = "".join(f"      - Hostname: orderer{number}\n" for number in range(orderers))
    given.change("crypto-config.yaml", "      - Hostname: orderer0\n", specs)
    given.change("network.yaml", "\nnetwork:", "\ntlsEnabled: true\nnetwork:")
    given.change("network.yaml", "  genesisProfile: OrdererGenesis\n", "")
    given.change("network.yaml", "  systemChannelID: testchainid\n", "")
    path = given.root / "net" / "configtx.yaml"
    text = path.read_text()
    start, end = text.index("  # The system channel, which"), text.index("  # One profile for each")
    path.write_text(text[:start] + text[end:])
    own = "    Orderer:\n      <<: *OrdererDefaults\n      Organizations: [*Groeifabriek]\n"
    for _ in range(2):
        given.change("configtx.yaml", "    Consortium: TheConsortium\n", own)
    given.change("configtx.yaml", "  OrdererType: solo\n", ordering)
    addresses = "  Addresses:\n    - hlf-orderer--groeifabriek--orderer0:7050\n"
    given.change("configtx.yaml", addresses, "")
    listed = "".join(
        f"      - hlf-orderer--groeifabriek--orderer{number}:7050\n" for number in range(orderers)
    )
    endpoints = f"    OrdererEndpoints:\n{listed}"
    given.change(
        "configtx.yaml", "    ID: GroeifabriekMSP\n", f"    ID: GroeifabriekMSP\n{endpoints}"
    )
    return given


@pytest.fixture
def raft(simple: Input) -> Input:
    """Three orderers with Raft and without a system channel."""
    members = "".join(f"    - {consenter(f'orderer{number}')}\n" for number in range(3))
    ordering = f"  OrdererType: etcdraft\n  EtcdRaft:\n    Consenters:\n{members}"
    return without_system_channel(simple, 3, ordering)


@pytest.fixture
def bft(simple: Input) -> Input:
    """Four orderers with BFT; to be loaded for Fabric 3."""
    members = "".join(f"  - {consenter(f'orderer{each}', each + 1)}\n" for each in range(4))
    ordering = f"  OrdererType: BFT\n  SmartBFT: {{}}\n  ConsenterMapping:\n{members}"
    given = without_system_channel(simple, 4, ordering)
    given.change(
        "configtx.yaml",
        "  Channel: &ChannelCapabilities\n    V2_0: true",
        "  Channel: &ChannelCapabilities\n    V3_0: true",
    )
    return given
