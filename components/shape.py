"""What a network is for as long as it lives; `actions.claim` compares it with the running one."""

from actions import shape as of
from hlf.spec.model import Network


def shape(network: Network) -> dict[str, str]:
    """Return the choices by the names of `actions.shape`."""
    settings = network.settings
    system = network.system_channel
    found = {
        of.TLS: _text(network.tls),
        of.ACTUAL_DOMAINS: _text(network.actual_domains),
        of.STATE_DATABASE: settings.state_database,
        of.ORDERER_TYPE: network.orderer_type,
        of.SYSTEM_CHANNEL: system.name if system else of.NO_SYSTEM_CHANNEL,
        of.FABRIC: ".".join(settings.fabric_version.split(".")[:2]),
    }
    if system and network.is_cluster:
        found[of.ORDERERS] = " ".join(
            sorted(node.fqdn for org in network.orderer_orgs for node in org.nodes)
        )
    if network.orderer_type == "kafka":
        found[of.BROKERS] = str(settings.pods["kafka"].replicas)
        found[of.ZOOKEEPERS] = str(settings.pods["zookeeper"].replicas)
    return found


def _text(flag: bool) -> str:
    return "true" if flag else "false"
