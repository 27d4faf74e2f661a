"""What is right and cannot be brought up yet; and that all mistakes are told at once."""

import pytest

from hlf.spec import SpecError, load


@pytest.mark.parametrize(
    ("old", "new", "path", "words"),
    [
        (
            "    EnableNodeOUs: true\n",
            "    EnableNodeOUs: true\n    CA: {Country: NL}\n",
            "OrdererOrgs[0].CA.Country",
            "`CA.Country` is not built yet",
        ),
        (
            "- Hostname: orderer0",
            "- Hostname: orderer0\n        Country: NL",
            "OrdererOrgs[0].Specs[0].Country",
            "`Country` is not built yet",
        ),
        (
            "- Hostname: orderer0",
            "- Hostname: orderer0\n        CommonName: other.groeifabriek.nl",
            "OrdererOrgs[0].Specs[0].CommonName",
            "`CommonName` is not built yet",
        ),
        (
            "    Users:\n",
            "    Users:\n      Specs: [{CommonName: x}]\n",
            "PeerOrgs[0].Users.Specs",
            "`Users.Specs` is not built yet",
        ),
    ],
)
def test_certificates_with_more_in_them(simple, tell, *, old, new, path, words):
    simple.change("crypto-config.yaml", old, new)
    tell(simple.mistake(), file="crypto-config.yaml", path=path, words=words)


def test_organizations_that_run_elsewhere(simple, tell):
    text = (
        "ExternalPeerOrgs:\n  - {Name: Valhalla, Domain: valhalla.asgard}\n"
        "ExternalOrdererOrgs:\n  - {Name: Pivt, Domain: pivt.nl, Specs: [{Hostname: orderer0}]}\n"
    )
    simple.change("crypto-config.yaml", "OrdererOrgs:\n", f"{text}OrdererOrgs:\n")
    told = {mistake.path: mistake for mistake in simple.mistakes() if "built" in mistake.problem}
    for path, name in (("ExternalPeerOrgs[0]", "Valhalla"), ("ExternalOrdererOrgs[0]", "Pivt")):
        words = f"an organization that runs elsewhere (`{name}`) is not built yet"
        tell(told.pop(f"{path}.Name"), file="crypto-config.yaml", path=f"{path}.Name", words=words)
    assert not told


def test_organizations_that_run_elsewhere_have_names(simple, tell):
    simple.change(
        "crypto-config.yaml",
        "OrdererOrgs:\n",
        "ExternalPeerOrgs:\n  - {Domain: valhalla.asgard}\nOrdererOrgs:\n",
    )
    path = "ExternalPeerOrgs[0]"
    tell(simple.mistake(), file="crypto-config.yaml", path=path, words="`Name` is missing")


def test_channels_with_organizations_that_run_elsewhere(simple, tell):
    text = (
        (simple.root / "net" / "crypto-config.yaml").read_text().partition("  - Name: Atlantis")[0]
    )
    text += "ExternalPeerOrgs:\n  - {Name: Atlantis, Domain: atlantis.com}\n"
    simple.write("crypto-config.yaml", text.encode())
    simple.change(
        "network.yaml",
        "orgs: [Karga, Nevergreen, Atlantis]",
        "orgs: [Karga, Nevergreen]\n      externalOrgs: [Atlantis]",
    )
    path = "network.channels[0].externalOrgs[0]"
    told = {mistake.path: mistake for mistake in simple.mistakes()}
    tell(told[path], file="network.yaml", path=path, words="(`Atlantis`) is not built yet")
    words = "`Atlantis` of crypto-config.yaml is not among its `PeerOrgs`"
    path = "network.channels[1].orgs[1]"
    tell(told[path], file="network.yaml", path=path, words=words)


def test_a_network_without_orderers(simple, tell):
    simple.change("crypto-config.yaml", "OrdererOrgs:", "ExternalOrdererOrgs:")
    simple.change("crypto-config.yaml", "    EnableNodeOUs: true\n    Specs", "    Specs")
    words = "a network without orderers of its own is not built yet"
    told = {mistake.problem: mistake for mistake in simple.mistakes()}
    tell(told[words], file="crypto-config.yaml", path="", words=words)


def test_every_mistake_is_told_at_once_in_the_order_of_the_files(simple):
    simple.change("crypto-config.yaml", "EnableNodeOUs", "EnableNodeOU")
    simple.change("crypto-config.yaml", "Count: 1", "Count: 0")
    simple.change("configtx.yaml", "BatchTimeout: 1s", "BatchTimeout: 2")
    simple.change("configtx.yaml", "    Consortium: TheConsortium", "    Consortium: Another")
    simple.change("network.yaml", "orgs: [Karga, Atlantis]", "orgs: [Karga, Atlantis, Valhala]")
    simple.change("network.yaml", "- name: very-simple", "- name: very_simple")
    told = simple.mistakes(keepData="lots", colour="red")
    assert [(mistake.file, mistake.path) for mistake in told] == [
        ("Pulumi.dev.yaml", "hlf:colour"),
        ("Pulumi.dev.yaml", "hlf:keepData"),
        ("net/crypto-config.yaml", "OrdererOrgs[0].EnableNodeOU"),
        ("net/crypto-config.yaml", "PeerOrgs[0].Template.Count"),
        ("net/configtx.yaml", "Orderer.BatchTimeout"),
        ("net/configtx.yaml", "Profiles.common.Consortium"),
        ("net/network.yaml", "network.channels[1].orgs[2]"),
        ("net/network.yaml", "network.chaincodes[0].name"),
    ]
    with pytest.raises(SpecError) as caught:
        load(
            {"network": "net", "chaincode": "chaincode", "keepData": "lots", "colour": "red"},
            root=simple.root,
            stack="dev",
        )
    assert str(caught.value) == "\n".join(str(mistake) for mistake in told)


def test_a_broken_file_does_not_hide_the_mistakes_of_the_others(simple):
    simple.write("configtx.yaml", b"[")
    simple.change("crypto-config.yaml", "Count: 1", "Count: 0")
    simple.change("network.yaml", "testchainid", "no")
    assert [mistake.file for mistake in simple.mistakes()] == [
        "net/crypto-config.yaml",
        "net/configtx.yaml",
        "net/network.yaml",
    ]
