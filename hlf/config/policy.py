"""The language of policies, both ways: text as in configtx.yaml, and Fabric's messages.

Two forms are Fabric's own. `"ANY Readers"`, `"ALL ..."`, `"MAJORITY ..."` are ImplicitMeta
policies (`common/policies/implicitmetaparser.go`); `"OR('A.admin', AND('B.peer', 'C.peer'))"` and
`"OutOf(2, ...)"` are signature policies (`common/policydsl`).

A live channel can hold policies that this language cannot say, because another tool shared or
reordered identities or used principals other than roles. They are shown as `Policy(1, '<base64>')`,
which is read back as well, so that every live policy has a text and none is changed by accident.

Whether a policy makes sense in its place (does the MSP exist, can it be met) is not decided here.
"""

import base64
import binascii
import re
from dataclasses import dataclass

from google.protobuf.message import DecodeError

from hlf.config.protos import (
    ImplicitMetaPolicy,
    MSPPrincipal,
    MSPRole,
    OrganizationUnit,
    Policy,
    SerializedIdentity,
    SignaturePolicy,
    SignaturePolicyEnvelope,
    serialize,
)

_META_RULES = ("ANY", "ALL", "MAJORITY")
_META = re.compile(r"(ANY|ALL|MAJORITY) (\S+)")
_RAW = re.compile(r"Policy\(([0-9]+), '([A-Za-z0-9+/=]*)'\)")

_TOKEN = re.compile(r"\w+|'[^']*'|\"[^\"]*\"|[(),]")
_GATES = {
    **dict.fromkeys(("AND", "And", "and"), "AND"),
    **dict.fromkeys(("OR", "Or", "or"), "OR"),
    **dict.fromkeys(("OutOf", "outof", "OUTOF"), "OutOf"),
}
_ROLES = ("member", "admin", "client", "peer", "orderer")
_PRINCIPAL = re.compile(rf"([A-Za-z0-9.-]+)\.({'|'.join(_ROLES)})")
_DEEPEST = 20


@dataclass(frozen=True, kw_only=True)
class _Principal:
    msp_id: str
    role: str


@dataclass(frozen=True, kw_only=True)
class _Gate:
    n: int
    rules: tuple["_Gate | _Principal", ...]


def parse(rule: str) -> Policy:
    """The policy that a rule of either form says; ValueError tells where the rule is wrong."""
    if raw := _RAW.fullmatch(rule):
        return _parse_raw(rule, int(raw[1]), raw[2])
    if meta := _META.fullmatch(rule):
        value = ImplicitMetaPolicy(rule=_META_RULES.index(meta[1]), sub_policy=meta[2])
        return Policy(type=Policy.IMPLICIT_META, value=serialize(value))
    return Policy(type=Policy.SIGNATURE, value=serialize(_Reader(rule).envelope()))


def is_implicit_meta(rule: str) -> bool:
    """Whether the rule is written as an ImplicitMeta policy."""
    return _META.fullmatch(rule) is not None


def signature_envelope(rule: str) -> SignaturePolicyEnvelope:
    """The bare envelope of a signature policy, as chaincode definitions carry it."""
    policy = parse(rule)
    if policy.type != Policy.SIGNATURE:
        raise ValueError(
            f"the policy {rule!r} is not a signature policy; "
            "write one such as OR('KargaMSP.peer', 'AtlantisMSP.peer')"
        )
    return SignaturePolicyEnvelope.FromString(policy.value)


def principals(rule: str) -> frozenset[str]:
    """The MSP IDs that a signature policy mentions; none for an ImplicitMeta policy."""
    policy = parse(rule)
    if policy.type != Policy.SIGNATURE:
        return frozenset()
    envelope = SignaturePolicyEnvelope.FromString(policy.value)
    return frozenset(_msp_id(identity) for identity in envelope.identities) - {""}


def is_any_of(rule: str) -> bool:
    """Whether one principal of a signature policy always suffices, whichever it is."""
    return _is_any_of(signature_envelope(rule).rule)


def canonical(rule: str) -> str:
    """The rule in its one canonical spelling; rules that give equal policies give equal texts."""
    return show(parse(rule))


def show(policy: Policy) -> str:
    """The canonical text of a policy, such that `parse` gives the same bytes again."""
    text = None
    if policy.type == Policy.IMPLICIT_META:
        text = _show_meta(policy.value)
    elif policy.type == Policy.SIGNATURE:
        text = _show_signature(policy.value)
    if text is not None and serialize(parse(text)) == serialize(policy):
        return text
    return f"Policy({policy.type}, '{base64.b64encode(policy.value).decode()}')"


def _is_any_of(rule: SignaturePolicy) -> bool:
    if rule.WhichOneof("Type") != "n_out_of":
        return True
    return rule.n_out_of.n == 1 and all(_is_any_of(each) for each in rule.n_out_of.rules)


def _show_meta(value: bytes) -> str | None:
    try:
        meta = ImplicitMetaPolicy.FromString(value)
    except DecodeError:
        return None
    if meta.rule >= len(_META_RULES):
        return None
    text = f"{_META_RULES[meta.rule]} {meta.sub_policy}"
    return text if _META.fullmatch(text) else None


def _show_signature(value: bytes) -> str | None:
    try:
        envelope = SignaturePolicyEnvelope.FromString(value)
        text = _show_rule(envelope.rule, [_show_principal(p) for p in envelope.identities])
        _Reader(text).envelope()
    except (DecodeError, ValueError, IndexError):
        return None
    return text


def _show_rule(rule: SignaturePolicy, identities: list[str]) -> str:
    if rule.WhichOneof("Type") != "n_out_of":
        return identities[rule.signed_by]
    inner = [_show_rule(each, identities) for each in rule.n_out_of.rules]
    if rule.n_out_of.n == 1:
        return f"OR({', '.join(inner)})"
    if rule.n_out_of.n == len(inner):
        return f"AND({', '.join(inner)})"
    return f"OutOf({', '.join([str(rule.n_out_of.n), *inner])})"


def _show_principal(principal: MSPPrincipal) -> str:
    if principal.principal_classification != MSPPrincipal.ROLE:
        raise ValueError("the language knows roles only")
    role = MSPRole.FromString(principal.principal)
    return f"'{role.msp_identifier}.{_ROLES[role.role]}'"


def _msp_id(principal: MSPPrincipal) -> str:
    if principal.principal_classification == MSPPrincipal.ROLE:
        return MSPRole.FromString(principal.principal).msp_identifier
    if principal.principal_classification == MSPPrincipal.ORGANIZATION_UNIT:
        return OrganizationUnit.FromString(principal.principal).msp_identifier
    if principal.principal_classification == MSPPrincipal.IDENTITY:
        return SerializedIdentity.FromString(principal.principal).mspid
    return ""


def _parse_raw(rule: str, kind: int, text: str) -> Policy:
    try:
        value = base64.b64decode(text, validate=True)
        if kind == Policy.SIGNATURE:
            SignaturePolicyEnvelope.FromString(value)
    except (binascii.Error, DecodeError):
        raise ValueError(f"the policy {rule!r} does not hold a policy's bytes in base64") from None
    return Policy(type=kind, value=value)


class _Reader:
    """Reads one signature policy from left to right."""

    def __init__(self, rule: str) -> None:
        self._rule = rule
        self._at = 0
        """Where the next token is looked for."""
        self._start = 0
        """Where the last token began."""

    def envelope(self) -> SignaturePolicyEnvelope:
        gate = self._gate(self._take(), 1)
        if self._take():
            raise self._error("nothing may follow the closing bracket")
        identities: list[MSPPrincipal] = []
        rule = _number(gate, identities)
        return SignaturePolicyEnvelope(version=0, rule=rule, identities=identities)

    def _take(self) -> str:
        """The next word, quoted text or mark; empty at the end."""
        rest = self._rule[self._at :]
        self._start = self._at + len(rest) - len(rest.lstrip())
        if self._start == len(self._rule):
            return ""
        token = _TOKEN.match(self._rule, self._start)
        if token is None:
            raise self._error(
                "a bracket, a comma, a quoted principal or AND, OR, OutOf is expected"
            )
        self._at = token.end()
        return token[0]

    def _gate(self, word: str, depth: int) -> _Gate:
        if word not in _GATES:
            raise self._error(
                "AND(...), OR(...) or OutOf(n, ...) is expected, "
                "or the whole rule is ANY, ALL or MAJORITY and the name of a policy"
            )
        if depth > _DEEPEST:
            raise self._error(f"it is nested more than {_DEEPEST} deep")
        if self._take() != "(":
            raise self._error(f"an opening bracket is expected after {word}")
        n = self._count() if _GATES[word] == "OutOf" else None
        rules: list[_Gate | _Principal] = []
        while not rules or (mark := self._take()) == ",":
            rules.append(self._operand(depth))
        if mark != ")":
            raise self._error("a comma or a closing bracket is expected")
        if n is None:
            n = len(rules) if _GATES[word] == "AND" else 1
        if n > len(rules) + 1:
            raise self._error(f"{n} out of {len(rules)} can never be met")
        return _Gate(n=n, rules=tuple(rules))

    def _count(self) -> int:
        number = self._take().strip("'\"")
        if re.fullmatch("[0-9]{1,4}", number) is None:
            raise self._error("OutOf takes a whole number first")
        if self._take() != ",":
            raise self._error("a comma is expected after the number of OutOf")
        return int(number)

    def _operand(self, depth: int) -> "_Gate | _Principal":
        token = self._take()
        if token[:1] not in ("'", '"'):
            if token in _GATES:
                return self._gate(token, depth + 1)
            raise self._error("a principal in quotes such as 'KargaMSP.peer' or a gate is expected")
        found = _PRINCIPAL.fullmatch(token[1:-1])
        if found is None:
            raise self._error(
                f"{token} is not an MSP ID (letters, digits, dots, dashes), a dot and one of "
                f"{', '.join(_ROLES)}"
            )
        return _Principal(msp_id=found[1], role=found[2])

    def _error(self, expectation: str) -> ValueError:
        return ValueError(
            f"the policy {self._rule!r} is wrong at character {self._start + 1}: {expectation}"
        )


def _number(gate: _Gate, identities: list[MSPPrincipal]) -> SignaturePolicy:
    """The rule with its principals appended to `identities`, one for each mention.

    Fabric evaluates inner gates first, so their principals come before those of the gate itself.
    """
    inner = {
        place: _number(rule, identities)
        for place, rule in enumerate(gate.rules)
        if isinstance(rule, _Gate)
    }
    for place, rule in enumerate(gate.rules):
        if isinstance(rule, _Principal):
            role = MSPRole(msp_identifier=rule.msp_id, role=_ROLES.index(rule.role))
            identities.append(
                MSPPrincipal(principal_classification=MSPPrincipal.ROLE, principal=serialize(role))
            )
            inner[place] = SignaturePolicy(signed_by=len(identities) - 1)
    rules = [inner[place] for place in range(len(gate.rules))]
    return SignaturePolicy(n_out_of=SignaturePolicy.NOutOf(n=gate.n, rules=rules))
