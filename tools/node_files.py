"""The configuration files of the embedded node's components and their command lines.

Pure: paths go in, texts and command lines come out. The reasons for settings that a Kubernetes
administrator would not expect stand beside them.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools import addons, cgroups, kubernetes_api, netns, pki, versions
from tools.pki import Client

NODE = "hlf"
CONTEXT = "hlf-embedded"
PAUSE_IMAGE = f"pause:{versions.PAUSE}"

_PODS = "10.244.0.0/16"
_SERVICES = "10.96.0.0/16"
_ETCD = "http://127.0.0.1:2379"
_SERVER = f"https://{netns.NODE_ADDRESS}:{kubernetes_api.PORT}"


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where the node's files lie: ``state`` outlives a stop, ``runtime`` does not."""

    state: Path
    runtime: Path
    kubernetes: Path
    debian: Path

    @property
    def pki(self) -> Path:
        """Certificates and keys."""
        return self.state / "pki"

    @property
    def configuration(self) -> Path:
        """The files that `configuration` returns."""
        return self.state / "configuration"

    @property
    def containerd_socket(self) -> Path:
        """Where containerd listens."""
        return self.runtime / "containerd.sock"

    @property
    def volumes(self) -> Path:
        """What is in the pods' volumes."""
        return self.state / "volumes"

    def kubeconfig(self, client: Client) -> Path:
        """How a component reaches the API server."""
        return self.configuration / f"{client.name}.kubeconfig"


def configuration(places: Places) -> dict[Path, str]:
    """Return every configuration file with its content."""
    clients = (pki.CONTROLLER_MANAGER, pki.SCHEDULER, pki.PROXY, pki.ADMIN, pki.kubelet(NODE))
    folder = places.configuration
    files = {places.kubeconfig(client): kubeconfig(places, client) for client in clients}
    files[folder / "containerd.toml"] = _containerd(places)
    files[folder / "cni" / "10-hlf.conflist"] = json.dumps(_cni(places), indent=2)
    files[folder / "kubelet.json"] = json.dumps(_kubelet(places), indent=2)
    # Nothing outside can be reached, so no pod is told of the machine's name servers.
    files[folder / "resolv.conf"] = ""
    return files


def commands(places: Places) -> dict[str, list[str]]:
    """Return the command lines of all components by name, in the order in which they start."""
    keys = places.pki
    kubernetes = str(places.kubernetes)
    return {
        "containerd": [
            str(places.debian / "usr/bin/containerd"),
            *("-c", str(places.configuration / "containerd.toml")),
        ],
        "etcd": [
            *(kubernetes, "etcd", "--data-dir", str(places.state / "etcd")),
            *("--listen-client-urls", _ETCD, "--advertise-client-urls", _ETCD),
            *("--listen-peer-urls", "http://127.0.0.1:2380", "--logger", "zap"),
            # Quick; what is lost when the machine itself dies is a development network.
            "--unsafe-no-fsync",
        ],
        "kube-apiserver": [
            *(kubernetes, "kube-apiserver", "--etcd-servers", _ETCD),
            *("--advertise-address", netns.NODE_ADDRESS),
            *("--secure-port", str(kubernetes_api.PORT), "--service-cluster-ip-range", _SERVICES),
            *("--client-ca-file", str(keys / "ca.crt")),
            *("--tls-cert-file", str(keys / "apiserver.crt")),
            *("--tls-private-key-file", str(keys / "apiserver.key")),
            *("--service-account-key-file", str(keys / "service-accounts.key")),
            *("--service-account-signing-key-file", str(keys / "service-accounts.key")),
            *("--service-account-issuer", "https://kubernetes.default.svc"),
            *("--kubelet-client-certificate", str(keys / "admin.crt")),
            *("--kubelet-client-key", str(keys / "admin.key")),
            *("--kubelet-preferred-address-types", "InternalIP"),
            *("--authorization-mode", "Node,RBAC", "--allow-privileged"),
        ],
        "kube-controller-manager": [
            *(kubernetes, "kube-controller-manager", "--leader-elect=false"),
            *("--kubeconfig", str(places.kubeconfig(pki.CONTROLLER_MANAGER))),
            *("--service-account-private-key-file", str(keys / "service-accounts.key")),
            *("--root-ca-file", str(keys / "ca.crt"), "--use-service-account-credentials"),
            *("--cluster-cidr", _PODS),
        ],
        "kube-scheduler": [
            *(kubernetes, "kube-scheduler", "--leader-elect=false"),
            *("--kubeconfig", str(places.kubeconfig(pki.SCHEDULER))),
        ],
        "kubelet": [
            *(kubernetes, "kubelet", "--config", str(places.configuration / "kubelet.json")),
            *("--kubeconfig", str(places.kubeconfig(pki.kubelet(NODE)))),
            *("--root-dir", str(places.state / "kubelet")),
            *("--hostname-override", NODE, "--node-ip", netns.NODE_ADDRESS),
        ],
        "kube-proxy": [
            *(kubernetes, "kube-proxy", "--kubeconfig", str(places.kubeconfig(pki.PROXY))),
            *("--hostname-override", NODE, "--cluster-cidr", _PODS, "--proxy-mode", "iptables"),
            # Limits of connection tracking belong to the machine, not to this namespace.
            *("--conntrack-max-per-core", "0", "--conntrack-tcp-timeout-established", "0s"),
            *("--conntrack-tcp-timeout-close-wait", "0s"),
        ],
        "network-policies": [
            *(kubernetes, "network-policies", "--hostname-override", NODE),
            *("--kubeconfig", str(places.kubeconfig(pki.ADMIN))),
            *("--service-cluster-ip-range", _SERVICES),
        ],
        "volume-provisioner": [
            *(kubernetes, "volume-provisioner", "--root", str(places.volumes)),
            *("--kubeconfig", str(places.kubeconfig(pki.ADMIN))),
        ],
    }


def kubeconfig(places: Places, client: Client) -> str:
    """Return a kubeconfig (JSON is YAML too) with the single context `CONTEXT`."""
    cluster = {"server": _SERVER, "certificate-authority": str(places.pki / "ca.crt")}
    user = {
        "client-certificate": str(places.pki / f"{client.name}.crt"),
        "client-key": str(places.pki / f"{client.name}.key"),
    }
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": CONTEXT, "cluster": cluster}],
        "users": [{"name": CONTEXT, "user": user}],
        "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": CONTEXT}}],
        "current-context": CONTEXT,
    }
    return json.dumps(content, indent=2)


def _containerd(places: Places) -> str:
    # restrict_oom_score_adj: without CAP_SYS_RESOURCE no sandbox could start otherwise.
    # netns_mounts_under_state_dir: the pods' namespaces then go with the runtime folder.
    return f"""\
version = 2
root = "{places.state / "containerd"}"
state = "{places.runtime / "containerd"}"

[grpc]
  address = "{places.containerd_socket}"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE_IMAGE}"
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  BinaryName = "{places.debian / "usr/sbin/runc"}"

[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "{places.debian / "usr/lib/cni"}"
  conf_dir = "{places.configuration / "cni"}"
"""


def _cni(places: Places) -> dict[str, Any]:
    addresses = {
        "type": "host-local",
        "ranges": [[{"subnet": _PODS}]],
        "routes": [{"dst": "0.0.0.0/0"}],
        "dataDir": str(places.state / "addresses"),
    }
    bridge = {
        "type": "bridge",
        "bridge": "pods0",
        "isGateway": True,
        "hairpinMode": True,
        "ipMasq": False,
        "ipam": addresses,
    }
    ports = {"type": "portmap", "capabilities": {"portMappings": True}}
    return {"cniVersion": "0.4.0", "name": "hlf", "plugins": [bridge, ports]}


def _kubelet(places: Places) -> dict[str, Any]:
    keys = places.pki
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "x509": {"clientCAFile": str(keys / "ca.crt")},
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
        },
        "authorization": {"mode": "Webhook"},
        "containerRuntimeEndpoint": f"unix://{places.containerd_socket}",
        "tlsCertFile": str(keys / "kubelet.crt"),
        "tlsPrivateKeyFile": str(keys / "kubelet.key"),
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{cgroups.NAME}",
        "failSwapOn": False,
        "failCgroupV1": False,
        "localStorageCapacityIsolation": False,
        "clusterDNS": [addons.DNS_ADDRESS],
        "clusterDomain": "cluster.local",
        "resolvConf": str(places.configuration / "resolv.conf"),
        "maxPods": 250,
        "podLogsDir": str(places.state / "pod-logs"),
        "volumePluginDir": str(places.state / "volume-plugins"),
        # Images cannot be fetched again, and a full disk is the user's to judge.
        "imageGCHighThresholdPercent": 100,
        "evictionHard": {
            "nodefs.available": "0%",
            "nodefs.inodesFree": "0%",
            "imagefs.available": "0%",
            "imagefs.inodesFree": "0%",
            "memory.available": "100Mi",
        },
    }
