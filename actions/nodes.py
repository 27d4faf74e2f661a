"""From the names in an action's inputs to clients of the nodes themselves.

Inputs refer to nodes, admins and MSPs by the names of their objects in the namespace, so that no
key is ever an input of an action on channels and chaincodes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from actions import cluster
from actions.cluster import ClusterError
from actions.pods import is_ready
from hlf import names
from hlf.client.connection import Endpoint
from hlf.client.identity import Signer
from hlf.client.orderer import Orderer
from hlf.client.orderers import Orderers
from hlf.client.participation import Participation
from hlf.client.peer import Peer
from hlf.client.wait import gather
from hlf.config import reference
from hlf.config.model import ChannelConfig
from hlf.pki.msp import Msp, make_msp
from hlf.pki.pair import Pair


@dataclass(frozen=True, kw_only=True)
class Nodes:
    """The nodes of an action's inputs, each as its own organization's admin sees it."""

    namespace: str
    signers: Mapping[str, Signer]
    """The admins by MSP ID."""
    tls_roots: Mapping[str, bytes] = field(repr=False)
    """PEM by MSP ID; empty where nodes speak no TLS."""
    is_bft: bool

    @classmethod
    def of(cls, inputs: Mapping[str, Any]) -> "Nodes":
        """Read the Secrets and ConfigMaps that the inputs of `Access` name."""
        namespace = inputs["namespace"]
        return cls(
            namespace=namespace,
            signers=signers(namespace, inputs["admins"]),
            tls_roots={
                msp_id: _file(namespace, name, "tlscacert.pem", of=f"the TLS CA of {msp_id}")
                for msp_id, name in inputs["tlsRoots"].items()
            },
            is_bft=inputs["ordererType"] == "BFT",
        )

    def peers(self, wanted: Mapping[str, str]) -> dict[str, Peer]:
        """Return peers by name; `wanted` is name -> MSP ID."""
        return {
            name: self.peer(name, msp_id, self.signers[msp_id]) for name, msp_id in wanted.items()
        }

    def peer(self, name: str, msp_id: str, signer: Signer) -> Peer:
        """Return a peer of an organization, with calls signed by `signer`."""
        return Peer(self._endpoint(name, msp_id, names.PEER_PORT), signer)

    def orderer(self, name: str, msp_id: str, signer: Signer) -> Orderer:
        """Return an orderer of an organization, with calls signed by `signer`."""
        return Orderer(self._endpoint(name, msp_id, names.ORDERER_PORT), signer)

    def ordering(self, wanted: Mapping[str, str], signer: Signer) -> Orderers:
        """Return the ordering service of these orderers; `wanted` is name -> MSP ID."""
        members = [self.orderer(name, msp_id, signer) for name, msp_id in sorted(wanted.items())]
        return Orderers(members, is_bft=self.is_bft)

    def _endpoint(self, name: str, msp_id: str, port: int) -> Endpoint:
        return Endpoint(
            name=name,
            address=cluster.forward(self.namespace, names.pod(name), port),
            tls_roots=self.tls_roots[msp_id] if self.tls_roots else None,
            # what every node's certificate is for, whatever the way to it
            server_name=name if self.tls_roots else None,
        )


def signers(namespace: str, admins: Mapping[str, str]) -> dict[str, Signer]:
    """Return the admins by MSP ID; `admins` are the names of their Secrets by MSP ID."""
    return {msp_id: _signer(namespace, msp_id, secret) for msp_id, secret in admins.items()}


def participations(
    namespace: str, orderers: Mapping[str, str], admins: Mapping[str, str]
) -> dict[str, Participation]:
    """Return the channel participation APIs of orderers by name, as their own admins use them.

    `orderers` is name -> MSP ID, `admins` MSP ID -> Secret. They speak TLS in every network.
    """
    found: dict[str, Participation] = {}
    for name, msp_id in orderers.items():
        files = _admin_files(namespace, msp_id, admins[msp_id])
        endpoint = Endpoint(
            name=name,
            address=cluster.forward(namespace, names.pod(name), names.ORDERER_ADMIN_PORT),
            tls_roots=files["ca.crt"],
            server_name=name,
            client=Pair(certificate=files["client.crt"], key=files["client.key"]),
        )
        found[name] = Participation(endpoint)
    return found


def ready(namespace: str, wanted: Mapping[str, str]) -> dict[str, str]:
    """Return those of the nodes (name -> MSP ID) whose pods are there and ready.

    `observe` asks only these, and takes the others' part as recorded, unless they are `lost`: that
    they are missing is for the Rollout to show. A node that is ready and does not answer is an
    error.
    """
    found = gather(lambda name: cluster.get(namespace, "pods", names.pod(name)), wanted)
    return {
        name: msp_id
        for (name, msp_id), pod in zip(wanted.items(), found, strict=True)
        if pod is not None and is_ready(pod)
    }


def lost(namespace: str, wanted: Iterable[str]) -> set[str]:
    """Return those of the nodes whose volumes are gone: they have nothing any more."""
    asked = list(wanted)
    claims = gather(lambda name: cluster.get(namespace, "persistentvolumeclaims", name), asked)
    return {name for name, claim in zip(asked, claims, strict=True) if claim is None}


def msps(namespace: str, config_maps: Mapping[str, str]) -> dict[str, Msp]:
    """Return MSPs by organization; `config_maps` are the names of the ConfigMaps with them."""
    return {org: _msp(namespace, name) for org, name in config_maps.items()}


def certificates(namespace: str, config: ChannelConfig) -> dict[str, bytes]:
    """Return the certificates of a channel's consenters, PEM by their references.

    They are the public parts of the Secrets of this network's orderers.
    """
    consenters = config.orderer.consenters if config.orderer else ()
    references = {each for consenter in consenters for each in consenter.references}
    found: dict[str, bytes] = {}
    for each in sorted(references):
        node = reference.node(each)
        if node is not None:
            secret = names.orderer(*node)
            files = cluster.secret(namespace, secret)
            if files is None:
                raise ClusterError(f"Secret {secret} with an orderer's keys is not in {namespace}.")
            found[each] = files["server.crt" if each == reference.tls(*node) else "cert.pem"]
    return found


def _signer(namespace: str, msp_id: str, secret: str) -> Signer:
    files = _admin_files(namespace, msp_id, secret)
    return Signer(msp_id=msp_id, certificate=files["cert.pem"], key=files["key.pem"])


def _admin_files(namespace: str, msp_id: str, secret: str) -> dict[str, bytes]:
    files = cluster.secret(namespace, secret)
    if files is None:
        raise ClusterError(f"Secret {secret} with the admin of {msp_id} is not in {namespace}.")
    return files


def _msp(namespace: str, name: str) -> Msp:
    files = cluster.config_map(namespace, name)
    if files is None:
        raise ClusterError(f"ConfigMap {name} with an organization's MSP is not in {namespace}.")
    admin = files.get("admincert.pem")
    return make_msp(
        files["mspid"].decode(),
        ca=files["cacert.pem"],
        tlsca=files["tlscacert.pem"] if files.get("tls") == b"true" else None,
        node_ous=admin is None,
        admins=() if admin is None else (admin,),
    )


def _file(namespace: str, config_map: str, name: str, *, of: str) -> bytes:
    files = cluster.config_map(namespace, config_map)
    if files is None or name not in files:
        raise ClusterError(f"ConfigMap {config_map} with {of} is not in {namespace}.")
    return files[name]
