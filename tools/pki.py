"""The embedded node's certificates, made once with openssl and kept with the node's state.

They are for a node that only this machine can reach; they last for years, and a new state folder
gets new ones.
"""

from dataclasses import dataclass
from pathlib import Path

from tools import command, netns, products

_DAYS = "3650"
_EC_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


@dataclass(frozen=True, kw_only=True)
class Client:
    """Someone who talks to the API server: the file's name and who it is to Kubernetes."""

    name: str
    subject: str
    addresses: str = ""


SERVER = Client(
    name="apiserver",
    subject="/CN=kube-apiserver",
    addresses=(
        f"IP:{netns.NODE_ADDRESS},IP:127.0.0.1,IP:10.96.0.1,DNS:kubernetes,DNS:kubernetes.default,"
        "DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local,DNS:localhost"
    ),
)
ADMIN = Client(name="admin", subject="/O=system:masters/CN=admin")
CONTROLLER_MANAGER = Client(
    name="kube-controller-manager", subject="/CN=system:kube-controller-manager"
)
SCHEDULER = Client(name="kube-scheduler", subject="/CN=system:kube-scheduler")
PROXY = Client(name="kube-proxy", subject="/CN=system:kube-proxy")


def kubelet(node: str) -> Client:
    """Return the identity of the node's kubelet."""
    return Client(
        name="kubelet",
        subject=f"/O=system:nodes/CN=system:node:{node}",
        addresses=f"DNS:{node},IP:{netns.NODE_ADDRESS}",
    )


def make(folder: Path, node: str) -> None:
    """Make the certificates and keys below ``folder`` if they are not there."""
    clients = (SERVER, ADMIN, CONTROLLER_MANAGER, SCHEDULER, PROXY, kubelet(node))
    products.make(folder, products.digest(repr(clients)), lambda new: _fill(new, clients))


def _fill(folder: Path, clients: tuple[Client, ...]) -> None:
    folder.chmod(0o700)
    _openssl(
        *("req", "-x509", *_EC_KEY, "-subj", "/CN=hlf-embedded", "-days", _DAYS),
        *("-keyout", folder / "ca.key", "-out", folder / "ca.crt"),
    )
    _openssl("genrsa", "-out", folder / "service-accounts.key", "2048")
    for client in clients:
        extensions = folder / f"{client.name}.ext"
        extensions.write_text(
            "basicConstraints=CA:FALSE\n"
            + (f"subjectAltName={client.addresses}\n" if client.addresses else "")
        )
        request = folder / f"{client.name}.csr"
        _openssl(
            *("req", *_EC_KEY, "-subj", client.subject),
            *("-keyout", folder / f"{client.name}.key", "-out", request),
        )
        _openssl(
            *("x509", "-req", "-in", request, "-days", _DAYS, "-extfile", extensions),
            *("-CA", folder / "ca.crt", "-CAkey", folder / "ca.key", "-CAcreateserial"),
            *("-out", folder / f"{client.name}.crt"),
        )


def _openssl(*words: str | Path) -> None:
    command.read(["openssl", *words], what="make the node's certificates")
