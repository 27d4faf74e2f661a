"""The `Policies` of configtx.yaml: each rule read, required ones there, sub-policies defined.

The language of the rules themselves is `hlf.config.policy`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hlf.config import policy
from hlf.spec import rules
from hlf.spec.errors import suggest
from hlf.spec.reader import Fields, Reader, Word

READERS_WRITERS_ADMINS = ("Readers", "Writers", "Admins")
_TYPES = ("ImplicitMeta", "Signature")


@dataclass(frozen=True, kw_only=True, eq=False)
class PolicyEntry:
    """A policy whose rule can be read."""

    rule: str
    msp_ids: frozenset[str]
    """The MSPs that a signature policy names."""
    sub_policy: str | None
    """The policy of the groups below that an ImplicitMeta policy asks for."""
    at: Reader


Policies = Mapping[str, PolicyEntry | None]
"""By name; None is a policy that is there and whose mistake is told."""


def read(fields: Fields) -> Policies:
    """The `Policies` among `fields`."""
    entries = fields.entries("Policies")
    for name, at in entries.items():
        rules.config_key(Word(text=name, at=at), "policy name")
    return {name: _policy(at) for name, at in entries.items()}


def written(policies: Policies) -> dict[str, str]:
    """The rules by name, as `hlf.config.model` has them."""
    return {name: entry.rule for name, entry in policies.items() if entry}


def require(policies: Policies, wanted: Iterable[str], *, at: Reader, reason: str = "") -> None:
    """Tell which of the `wanted` policies are missing in the part at `at`."""
    for name in wanted:
        if name not in policies:
            at.tell(
                f"the policy `{name}` is missing{reason}",
                f"add it under `Policies`; samples/simple shows a usual `{name}`",
            )


def check_sub_policies(policies: Policies, groups: Mapping[str, Policies]) -> None:
    """Tell ImplicitMeta policies that ask the groups below for a policy they do not have.

    Fabric counts such a group as one that never agrees.
    """
    for entry in filter(None, policies.values()):
        if entry.sub_policy is None:
            continue
        for name, below in groups.items():
            if entry.sub_policy not in below:
                entry.at.tell(
                    f"`{entry.rule}` asks `{name}` for a policy `{entry.sub_policy}`, "
                    "which it does not have",
                    suggest(entry.sub_policy, below),
                )


def check_msps(policies: Policies, known: Iterable[str]) -> None:
    """Tell signature policies that name an MSP which does not exist."""
    known_ids = set(known)
    for entry in filter(None, policies.values()):
        for msp_id in sorted(entry.msp_ids - known_ids):
            entry.at.tell(
                f"no organization of configtx.yaml has the MSP ID `{msp_id}`",
                suggest(msp_id, known_ids),
            )


def msps_of(rule: Word) -> frozenset[str] | None:
    """The MSPs that a signature policy names; None after a mistake."""
    try:
        policy.signature_envelope(rule.text)
        return policy.principals(rule.text)
    except ValueError as error:
        rule.at.tell(str(error), "correct the rule")
        return None


def _policy(at: Reader) -> PolicyEntry | None:
    fields = at.fields("Type", "Rule")
    kind = fields.required_word("Type", "write `ImplicitMeta` or `Signature`")
    rule = fields.required_word("Rule", "write one such as `ANY Readers` or `OR('KargaMSP.admin')`")
    if kind and kind.text not in _TYPES:
        kind.at.tell(f"there is no policy type `{kind.text}`", suggest(kind.text, _TYPES))
        return None
    if kind is None or rule is None:
        return None
    if kind.text == "ImplicitMeta":
        if not policy.is_implicit_meta(rule.text):
            rule.at.tell(
                f"`{rule.text}` is no rule of an ImplicitMeta policy",
                "write ANY, ALL or MAJORITY and the name of a policy: `ANY Readers`",
            )
            return None
        sub_policy = rule.text.split(" ")[1]
        return PolicyEntry(rule=rule.text, msp_ids=frozenset(), sub_policy=sub_policy, at=rule.at)
    msp_ids = msps_of(rule)
    if msp_ids is None:
        return None
    return PolicyEntry(rule=rule.text, msp_ids=msp_ids, sub_policy=None, at=rule.at)
