"""Names: those that PIVT's users know, fixed, and never given twice."""

from collections import Counter

import pulumi
import pytest

from tests.component.recorded import (
    CLAIMED_VOLUME,
    CONFIG_MAP,
    DEPLOYMENT,
    GUARD,
    SECRET,
    SERVICE,
    STATEFUL_SET,
    Recorded,
    Sample,
)

NODES = {
    "hlf-orderer--groeifabriek--orderer0",
    "hlf-peer--atlantis--peer0",
    "hlf-peer--karga--peer0",
    "hlf-peer--nevergreen--peer0",
}


def test_services_have_the_names_that_pivt_gave_them(simple: Recorded) -> None:
    servers = {n for n in simple.names(SERVICE) if n.startswith("hlf-chaincode--")}
    assert simple.names(SERVICE) - servers == {
        *NODES,
        "hlf-orderer--groeifabriek",
        "hlf-orderer-lb",
        "hlf-org-peer--atlantis",
        "hlf-org-peer--karga",
        "hlf-org-peer--nevergreen",
    }
    assert servers == simple.names(DEPLOYMENT)
    assert {n.rpartition("--")[0] for n in servers} == {
        "hlf-chaincode--even-simpler",
        "hlf-chaincode--very-simple",
    }


def test_a_node_has_one_name_in_all_its_objects(simple: Recorded) -> None:
    assert simple.names(STATEFUL_SET) == NODES
    assert simple.names(CLAIMED_VOLUME) == NODES
    assert simple.names(SECRET) > NODES


def test_each_node_user_and_authority_has_one_secret(simple: Recorded) -> None:
    orgs = {"atlantis", "groeifabriek", "karga", "nevergreen"}
    assert simple.names(SECRET) == {
        *NODES,
        *(f"hlf-authority--{org}" for org in orgs),
        *(f"hlf-user--{org}--admin" for org in orgs),
        *(f"hlf-user--{org}--user1" for org in orgs - {"groeifabriek"}),
    }
    assert len(simple.of(SECRET)) == len(simple.names(SECRET))


def test_everything_is_in_the_namespace_of_the_settings(sample: Sample) -> None:
    recorded = sample.with_settings(namespace="fabric").record()
    for manifest in recorded.manifests:
        assert manifest.inputs["metadata"]["namespace"] == "fabric", manifest.urn
    for action in recorded.actions:
        if action.type != GUARD:  # which looks at the cluster, not into it
            assert action.inputs["namespace"] == "fabric", action.urn


def test_no_two_objects_have_the_same_name(simple: Recorded) -> None:
    counted = Counter((each.type, each.manifest_name) for each in simple.manifests)
    assert [name for name, count in counted.items() if count > 1] == []
    assert simple.names(CONFIG_MAP) == {
        "hlf-genesis",
        "hlf-orderer-config",
        "hlf-peer-config",
        "hlf-msp--atlantis",
        "hlf-msp--groeifabriek",
        "hlf-msp--karga",
        "hlf-msp--nevergreen",
    }


def test_names_that_run_together_stay_apart(sample: Sample) -> None:
    """Karga's `x-peer0` and Karga-X's `peer0` are two peers, and a peer may be called `peers`."""
    organization = "  - Name: Karga\n    Domain: aptalkarga.tr\n    EnableNodeOUs: true\n    "
    specs = "Specs: [{Hostname: peer0}, {Hostname: x-peer0}, {Hostname: peers}]"
    sample.change(
        "crypto-config.yaml",
        (f"{organization}Template:\n      Count: 1", f"{organization}{specs}"),
        ("  - Name: Nevergreen", "  - Name: Karga-X"),
    )
    anchor = "hlf-peer--nevergreen--peer0"
    sample.change("configtx.yaml", (anchor, "hlf-peer--karga-x--peer0"))
    network = sample.change("network.yaml", *[("Nevergreen", "Karga-X")] * 3).record()
    counted = Counter(each.urn for each in network.resources)
    assert [urn for urn, count in counted.items() if count > 1] == []
    assert network.names(STATEFUL_SET) >= {
        "hlf-peer--karga--peer0",
        "hlf-peer--karga--peers",
        "hlf-peer--karga--x-peer0",
        "hlf-peer--karga-x--peer0",
    }


def test_a_chaincode_of_other_source_or_version_gets_a_server_beside_the_old(
    sample: Sample,
) -> None:
    before = sample.record().names(DEPLOYMENT)
    (sample.root / "chaincode" / "very-simple" / "main.go").write_text("package main\n")
    other_source = sample.record().names(DEPLOYMENT)
    sample.change("network.yaml", ('version: "1.0"', 'version: "1.1"'))
    other_version = sample.record().names(DEPLOYMENT)
    assert len(before | other_source | other_version) == 4
    assert len(before & other_source & other_version) == 1


def test_source_that_cannot_be_packed_is_told_in_one_sentence(sample: Sample) -> None:
    link = sample.root / "chaincode" / "very-simple" / "link"
    link.symlink_to(".")
    with pytest.raises(pulumi.RunError, match="leads to no file"):
        sample.record()
