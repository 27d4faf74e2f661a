import json
from dataclasses import replace
from typing import Any

import pytest

from hlf.config import build, plain, read
from hlf.config.model import ChannelConfig
from tests.unit.config import networks

KINDS = ("solo", "kafka", "etcdraft")
CONFIGS = (
    {f"{kind} system": networks.system_channel(kind) for kind in KINDS}
    | {f"{kind} channel": networks.application_channel(kind) for kind in KINDS}
    | {f"{kind} own": networks.own_channel(kind) for kind in ("etcdraft", "BFT")}
)


@pytest.mark.parametrize("name", CONFIGS)
def test_there_and_back_through_the_messages(name: str, given):
    there = plain.to_plain(CONFIGS[name])
    group = build.channel_group(plain.from_plain(there), **given)
    back = plain.to_plain(read.channel_config(group, certificates=given["certificates"]))
    assert back == there


def leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        assert all(isinstance(key, str) for key in value)
        return [leaf for each in value.values() for leaf in leaves(each)]
    return [value]


@pytest.mark.parametrize("name", CONFIGS)
def test_only_strings_booleans_and_mappings(name: str):
    there = plain.to_plain(CONFIGS[name])
    assert {type(leaf) for leaf in leaves(there)} <= {str, bool}
    assert json.loads(json.dumps(there)) == there


def test_how_a_channel_reads():
    there = plain.to_plain(networks.application_channel("etcdraft"))
    assert there["capabilities"] == {"V2_0": True}
    assert there["consortium"] == "TheConsortium"
    assert there["application"]["organizations"]["Karga"]["anchorPeers"] == {
        "hlf-peer--karga--peer0:7051": True
    }
    assert there["application"]["organizations"]["Karga"]["id"] == "KargaMSP"
    assert there["application"]["acls"]["event/Block"] == "/Channel/Application/Readers"
    assert there["orderer"]["batchSize"] == {
        "maxMessageCount": "10",
        "absoluteMaxBytes": "102760448",
        "preferredMaxBytes": "524288",
    }
    consenters = there["orderer"]["etcdRaft"]["consenters"]
    assert consenters["hlf-orderer--groeifabriek--orderer1:7050"] == {
        "clientTlsCert": "Groeifabriek/orderer1/tls",
        "serverTlsCert": "Groeifabriek/orderer1/tls",
    }
    assert there["orderer"]["etcdRaft"]["options"]["snapshotIntervalSize"] == "16777216"


def test_how_bft_reads():
    orderer = plain.to_plain(networks.own_channel("BFT"))["orderer"]
    assert "BlockValidation" not in orderer["policies"]
    assert orderer["smartBft"]["consenters"]["hlf-orderer--groeifabriek--orderer3:7050"] == {
        "id": "4",
        "mspId": "GroeifabriekMSP",
        "identity": "Groeifabriek/orderer3/identity",
        "clientTlsCert": "Groeifabriek/orderer3/tls",
        "serverTlsCert": "Groeifabriek/orderer3/tls",
    }
    assert orderer["smartBft"]["options"] == {
        "requestBatchMaxCount": "10",
        "requestBatchMaxBytes": "10485760",
        "requestBatchMaxInterval": "50ms",
        "incomingMessageBufferSize": "200",
        "requestPoolSize": "400",
        "requestForwardTimeout": "1.5s",
        "requestComplainTimeout": "20s",
        "requestAutoRemoveTimeout": "3m0s",
        "requestMaxBytes": "1048576",
        "viewChangeResendInterval": "5s",
        "viewChangeTimeout": "20s",
        "leaderHeartbeatTimeout": "10s",
        "leaderHeartbeatCount": "10",
        "collectTimeout": "1s",
        "syncOnStart": False,
        "speedUpViewChange": True,
        "leaderRotation": False,
        "decisionsPerLeader": "0",
    }


def test_the_order_of_consenters_makes_no_difference():
    config = networks.own_channel("BFT")
    assert config.orderer is not None
    bft = replace(networks.bft(), consenters=networks.bft_consenters()[::-1])
    other = replace(config, orderer=replace(config.orderer, bft=bft))
    assert plain.to_plain(other) == plain.to_plain(config)
    again = plain.from_plain(plain.to_plain(other)).orderer
    assert again is not None
    assert [each.host[-1] for each in again.consenters] == ["0", "1", "2", "3"]


def test_spelling_and_order_make_no_difference():
    config = networks.application_channel("kafka")
    assert config.orderer is not None
    assert config.application is not None
    orderer, application = config.orderer, config.application
    other = replace(
        config,
        policies=dict(reversed(config.policies.items())),
        orderer=replace(
            orderer,
            batch_timeout="1500ms",
            addresses=orderer.addresses[::-1],
            kafka_brokers=orderer.kafka_brokers[::-1],
        ),
        application=replace(
            application,
            capabilities=application.capabilities[::-1],
            policies={
                **application.policies,
                "LifecycleEndorsement": 'outof(2,"KargaMSP.peer","NevergreenMSP.peer",'
                'outof(2,"AtlantisMSP.peer","KargaMSP.admin"))',
            },
        ),
    )
    assert plain.to_plain(other) == plain.to_plain(config)
    again = plain.from_plain(plain.to_plain(other))
    assert again == plain.from_plain(plain.to_plain(config))


def test_what_is_empty_is_left_out():
    config = ChannelConfig(policies={"Readers": "ANY Readers"})
    assert plain.to_plain(config) == {"policies": {"Readers": "ANY Readers"}}
    assert plain.from_plain(plain.to_plain(config)) == config


def test_a_name_set_to_false_is_not_in_the_collection():
    there = plain.to_plain(networks.application_channel())
    there["capabilities"] = {"V2_0": False, "V3_0": True}
    assert plain.from_plain(there).capabilities == ("V3_0",)


def test_a_policy_that_is_none_is_told():
    with pytest.raises(ValueError, match="'ANY' is wrong at character 1"):
        plain.to_plain(ChannelConfig(policies={"Readers": "ANY"}))
