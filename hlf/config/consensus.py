"""What a cluster of orderers agrees on, consenters and options, from the model and back.

Raft has both in the metadata of `ConsensusType`. BFT has its options there, its consenters in the
value `Orderers`, and a policy `BlockValidation` that names them one by one: Fabric refuses updates
after which the two do not fit.

Source: Fabric's `common/channelconfig/util.go`, `common/policies/bft.go`,
`orderer/consensus/smartbft/configverifier.go`.
"""

from collections.abc import Mapping
from dataclasses import fields

from hlf.config import model, quantity, reference
from hlf.config.protos import (
    BftConsenter,
    BftOptions,
    ConfigGroup,
    ConfigMetadata,
    ConsensusType,
    Consenter,
    MSPPrincipal,
    Options,
    Orderers,
    Policy,
    SerializedIdentity,
    SignaturePolicy,
    SignaturePolicyEnvelope,
    serialize,
)

BLOCK_VALIDATION = "BlockValidation"
_BFT_NUMBERS = tuple(f.name for f in fields(model.BftOptions) if f.name != "leader_rotation")
"""The options that the message has under the same name and with the same values."""


def raft_metadata(raft: model.Raft, certificates: Mapping[str, bytes]) -> bytes:
    """The metadata of etcdraft; `certificates` are PEM by reference. ValueError names a missing."""
    return serialize(
        ConfigMetadata(
            consenters=[
                Consenter(
                    host=consenter.host,
                    port=consenter.port,
                    client_tls_cert=_pem(consenter.client_tls_cert, consenter, certificates),
                    server_tls_cert=_pem(consenter.server_tls_cert, consenter, certificates),
                )
                for consenter in raft.consenters
            ],
            options=Options(
                tick_interval=raft.options.tick_interval,
                election_tick=raft.options.election_tick,
                heartbeat_tick=raft.options.heartbeat_tick,
                max_inflight_blocks=raft.options.max_inflight_blocks,
                snapshot_interval_size=raft.options.snapshot_interval_size,
            ),
        )
    )


def read_raft(metadata: bytes, names: Mapping[bytes, str]) -> model.Raft:
    """The reverse; `names` are references by PEM."""
    raft = ConfigMetadata.FromString(metadata)
    return model.Raft(
        consenters=tuple(
            model.Consenter(
                host=consenter.host,
                port=consenter.port,
                client_tls_cert=_name(consenter.client_tls_cert, names),
                server_tls_cert=_name(consenter.server_tls_cert, names),
            )
            for consenter in raft.consenters
        ),
        options=model.RaftOptions(
            tick_interval=raft.options.tick_interval,
            election_tick=raft.options.election_tick,
            heartbeat_tick=raft.options.heartbeat_tick,
            max_inflight_blocks=raft.options.max_inflight_blocks,
            snapshot_interval_size=raft.options.snapshot_interval_size,
        ),
    )


def bft_metadata(options: model.BftOptions) -> bytes:
    """The metadata of BFT. That leaders do not rotate is left unsaid, as by configtxgen."""
    rotation = BftOptions.ROTATION_ON if options.leader_rotation else 0
    same = {name: getattr(options, name) for name in _BFT_NUMBERS}
    return serialize(BftOptions(leader_rotation=rotation, **same))


def read_bft(metadata: bytes, orderers: bytes, names: Mapping[bytes, str]) -> model.Bft:
    """The reverse, of the metadata and the value `Orderers`; `names` are references by PEM."""
    options = BftOptions.FromString(metadata)
    return model.Bft(
        consenters=tuple(
            model.BftConsenter(
                id=consenter.id,
                host=consenter.host,
                port=consenter.port,
                msp_id=consenter.msp_id,
                identity=_name(consenter.identity, names),
                client_tls_cert=_name(consenter.client_tls_cert, names),
                server_tls_cert=_name(consenter.server_tls_cert, names),
            )
            for consenter in Orderers.FromString(orderers).consenter_mapping
        ),
        options=model.BftOptions(
            leader_rotation=options.leader_rotation == BftOptions.ROTATION_ON,
            **{name: getattr(options, name) for name in _BFT_NUMBERS},
        ),
    )


def orderers(bft: model.Bft, certificates: Mapping[str, bytes]) -> Orderers:
    """BFT's consenters; `certificates` are PEM by reference. ValueError names a missing one."""
    return Orderers(
        consenter_mapping=[
            BftConsenter(
                id=consenter.id,
                host=consenter.host,
                port=consenter.port,
                msp_id=consenter.msp_id,
                identity=_pem(consenter.identity, consenter, certificates),
                client_tls_cert=_pem(consenter.client_tls_cert, consenter, certificates),
                server_tls_cert=_pem(consenter.server_tls_cert, consenter, certificates),
            )
            for consenter in bft.consenters
        ]
    )


def block_validation(orderers: Orderers) -> Policy:
    """The policy of a BFT channel's blocks: a quorum of the consenters, each by its identity."""
    consenters = list(orderers.consenter_mapping)
    rules = [SignaturePolicy(signed_by=place) for place in range(len(consenters))]
    gate = SignaturePolicy.NOutOf(n=quorum(len(consenters)), rules=rules)
    identities = [
        MSPPrincipal(
            principal_classification=MSPPrincipal.IDENTITY,
            principal=serialize(
                SerializedIdentity(mspid=consenter.msp_id, id_bytes=consenter.identity)
            ),
        )
        for consenter in consenters
    ]
    envelope = SignaturePolicyEnvelope(rule=SignaturePolicy(n_out_of=gate), identities=identities)
    return Policy(type=Policy.SIGNATURE, value=serialize(envelope))


def follows_from_consenters(group: ConfigGroup) -> bool:
    """Whether the `BlockValidation` of an Orderer group is what BFT makes of its consenters."""
    if _type(group) != "BFT" or BLOCK_VALIDATION not in group.policies:
        return False
    expected = block_validation(Orderers.FromString(group.values["Orderers"].value))
    return group.policies[BLOCK_VALIDATION].policy == expected


def certificates_of(group: ConfigGroup) -> dict[str, bytes]:
    """All certificates of the consenters of an Orderer group, PEM by fingerprint."""
    metadata = ConsensusType.FromString(_bytes(group, "ConsensusType")).metadata
    pems: list[bytes] = []
    if _type(group) == "etcdraft":
        for consenter in ConfigMetadata.FromString(metadata).consenters:
            pems += [consenter.client_tls_cert, consenter.server_tls_cert]
    for consenter in Orderers.FromString(_bytes(group, "Orderers")).consenter_mapping:
        pems += [consenter.client_tls_cert, consenter.server_tls_cert, consenter.identity]
    return {reference.fingerprint(pem): pem for pem in pems}


def meaning(value: bytes) -> object:
    """What a `ConsensusType` says, whatever its spelling; not whether it is in maintenance."""
    consensus = ConsensusType.FromString(value)
    if consensus.type == "etcdraft":
        raft = ConfigMetadata.FromString(consensus.metadata)
        raft.options.tick_interval = quantity.duration(raft.options.tick_interval)
        consenters = sorted(serialize(consenter) for consenter in raft.consenters)
        return consensus.type, consenters, serialize(raft.options)
    if consensus.type == "BFT":
        options = BftOptions.FromString(consensus.metadata)
        if options.leader_rotation == BftOptions.ROTATION_OFF:
            options.leader_rotation = BftOptions.ROTATION_UNSPECIFIED
        for name, text in vars(model.BftOptions()).items():
            if isinstance(text, str):
                setattr(options, name, quantity.duration(getattr(options, name)))
        return consensus.type, serialize(options)
    return consensus.type, consensus.metadata


def quorum(consenters: int) -> int:
    """How many of so many BFT orderers must agree, when a third less one may be faulty."""
    faulty = (consenters - 1) // 3
    return (consenters + faulty + 2) // 2


def _type(group: ConfigGroup) -> str:
    return ConsensusType.FromString(_bytes(group, "ConsensusType")).type


def _bytes(group: ConfigGroup, key: str) -> bytes:
    return group.values[key].value if key in group.values else b""


def _pem(name: str, consenter: model.Consenter, certificates: Mapping[str, bytes]) -> bytes:
    if name not in certificates:
        raise ValueError(f"the certificate {name} of consenter {consenter.host} was not given")
    return certificates[name]


def _name(pem: bytes, names: Mapping[bytes, str]) -> str:
    return names.get(pem) or reference.fingerprint(pem)
