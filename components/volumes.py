"""The volumes of a whole network, known before any of its nodes is made.

`actions.claim` compares them with the ones that are there. The claims themselves are made with the
nodes (`components.node`).
"""

from collections.abc import Iterator

from hlf import names
from hlf.spec.model import COUCHDB, Network


def volumes(network: Network) -> dict[str, dict[str, str]]:
    """Return kind, size and (where one is chosen) class by the name of the volume's claim."""
    found: dict[str, dict[str, str]] = {}
    for kind, name in _nodes(network):
        settings = network.settings.pods[kind]
        found[name] = {"kind": kind, "size": settings.storage_size}
        if settings.storage_class is not None:
            found[name]["class"] = settings.storage_class
    return found


def _nodes(network: Network) -> Iterator[tuple[str, str]]:
    """Yield kind and name of everything that has a volume."""
    for org in network.orderer_orgs:
        for node in org.nodes:
            yield "orderer", names.orderer(node.org, node.host)
    for org in network.peer_orgs:
        for node in org.nodes:
            yield "peer", names.peer(node.org, node.host)
            if network.settings.state_database == COUCHDB:
                yield "couchdb", names.couchdb(node.org, node.host)
    if network.orderer_type == "kafka":
        for kind, name in (("kafka", names.kafka), ("zookeeper", names.zookeeper)):
            for number in range(network.settings.pods[kind].replicas):
                yield kind, name(number)
