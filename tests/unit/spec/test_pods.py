"""The setting `pods`: what it says for each kind of pod, and what is wrong in it."""

import pytest

PATH = "hlf:pods"


def test_defaults(simple):
    pods = simple.load().settings.pods
    nodes = {"peer", "orderer", "couchdb", "kafka", "zookeeper"}
    assert set(pods) == {*nodes, "chaincode", "backup"}
    assert (pods["kafka"].replicas, pods["zookeeper"].replicas) == (4, 3)
    peer = pods["peer"]
    assert (peer.storage_size, peer.storage_class) == ("1Gi", None)
    assert (peer.log_level, peer.anti_affinity) == ("info", "preferred")
    assert peer.image_of("hyperledger/fabric-peer:2.5.9") == "hyperledger/fabric-peer:2.5.9"


def test_what_is_said_for_all_and_for_one_kind(simple):
    pods = simple.load(
        pods={
            "all": {
                "storage": {"class": "fast", "size": "2Gi"},
                "registry": "registry.example.com/fabric",
                "pullSecrets": ["pull"],
                "labels": {"team": "ledger"},
                "antiAffinity": "required",
                "logLevel": "warning",
            },
            "peer": {
                "storage": {"size": "64Gi"},
                "labels": {"tier": "1"},
                "resources": {"requests": {"cpu": 2}, "limits": {"cpu": "4", "memory": "2Gi"}},
                "logLevel": "info:gossip=debug",
            },
            "orderer": {"image": "example.com/orderer:patched", "antiAffinity": "none"},
            "kafka": {"replicas": 5},
        }
    ).settings.pods
    peer, orderer = pods["peer"], pods["orderer"]
    assert (peer.storage_class, peer.storage_size) == ("fast", "64Gi")
    assert peer.labels == {"team": "ledger", "tier": "1"}
    assert peer.resources.requests == {"cpu": "2", "memory": "128Mi"}
    assert peer.resources.limits == {"cpu": "4", "memory": "2Gi"}
    assert peer.image_of("hyperledger/fabric-peer:2.5.9") == (
        "registry.example.com/fabric/hyperledger/fabric-peer:2.5.9"
    )
    assert orderer.image_of("hyperledger/fabric-orderer:2.5.9") == "example.com/orderer:patched"
    assert (peer.anti_affinity, orderer.anti_affinity) == ("required", "none")
    assert (peer.log_level, orderer.log_level) == ("info:gossip=debug", "warning")
    assert pods["kafka"].replicas == 5
    assert pods["chaincode"].pull_secrets == ("pull",)
    assert pods["backup"].labels == {"team": "ledger"}
    assert pods["backup"].image_of("backup:1") == "registry.example.com/fabric/backup:1"
    assert pods["backup"].resources.requests == {"cpu": "50m", "memory": "128Mi"}
    assert pods["backup"].resources.limits == {}


@pytest.mark.parametrize(
    ("pods", "path", "words"),
    [
        ("large", "", "`large` is no map|`peer`"),
        ({"peers": {}}, ".peers", "no `peers` here|did you mean `peer`?"),
        ({"peer": 7}, ".peer", "`7` is no map"),
        ({"peer": {"storge": {}}}, ".peer.storge", "did you mean `storage`?"),
        ({"peer": {"replicas": 2}}, ".peer.replicas", "no `replicas` here"),
        ({"kafka": {"logLevel": "info"}}, ".kafka.logLevel", "no `logLevel` here"),
        ({"chaincode": {"storage": {}}}, ".chaincode.storage", "no `storage` here"),
        ({"backup": {"storage": {}}}, ".backup.storage", "no `storage` here"),
        ({"backup": {"logLevel": "info"}}, ".backup.logLevel", "no `logLevel` here"),
        ({"backup": {"antiAffinity": "none"}}, ".backup.antiAffinity", "no `antiAffinity` here"),
        ({"all": {"image": "x"}}, ".all.image", "no `image` here"),
        (
            {"all": {"storage": {"class": "Fast Disk"}}},
            ".all.storage.class",
            "no name of a Storage",
        ),
        ({"peer": {"storage": {"size": "-1Gi"}}}, ".peer.storage.size", "no Kubernetes quantity"),
        ({"peer": {"storage": {"size": "lots"}}}, ".peer.storage.size", "no Kubernetes quantity"),
        ({"peer": {"storage": {"size": "0Gi"}}}, ".peer.storage.size", "too small for a ledger"),
        ({"peer": {"storage": {"size": 16}}}, ".peer.storage.size", '`16` is no string|"16"'),
        ({"peer": {"storage": {"size": "16"}}}, ".peer.storage.size", "too small|counts bytes"),
        ({"peer": {"resources": {"cpu": 1}}}, ".peer.resources.cpu", "no `cpu` here|`limits`"),
        (
            {"peer": {"resources": {"limits": {"cpu": "fast"}}}},
            ".peer.resources.limits.cpu",
            "no number of cores",
        ),
        (
            {"peer": {"resources": {"limits": {"memory": "0"}}}},
            ".peer.resources.limits.memory",
            "no amount of memory",
        ),
        (
            {"peer": {"resources": {"limits": {"memory": "64Mi"}}}},
            ".peer.resources",
            "the request for memory (`128Mi`) is more than its limit (`64Mi`)",
        ),
        ({"peer": {"logLevel": "loud"}}, ".peer.logLevel", "`loud` is no log level"),
        ({"peer": {"antiAffinity": "strict"}}, ".peer.antiAffinity", "no kind|`required`"),
        ({"peer": {"image": "UPPER CASE"}}, ".peer.image", "no name of an image"),
        ({"all": {"registry": "https://x.example"}}, ".all.registry", "no registry|`https://`"),
        ({"all": {"pullSecrets": [7]}}, ".all.pullSecrets", "`7` is no name of a Secret"),
        ({"kafka": {"replicas": 0}}, ".kafka.replicas", "`0` is no number of pods"),
        ({"kafka": {"replicas": True}}, ".kafka.replicas", "`True` is no number of pods"),
        ({"all": {"labels": ["a"]}}, ".all.labels", "is no map"),
        ({"all": {"labels": {"a b": "c"}}}, ".all.labels.a b", "no key of a label"),
        ({"all": {"labels": {"a": "b c"}}}, ".all.labels.a", "no value of a label"),
        ({"all": {"labels": {"app": "x"}}}, ".all.labels.app", "the network's own"),
        ({"all": {"annotations": {"hlf/x": "y"}}}, ".all.annotations.hlf/x", "network's own"),
    ],
)
def test_a_mistake(simple, tell, pods, path, words):
    tell(simple.mistake(pods=pods), file="Pulumi.dev.yaml", path=f"{PATH}{path}", words=words)
