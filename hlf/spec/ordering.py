"""The `Orderer` section of configtx.yaml, with configtxgen's defaults filled in.

Follows Fabric's `internal/configtxgen/genesisconfig` (`completeInitialization`). What it lets
through and no ordering service can mean (a timeout of `2`, a count of 0, a batch that is larger
than its limit) is a mistake here.
"""

from dataclasses import dataclass

from hlf.config import quantity
from hlf.config.model import BftOptions, RaftOptions
from hlf.spec import cluster_options, consenters, policies, quantities, rules
from hlf.spec.capabilities import read_capabilities
from hlf.spec.consenters import ConsenterEntry
from hlf.spec.errors import suggest
from hlf.spec.organizations import OrganizationEntry, read_organizations
from hlf.spec.policies import Policies
from hlf.spec.reader import Fields, Reader, Word, tell_repeats

TYPES = ("solo", "kafka", "etcdraft", "BFT")
_MOST_BYTES = 99 * 1024 * 1024
"""A message goes through gRPC, which Fabric's nodes limit to 100 MB."""
_UINT32 = 2**32 - 1
_SHORTEST_TIMEOUT = 1_000_000
_LONGEST_TIMEOUT = 3600 * 10**9
_BROKERS = "list them under `Kafka.Brokers`, as in `hlf-kafka-service:9092`"
_LEAST_BFT = 4


@dataclass(frozen=True, kw_only=True, eq=False)
class OrdererEntry:
    """An `Orderer` section, defaults filled in."""

    at: Reader
    type: str
    type_at: Reader
    """Where the type stands; the section where it does not."""
    addresses: tuple[Word, ...]
    batch_timeout: str
    max_message_count: int
    absolute_max_bytes: int
    preferred_max_bytes: int
    max_channels: int
    kafka_brokers: tuple[Word, ...]
    raft_at: Reader | None
    raft_consenters: tuple[ConsenterEntry, ...]
    raft_options: RaftOptions
    bft_at: Reader | None
    """Where the consenters of BFT stand."""
    bft_consenters: tuple[ConsenterEntry, ...]
    bft_options: BftOptions
    organizations: tuple[OrganizationEntry, ...]
    capabilities: tuple[Word, ...]
    policies: Policies

    @property
    def consenters(self) -> tuple[ConsenterEntry, ...]:
        """Those of its type; configtx.yaml may have the other type's as well."""
        by_type = {"etcdraft": self.raft_consenters, "BFT": self.bft_consenters}
        return by_type.get(self.type, ())


def read(at: Reader) -> OrdererEntry:
    """Read an `Orderer` section."""
    fields = at.fields(
        "OrdererType",
        "Addresses",
        "BatchTimeout",
        "BatchSize",
        "Kafka",
        "EtcdRaft",
        "SmartBFT",
        "ConsenterMapping",
        "Organizations",
        "MaxChannels",
        "Capabilities",
        "Policies",
    )
    kind = fields.word("OrdererType")
    if kind and kind.text not in TYPES:
        kind.at.tell(f"there is no orderer type `{kind.text}`", suggest(kind.text, TYPES))
        kind = None
    batch = fields.get("BatchSize")
    batch_fields = (
        batch.fields("MaxMessageCount", "AbsoluteMaxBytes", "PreferredMaxBytes")
        if batch
        else Fields(at=at, present={})
    )
    absolute = quantities.size(batch_fields, "AbsoluteMaxBytes", default=10 * 1024 * 1024)
    preferred = quantities.size(batch_fields, "PreferredMaxBytes", default=2 * 1024 * 1024)
    if preferred > absolute:
        batch_fields.at.tell(
            f"`PreferredMaxBytes` ({preferred} bytes) is more than `AbsoluteMaxBytes` "
            f"({absolute} bytes)",
            "make it less, or equal",
        )
    if absolute > _MOST_BYTES:
        batch_fields.at.tell(
            f"`AbsoluteMaxBytes` ({absolute} bytes) is more than nodes can send each other",
            "use at most 99 MB",
        )
    raft_at = fields.get("EtcdRaft")
    raft_fields = raft_at.fields("Consenters", "Options") if raft_at else None
    kafka = fields.get("Kafka")
    return OrdererEntry(
        at=at,
        type=kind.text if kind else TYPES[0],
        type_at=kind.at if kind else at,
        addresses=_addresses(fields.words("Addresses")),
        batch_timeout=_timeout(fields),
        max_message_count=batch_fields.number(
            "MaxMessageCount", default=500, least=1, most=_UINT32
        ),
        absolute_max_bytes=absolute,
        preferred_max_bytes=preferred,
        max_channels=fields.number("MaxChannels", default=0, least=0, most=2**63 - 1),
        kafka_brokers=_addresses(kafka.fields("Brokers").words("Brokers")) if kafka else (),
        raft_at=raft_at,
        raft_consenters=consenters.raft(raft_fields.elements("Consenters")) if raft_fields else (),
        raft_options=cluster_options.raft(raft_fields.get("Options") if raft_fields else None),
        bft_at=fields.get("ConsenterMapping"),
        bft_consenters=consenters.bft(fields.elements("ConsenterMapping")),
        bft_options=cluster_options.bft(fields.get("SmartBFT")),
        organizations=read_organizations(fields),
        capabilities=read_capabilities(fields, "Orderer"),
        policies=policies.read(fields),
    )


def check_type(orderer: OrdererEntry) -> None:
    """What the orderer's type needs; only for a section that is used."""
    if orderer.type == "kafka" and not orderer.kafka_brokers:
        orderer.type_at.tell("the orderer type is `kafka`, and there are no brokers", _BROKERS)
    if orderer.type == "etcdraft" and not orderer.consenters:
        (orderer.raft_at or orderer.type_at).tell(
            "the orderer type is `etcdraft`, and there are no consenters",
            "list the orderers under `EtcdRaft.Consenters`",
        )
    if orderer.type == "BFT":
        _check_bft(orderer)


def _check_bft(orderer: OrdererEntry) -> None:
    """What BFT needs, most of it without being asked for by configtxgen."""
    count = len(orderer.bft_consenters)
    if not count:
        (orderer.bft_at or orderer.type_at).tell(
            "the orderer type is `BFT`, and there are no consenters",
            "list the orderers under `ConsenterMapping`",
        )
    elif count < _LEAST_BFT and orderer.bft_at:
        orderer.bft_at.tell(
            f"{count} consenters bear no faulty one: BFT needs 3f+1 of them to bear f",
            f"list at least {_LEAST_BFT}, or use `etcdraft`",
        )
    if orderer.absolute_max_bytes < cluster_options.LEAST_BATCH_BYTES:
        orderer.at.tell(
            f"`AbsoluteMaxBytes` ({orderer.absolute_max_bytes} bytes) is less than BFT allows",
            f"use at least {cluster_options.LEAST_BATCH_BYTES} bytes",
        )
    for name, number in (
        ("BatchSize.MaxMessageCount", orderer.max_message_count),
        ("SmartBFT.RequestMaxBytes", orderer.bft_options.request_max_bytes),
    ):
        if number > orderer.absolute_max_bytes:
            orderer.at.tell(
                f"`{name}` ({number}) is more than `AbsoluteMaxBytes` "
                f"({orderer.absolute_max_bytes} bytes), with which BFT does not start",
                "make it less",
            )


def _addresses(words: tuple[Word, ...]) -> tuple[Word, ...]:
    tell_repeats(words)
    for word in words:
        rules.address(word)
    return words


def _timeout(fields: Fields) -> str:
    at = fields.get("BatchTimeout")
    if at is None:
        return "2s"
    text = at.scalar_text()
    if text is None:
        return "2s"
    try:
        nanoseconds = quantity.nanoseconds(text)
    except ValueError as error:
        quantities.tell(at, error)
        return "2s"
    if not _SHORTEST_TIMEOUT <= nanoseconds <= _LONGEST_TIMEOUT:
        at.tell(f"a batch timeout of `{text}` makes no sense", "choose one from 1ms to 1h")
    return quantity.duration(text)
