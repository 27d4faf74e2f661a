"""A live configuration, changed only where the wanted one says something else.

`build` knows one spelling of everything; other tools spell the same differently (Go writes maps in
any order, lists come in the order of some file), and channels hold things that `ChannelConfig` has
no words for (modification policies, values of other tools, the orderers' maintenance mode). An
update computed from the bare built group would undo all that, and ask for the signatures of admins
whom the change does not concern. What is adjusted first differs only where it must.
"""

from collections.abc import Callable, Mapping

from hlf.config import consensus, quantity
from hlf.config.protos import (
    ACLs,
    AnchorPeers,
    BatchTimeout,
    Capabilities,
    ConfigGroup,
    ConfigMetadata,
    ConfigValue,
    ConsensusType,
    KafkaBrokers,
    OrdererAddresses,
    Orderers,
    serialize,
)


def adjust(live: ConfigGroup, wanted: ConfigGroup) -> ConfigGroup:
    """The root group to compute an update to: `live` made to say what `wanted` says.

    Organizations, policies and values that `build` makes and `wanted` lacks are gone; values that
    `build` never makes stay.
    """
    wanted = _in_live_order(live, wanted)
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


def _in_live_order(live: ConfigGroup, wanted: ConfigGroup) -> ConfigGroup:
    """BFT's wanted consenters with those that stay in their places, new ones at the end.

    The policy of the blocks counts them in their order, so it is made anew where it follows.
    """
    if "Orderers" not in live.values or "Orderers" not in wanted.values:
        return wanted
    before = Orderers.FromString(live.values["Orderers"].value).consenter_mapping
    after = Orderers.FromString(wanted.values["Orderers"].value)
    places = {each.id: place for place, each in enumerate(before)}
    ordered = sorted(after.consenter_mapping, key=lambda c: places.get(c.id, len(before)))
    del after.consenter_mapping[:]
    after.consenter_mapping.extend(ordered)
    group = ConfigGroup()
    group.CopyFrom(wanted)
    group.values["Orderers"].value = serialize(after)
    if consensus.follows_from_consenters(wanted):
        policy = group.policies[consensus.BLOCK_VALIDATION]
        policy.policy.CopyFrom(consensus.block_validation(after))
    return group


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
    "ConsensusType": consensus.meaning,
    "Endpoints": _addresses,
    "KafkaBrokers": lambda value: sorted(KafkaBrokers.FromString(value).brokers),
    "OrdererAddresses": _addresses,
}
"""What a value says, whatever its spelling."""

_OPTIONAL = frozenset(
    {"ACLs", "AnchorPeers", "Capabilities", "Consortium", "Endpoints", "KafkaBrokers",
     "OrdererAddresses", "Orderers"}
)  # fmt: skip
"""Values whose absence says something."""
