"""A network with the files of Fabric 1.4: the old lifecycle's servers, ids and inputs."""

import shutil

import pytest

from actions.pods import CODE
from hlf import names
from tests.component.recorded import (
    CHAINCODES,
    DEPLOYMENT,
    INVOCATION,
    REPOSITORY,
    SERVICE,
    SOURCE,
    Recorded,
    Resource,
    Sample,
)
from tests.component.test_actions import values

PIVT = REPOSITORY / "tests" / "unit" / "spec" / "pivt-simple"
APPLICATION = "    Application: &ApplicationCapabilities\n        V1_4_2: true"


@pytest.fixture
def pivt(sample: Sample) -> Sample:
    for path in PIVT.iterdir():
        shutil.copy(path, sample.root / "net" / path.name)
    return sample


@pytest.fixture
def network(pivt: Sample) -> Recorded:
    return pivt.record()


def one(network: Recorded, type_: str, name: str) -> Resource:
    (found,) = [each for each in network.of(type_) if each.name == name]
    return found


def environment(deployment: Resource) -> dict[str, str]:
    (container,) = deployment.pod["spec"]["containers"]
    return {each["name"]: each["value"] for each in container["env"]}


def test_inputs_say_which_lifecycle_and_what_is_wanted(network: Recorded) -> None:
    common = one(network, CHAINCODES, "common")
    assert common.inputs["lifecycle"] == "lscc"
    definition = common.inputs["definitions"]["very-simple"]
    assert set(definition) == {"version", "policy", "address", "packageId", "organizations"}
    assert definition["version"] == "1.0"
    assert definition["packageId"] == "very-simple:1.0"
    assert definition["policy"].startswith("OR(")
    for action in network.actions:
        assert {type(each) for each in values(action.inputs)} <= {str, bool, dict}


def test_a_server_registers_as_name_and_version_at_the_address_of_the_package(
    network: Recorded,
) -> None:
    for channel in network.of(CHAINCODES):
        for name, definition in channel.inputs["definitions"].items():
            server, _, port = definition["address"].partition(":")
            assert server in network.names(SERVICE)
            values_of = environment(network.named(DEPLOYMENT, server))
            for variable in ("CHAINCODE_ID", "CORE_CHAINCODE_ID", "CORE_CHAINCODE_ID_NAME"):
                assert values_of[variable] == f"{name}:1.0"
            for variable in ("CHAINCODE_SERVER_ADDRESS", "CORE_CHAINCODE_ADDRESS"):
                assert values_of[variable] == f"0.0.0.0:{port}"


def test_a_chaincode_without_policy_says_whose_it_is(pivt: Sample) -> None:
    policy = "        policy: OR('KargaMSP.member','AtlantisMSP.member')\n"
    network = pivt.change("network.yaml", (policy, "")).record()
    definitions = one(network, CHAINCODES, "private-karga-atlantis").inputs["definitions"]
    assert definitions["even-simpler"]["policy"] == "any member"


def test_collections_are_in_what_is_wanted(pivt: Sample) -> None:
    content = """[{"name": "deals", "policy": "OR('KargaMSP.member')"}]"""
    (pivt.root / "chaincode/very-simple/collections_config.json").write_text(content)
    (common,) = [each for each in pivt.record().of(CHAINCODES) if each.name == "common"]
    assert set(common.inputs["definitions"]["very-simple"]["collections"]) == {"deals"}


def test_other_code_of_a_version_keeps_the_address_and_is_called_again(pivt: Sample) -> None:
    before = pivt.record()
    (pivt.root / "chaincode" / "very-simple" / "new.go").write_text("package main\n")
    after = pivt.record()
    assert before.names(DEPLOYMENT) == after.names(DEPLOYMENT)
    channel = "common"
    assert one(before, CHAINCODES, channel).inputs == one(after, CHAINCODES, channel).inputs
    codes: list[str] = []
    for network in (before, after):
        (server,) = [d for d in network.of(DEPLOYMENT) if "very-simple" in d.manifest_name]
        labels = server.pod["metadata"]["labels"]
        call = one(network, INVOCATION, "common/very-simple")
        assert call.inputs["code"] == labels[CODE]
        assert call.inputs["packageId"] == "very-simple:1.0"
        assert CODE not in server.inputs["spec"]["selector"]["matchLabels"]
        codes.append(labels[CODE])
        source = one(network, SOURCE, "very-simple/lscc").inputs["server"]
        assert source == names.chaincode("very-simple", labels[CODE])
        (volume,) = [v for v in server.pod["spec"]["volumes"] if v["name"] == "source"]
        first = volume["projected"]["sources"][0]["configMap"]["name"]
        assert first == names.chaincode_source(source, 0)
    assert len(set(codes)) == 2


def test_another_version_is_another_server(pivt: Sample) -> None:
    before = pivt.record()
    after = pivt.change("network.yaml", ('version: # "2.0"', 'version: "2.0"')).record()
    both = before.names(DEPLOYMENT), after.names(DEPLOYMENT)
    assert len(both[0] & both[1]) == 1, "even-simpler's"
    definition = one(after, CHAINCODES, "common").inputs["definitions"]["very-simple"]
    assert definition["packageId"] == "very-simple:2.0"


def test_the_current_lifecycle_has_no_word_of_it(simple: Recorded) -> None:
    assert all("lifecycle" not in each.inputs for each in simple.of(CHAINCODES))
    assert all("code" not in each.inputs for each in simple.of(INVOCATION))
    assert all(CODE not in each.pod["metadata"]["labels"] for each in simple.of(DEPLOYMENT))


def test_the_setting_changes_to_the_current_lifecycle(pivt: Sample) -> None:
    network = pivt.with_settings(raiseApplicationCapability="V2_0").record()
    assert all("lifecycle" not in each.inputs for each in network.of(CHAINCODES))
    for channel in network.channels:
        application = channel.inputs["config"]["application"]
        assert set(application["capabilities"]) == {"V1_4_2", "V2_0"}
        assert application["policies"]["LifecycleEndorsement"] == "MAJORITY Endorsement"


def test_a_chaincode_on_channels_of_both_kinds_has_a_server_for_each(sample: Sample) -> None:
    members = "      Organizations:\n        - *Karga\n        - *Atlantis\n"
    below = "          policy: OR('KargaMSP.member','NevergreenMSP.member','AtlantisMSP.member')\n"
    second = "        - name: private-karga-atlantis\n          orgs: [Karga, Atlantis]\n"
    sample.change("configtx.yaml", (members, f"      Capabilities: {{V1_4_2: true}}\n{members}"))
    network = sample.change("network.yaml", (below, below + second)).record()
    servers = [d for d in network.of(DEPLOYMENT) if "very-simple" in d.manifest_name]
    ids = {environment(server)["CHAINCODE_ID"] for server in servers}
    new = one(network, CHAINCODES, "common").inputs["definitions"]["very-simple"]
    old = one(network, CHAINCODES, "private-karga-atlantis").inputs["definitions"]["very-simple"]
    assert ids == {old["packageId"], new["packageId"]}
    assert old["packageId"] == "very-simple:1.0"
    assert old["address"] != new["address"]
    urns = [each.urn for each in network.resources]
    assert len(set(urns)) == len(urns)


def test_servers_have_what_the_setting_pods_says(pivt: Sample) -> None:
    settings = {
        "registry": "registry.example.com",
        "labels": {"team": "ledger"},
        "resources": {"limits": {"memory": "1Gi"}},
    }
    network = pivt.with_settings(pods={"chaincode": settings}).record()
    for server in network.of(DEPLOYMENT):
        labels, spec = server.pod["metadata"]["labels"], server.pod["spec"]
        assert labels["team"] == "ledger"
        assert labels[CODE]
        assert server.inputs["spec"]["selector"]["matchLabels"].items() <= labels.items()
        (container,), (builder,) = spec["containers"], spec["initContainers"]
        assert container["resources"]["limits"] == {"memory": "1Gi"}
        assert builder["image"].startswith("registry.example.com/hyperledger/fabric-ccenv:")


def test_actions_know_the_tls_authorities(pivt: Sample) -> None:
    network = pivt.change("network.yaml", ("network:\n", "tlsEnabled: true\nnetwork:\n")).record()
    for channel in network.of(CHAINCODES):
        assert channel.inputs["lifecycle"] == "lscc"
        nodes = {**channel.inputs["peers"], **channel.inputs["orderers"]}
        assert set(channel.inputs["tlsRoots"]) == set(nodes.values())


def test_a_called_chaincode_waits_for_its_own_server(network: Recorded) -> None:
    for call in network.of(INVOCATION):
        server = network.named(DEPLOYMENT, call.inputs["server"])
        assert server.urn in network.waits_for(call)
