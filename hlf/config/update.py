"""The update that leads from one channel configuration to another, and the one that creates one.

Updates are as small as Fabric allows, and equal to configtxlator's and configtxgen's. Signing and
sending them is `hlf.client`'s.

Source: Fabric's `internal/configtxlator/update`, `internal/configtxgen/encoder`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from hlf.config.build import channel_group
from hlf.config.model import ChannelConfig
from hlf.config.protos import (
    Config,
    ConfigGroup,
    ConfigPolicy,
    ConfigUpdate,
    ConfigValue,
    Consortium,
    serialize,
)
from hlf.pki.msp import Msp

_E = TypeVar("_E", ConfigPolicy, ConfigValue)


def compute_update(old: Config, new_group: ConfigGroup, *, channel: str) -> ConfigUpdate | None:
    """The update that makes a channel with configuration `old` have `new_group`; None if equal.

    Versions in `new_group` do not count.
    """
    change = _compare(old.channel_group, new_group)
    if not change.changed:
        return None
    return ConfigUpdate(channel_id=channel, read_set=change.read, write_set=change.write)


def create_channel(config: ChannelConfig, *, msps: Mapping[str, Msp], channel: str) -> ConfigUpdate:
    """The update that asks a system channel's orderers for a new channel.

    It carries the Application group and the consortium's name; everything else a new channel has
    from the system channel. ValueError if one of the two is missing.
    """
    if config.application is None or config.consortium is None:
        raise ValueError(
            f"channel {channel} cannot be created through the system channel: "
            "its profile needs an Application and a Consortium"
        )
    new = channel_group(replace(config, orderer=None), msps=msps, certificates={})
    # What configtxgen compares with: the organizations are known from the consortium, the
    # application's own values and policies are new.
    template = ConfigGroup()
    template.CopyFrom(new)
    template.groups["Application"].ClearField("values")
    template.groups["Application"].ClearField("policies")
    change = _compare(template, new)
    update = ConfigUpdate(channel_id=channel, read_set=change.read, write_set=change.write)
    update.read_set.values["Consortium"].version = 0
    name = Consortium(name=config.consortium)
    update.write_set.values["Consortium"].value = serialize(name)
    return update


@dataclass(frozen=True, kw_only=True)
class _Elements:
    """The difference of two maps of values or of policies."""

    changed: Mapping[str, ConfigPolicy | ConfigValue]
    """New ones, and changed ones in their next version."""
    same: Mapping[str, ConfigPolicy | ConfigValue]
    """The others, with nothing but their version."""
    members: bool
    """Whether elements came or went."""


@dataclass(frozen=True, kw_only=True)
class _Groups:
    """The read and the write set for one group."""

    read: ConfigGroup
    write: ConfigGroup
    changed: bool


def _compare(old: ConfigGroup, new: ConfigGroup) -> _Groups:
    policies = _compare_elements(old.policies, new.policies)
    values = _compare_elements(old.values, new.values)
    inner = {
        name: _compare(group, new.groups[name])
        for name, group in old.groups.items()
        if name in new.groups
    }
    added = {name: _add(group) for name, group in new.groups.items() if name not in old.groups}
    read = {name: each.read for name, each in inner.items() if each.changed}
    write = {name: each.write for name, each in inner.items() if each.changed} | added
    same = {name: each.read for name, each in inner.items() if not each.changed}

    members = policies.members or values.members or added or len(inner) < len(old.groups)
    if members or old.mod_policy != new.mod_policy:
        # A group whose members change is written whole, in its next version: what stays is
        # listed with its version, and what is not listed goes.
        return _Groups(
            read=ConfigGroup(
                version=old.version,
                policies=policies.same,
                values=values.same,
                groups={**read, **same},
            ),
            write=ConfigGroup(
                version=old.version + 1,
                policies={**policies.changed, **policies.same},
                values={**values.changed, **values.same},
                groups={**write, **same},
                mod_policy=new.mod_policy,
            ),
            changed=True,
        )
    return _Groups(
        read=ConfigGroup(version=old.version, groups=read),
        write=ConfigGroup(
            version=old.version, policies=policies.changed, values=values.changed, groups=write
        ),
        changed=bool(policies.changed or values.changed or write),
    )


def _add(group: ConfigGroup) -> ConfigGroup:
    """A group that was not there before, all of it in version 0."""
    write = _compare(ConfigGroup(), group).write
    write.version = 0
    write.mod_policy = group.mod_policy
    return write


def _compare_elements(old: Mapping[str, _E], new: Mapping[str, _E]) -> _Elements:
    changed: dict[str, ConfigPolicy | ConfigValue] = {}
    same: dict[str, ConfigPolicy | ConfigValue] = {}
    for name, element in new.items():
        before = old.get(name)
        if before is None:
            changed[name] = _in_version(element, 0)
        elif _in_version(before, 0) == _in_version(element, 0):
            same[name] = type(element)(version=before.version)
        else:
            changed[name] = _in_version(element, before.version + 1)
    return _Elements(changed=changed, same=same, members=set(old) != set(new))


def _in_version(element: _E, version: int) -> _E:
    copy = type(element)()
    copy.CopyFrom(element)
    copy.version = version
    return copy
