import random

import pytest
from fabric_protos.common.policies_pb2 import (
    ImplicitMetaPolicy,
    Policy,
    SignaturePolicy,
    SignaturePolicyEnvelope,
)
from fabric_protos.msp.msp_principal_pb2 import MSPPrincipal, MSPRole, OrganizationUnit

from hlf.config import policy


def test_implicit_meta_policies():
    parsed = policy.parse("MAJORITY Admins")
    assert parsed.type == Policy.IMPLICIT_META
    meta = ImplicitMetaPolicy.FromString(parsed.value)
    assert (meta.rule, meta.sub_policy) == (ImplicitMetaPolicy.MAJORITY, "Admins")
    assert policy.show(parsed) == "MAJORITY Admins"
    assert policy.is_implicit_meta("ANY Readers")
    assert not policy.is_implicit_meta("OR('A.admin')")
    assert policy.principals("ALL Writers") == frozenset()


def roles(envelope: SignaturePolicyEnvelope) -> list[tuple[str, str]]:
    found = [MSPRole.FromString(identity.principal) for identity in envelope.identities]
    return [(role.msp_identifier, MSPRole.MSPRoleType.Name(role.role)) for role in found]


def test_inner_gates_take_their_identities_first():
    envelope = policy.signature_envelope("OR('A.member', AND('B.peer', 'C.admin'), 'A.member')")
    assert roles(envelope) == [
        ("B", "PEER"),
        ("C", "ADMIN"),
        ("A", "MEMBER"),
        ("A", "MEMBER"),
    ]
    outer = envelope.rule.n_out_of
    assert outer.n == 1
    assert [rule.signed_by for rule in outer.rules] == [2, 0, 3]
    inner = outer.rules[1].n_out_of
    assert (inner.n, [rule.signed_by for rule in inner.rules]) == (2, [0, 1])


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ('Or("A.client","B-1.x.orderer")', "OR('A.client', 'B-1.x.orderer')"),
        ("OutOf(1,'A.peer','B.peer')", "OR('A.peer', 'B.peer')"),
        ("outof('2', 'A.peer', 'B.peer')", "AND('A.peer', 'B.peer')"),
        ("AND('A.peer')", "OR('A.peer')"),
        ("OutOf(2,'A.peer','B.peer','C.peer')", "OutOf(2, 'A.peer', 'B.peer', 'C.peer')"),
        ("OutOf(0, 'A.peer')", "OutOf(0, 'A.peer')"),
        ("and ( 'A.peer' ,or('B.peer'))", "AND('A.peer', OR('B.peer'))"),
        ("ANY Readers", "ANY Readers"),
    ],
)
def test_canonical_texts(rule: str, text: str):
    assert policy.canonical(rule) == text
    assert policy.canonical(text) == text
    assert policy.parse(text) == policy.parse(rule)


def test_principals_are_the_msp_ids():
    rule = "OutOf(2, 'KargaMSP.peer', AND('A.admin', 'KargaMSP.client'))"
    assert policy.principals(rule) == {"KargaMSP", "A"}


@pytest.mark.parametrize(
    ("rule", "character", "says"),
    [
        ("", 1, "AND(...), OR(...) or OutOf"),
        ("any Readers", 1, "ANY, ALL or MAJORITY"),
        ("ANY  Readers", 1, "ANY, ALL or MAJORITY"),
        ("SOME Readers", 1, "ANY, ALL or MAJORITY"),
        ("'A.admin'", 1, "AND(...)"),
        ("aNd('A.admin')", 1, "AND(...)"),
        ("OR 'A.admin'", 4, "opening bracket is expected after OR"),
        ("OR()", 4, "principal in quotes"),
        ("OR('A.admin'", 13, "comma or a closing bracket"),
        ("OR('A.admin',)", 14, "principal in quotes"),
        ("OR('A.admin' 'B.admin')", 14, "comma or a closing bracket"),
        ("OR('A.admin') OR", 15, "nothing may follow"),
        ("OR(A.admin)", 4, "principal in quotes"),
        ("OR('A.boss')", 4, "one of member, admin, client, peer, orderer"),
        ("OR('A_B.admin')", 4, "letters, digits, dots, dashes"),
        ("OR('A.admin\")", 4, "quoted principal"),
        ("OR('A.admin', AND(%))", 19, "quoted principal"),
        ("OutOf('A.admin')", 7, "whole number first"),
        ("OutOf(1.5, 'A.admin')", 8, "quoted principal"),
        ("OutOf(1)", 8, "comma is expected after the number"),
        ("OutOf(3, 'A.admin')", 19, "3 out of 1 can never be met"),
        ("OR(" * 30 + "'A.admin'" + ")" * 30, 61, "more than 20 deep"),
    ],
)
def test_a_wrong_rule_is_told_with_its_place(rule: str, character: int, says: str):
    with pytest.raises(ValueError, match="wrong at character") as told:
        policy.parse(rule)
    assert f"wrong at character {character}: " in str(told.value)
    assert says in str(told.value)
    assert repr(rule) in str(told.value)


@pytest.mark.parametrize(
    ("rule", "any_of"),
    [
        ("OR('A.member')", True),
        ("OR('A.member', OR('B.peer', 'C.peer'))", True),
        ("AND('A.member')", True),
        ("OutOf(1, 'A.peer', 'B.peer')", True),
        ("AND('A.member', 'B.member')", False),
        ("OR('A.member', AND('B.peer', 'C.peer'))", False),
        ("OutOf(0, 'A.peer')", False),
    ],
)
def test_whether_any_one_of_a_list_suffices(rule: str, any_of: bool):
    assert policy.is_any_of(rule) == any_of


def test_an_implicit_meta_policy_is_no_endorsement_policy():
    with pytest.raises(ValueError, match="'ANY Readers' is not a signature policy"):
        policy.signature_envelope("ANY Readers")


def shared_identity() -> bytes:
    role = MSPRole(msp_identifier="A", role=MSPRole.ADMIN).SerializeToString()
    return SignaturePolicyEnvelope(
        rule=SignaturePolicy(
            n_out_of=SignaturePolicy.NOutOf(
                n=2, rules=[SignaturePolicy(signed_by=0), SignaturePolicy(signed_by=0)]
            )
        ),
        identities=[MSPPrincipal(principal_classification=MSPPrincipal.ROLE, principal=role)],
    ).SerializeToString()


def organizational_unit() -> bytes:
    unit = OrganizationUnit(msp_identifier="A", organizational_unit_identifier="sales")
    return SignaturePolicyEnvelope(
        rule=SignaturePolicy(signed_by=0),
        identities=[
            MSPPrincipal(
                principal_classification=MSPPrincipal.ORGANIZATION_UNIT,
                principal=unit.SerializeToString(),
            )
        ],
    ).SerializeToString()


def accept_all() -> bytes:
    return SignaturePolicyEnvelope(
        rule=SignaturePolicy(n_out_of=SignaturePolicy.NOutOf(n=0))
    ).SerializeToString()


@pytest.mark.parametrize(
    "live",
    [
        Policy(type=Policy.SIGNATURE, value=shared_identity()),
        Policy(type=Policy.SIGNATURE, value=organizational_unit()),
        Policy(type=Policy.SIGNATURE, value=accept_all()),
        Policy(type=Policy.SIGNATURE, value=b"\xff"),
        Policy(type=Policy.SIGNATURE),
        Policy(type=Policy.IMPLICIT_META, value=b"\x0a\x03a b"),
        Policy(type=Policy.IMPLICIT_META),
        Policy(type=Policy.MSP, value=b"x"),
        Policy(),
    ],
)
def test_what_the_language_cannot_say_is_shown_as_bytes_and_read_back(live: Policy):
    text = policy.show(live)
    assert text.startswith("Policy(")
    if live.value != b"\xff":
        assert policy.parse(text) == live
        assert policy.canonical(text) == text


def test_principals_of_a_policy_in_bytes():
    text = policy.show(Policy(type=Policy.SIGNATURE, value=organizational_unit()))
    assert policy.principals(text) == {"A"}


@pytest.mark.parametrize("rule", ["Policy(1, 'x')", "Policy(1, '/w==')"])
def test_bytes_that_are_no_policy(rule: str):
    with pytest.raises(ValueError, match="does not hold a policy's bytes"):
        policy.parse(rule)


def random_rule(chance: random.Random, depth: int = 0) -> str:
    count = chance.randint(1, 4)
    rules = [
        random_rule(chance, depth + 1)
        if depth < 4 and chance.random() < 0.4
        else f"'{chance.choice('ABC')}.{chance.choice(['admin', 'peer', 'orderer'])}'"
        for _ in range(count)
    ]
    gate = chance.choice(["AND(", "OR(", f"OutOf({chance.randint(0, count)}, "])
    return f"{gate}{', '.join(rules)})"


@pytest.mark.parametrize("seed", range(200))
def test_any_rule_survives_the_way_there_and_back(seed: int):
    parsed = policy.parse(random_rule(random.Random(seed)))
    text = policy.show(parsed)
    assert not text.startswith("Policy(")
    assert policy.parse(text).SerializeToString() == parsed.SerializeToString()
    assert policy.show(policy.parse(text)) == text
