"""crypto-config.yaml: what cryptogen refuses, and what it lets through and nobody can mean."""

import pytest

FILE = "crypto-config.yaml"
LONG = "a-name-that-goes-on-and-on-and-never-ends"


@pytest.mark.parametrize(
    ("old", "new", "path", "words"),
    [
        (
            "EnableNodeOUs",
            "EnableNodeOU",
            "OrdererOrgs[0].EnableNodeOU",
            "did you mean `EnableNodeOUs`?",
        ),
        ("Count: 1", "Cuont: 1\n      Count: 1", "PeerOrgs[0].Template.Cuont", "`Count`"),
        ("Count: 1", "Count: 0", "PeerOrgs[0].Template.Count", "0 is out of range|from 1 to 100"),
        ("Count: 1", "Count: -1", "PeerOrgs[0].Template.Count", "-1 is out of range"),
        ("Count: 1", "Count: 101", "PeerOrgs[0].Template.Count", "101 is out of range"),
        ("Count: 1", "Count: two", "PeerOrgs[0].Template.Count", "`two`|whole number"),
        ("Count: 1", "Count: 1.0", "PeerOrgs[0].Template.Count", "`1.0`|whole number"),
        ("Count: 1", f"Count: 1{'0' * 5000}", "PeerOrgs[0].Template.Count", "out of range"),
        ("Count: 1", "Count: [1]", "PeerOrgs[0].Template.Count", "a list|whole number"),
        ("Count: 1", "Start: 1", "PeerOrgs[0].Template", "`Count` is missing"),
        (
            "there\n      Count: 1",
            "there\n      Count: -2",
            "PeerOrgs[0].Users.Count",
            "-2 is out of range|from 0 to 100",
        ),
        (
            "EnableNodeOUs: true",
            "EnableNodeOUs: 1",
            "OrdererOrgs[0].EnableNodeOUs",
            "true or false",
        ),
        (
            "    Specs:\n      - Hostname: orderer0",
            "    Specs: orderer0",
            "OrdererOrgs[0].Specs",
            "`orderer0` stands where a list is expected",
        ),
        (
            "      - Hostname: orderer0",
            "      - Hostname: orderer0\n      - CommonName: x.groeifabriek.nl",
            "OrdererOrgs[0].Specs[1]",
            "`Hostname` is missing",
        ),
        (
            "      - Hostname: orderer0",
            "      - Hostname: orderer0\n      -",
            "OrdererOrgs[0].Specs[1]",
            "`Hostname` is missing|such as `orderer0`",
        ),
        (
            "      - Hostname: orderer0",
            "      - Hostname: orderer0\n      - orderer1",
            "OrdererOrgs[0].Specs[1]",
            "`orderer1` stands where a mapping is expected",
        ),
        (
            "      - Hostname: orderer0",
            "      - Hostname: orderer0\n      - Hostname: Orderer_1",
            "OrdererOrgs[0].Specs[1].Hostname",
            "`Orderer_1` is no host name",
        ),
        (
            "      - Hostname: orderer0",
            "      - Hostname: orderer0\n      - Hostname: orderer--1",
            "OrdererOrgs[0].Specs[1].Hostname",
            "contains `--`|single dash",
        ),
        (
            "      Count: 1\n",
            "      Count: 1\n      Hostname: Peer{{.Index}}\n",
            "PeerOrgs[0].Template.Hostname",
            "`Peer0` is no host name",
        ),
        (
            "      Count: 1\n",
            "      Count: 1\n      Hostname: '{{ printf \"%d\" .Index }}'\n",
            "PeerOrgs[0].Template.Hostname",
            "more than simple fields|`{{.Prefix}}`",
        ),
        (
            "      Count: 1\n",
            "      Count: 1\n      SANS: ['{{.Hostnam}}']\n",
            "PeerOrgs[0].Template.SANS[0]",
            "more than simple fields|`{{.Hostname}}`",
        ),
        (
            "      Count: 1\n",
            "      Count: 1\n      SANS: ['not a host']\n",
            "PeerOrgs[0].Template.SANS[0]",
            "`not a host` is neither a host name nor an IP address",
        ),
        (
            "      Count: 1\n",
            "      Count: 2\n      Hostname: peer0\n",
            "PeerOrgs[0].Template.Hostname",
            "two nodes with the host name `peer0`",
        ),
        (
            "    Template:\n      Count: 1\n",
            "    Specs: [{Hostname: peer0}]\n    Template:\n      Count: 1\n",
            "PeerOrgs[0].Template",
            "two nodes with the host name `peer0`|`Specs` and `Template` add up",
        ),
        (
            "    Template:\n      Count: 1\n",
            f"    Template:\n      Count: 1\n    Specs:\n      - Hostname: {LONG}\n",
            "PeerOrgs[0].Specs[0].Hostname",
            f"`hlf-peer--karga--{LONG}` has 58 characters|52|6 shorter",
        ),
    ],
)
def test_nodes(simple, tell, *, old, new, path, words):
    simple.change(FILE, old, new)
    tell(simple.mistake(), file=FILE, path=path, words=words)


VALHALLA = "  - Name: Valhalla\n    Domain: valhalla.asgard\n    Template: {Count: 1}\n"
ORGANIZATION = """  - Name: ValhallaMSP
    ID: ValhallaMSP
    MSPDir: crypto-config/peerOrganizations/valhalla.asgard/msp
    Policies:
      Readers: {Type: Signature, Rule: OR('ValhallaMSP.member')}
      Writers: {Type: Signature, Rule: OR('ValhallaMSP.member')}
      Admins: {Type: Signature, Rule: OR('ValhallaMSP.admin')}

# The oldest Fabric"""


@pytest.fixture
def valhalla(simple):
    """With a fifth organization, known to configtx.yaml and in no channel."""
    simple.change(FILE, "PeerOrgs:\n", f"PeerOrgs:\n{VALHALLA}")
    simple.change("configtx.yaml", "# The oldest Fabric", ORGANIZATION)
    simple.load()
    return simple


@pytest.mark.parametrize(
    ("old", "new", "path", "words"),
    [
        ("Valhalla\n", "Val_halla\n", "Name", "`Val_halla` cannot be part of a Kubernetes name"),
        ("Valhalla\n", "Val halla\n", "Name", "`Val halla` cannot be part of a Kubernetes name"),
        ("Valhalla\n", "Val--halla\n", "Name", "contains `--`"),
        ("Valhalla\n", f"{LONG}\n", "Template", f"`hlf-peer--{LONG}--peer0` has 58|6 shorter"),
        ("Valhalla\n", "Val.halla\n", "Name", "`Val.halla` cannot be part of a Kubernetes name"),
        ("Valhalla\n", "groeifabriek\n", "Name", "the same name as OrdererOrgs[0].Name"),
        ("Valhalla\n", "\n", "Name", "`Name` is missing|such as `Karga`"),
        ("Valhalla\n", "''\n", "Name", "the value is empty"),
        ("    Template: {Count: 1}\n", "", "", "`Valhalla` has no peers|`Template`"),
    ],
)
def test_names(valhalla, tell, *, old, new, path, words):
    valhalla.change(FILE, old, new)
    mistakes = valhalla.mistakes()
    full_path = f"PeerOrgs[0].{path}" if path else "PeerOrgs[0]"
    tell(mistakes[0], file=FILE, path=full_path, words=words)
    # An organization without a name is none, so that configtx.yaml's has nothing to belong to
    assert len(mistakes) == (2 if "missing" in words or "empty" in words else 1)


@pytest.mark.parametrize(
    ("domain", "words"),
    [
        ("../../esc", "`../../esc` is no domain name"),
        ("valhalla asgard", "`valhalla asgard` is no domain name"),
        ("Valhalla.asgard", "is no domain name|lower-case"),
        ("val_halla.asgard", "is no domain name"),
        ("valhalla..asgard", "is no domain name"),
        (f"{'a' * 64}.asgard", "is no domain name"),
        (f"{'a' * 50}.asgard", "too long for a certificate|at most 56 characters"),
        ("aptalkarga.tr", "the same domain as PeerOrgs[0].Domain"),
    ],
)
def test_domains(valhalla, tell, domain, words):
    valhalla.change(FILE, "valhalla.asgard", domain)
    mistakes = [mistake for mistake in valhalla.mistakes() if mistake.file == f"net/{FILE}"]
    # The organization that PeerOrgs[1] is takes the domain first where both have it
    paths = {mistake.path: mistake for mistake in mistakes}
    index = 1 if domain == "aptalkarga.tr" else 0
    tell(
        paths[f"PeerOrgs[{index}].Domain"], file=FILE, path=f"PeerOrgs[{index}].Domain", words=words
    )


def test_names_that_are_the_same_in_lower_case(valhalla, tell):
    valhalla.change(FILE, "Valhalla\n", "KARGA\n")
    words = "`Karga` is, in lower case, the same name as PeerOrgs[0].Name"
    tell(valhalla.mistake(), file=FILE, path="PeerOrgs[1].Name", words=words)


def test_an_unknown_key_in_a_needed_ones_place(simple, tell):
    simple.change(FILE, "    Template:", "    Templte:")
    told = {mistake.path: mistake for mistake in simple.mistakes()}
    path = "PeerOrgs[0].Templte"
    tell(told.pop(path), file=FILE, path=path, words="did you mean `Template`?")
    tell(told.pop("PeerOrgs[0]"), file=FILE, path="PeerOrgs[0]", words="`Karga` has no peers")
    assert not told


def test_a_missing_domain(valhalla, tell):
    valhalla.change(FILE, "    Domain: valhalla.asgard\n", "")
    tell(valhalla.mistakes()[0], file=FILE, path="PeerOrgs[0]", words="`Domain` is missing")


def test_certificates_hold_names_of_64_characters(valhalla, tell):
    valhalla.change(FILE, "valhalla.asgard", f"{'a' * 40}.asgard")
    valhalla.change("configtx.yaml", "valhalla.asgard", f"{'a' * 40}.asgard")
    valhalla.change(FILE, "{Count: 1}", "{Count: 1, Hostname: 'a-rather-long-name{{.Index}}'}")
    words = "has 67 characters|a certificate's common name holds 64"
    tell(valhalla.mistake(), file=FILE, path="PeerOrgs[0].Template.Hostname", words=words)


def test_more_nodes_than_make_sense(valhalla, tell):
    specs = ", ".join(f"{{Hostname: node{index}}}" for index in range(100))
    valhalla.change(FILE, "{Count: 1}\n", f"{{Count: 1}}\n    Specs: [{specs}]\n")
    words = "`Valhalla` has 101 peers|at most 100"
    tell(valhalla.mistake(), file=FILE, path="PeerOrgs[0].Template", words=words)


def test_a_network_without_peers_is_told_without_all_that_follows_from_it(simple, tell):
    simple.change(FILE, "PeerOrgs:", "PeerOrg:")
    section, key = simple.mistakes()
    tell(section, file=FILE, path="", words="there is no organization in `PeerOrgs`")
    tell(key, file=FILE, path="PeerOrg", words="did you mean `PeerOrgs`?")
