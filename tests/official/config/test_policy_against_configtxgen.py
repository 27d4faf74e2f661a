"""Policies through configtxgen and through us: the same bytes, the same refusals."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from hlf.config import policy, read
from hlf.config.model import ChannelConfig
from hlf.config.protos import Block
from tests.official.config import fabric
from tests.unit.config import networks


def random_rule(chance: random.Random, depth: int = 0) -> str:
    count = chance.randint(1, 4)
    quote = chance.choice("'\"")
    rules = [
        random_rule(chance, depth + 1)
        if depth < 4 and chance.random() < 0.4
        else f"{quote}{chance.choice(('A', 'B-2', 'c.d'))}.{chance.choice(policy._ROLES)}{quote}"
        for _ in range(count)
    ]
    gate = chance.choice(tuple(policy._GATES))
    if policy._GATES[gate] == "OutOf":
        rules.insert(0, str(chance.randint(0, count + 1)))
    space = chance.choice(("", " "))
    return f"{gate}{space}({space}{f',{space}'.join(rules)})"


def with_policies(rules: dict[str, str]) -> ChannelConfig:
    # configtxgen makes no block without an orderer and a consortium.
    orderer = replace(networks.orderer("solo"), organizations={})
    return ChannelConfig(
        policies={**networks.BASIC, **rules}, orderer=orderer, consortiums={"C": {}}
    )


def test_two_hundred_rules_give_the_same_bytes(tmp_path: Path):
    chance = random.Random(2024)
    rules = {f"P{number}": random_rule(chance) for number in range(200)}
    rules |= {"M0": "ANY X", "M1": "ALL Y", "M2": "MAJORITY Z"}
    fabric.write_configtx(tmp_path, {"p": with_policies(rules)})
    path = tmp_path / "block"
    fabric.run(
        "configtxgen", "-profile", "p", "-channelID", "c", "-outputBlock", path, cwd=tmp_path
    )
    live = read.config_of(Block.FromString(path.read_bytes())).channel_group.policies
    for name, rule in rules.items():
        assert policy.parse(rule) == live[name].policy, rule
        assert policy.show(live[name].policy) == policy.canonical(rule)


@pytest.mark.parametrize(
    "rule",
    [
        "any Readers",
        "ANY  Readers",
        "'A.admin'",
        "aNd('A.admin')",
        "OR()",
        "OR('A.admin'",
        "OR('A.admin' 'B.admin')",
        "OR('A.admin') OR",
        "OR(A.admin)",
        "OR('A.boss')",
        "OR('A_B.admin')",
        "OutOf('A.admin')",
        "OutOf(1)",
        "OutOf(3, 'A.admin')",
    ],
)
def test_what_configtxgen_refuses_is_refused(rule: str, tmp_path: Path):
    fabric.write_configtx(tmp_path, {"p": with_policies({"P": rule})})
    theirs = fabric.attempt(
        "configtxgen", "-profile", "p", "-channelID", "c", "-outputBlock", "b", cwd=tmp_path
    )
    assert theirs.returncode != 0
    assert "policy rule" in theirs.stderr
    with pytest.raises(ValueError, match="wrong at character"):
        policy.parse(rule)
