"""A live configuration, changed only where the wanted one says something else.

`build` knows one spelling of everything; other tools spell the same differently (Go writes maps in
any order, lists come in the order of some file), and channels hold things that `ChannelConfig` has
no words for (modification policies, values of other tools, the orderers' maintenance mode). An
update computed from the bare built group would undo all that, and ask for the signatures of admins
whom the change does not concern. What is adjusted first differs only where it must.
"""

from collections.abc import Callable, Mapping

from hlf.config import quantity
from hlf.config.protos import (
    ACLs,
    AnchorPeers,
    BatchTimeout,
    Capabilities,
    ConfigGroup,
    ConfigMetadata,
    ConfigValue,
    ConsensusType,
    Consenter,
    KafkaBrokers,
    OrdererAddresses,
    serialize,
)


def adjust(live: ConfigGroup, wanted: ConfigGroup) -> ConfigGroup:
    """The root group to compute an update to: `live` made to say what `wanted` says.

    Organizations, policies and values that `build` makes and `wanted` lacks are gone; values that
    `build` never makes stay.
    """
    group = ConfigGroup(version=live.version, mod_policy=live.mod_policy)
    for name, policy in wanted.policies.items():
        group.policies[name].CopyFrom(policy)
        if name in live.policies:
            group.policies[name].mod_policy = live.policies[name].mod_policy
    for key, value in live.values.items():
        if key not in wanted.values and key not in _OPTIONAL:
            group.values[key].CopyFrom(value)
    for key, value in wanted.values.items():
        before = live.values.get(key)
        group.values[key].CopyFrom(value if before is None else _value(key, before, value))
    for name, child in wanted.groups.items():
        before = live.groups.get(name)
        group.groups[name].CopyFrom(child if before is None else adjust(before, child))
    return group


def _value(key: str, live: ConfigValue, wanted: ConfigValue) -> ConfigValue:
    meaning = _MEANINGS.get(key)
    if meaning is not None and meaning(live.value) == meaning(wanted.value):
        return live
    content = wanted.value
    if key == "ConsensusType":
        content = _consensus(live.value, wanted.value)
    return ConfigValue(version=live.version, value=content, mod_policy=live.mod_policy)


def _consensus(live: bytes, wanted: bytes) -> bytes:
    """The wanted consensus in the live state, consenters that stay in their places."""
    before, after = ConsensusType.FromString(live), ConsensusType.FromString(wanted)
    after.state = before.state
    if before.type == after.type == "etcdraft":
        old = ConfigMetadata.FromString(before.metadata).consenters
        raft = ConfigMetadata.FromString(after.metadata)
        places = {(each.host, each.port): place for place, each in enumerate(old)}
        ordered = sorted(raft.consenters, key=lambda c: places.get((c.host, c.port), len(old)))
        del raft.consenters[:]
        raft.consenters.extend(ordered)
        after.metadata = serialize(raft)
    return serialize(after)


def _consenter(consenter: Consenter) -> tuple[str, int, bytes, bytes]:
    return (
        consenter.host,
        consenter.port,
        consenter.client_tls_cert,
        consenter.server_tls_cert,
    )


def _same_consensus(value: bytes) -> object:
    consensus = ConsensusType.FromString(value)
    if consensus.type != "etcdraft":
        return consensus.type, consensus.metadata
    raft = ConfigMetadata.FromString(consensus.metadata)
    raft.options.tick_interval = quantity.duration(raft.options.tick_interval)
    return consensus.type, sorted(map(_consenter, raft.consenters)), serialize(raft.options)


def _addresses(value: bytes) -> object:
    return sorted(OrdererAddresses.FromString(value).addresses)


def _anchors(value: bytes) -> object:
    return sorted((a.host, a.port) for a in AnchorPeers.FromString(value).anchor_peers)


def _acls(value: bytes) -> object:
    return {name: each.policy_ref for name, each in ACLs.FromString(value).acls.items()}


_MEANINGS: Mapping[str, Callable[[bytes], object]] = {
    "ACLs": _acls,
    "AnchorPeers": _anchors,
    "BatchTimeout": lambda value: quantity.duration(BatchTimeout.FromString(value).timeout),
    "Capabilities": lambda value: sorted(Capabilities.FromString(value).capabilities),
    "ChannelCreationPolicy": lambda _: None,  # a ChannelConfig cannot say another
    "ConsensusType": _same_consensus,
    "Endpoints": _addresses,
    "KafkaBrokers": lambda value: sorted(KafkaBrokers.FromString(value).brokers),
    "OrdererAddresses": _addresses,
}
"""What a value says, whatever its spelling."""

_OPTIONAL = frozenset(
    {"ACLs", "AnchorPeers", "Capabilities", "Consortium", "Endpoints", "KafkaBrokers",
     "OrdererAddresses"}
)  # fmt: skip
"""Values whose absence says something."""
