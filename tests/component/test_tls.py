"""TLS between nodes, and their own domains instead of Kubernetes' names."""

from dataclasses import replace

import pytest
import yaml

from hlf.spec import load
from hlf.spec.model import Network
from tests.component.recorded import (
    CHAINCODES,
    CHANNEL,
    CONFIG_MAP,
    DEPLOYMENT,
    INVOCATION,
    SERVICE,
    STATEFUL_SET,
    Recorded,
    Resource,
    Sample,
)

DOMAINS = {
    "hlf-orderer--groeifabriek--orderer0": "orderer0.groeifabriek.nl",
    "hlf-peer--karga--peer0": "peer0.aptalkarga.tr",
    "hlf-peer--nevergreen--peer0": "peer0.nevergreen.nl",
    "hlf-peer--atlantis--peer0": "peer0.atlantis.com",
}


@pytest.fixture
def secured(sample: Sample) -> Recorded:
    return sample.change("network.yaml", ("\nnetwork:", "\ntlsEnabled: true\nnetwork:")).record()


@pytest.fixture
def domains(sample: Sample) -> Recorded:
    """samples/simple with TLS and actual domains."""
    on = "\ntlsEnabled: true\nuseActualDomains: true\nnetwork:"
    sample.change("network.yaml", ("\nnetwork:", on))
    return sample.change("configtx.yaml", *DOMAINS.items()).record()


def environment(workload: Resource) -> dict[str, str]:
    (container,) = workload.pod["spec"]["containers"]
    return {each["name"]: each["value"] for each in container["env"]}


def tls_of(workload: Resource) -> str:
    found = environment(workload)
    return found.get("CORE_PEER_TLS_ENABLED") or found["ORDERER_GENERAL_TLS_ENABLED"]


def test_every_node_speaks_tls_or_none(simple: Recorded, secured: Recorded) -> None:
    assert {tls_of(node) for node in simple.of(STATEFUL_SET)} == {"false"}
    assert {tls_of(node) for node in secured.of(STATEFUL_SET)} == {"true"}


def test_channels_and_actions_know_the_tls_authorities(simple: Recorded, secured: Recorded) -> None:
    for action in simple.of(CHANNEL, CHAINCODES, INVOCATION):
        assert action.inputs["tlsRoots"] == {}
    for action in secured.of(CHANNEL, CHAINCODES, INVOCATION):
        roots = action.inputs["tlsRoots"]
        nodes = {**action.inputs["peers"], **action.inputs["orderers"]}
        assert set(roots) == set(nodes.values())
        for config_map in roots.values():
            msp = secured.named(CONFIG_MAP, config_map)
            assert "BEGIN CERTIFICATE" in msp.inputs["data"]["tlscacert.pem"]
            assert msp.urn in secured.waits_for(action)


def test_nodes_tell_their_own_domains_and_find_those_of_all(domains: Recorded) -> None:
    addresses = {each.manifest_name: each.inputs["spec"] for each in domains.of(SERVICE)}
    assert set(DOMAINS) <= set(addresses)
    for node in domains.of(STATEFUL_SET):
        aliases = node.pod["spec"]["hostAliases"]
        assert [name for each in aliases for name in each["hostnames"]] == list(DOMAINS.values())
        for name, value in environment(node).items():
            if name in ("CORE_PEER_ADDRESS", "CORE_PEER_GOSSIP_EXTERNALENDPOINT"):
                assert value == f"{DOMAINS[node.manifest_name]}:7051"
    for server in domains.of(DEPLOYMENT):
        assert "hostAliases" not in server.pod["spec"], "chaincode servers call nobody"


def test_names_of_services_need_no_aliases(secured: Recorded) -> None:
    for node in secured.of(STATEFUL_SET):
        assert "hostAliases" not in node.pod["spec"]


def test_raft_without_tls_has_a_port_of_its_own_for_the_cluster(sample: Sample) -> None:
    """The orderers' certificates are how they know each other, with TLS for clients or without."""
    network = sample.record()
    assert not [e for n in network.of(STATEFUL_SET) for e in environment(n) if "CLUSTER" in e]
    raft = replace(network_of(sample).system_channel.config.orderer, type="etcdraft")
    system = network_of(sample).system_channel
    changed = replace(system, config=replace(system.config, orderer=raft))
    for tls in (False, True):
        network = sample.record(system_channel=changed, tls=tls)
        # the orderers check each other's certificates by what the channel says of them
        msps = {n: network.named(CONFIG_MAP, f"hlf-msp--{n}") for n in ("groeifabriek", "karga")}
        told = {name: msp.inputs["data"]["tls"] for name, msp in msps.items()}
        assert told == {"groeifabriek": "true", "karga": str(tls).lower()}
        core = network.named(CONFIG_MAP, "hlf-peer-config").inputs["data"]["core.yaml"]
        overrides = yaml.safe_load(core)["peer"]["deliveryclient"]["addressOverrides"]
        assert ({"from": "hlf-orderer-lb:7050", "to": "hlf-orderer-lb:7050"} in overrides) != tls
        (orderer,) = [n for n in network.of(STATEFUL_SET) if "orderer" in n.manifest_name]
        found = environment(orderer)
        assert ("ORDERER_GENERAL_CLUSTER_LISTENPORT" in found) == (not tls)
        if not tls:
            assert found["ORDERER_GENERAL_CLUSTER_ROOTCAS"] == (
                "[/etc/hyperledger/cluster/groeifabriek.nl.pem]"
            )


def network_of(sample: Sample) -> Network:
    return load(sample.settings, root=sample.root, stack="simple")
