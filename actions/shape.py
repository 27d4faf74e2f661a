"""What a network is for as long as it lives, asked before anything is tried.

Some choices are in every ledger, in the first blocks of channels, or in the copies of a log. With
another one in the files, half of a running network would follow it and the other half could not.

Pure functions. A shape is a map of texts; what this network has none of is not in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

Shape = Mapping[str, str]

TLS = "tls"
ACTUAL_DOMAINS = "actualDomains"
STATE_DATABASE = "stateDatabase"
ORDERER_TYPE = "ordererType"
SYSTEM_CHANNEL = "systemChannel"
FABRIC = "fabric"
"""The release: `2.5`."""
ORDERERS = "orderers"
"""Where they are a cluster with a system channel: their domains, in order, with spaces between."""
BROKERS = "brokers"
ZOOKEEPERS = "zookeepers"

NO_SYSTEM_CHANNEL = "none"


@dataclass(frozen=True, kw_only=True)
class _Choice:
    place: str
    """Where the choice is written, the beginning of a sentence."""
    reason: str


_CHOICES = {
    TLS: _Choice(
        place="`tlsEnabled` of network.yaml",
        reason="channels and installed chaincodes hold whether nodes speak TLS",
    ),
    ACTUAL_DOMAINS: _Choice(
        place="`useActualDomains` of network.yaml",
        reason="channels hold the names by which nodes know each other",
    ),
    STATE_DATABASE: _Choice(
        place="The setting hlf:stateDatabase",
        reason="Fabric supports no change for a peer that has a ledger",
    ),
    ORDERER_TYPE: _Choice(
        place="`OrdererType` of configtx.yaml",
        reason="moving a running network from one consensus to another is not built yet",
    ),
    SYSTEM_CHANNEL: _Choice(
        place="The system channel of network.yaml (`genesisProfile`, `systemChannelID`)",
        reason="orderers were started with it, or without one, and leaving it is not built yet",
    ),
    ORDERERS: _Choice(
        place="`OrdererOrgs` of crypto-config.yaml",
        reason="a new orderer would have to start with the system channel's last block, which is "
        "not built; without a system channel orderers come and go",
    ),
    BROKERS: _Choice(
        place="The setting hlf:pods.kafka.replicas",
        reason="channels keep the number of copies that they were made with, and Kafka takes no "
        "messages for those that have too few",
    ),
    ZOOKEEPERS: _Choice(
        place="The setting hlf:pods.zookeeper.replicas",
        reason="servers that do not agree on how many they are may both think that they are the "
        "majority",
    ),
}


def problems(namespace: str, before: Shape, after: Shape) -> list[str]:
    """Return a sentence for each choice that the network in `namespace` cannot change."""
    found = [
        f"{choice.place} says {after[key]}, and the network in namespace {namespace} has "
        f"{before[key]}: {choice.reason}. Go back to {before[key]}; a network with {after[key]} "
        "is a new one, in another namespace or after this one is destroyed without keepData."
        for key, choice in _CHOICES.items()
        if key in before and key in after and before[key] != after[key]
    ]
    if _release(after) < _release(before):
        found.append(
            f"The setting hlf:fabricVersion asks for Fabric {after[FABRIC]}, and the network in "
            f"namespace {namespace} has {before[FABRIC]}: Fabric supports no way back. Go on with "
            f"a version of {before[FABRIC]}."
        )
    return found


def _release(shape: Shape) -> tuple[int, ...]:
    return tuple(int(part) for part in shape.get(FABRIC, "0").split("."))
