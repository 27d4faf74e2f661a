"""The node's configuration: in its own folders, and closed to the outside."""

import json
import tomllib
from pathlib import Path

import pytest

from tools import node_files, pki
from tools.kubernetes_api import object_path
from tools.node_files import Places

PLACES = Places(
    state=Path("/cache/node"),
    runtime=Path("/run/hlf"),
    kubernetes=Path("/cache/kubernetes"),
    debian=Path("/cache/debian"),
)
FILES = {path.name: content for path, content in node_files.configuration(PLACES).items()}


def test_containerd_uses_nothing_of_the_machines() -> None:
    found = tomllib.loads(FILES["containerd.toml"])
    cri = found["plugins"]["io.containerd.grpc.v1.cri"]
    assert found["root"] == "/cache/node/containerd"
    assert found["state"] == "/run/hlf/containerd"
    assert found["grpc"]["address"] == "/run/hlf/containerd.sock"
    assert cri["cni"]["bin_dir"] == "/cache/debian/usr/lib/cni"
    assert cri["netns_mounts_under_state_dir"] is True
    runc = cri["containerd"]["runtimes"]["runc"]["options"]["BinaryName"]
    assert runc == "/cache/debian/usr/sbin/runc"


def test_the_pods_have_a_control_group_of_their_own() -> None:
    assert json.loads(FILES["kubelet.json"])["cgroupRoot"] == "/hlf"


def test_nobody_gets_in_without_a_certificate() -> None:
    kubelet = json.loads(FILES["kubelet.json"])
    assert kubelet["authentication"]["anonymous"] == {"enabled": False}
    assert kubelet["authorization"] == {"mode": "Webhook"}
    commands = node_files.commands(PLACES)
    assert "Node,RBAC" in commands["kube-apiserver"]
    assert "http://127.0.0.1:2379" in commands["etcd"]


def test_pods_are_told_of_no_name_server_outside() -> None:
    assert FILES["resolv.conf"] == ""


def test_the_kubeconfig_has_the_one_context() -> None:
    found = json.loads(node_files.kubeconfig(PLACES, pki.ADMIN))
    assert found["current-context"] == "hlf-embedded"
    assert [context["name"] for context in found["contexts"]] == ["hlf-embedded"]
    assert found["clusters"][0]["cluster"]["server"] == "https://198.51.100.2:6443"


@pytest.mark.parametrize("name", ["etcd", "kube-apiserver", "kubelet", "volume-provisioner"])
def test_every_flag_is_a_text(name: str) -> None:
    assert all(isinstance(word, str) for word in node_files.commands(PLACES)[name])


@pytest.mark.parametrize(
    ("kind", "api", "namespace", "expected"),
    [
        ("Service", "v1", "a", "/api/v1/namespaces/a/services/n"),
        ("Deployment", "apps/v1", "a", "/apis/apps/v1/namespaces/a/deployments/n"),
        ("StorageClass", "storage.k8s.io/v1", None, "/apis/storage.k8s.io/v1/storageclasses/n"),
    ],
)
def test_an_objects_path(kind: str, api: str, namespace: str | None, expected: str) -> None:
    metadata = {"name": "n"} | ({"namespace": namespace} if namespace else {})
    assert object_path({"apiVersion": api, "kind": kind, "metadata": metadata}) == expected
