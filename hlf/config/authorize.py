"""Whose signatures a configuration update needs, by the policies of the channel itself.

Fabric asks the modification policy of every element that an update changes; those of new elements
are asked by the group that gets them. Policies are met here by admins, known by their MSP IDs: one
admin is a member and an admin of its MSP, and nothing else.

Source: Fabric's `common/configtx/update.go`, `common/policies/implicitmeta.go`,
`common/cauthdsl/cauthdsl.go`.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from hlf.config import policy
from hlf.config.protos import (
    ConfigGroup,
    ConfigUpdate,
    ImplicitMetaPolicy,
    MSPPrincipal,
    MSPRole,
    Policy,
    SignaturePolicy,
    SignaturePolicyEnvelope,
)
from hlf.errors import FabricError

_ROOT = "Channel"
_ROLES_OF_ADMINS = (MSPRole.MEMBER, MSPRole.ADMIN)


class UnsatisfiedError(FabricError):
    """Admins that an update needs are not here."""


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """A policy where it is asked: `group` is the one that has it."""

    path: str
    """`/Channel/Application/Admins`."""
    group: ConfigGroup | None
    name: str

    def is_met(self, admins: Collection[str]) -> bool:
        return self.group is not None and _is_met(self.group, self.name, admins)

    def text(self) -> str:
        if self.group is None or self.name not in self.group.policies:
            return "which the channel does not have"
        return f"`{policy.show(self.group.policies[self.name].policy)}`"

    def mentioned(self) -> frozenset[str]:
        return frozenset[str]() if self.group is None else _mentioned(self.group, self.name)


def signers(live: ConfigGroup, update: ConfigUpdate, *, admins: Collection[str]) -> frozenset[str]:
    """Return MSP IDs, as few as the policies need, of those whose `admins` are here.

    Raises UnsatisfiedError with a sentence for each policy that all of them cannot meet.
    """
    asked = list(_asked(live, update))
    lacking = [each for each in asked if not each.is_met(admins)]
    if lacking:
        raise UnsatisfiedError("; ".join(_sentence(each, admins) for each in lacking))
    chosen = set(admins)
    for msp_id in sorted(admins, reverse=True):
        rest = chosen - {msp_id}
        if all(each.is_met(rest) for each in asked):
            chosen = rest
    return frozenset(chosen)


def _sentence(asked: _Asked, admins: Collection[str]) -> str:
    missing = sorted(asked.mentioned() - set(admins))
    here = ", ".join(sorted(admins)) or "none"
    who = f"admins of {' or '.join(missing)} are missing" if missing else "no admins can meet it"
    return f"the policy {asked.path} ({asked.text()}) is not met by the admins here ({here}): {who}"


def _asked(live: ConfigGroup, update: ConfigUpdate) -> Iterator[_Asked]:
    """Yield each policy that the update has to meet, once."""
    seen: set[str] = set()
    for names, mod_policy in _changes(live, (_ROOT,), update.write_set):
        found = _resolve(live, names, mod_policy)
        if found.path not in seen:
            seen.add(found.path)
            yield found


def _changes(
    live: ConfigGroup, names: tuple[str, ...], written: ConfigGroup
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield group (by the names that lead to it) and modification policy of all that changes."""
    if written.version > live.version:
        yield names, live.mod_policy
    for before, after in ((live.values, written.values), (live.policies, written.policies)):
        for key, element in after.items():
            if key in before and element.version > before[key].version:
                yield names, before[key].mod_policy
    for name, child in written.groups.items():
        if name in live.groups:
            yield from _changes(live.groups[name], (*names, name), child)


def _resolve(live: ConfigGroup, names: tuple[str, ...], mod_policy: str) -> _Asked:
    """Find a policy by its path, which begins at the root or at the group that asks."""
    path = mod_policy if mod_policy.startswith("/") else f"/{'/'.join(names)}/{mod_policy}"
    root, *below = path.removeprefix("/").split("/")
    group: ConfigGroup | None = live if root == _ROOT and below else None
    for name in below[:-1]:
        group = group.groups[name] if group is not None and name in group.groups else None
    return _Asked(path=path, group=group, name=below[-1] if below else "")


def _is_met(group: ConfigGroup, name: str, admins: Collection[str]) -> bool:
    if name not in group.policies:
        return False
    found = group.policies[name].policy
    if found.type == Policy.SIGNATURE:
        envelope = SignaturePolicyEnvelope.FromString(found.value)
        return _is_signed(envelope.rule, envelope, sorted(admins), set())
    if found.type == Policy.IMPLICIT_META:
        meta = ImplicitMetaPolicy.FromString(found.value)
        children = group.groups.values()
        met = sum(_is_met(child, meta.sub_policy, admins) for child in children)
        return met >= _threshold(meta.rule, len(children))
    return False


def _threshold(rule: int, children: int) -> int:
    if not children:
        return 0
    return {
        ImplicitMetaPolicy.ANY: 1,
        ImplicitMetaPolicy.ALL: children,
        ImplicitMetaPolicy.MAJORITY: children // 2 + 1,
    }[rule]


def _is_signed(
    rule: SignaturePolicy, envelope: SignaturePolicyEnvelope, admins: list[str], used: set[str]
) -> bool:
    """Evaluate as Fabric does: one signature counts once, for the first rule that it meets."""
    if rule.WhichOneof("Type") != "n_out_of":
        principal = envelope.identities[rule.signed_by]
        signer = next((a for a in admins if a not in used and _is_of(a, principal)), None)
        if signer is not None:
            used.add(signer)
        return signer is not None
    met = 0
    for each in rule.n_out_of.rules:
        tried = set(used)
        if _is_signed(each, envelope, admins, tried):
            met += 1
            used |= tried
    return met >= rule.n_out_of.n


def _is_of(admin: str, principal: MSPPrincipal) -> bool:
    if principal.principal_classification != MSPPrincipal.ROLE:
        return False
    role = MSPRole.FromString(principal.principal)
    return role.msp_identifier == admin and role.role in _ROLES_OF_ADMINS


def _mentioned(group: ConfigGroup, name: str) -> frozenset[str]:
    """Return the MSP IDs that a policy asks for, through all policies that it stands for."""
    if name not in group.policies:
        return frozenset()
    found = group.policies[name].policy
    if found.type == Policy.IMPLICIT_META:
        meta = ImplicitMetaPolicy.FromString(found.value)
        children = [_mentioned(child, meta.sub_policy) for child in group.groups.values()]
        return frozenset[str]().union(*children)
    return policy.principals(policy.show(found))
