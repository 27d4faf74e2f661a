"""What a running network cannot become is told, and nothing else is."""

import re

import pytest

from actions.shape import problems

KAFKA = {
    "tls": "false",
    "actualDomains": "false",
    "stateDatabase": "CouchDB",
    "ordererType": "kafka",
    "systemChannel": "testchainid",
    "fabric": "2.5",
    "brokers": "4",
    "zookeepers": "3",
}


def test_the_same_and_what_was_not_said_are_no_problem() -> None:
    assert problems("dev", KAFKA, KAFKA) == []
    assert problems("dev", {}, KAFKA) == []


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("tls", "true", r"^`tlsEnabled` of network.yaml says true, .*namespace dev has false:"),
        ("actualDomains", "true", r"^`useActualDomains` of network.yaml says true"),
        ("stateDatabase", "LevelDB", r"^The setting hlf:stateDatabase says LevelDB, .*CouchDB"),
        ("systemChannel", "none", r"`genesisProfile`.* says none, .* has testchainid:"),
        ("brokers", "5", r"^The setting hlf:pods.kafka.replicas says 5, .* has 4:.*copies"),
        ("zookeepers", "5", r"^The setting hlf:pods.zookeeper.replicas says 5"),
        ("fabric", "2.4", r"^The setting hlf:fabricVersion asks for Fabric 2.4, .*no way back"),
    ],
)
def test_another_choice_is_a_sentence(key: str, value: str, told: str) -> None:
    (problem,) = problems("dev", KAFKA, {**KAFKA, key: value})
    assert re.search(told, problem)
    assert f"Go back to {KAFKA[key]}" in problem or "Go on with" in problem


def test_all_are_told_at_once_and_what_goes_with_them_is_not() -> None:
    raft = {**KAFKA, "ordererType": "etcdraft", "tls": "true"}
    del raft["brokers"], raft["zookeepers"]
    told = problems("dev", KAFKA, raft)
    assert [re.findall("`[a-zA-Z]+`", each)[0] for each in told] == [
        "`tlsEnabled`",
        "`OrdererType`",
    ]


def test_orderers_of_a_cluster_with_a_system_channel_stay() -> None:
    raft = {"ordererType": "etcdraft", "orderers": "orderer0.pivt.nl orderer1.pivt.nl"}
    (told,) = problems("dev", raft, {**raft, "orderers": "orderer0.pivt.nl"})
    assert "`OrdererOrgs` of crypto-config.yaml says orderer0.pivt.nl, " in told
    assert "without a system channel orderers come and go" in told
    assert problems("dev", {"ordererType": "etcdraft"}, raft) == []


def test_a_newer_release_is_no_problem() -> None:
    raft = {"ordererType": "etcdraft", "systemChannel": "none", "fabric": "2.5"}
    assert problems("dev", raft, {**raft, "fabric": "3.1"}) == []
    assert problems("dev", {**raft, "fabric": "2.9"}, {**raft, "fabric": "2.10"}) == []
