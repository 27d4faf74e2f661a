"""From the names in an action's inputs to clients of the nodes themselves.

Inputs refer to nodes, admins and MSPs by the names of their objects in the namespace, so that no
key is ever an input of an action on channels and chaincodes.
"""

from collections.abc import Mapping

from actions import cluster
from actions.cluster import ClusterError
from actions.pods import is_ready
from hlf import names
from hlf.client.connection import Endpoint
from hlf.client.identity import Signer
from hlf.client.orderer import Orderer
from hlf.client.peer import Peer
from hlf.client.wait import gather
from hlf.pki.msp import Msp, make_msp


def signers(namespace: str, admins: Mapping[str, str]) -> dict[str, Signer]:
    """Return the admins by MSP ID; `admins` are the names of their Secrets by MSP ID."""
    return {msp_id: _signer(namespace, msp_id, secret) for msp_id, secret in admins.items()}


def peer(namespace: str, name: str, signer: Signer) -> Peer:
    """Return a peer, with calls signed by `signer`."""
    return Peer(_endpoint(namespace, name, names.PEER_PORT), signer)


def peers(
    namespace: str, wanted: Mapping[str, str], admins: Mapping[str, Signer]
) -> dict[str, Peer]:
    """Return peers by name, each with its own organization's admin; `wanted` is name -> MSP ID."""
    return {name: peer(namespace, name, admins[msp_id]) for name, msp_id in wanted.items()}


def orderer(namespace: str, wanted: Mapping[str, str], signer: Signer) -> Orderer:
    """Return the first of the orderers; `wanted` is name -> MSP ID."""
    name = min(wanted)
    return Orderer(_endpoint(namespace, name, names.ORDERER_PORT), signer)


def ready(namespace: str, wanted: Mapping[str, str]) -> dict[str, str]:
    """Return those of the nodes (name -> MSP ID) whose pods are there and ready.

    `observe` asks only these, and takes the others' part as recorded: that they are missing is
    for the Rollout to show. A node that is ready and does not answer is an error.
    """
    found = gather(lambda name: cluster.get(namespace, "pods", names.pod(name)), wanted)
    return {
        name: msp_id
        for (name, msp_id), pod in zip(wanted.items(), found, strict=True)
        if pod is not None and is_ready(pod)
    }


def msps(namespace: str, config_maps: Mapping[str, str]) -> dict[str, Msp]:
    """Return MSPs by organization; `config_maps` are the names of the ConfigMaps with them."""
    return {org: _msp(namespace, name) for org, name in config_maps.items()}


def _endpoint(namespace: str, name: str, port: int) -> Endpoint:
    return Endpoint(name=name, address=cluster.forward(namespace, names.pod(name), port))


def _signer(namespace: str, msp_id: str, secret: str) -> Signer:
    files = cluster.secret(namespace, secret)
    if files is None:
        raise ClusterError(f"Secret {secret} with the admin of {msp_id} is not in {namespace}.")
    return Signer(msp_id=msp_id, certificate=files["cert.pem"], key=files["key.pem"])


def _msp(namespace: str, name: str) -> Msp:
    files = cluster.config_map(namespace, name)
    if files is None:
        raise ClusterError(f"ConfigMap {name} with an organization's MSP is not in {namespace}.")
    admin = files.get("admincert.pem")
    return make_msp(
        files["mspid"].decode(),
        ca=files["cacert.pem"],
        tlsca=files.get("tlscacert.pem"),
        node_ous=admin is None,
        admins=() if admin is None else (admin,),
    )
