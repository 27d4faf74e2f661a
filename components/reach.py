"""By which names actions find nodes, their admins and their MSPs in the namespace."""

from collections.abc import Collection, Iterable

import pulumi

from actions.access import Access
from components.organization import ADMIN
from hlf import names
from hlf.config.model import ChannelConfig
from hlf.spec.model import Network, Node, Org


def access(
    network: Network,
    namespace: pulumi.Input[str],
    *,
    members: Iterable[Org],
    admins: Iterable[Org],
    without: Collection[Node] = (),
) -> Access:
    """Return the way to all orderers and the members' peers, as these organizations' admins.

    Members' peers `without` some.
    """
    members = list(members)
    return Access(
        namespace=namespace,
        orderers={
            names.orderer(node.org, node.host): org.msp_id
            for org in network.orderer_orgs
            for node in org.nodes
        },
        peers={
            names.peer(node.org, node.host): org.msp_id
            for org in members
            for node in org.nodes
            if node not in without
        },
        admins={org.msp_id: names.user(org.name, ADMIN) for org in admins},
        tls_roots={org.msp_id: names.msp(org.name) for org in (*network.orderer_orgs, *members)}
        if network.tls
        else {},
        orderer_type=network.orderer_type,
    )


def msps(network: Network, config: ChannelConfig) -> dict[str, str]:
    """Return the ConfigMap of every organization of a channel, by the name it has there."""
    by_msp_id = {org.msp_id: names.msp(org.name) for org in network.orgs}
    return {name: by_msp_id[org.msp_id] for name, org in config.organizations().items()}
