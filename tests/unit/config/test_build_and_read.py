import hashlib
import subprocess
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from fabric_protos.common.common_pb2 import BlockHeader
from fabric_protos.orderer.configuration_pb2 import ConsensusType

from hlf.config import build, consensus, plain, read
from hlf.config.model import BftOptions, ChannelConfig
from hlf.config.protos import (
    Block,
    ConfigGroup,
    MSPPrincipal,
    Orderers,
    SerializedIdentity,
    SignaturePolicyEnvelope,
)
from hlf.config.update import create_channel
from tests.unit.config import networks

KINDS = ("solo", "kafka", "etcdraft")
CONFIGS = (
    {f"{kind} system": networks.system_channel(kind) for kind in KINDS}
    | {f"{kind} channel": networks.application_channel(kind) for kind in KINDS}
    | {f"{kind} own": networks.own_channel(kind) for kind in ("etcdraft", "BFT")}
)
WHEN = datetime(2030, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize("name", CONFIGS)
def test_what_is_built_is_read_back(name: str, given):
    group = build.channel_group(CONFIGS[name], **given)
    config = read.channel_config(group, certificates=given["certificates"])
    assert plain.to_plain(config) == plain.to_plain(CONFIGS[name])
    assert read.msps(group).items() <= given["msps"].items()


@pytest.mark.parametrize("name", CONFIGS)
def test_a_live_group_can_be_built_again_from_what_it_says_itself(name: str, given):
    group = build.channel_group(CONFIGS[name], **given)
    again = build.channel_group(
        read.channel_config(group),
        msps=read.msps(group),
        certificates=read.consenter_certificates(group),
    )
    assert again == group


@pytest.mark.parametrize("name", ["etcdraft channel", "BFT own"])
def test_a_consenter_of_an_unknown_certificate_is_named_by_its_fingerprint(name: str, given):
    group = build.channel_group(CONFIGS[name], **given)
    config = read.channel_config(group)
    assert config.orderer is not None
    references = {each for one in config.orderer.consenters for each in one.references}
    assert references == set(read.consenter_certificates(group))
    assert all(reference.startswith("sha256:") for reference in references)
    assert {consenter.node for consenter in config.orderer.consenters} == {None}


@pytest.mark.parametrize("name", ["etcdraft channel", "BFT own"])
def test_a_consenter_of_a_live_channel_is_an_orderer(name: str, given):
    group = build.channel_group(CONFIGS[name], **given)
    orderer = read.channel_config(group, certificates=given["certificates"]).orderer
    assert orderer is not None
    hosts = networks.BFT_ORDERERS if name == "BFT own" else networks.ORDERERS
    assert [each.node for each in orderer.consenters] == [("Groeifabriek", host) for host in hosts]


def test_a_consenter_whose_certificate_is_renewed_shows_which(given):
    group = build.channel_group(CONFIGS["etcdraft channel"], **given)
    renewed = {**given["certificates"], "Groeifabriek/orderer1/tls": b"another"}
    orderer = read.channel_config(group, certificates=renewed).orderer
    assert orderer is not None
    nodes = [each.node and each.node[1] for each in orderer.consenters]
    assert nodes == ["orderer0", None, "orderer2"]


def test_the_blocks_of_bft_are_validated_by_a_quorum_of_its_consenters(given):
    orderer = build.channel_group(CONFIGS["BFT own"], **given).groups["Orderer"]
    policy = orderer.policies["BlockValidation"]
    assert policy.mod_policy == "Admins"
    envelope = SignaturePolicyEnvelope.FromString(policy.policy.value)
    assert envelope.rule.n_out_of.n == 3
    assert [rule.signed_by for rule in envelope.rule.n_out_of.rules] == [0, 1, 2, 3]
    consenters = Orderers.FromString(orderer.values["Orderers"].value).consenter_mapping
    for principal, consenter in zip(envelope.identities, consenters, strict=True):
        assert principal.principal_classification == MSPPrincipal.IDENTITY
        identity = SerializedIdentity.FromString(principal.principal)
        assert (identity.mspid, identity.id_bytes) == (consenter.msp_id, consenter.identity)


@pytest.mark.parametrize(
    ("consenters", "quorum"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 4), (6, 4), (7, 5), (10, 7)]
)
def test_quorums(consenters: int, quorum: int):
    assert consensus.quorum(consenters) == quorum


def test_a_block_policy_that_does_not_follow_from_the_consenters_is_shown(given):
    group = build.channel_group(CONFIGS["BFT own"], **given)
    policy = group.groups["Orderer"].policies["BlockValidation"].policy
    envelope = SignaturePolicyEnvelope.FromString(policy.value)
    envelope.rule.n_out_of.n = 1
    policy.value = envelope.SerializeToString()
    orderer = read.channel_config(group).orderer
    assert orderer is not None
    assert orderer.policies["BlockValidation"].startswith("Policy(1, '")
    again = build.channel_group(
        read.channel_config(group),
        msps=read.msps(group),
        certificates=read.consenter_certificates(group),
    )
    assert again == group


def test_leader_rotation_is_read(given):
    config = CONFIGS["BFT own"]
    assert config.orderer is not None
    options = BftOptions(leader_rotation=True, decisions_per_leader=3)
    bft = replace(networks.bft(), options=options)
    group = build.channel_group(replace(config, orderer=replace(config.orderer, bft=bft)), **given)
    orderer = read.channel_config(group).orderer
    assert orderer is not None
    assert orderer.bft is not None
    assert orderer.bft.options == options


def test_reading_leaves_the_group_as_it_is(given):
    group = build.channel_group(networks.without_orderer(CONFIGS["solo channel"]), **given)
    before = ConfigGroup.FromString(group.SerializeToString())
    read.channel_config(group)
    read.msps(group)
    read.consenter_certificates(group)
    assert group == before


def genesis(given) -> Block:
    group = build.channel_group(CONFIGS["kafka system"], **given)
    return build.genesis_block(group, channel="testchainid", timestamp=WHEN, nonce=bytes(24))


def test_the_same_input_gives_the_same_bytes(given):
    assert build.block_bytes(genesis(given)) == build.block_bytes(genesis(given))


def test_a_genesis_block_says_what_it_is(given):
    block = Block.FromString(build.block_bytes(genesis(given)))
    assert block.header.number == 0
    assert block.header.data_hash == read.data_hash(block.data)
    assert read.channel_of(block) == "testchainid"
    assert read.last_config_index(block) == 0
    group = build.channel_group(CONFIGS["kafka system"], **given)
    assert read.config_of(block).channel_group == group


def test_a_block_without_a_configuration(given):
    block = genesis(given)
    block.header.number = 7
    block.data.data[0] = b""
    with pytest.raises(ValueError, match="block 7 is not a config block"):
        read.config_of(block)


@pytest.mark.parametrize("number", [0, 1, 127, 128, 255, 256, 2**40, 2**64 - 1])
def test_the_header_hash_is_over_proper_der(number: int, tmp_path):
    """openssl writes the same structure from a description of it."""
    header = BlockHeader(number=number, previous_hash=bytes(32), data_hash=b"\x01" * 32)
    (tmp_path / "header.cnf").write_text(
        "asn1=SEQUENCE:header\n[header]\n"
        f"number=INTEGER:0x{number:x}\n"
        f"previous=FORMAT:HEX,OCTETSTRING:{'00' * 32}\n"
        f"data=FORMAT:HEX,OCTETSTRING:{'01' * 32}\n"
    )
    subprocess.run(
        ["openssl", "asn1parse", "-genconf", "header.cnf", "-noout", "-out", "header.der"],
        cwd=tmp_path,
        check=True,
    )
    der = (tmp_path / "header.der").read_bytes()
    assert read.header_hash(header) == hashlib.sha256(der).digest()


def test_the_header_of_a_genesis_block_hashes_without_a_previous_hash(given):
    first, second = genesis(given).header, genesis(given).header
    second.number = 1
    assert read.header_hash(first) != read.header_hash(second)


def test_a_missing_msp_is_named(given):
    msps = {name: msp for name, msp in given["msps"].items() if name != "Atlantis"}
    with pytest.raises(ValueError, match="MSP of organization Atlantis was not given"):
        build.channel_group(CONFIGS["solo channel"], msps=msps, certificates=given["certificates"])


def test_a_wrong_msp_is_named(given):
    msps = {**given["msps"], "Atlantis": given["msps"]["Karga"]}
    with pytest.raises(ValueError, match=r"Atlantis has the MSP ID AtlantisMSP, but .* KargaMSP"):
        build.channel_group(CONFIGS["solo channel"], msps=msps, certificates={})


def test_a_missing_certificate_is_named(given):
    for name, reference in (("etcdraft channel", "tls"), ("BFT own", "identity")):
        without = {
            each: pem for each, pem in given["certificates"].items() if reference not in each
        }
        told = rf"certificate Groeifabriek/orderer0/{reference} of consenter hlf-orderer--"
        with pytest.raises(ValueError, match=told):
            build.channel_group(CONFIGS[name], msps=given["msps"], certificates=without)


def with_orderer(**fields: object) -> ChannelConfig:
    return replace(CONFIGS["solo channel"], orderer=replace(networks.orderer("solo"), **fields))


def test_an_unknown_orderer_type(given):
    with pytest.raises(ValueError, match="orderer type 'HotStuff' is not known"):
        build.channel_group(with_orderer(type="HotStuff"), **given)


@pytest.mark.parametrize("kind", ["etcdraft", "BFT"])
def test_a_cluster_without_consenters(kind: str, given):
    with pytest.raises(ValueError, match=f"{kind}, but its consenters are missing"):
        build.channel_group(with_orderer(type=kind), **given)


def test_an_unknown_orderer_type_of_a_live_channel(given):
    group = build.channel_group(CONFIGS["solo channel"], **given)
    value = ConsensusType(type="HotStuff").SerializeToString()
    group.groups["Orderer"].values["ConsensusType"].value = value
    with pytest.raises(ValueError, match="orderer type 'HotStuff' is not known"):
        read.channel_config(group)


def test_an_organization_of_a_live_channel_without_a_readable_msp(given):
    group = build.channel_group(CONFIGS["solo channel"], **given)
    group.groups["Application"].groups["Karga"].values["MSP"].value = b"\xff"
    with pytest.raises(ValueError, match="MSP of organization Karga cannot be read"):
        read.channel_config(group)


@pytest.mark.parametrize("missing", ["application", "consortium"])
def test_a_channel_cannot_be_created_without(missing: str, given):
    config = replace(CONFIGS["solo channel"], **{missing: None})
    with pytest.raises(ValueError, match="channel common cannot be created"):
        create_channel(config, msps=given["msps"], channel="common")


def test_map_entries_are_in_the_order_of_their_keys(given):
    """Whatever order they came in: Fabric compares the bytes."""
    config = CONFIGS["solo channel"]
    assert config.application is not None
    names = [f"peer/{number:02}" for number in range(40)]
    acls = dict.fromkeys(names[::-1], "/Channel/Application/Writers")
    config = replace(config, application=replace(config.application, acls=acls))
    group = build.channel_group(config, **given)
    written = group.groups["Application"].values["ACLs"].value
    places = [written.index(name.encode()) for name in names]
    assert places == sorted(places)
