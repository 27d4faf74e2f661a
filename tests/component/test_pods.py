"""Pods pass the *restricted* Pod Security Standard, find what they mount, and are found."""

import pytest

from actions import servers
from actions.joining_note import Note
from actions.snapshot_workers import manifest
from hlf import names
from hlf.chaincode import MOST_PARTS
from tests.component.recorded import (
    CONFIG_MAP,
    DEPLOYMENT,
    SERVICE,
    SOURCE,
    STATEFUL_SET,
    Recorded,
    Resource,
    Sample,
)

RESTRICTED_VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
}


@pytest.fixture
def with_image(sample: Sample) -> Recorded:
    """samples/simple with one chaincode from a ready image."""
    named = "- name: very-simple\n"
    return sample.change(
        "network.yaml", (named, f"{named}      image: example/very-simple:1.0\n")
    ).record()


def containers(pod: Resource) -> list[dict]:
    spec = pod.pod["spec"]
    return [*spec.get("initContainers", []), *spec["containers"]]


def assert_restricted(spec: dict) -> None:
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] > 0
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for volume in spec["volumes"]:
        assert set(volume) - {"name"} <= RESTRICTED_VOLUMES
    for container in [*spec.get("initContainers", []), *spec["containers"]]:
        security = container["securityContext"]
        assert security["allowPrivilegeEscalation"] is False
        assert security["capabilities"] == {"drop": ["ALL"]}
        assert security["readOnlyRootFilesystem"] is True
        assert not {"privileged", "runAsUser", "runAsNonRoot"} & set(security)


def test_every_pod_is_restricted(simple: Recorded) -> None:
    for workload in simple.workloads:
        assert_restricted(workload.pod["spec"])


def test_workers_of_snapshots_are_as_restricted_as_their_peers(sample: Sample) -> None:
    said = {
        "image": "mine/jobs:2",
        "pullSecrets": ["registry"],
        "labels": {"team": "fabric"},
        "resources": {"requests": {"memory": "64Mi"}, "limits": {"memory": "1Gi"}},
    }
    by_snapshot = sample.with_settings(pods={"backup": said}).change(
        "network.yaml", ("- name: common\n", "- name: common\n      joinBySnapshot: true\n")
    )
    network = by_snapshot.record()
    common, other = sorted(network.channels, key=lambda each: each.inputs["channel"])
    assert "joinBySnapshot" not in other.inputs
    source, peer = "hlf-peer--karga--peer0", "hlf-peer--nevergreen--peer0"
    beside = network.named(STATEFUL_SET, peer).pod
    made = manifest(
        {**beside, "spec": {**beside["spec"], "nodeName": "machine"}},
        peer=peer,
        note=Note(channel="common", source=source, targets=frozenset({peer})),
        arguments=["fetch", "--folder", "x"],
        made_of=common.inputs["joinBySnapshot"],
    )
    spec = made["spec"]
    assert_restricted(spec)
    assert spec["nodeName"] == "machine"
    assert spec["imagePullSecrets"] == [{"name": "registry"}]
    assert made["metadata"]["labels"] == {"team": "fabric", "hlf/joining": "true"}
    assert [each.get("persistentVolumeClaim") for each in spec["volumes"]] == [
        {"claimName": peer},
        None,
        None,
    ]
    (container,) = spec["containers"]
    assert container["image"] == "mine/jobs:2"
    assert container["resources"] == {
        "requests": {"cpu": "50m", "memory": "64Mi"},
        "limits": {"memory": "1Gi"},
    }
    (data,) = [each for each in container["volumeMounts"] if each["name"] == "data"]
    assert data in beside["spec"]["containers"][0]["volumeMounts"]


def test_every_container_mounts_what_the_pod_has(simple: Recorded) -> None:
    for workload in simple.workloads:
        volumes = [each["name"] for each in workload.pod["spec"]["volumes"]]
        assert len(set(volumes)) == len(volumes)
        mounted: set[str] = set()
        for container in containers(workload):
            mounts = [each["name"] for each in container["volumeMounts"]]
            paths = [each["mountPath"] for each in container["volumeMounts"]]
            assert len(set(paths)) == len(paths)
            mounted |= set(mounts)
        assert mounted == set(volumes), workload.urn


def test_every_config_map_that_is_mounted_exists(simple: Recorded) -> None:
    mounted: set[str] = set()
    for node in simple.of(STATEFUL_SET):
        volumes = node.pod["spec"]["volumes"]
        mounted |= {
            each["configMap"]["name"]
            for each in volumes
            if "configMap" in each and not each["configMap"].get("optional")
        }
    assert mounted == {"hlf-genesis", "hlf-peer-config", "hlf-orderer-config"}
    assert mounted <= simple.names(CONFIG_MAP)


def test_a_build_mounts_every_part_that_its_source_may_have(simple: Recorded) -> None:
    for source in simple.of(SOURCE):
        server = simple.named(DEPLOYMENT, source.inputs["server"])
        (volume,) = [v for v in server.pod["spec"]["volumes"] if v["name"] == "source"]
        parts = [each["configMap"] for each in volume["projected"]["sources"]]
        assert [each["name"] for each in parts] == [
            names.chaincode_source(server.manifest_name, number) for number in range(MOST_PARTS)
        ]
        assert all(each["optional"] for each in parts)


def test_a_nodes_volume_is_its_own_claim(simple: Recorded) -> None:
    for node in simple.of(STATEFUL_SET):
        claims = [v for v in node.pod["spec"]["volumes"] if "persistentVolumeClaim" in v]
        (claim,) = claims
        assert claim["persistentVolumeClaim"]["claimName"] == node.manifest_name


def test_every_node_is_one_pod_that_only_the_rollout_replaces(simple: Recorded) -> None:
    for node in simple.of(STATEFUL_SET):
        spec = node.inputs["spec"]
        assert spec["replicas"] == 1
        assert spec["updateStrategy"] == {"type": "OnDelete"}
        assert spec["serviceName"] in simple.names(SERVICE)
        assert node.pod["metadata"]["labels"]["hlf/node"] == "true"


def test_workloads_select_their_own_pods_and_no_others(simple: Recorded) -> None:
    for workload in simple.workloads:
        selector = workload.inputs["spec"]["selector"]["matchLabels"]
        assert selected(simple, selector) == [workload.manifest_name]


def test_services_reach_the_pods_that_their_names_promise(sample: Sample) -> None:
    sample.change("crypto-config.yaml", ("Template:\n      Count: 1", "Template:\n      Count: 2"))
    network = sample.record()
    reached = {
        each.manifest_name: selected(network, each.inputs["spec"]["selector"])
        for each in network.of(SERVICE)
    }
    karga = ["hlf-peer--karga--peer0", "hlf-peer--karga--peer1"]
    orderers = ["hlf-orderer--groeifabriek--orderer0"]
    assert reached.pop("hlf-org-peer--karga") == karga
    assert reached.pop("hlf-org-peer--atlantis") == ["hlf-peer--atlantis--peer0"]
    assert reached.pop("hlf-org-peer--nevergreen") == ["hlf-peer--nevergreen--peer0"]
    assert reached.pop("hlf-orderer--groeifabriek") == orderers
    assert reached.pop("hlf-orderer-lb") == orderers
    assert len(reached) == 7
    assert all(pods == [name] for name, pods in reached.items())


def test_services_lead_to_ports_that_containers_have(simple: Recorded) -> None:
    for each in simple.of(SERVICE):
        for name in selected(simple, each.inputs["spec"]["selector"]):
            (workload,) = [w for w in simple.workloads if w.manifest_name == name]
            (container,) = workload.pod["spec"]["containers"]
            open_ports = {port["containerPort"] for port in container["ports"]}
            assert {port["targetPort"] for port in each.inputs["spec"]["ports"]} <= open_ports


def selected(network: Recorded, selector: dict[str, str]) -> list[str]:
    return sorted(
        each.manifest_name
        for each in network.workloads
        if selector.items() <= each.pod["metadata"]["labels"].items()
    )


def test_a_chaincode_with_an_image_runs_it_and_builds_nothing(with_image: Recorded) -> None:
    (source,) = with_image.of(SOURCE)
    assert source.name == "even-simpler"
    (server,) = [d for d in with_image.of(DEPLOYMENT) if "very-simple" in d.manifest_name]
    (container,) = containers(server)
    assert container["image"] == "example/very-simple:1.0"
    assert "command" not in container


def test_a_server_knows_the_package_id_that_peers_install(simple: Recorded) -> None:
    for channel in simple.of("pulumi-python:dynamic/fabric:Chaincodes"):
        for name, definition in channel.inputs["definitions"].items():
            server, _, port = definition["address"].partition(":")
            deployment = simple.named(DEPLOYMENT, server)
            (container,) = deployment.pod["spec"]["containers"]
            values = {each["name"]: each["value"] for each in container["env"]}
            assert values["CHAINCODE_ID"] == definition["packageId"]
            assert definition["packageId"].startswith(f"{name}_1.0:")
            assert values["CHAINCODE_SERVER_ADDRESS"].endswith(f":{port}")
            assert container["readinessProbe"]["tcpSocket"] == {"port": int(port)}


def test_actions_find_a_servers_pods(simple: Recorded) -> None:
    for deployment in simple.of(DEPLOYMENT):
        labels = deployment.pod["metadata"]["labels"]
        assert labels["app"] == deployment.manifest_name
        assert servers._SELECTOR in labels


def test_images_are_of_the_fabric_release_in_the_settings(sample: Sample) -> None:
    network = sample.with_settings(fabricVersion="2.5.4").record()
    images = {c["image"].partition("/")[2] for w in network.workloads for c in containers(w)}
    assert images == {"fabric-peer:2.5.4", "fabric-orderer:2.5.4", "fabric-ccenv:2.5.4"}
