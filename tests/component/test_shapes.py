"""What comes beside peers and orderers: CouchDB, Kafka with its ZooKeeper; budgets, places."""

import pytest
import yaml

from tests.component.recorded import (
    BUDGET,
    CLAIM,
    CLAIMED_VOLUME,
    CONFIG_MAP,
    DYNAMIC,
    GENESIS,
    ROLLOUT,
    SECRET,
    SERVICE,
    STATEFUL_SET,
    Recorded,
    Resource,
    Sample,
)

PEER, COUCHDB = "hlf-peer--karga--peer0", "hlf-couchdb--karga--peer0"


@pytest.fixture
def with_couchdb(sample: Sample) -> Recorded:
    return sample.with_settings(stateDatabase="CouchDB").record()


@pytest.fixture
def kafka(sample: Sample) -> Recorded:
    """samples/simple ordered by Kafka."""
    brokers = "OrdererType: kafka\n  Kafka: {Brokers: ['hlf-kafka-service:9092']}"
    return sample.change("configtx.yaml", ("OrdererType: solo", brokers)).record()


def container(workload: Resource) -> dict:
    (found,) = workload.pod["spec"]["containers"]
    return found


def from_secret(workload: Resource, variable: str) -> tuple[str, str]:
    (found,) = [e for e in container(workload)["env"] if e["name"] == variable]
    reference = found["valueFrom"]["secretKeyRef"]
    return reference["name"], reference["key"]


def test_the_claim_knows_what_is_for_good(simple: Recorded, kafka: Recorded) -> None:
    (claim,) = simple.of(CLAIM)
    solo = {
        "tls": "false",
        "actualDomains": "false",
        "stateDatabase": "LevelDB",
        "ordererType": "solo",
        "systemChannel": "testchainid",
        "fabric": "2.5",
    }
    assert claim.inputs["shape"] == solo
    (claim,) = kafka.of(CLAIM)
    more = {"ordererType": "kafka", "brokers": "4", "zookeepers": "3"}
    assert claim.inputs["shape"] == {**solo, **more}


def test_every_peer_has_a_database_of_its_own(with_couchdb: Recorded) -> None:
    peers = [n for n in with_couchdb.names(STATEFUL_SET) if n.startswith("hlf-peer--")]
    for peer in peers:
        database = peer.replace("peer", "couchdb", 1)
        for kind in (STATEFUL_SET, SERVICE, CLAIMED_VOLUME, SECRET):
            assert database in with_couchdb.names(kind)
        env = {e["name"]: e.get("value") for e in container(_named(with_couchdb, peer))["env"]}
        assert env["CORE_LEDGER_STATE_STATEDATABASE"] == "CouchDB"
        assert env["CORE_LEDGER_STATE_COUCHDBCONFIG_COUCHDBADDRESS"] == f"{database}:5984"


def test_a_password_is_in_its_secret_alone(with_couchdb: Recorded) -> None:
    secret = with_couchdb.named(SECRET, COUCHDB)
    assert "data" in secret.secret
    peer, database = _named(with_couchdb, PEER), _named(with_couchdb, COUCHDB)
    assert from_secret(database, "COUCHDB_PASSWORD") == (COUCHDB, "password")
    variable = "CORE_LEDGER_STATE_COUCHDBCONFIG_PASSWORD"
    assert from_secret(peer, variable) == (COUCHDB, "password")
    assert {secret.urn} <= with_couchdb.waits_for(peer) & with_couchdb.waits_for(database)
    (made, *_) = with_couchdb.of(f"{DYNAMIC}Credentials")
    assert "password" in made.secret_outputs


def test_without_couchdb_there_is_none(simple: Recorded) -> None:
    assert not [each for each in simple.resources if "couchdb" in each.name.lower()]


def test_kafka_has_brokers_and_zookeeper(kafka: Recorded) -> None:
    nodes = kafka.names(STATEFUL_SET)
    brokers = {f"hlf-kafka--{n}" for n in range(4)}
    ensemble = {f"hlf-zookeeper--{n}" for n in range(3)}
    assert {n for n in nodes if "kafka" in n or "zookeeper" in n} == brokers | ensemble
    for name in brokers | ensemble:
        assert {name} <= kafka.names(SERVICE) & kafka.names(CLAIMED_VOLUME) & kafka.names(
            CONFIG_MAP
        )
    assert "hlf-kafka-service" in kafka.names(SERVICE)
    (rollout,) = kafka.of(ROLLOUT)
    assert brokers | ensemble < set(rollout.inputs["nodes"])


def test_kafka_keeps_every_message_and_one_broker_may_be_away(kafka: Recorded) -> None:
    said = _properties(kafka, "hlf-kafka--2")
    assert said["broker.id"] == "2"
    assert said["advertised.listeners"] == "PLAINTEXT://hlf-kafka--2:9092"
    assert (said["default.replication.factor"], said["min.insync.replicas"]) == ("4", "3")
    assert said["unclean.leader.election.enable"] == "false"
    assert said["log.retention.ms"] == "-1"
    largest_batch = 99 * 1024 * 1024  # the most that hlf.spec allows
    assert int(said["message.max.bytes"]) >= largest_batch
    assert said["replica.fetch.max.bytes"] == said["message.max.bytes"]
    zookeeper = _properties(kafka, "hlf-zookeeper--0")
    assert zookeeper == _properties(kafka, "hlf-zookeeper--2")
    assert zookeeper["server.3"] == "hlf-zookeeper--2:2888:3888"


def test_orderers_make_topics_with_as_many_replicas(kafka: Recorded) -> None:
    config = kafka.named(CONFIG_MAP, "hlf-orderer-config").inputs["data"]["orderer.yaml"]
    assert yaml.safe_load(config)["Kafka"]["Topic"] == {"ReplicationFactor": 4}
    (genesis,) = kafka.of(GENESIS)
    assert genesis.inputs["config"]["orderer"]["kafka"]["brokers"] == {
        "hlf-kafka-service:9092": True
    }


def test_budgets_are_for_groups_that_can_spare_one(kafka: Recorded, simple: Recorded) -> None:
    assert not [each for each in simple.resources if each.type == BUDGET]
    for budget in kafka.of(BUDGET):
        assert budget.inputs["spec"]["maxUnavailable"] == 1
    assert kafka.names(BUDGET) == {"hlf-kafka", "hlf-zookeeper"}


def test_pods_of_a_kind_keep_apart(sample: Sample) -> None:
    placed = sample.with_settings(pods={"all": {"antiAffinity": "required"}}).record()
    for node in placed.of(STATEFUL_SET):
        affinity = node.pod["spec"]["affinity"]["podAntiAffinity"]
        (term,) = affinity["requiredDuringSchedulingIgnoredDuringExecution"]
        labels = node.pod["metadata"]["labels"]
        assert term["labelSelector"]["matchLabels"].items() <= labels.items()
        assert term["topologyKey"] == "kubernetes.io/hostname"


def test_what_the_setting_pods_says_is_in_the_pods(sample: Sample) -> None:
    pods = {
        "all": {"registry": "registry.example.com", "labels": {"team": "ledger"}},
        "peer": {
            "logLevel": "debug",
            "storage": {"size": "3Gi", "class": "fast"},
            "resources": {"limits": {"memory": "1Gi"}},
            "pullSecrets": ["pull"],
        },
    }
    placed = sample.with_settings(pods=pods).record()
    peer = _named(placed, PEER)
    assert peer.pod["metadata"]["labels"]["team"] == "ledger"
    assert peer.pod["spec"]["imagePullSecrets"] == [{"name": "pull"}]
    assert container(peer)["image"] == "registry.example.com/hyperledger/fabric-peer:2.5.9"
    assert container(peer)["resources"]["limits"] == {"memory": "1Gi"}
    assert {"name": "FABRIC_LOGGING_SPEC", "value": "debug"} in container(peer)["env"]
    claim = placed.named(CLAIMED_VOLUME, PEER).inputs["spec"]
    assert claim["storageClassName"] == "fast"
    assert claim["resources"]["requests"] == {"storage": "3Gi"}


def _named(network: Recorded, name: str) -> Resource:
    return network.named(STATEFUL_SET, name)


def _properties(network: Recorded, name: str) -> dict[str, str]:
    text = network.named(CONFIG_MAP, name).inputs["data"]["server.properties"]
    return dict(line.split("=", 1) for line in text.splitlines())
