"""Names: PIVT's own, different for different things, and good for Kubernetes."""

import itertools
import re

import pytest

from hlf import names
from hlf.spec import rules

LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


@pytest.mark.parametrize(
    ("made", "name"),
    [
        (names.peer("Karga", "peer0"), "hlf-peer--karga--peer0"),
        (names.org_peers("Karga"), "hlf-org-peer--karga"),
        (names.orderer("Groeifabriek", "orderer0"), "hlf-orderer--groeifabriek--orderer0"),
        (names.org_orderers("Groeifabriek"), "hlf-orderer--groeifabriek"),
        (names.ORDERER_LB, "hlf-orderer-lb"),
    ],
)
def test_services_keep_pivts_names(made: str, name: str) -> None:
    assert made == name


def test_pods_are_named_as_stateful_sets_name_them() -> None:
    assert names.pod(names.peer("Karga", "peer0")) == "hlf-peer--karga--peer0-0"


def test_brokers_and_zookeeper_servers_are_told_by_their_names() -> None:
    nodes = [names.kafka(10), names.zookeeper(2), names.peer("Karga", "kafka"), "hlf-kafka-service"]
    assert [names.kafka_number(node) for node in nodes] == [10, None, None, None]
    assert [names.is_zookeeper(node) for node in nodes] == [False, True, False, False]


def test_different_things_have_different_names() -> None:
    """Org names and host names hold single dashes only, so two of them cannot run together."""
    words = ("a", "b", "a-b", "b-a", "lb", "admin", "peer0")
    made = [names.CLAIM, names.GENESIS, names.ORDERER_LB]
    for org in words:
        made += [names.org_peers(org), names.org_orderers(org), names.authority(org)]
        made.append(names.msp(org))
    for org, host in itertools.product(words, words):
        made += [names.peer(org, host), names.orderer(org, host), names.user(org, host)]
    for name, digest in itertools.product(words, ("0a1b2c3d", "ffffffff")):
        made.append(names.chaincode(name, digest))
    made += [names.chaincode_source(names.chaincode("a", "0a1b2c3d"), n) for n in range(12)]
    assert len(set(made)) == len(made)


def test_names_are_in_lower_case_and_dns_labels() -> None:
    made = [
        names.CLAIM,
        names.GENESIS,
        names.ORDERER_LB,
        names.peer("KARGA", "Peer0"),
        names.org_peers("KARGA"),
        names.orderer("KARGA", "Orderer0"),
        names.org_orderers("KARGA"),
        names.authority("KARGA"),
        names.msp("KARGA"),
        names.user("KARGA", "User1"),
        names.chaincode("Very-Simple", "0a1b2c3d"),
        names.chaincode_source("hlf-chaincode--very-simple--0a1b2c3d", 3),
    ]
    assert [name for name in made if not LABEL.fullmatch(name)] == []


def test_the_longest_names_that_the_files_may_give_are_good() -> None:
    """`hlf.spec.rules` draws the lines; a pod's labels must still hold what comes behind."""
    host = "h" * (rules.LONGEST_STATEFUL_SET - len(names.orderer("o", "")))
    node = names.orderer("o", host)
    assert len(node) == rules.LONGEST_STATEFUL_SET
    assert LABEL.fullmatch(f"{node}-{'0' * 10}"), "the label controller-revision-hash"
    server = names.chaincode("c" * 30, "0" * rules.LONGEST_DIGEST)
    assert LABEL.fullmatch(names.chaincode("c" * 30, "0a1b2c3d"))
    assert len(server) <= rules.LONGEST_SERVICE


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("2026-11-25", "hlf-backup--2026-11-25"),
        ("v1.2", r"hlf-backup--v1-2-[0-9a-f]{8}"),
        ("Monday", r"hlf-backup--monday-[0-9a-f]{8}"),
        ("a-", r"hlf-backup--a-[0-9a-f]{8}"),
        ("k" * 100, rf"hlf-backup--{'k' * 31}-[0-9a-f]{{8}}"),
    ],
)
def test_a_job_is_named_after_its_key(key: str, name: str) -> None:
    assert re.fullmatch(name, names.backup_job(key))


def test_workers_of_different_peers_and_channels_have_different_names() -> None:
    longest = "h" * (rules.LONGEST_STATEFUL_SET - len(names.peer("o", "")))
    peers = [names.peer("o", host) for host in ("a", "b", longest, f"{longest[1:]}i")]
    made = [names.joining(peer, channel) for peer in peers for channel in ("c", "c.d", "c" * 249)]
    assert len(set(made)) == len(made)
    assert all(LABEL.fullmatch(f"{name}--remove") for name in made)
    assert re.fullmatch(r"hlf-joining--o--a--[0-9a-f]{8}", made[0])


def test_jobs_of_different_keys_have_different_names() -> None:
    keys = ("a", "A", "a.b", "a_b", "a-b", "k" * 99, "k" * 100, "keys--a")
    kinds = (names.backup_job, names.restore_job, names.restore_keys_job)
    made = [name(key) for name in kinds for key in keys]
    assert len(set(made)) == len(made)
    assert [name for name in made if not LABEL.fullmatch(name) or len(name) > 52] == []
