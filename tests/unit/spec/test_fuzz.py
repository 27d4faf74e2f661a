"""`load` of whatever files gives a network that makes sense, or a `SpecError`, and nothing else."""

import copy
import random
from pathlib import Path

import pytest
import yaml

from hlf.config.plain import from_plain, to_plain
from hlf.spec import SpecError, load
from hlf.spec.model import Network

FILES = ("crypto-config.yaml", "configtx.yaml", "network.yaml")
SAMPLE = Path(__file__).parents[3] / "samples" / "simple"
CASES_PER_SEED = 25
JUNK = [b"\xff", b"\t", b"\n", b"&a *a", b"{", b""]
STRANGE = [
    None,
    True,
    0,
    -1,
    2**70,
    1.5,
    "",
    " ",
    "Karga",
    "../..",
    "x" * 300,
    "ü\u202e",
    "a\nb\tc",
    "{{.Hostname}}",
    "OR('X.member')",
    "\ud800",
    [],
    [None],
    [[["x"]]],
    {},
    {"": ""},
    {"Name": "Karga"},
    {"a": {"b": "c"}},
]


def mutate(tree: object, chance: random.Random) -> None:
    """Delete, duplicate, retype or rename one value somewhere in the tree."""
    places = list(walk(tree))
    container, key = chance.choice(places)
    action = chance.choice(["delete", "duplicate", "retype", "rename", "swap"])
    if action == "delete":
        del container[key]
    elif action == "duplicate" and isinstance(container, list):
        container.insert(key, copy.deepcopy(container[key]))
    elif action == "rename" and isinstance(container, dict):
        container[f"{key}s"] = container.pop(key)
    elif action == "swap":
        other, other_key = chance.choice(places)
        container[key] = copy.deepcopy(other[other_key])
    else:
        container[key] = copy.deepcopy(chance.choice(STRANGE))


def walk(tree):
    """Every (container, key) of the tree."""
    keys = tree.keys() if isinstance(tree, dict) else range(len(tree))
    for key in list(keys):
        yield tree, key
        if isinstance(tree[key], (dict, list)) and tree[key]:
            yield from walk(tree[key])


def attempt(settings: dict[str, object], root: Path) -> Network | SpecError:
    try:
        return load(settings, root=root, stack="dev")
    except SpecError as error:
        return error


def check(root: Path, case: str, **settings: object) -> bool:
    """Whether the files load; fails where they neither load nor give sentences."""
    network = attempt({"network": "net", "chaincode": "chaincode", **settings}, root)
    if isinstance(network, SpecError):
        assert network.mistakes, case
        for mistake in network.mistakes:
            assert mistake.file, case
            assert mistake.problem, case
            assert mistake.remedy, case
            assert "\n" not in str(mistake), case
            str(mistake).encode()
        return False
    names = {org.name for org in network.peer_orgs}
    nodes = {(node.org, node.host) for org in network.orderer_orgs for node in org.nodes}
    channels = {channel.name: set(channel.orgs) for channel in network.channels}
    for channel in network.channels:
        assert set(channel.orgs) <= names, case
        assert channel.config.application is not None, case
        assert channel.config.orderer is not None, case
        assert from_plain(to_plain(channel.config)) is not None, case
        for consenter in channel.config.orderer.consenters:
            assert consenter.node in nodes, case
    for chaincode in network.chaincodes:
        assert chaincode.source is not None or chaincode.image, case
        for place in chaincode.channels:
            assert set(place.orgs) <= channels[place.channel], case
    return True


@pytest.mark.parametrize("seed", range(12))
def test_changed_trees(simple, seed):
    trees = {file: yaml.safe_load((SAMPLE / file).read_text()) for file in FILES}
    refused = 0
    for case in range(CASES_PER_SEED):
        chance = random.Random(f"{seed}/{case}")
        file = chance.choice(FILES)
        tree = copy.deepcopy(trees[file])
        for _ in range(chance.randint(1, 3)):
            if tree:
                mutate(tree, chance)
        text = yaml.safe_dump(tree, allow_unicode=False)
        simple.write(file, text.encode())
        refused += not check(simple.root, f"seed {seed}, case {case}: {text}")
        simple.write(file, (SAMPLE / file).read_bytes())
    assert refused > CASES_PER_SEED / 2, "the changes are too harmless to try anything"


@pytest.mark.parametrize("seed", range(4))
def test_changed_trees_of_bft(bft, seed):
    folder = bft.root / "net"
    texts = {file: (folder / file).read_text() for file in FILES}
    refused = 0
    for case in range(CASES_PER_SEED):
        chance = random.Random(f"bft {seed}/{case}")
        file = chance.choice(("configtx.yaml", "configtx.yaml", *FILES))
        tree = yaml.safe_load(texts[file])
        # The sections that a channel's profile is made of here, rather than the whole file
        part = tree["Profiles"]["common"] if file == "configtx.yaml" else tree
        mutate(part, chance)
        text = yaml.safe_dump(tree, allow_unicode=False)
        bft.write(file, text.encode())
        refused += not check(bft.root, f"seed {seed}, case {case}: {text}", fabricVersion="3.1.1")
        bft.write(file, texts[file].encode())
    assert refused > CASES_PER_SEED / 2, "the changes are too harmless to try anything"


@pytest.mark.parametrize("file", FILES)
def test_changed_bytes(simple, file):
    data = (SAMPLE / file).read_bytes()
    for case in range(CASES_PER_SEED):
        chance = random.Random(f"{file}/{case}")
        changed = bytearray(data)
        for _ in range(chance.randint(1, 5)):
            place = chance.randrange(len(changed))
            size = chance.choice([0, 1, 1, 40])
            changed[place : place + size] = chance.choice(JUNK)
        simple.write(file, bytes(changed))
        check(simple.root, f"{file}, case {case}: {bytes(changed)!r}")


@pytest.mark.parametrize("value", STRANGE)
def test_strange_settings(simple, value):
    known = ("network", "chaincode", "namespace", "fabricVersion", "stateDatabase")
    trees = ("pods", "backup")
    for key in (*known, *trees, "restoreFrom", "keepData", "protect", "context", "x"):
        settings = {"network": "net", "chaincode": "chaincode", key: value}
        outcome = attempt(settings, simple.root)
        assert isinstance(outcome, Network) or outcome.mistakes


@pytest.mark.parametrize("value", STRANGE)
def test_a_strange_setting_of_backups(simple, value):
    texts = ("store", "passphrase", "credentialsSecret", "key", "schedule")
    for key in (*texts, "credentials", "identity", "retention"):
        check(simple.root, key, backup={key: value})
    for key in ("last", "days"):
        check(simple.root, key, backup={"retention": {key: value}})
