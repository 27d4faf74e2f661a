"""The `Orderer` section of configtx.yaml, with configtxgen's defaults filled in.

Follows Fabric's `internal/configtxgen/genesisconfig` (`completeInitialization`). What it lets
through and no ordering service can mean (a timeout of `2`, a count of 0, a batch that is larger
than its limit) is a mistake here.
"""

from dataclasses import dataclass

from hlf.config import quantity
from hlf.config.model import Consenter, Raft, RaftOptions
from hlf.spec import policies, rules
from hlf.spec.capabilities import read_capabilities
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
_CERTIFICATE = "name the certificate's file, as PIVT's samples for Raft do"
_DEFAULT_OPTIONS = RaftOptions()


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
    raft: Raft | None
    raft_at: Reader | None
    consenters: tuple[tuple[Consenter, Reader], ...]
    bft: tuple[Reader, ...]
    """What only BFT reads."""
    organizations: tuple[OrganizationEntry, ...]
    capabilities: tuple[Word, ...]
    policies: Policies


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
    absolute = _size(batch_fields, "AbsoluteMaxBytes", default=10 * 1024 * 1024)
    preferred = _size(batch_fields, "PreferredMaxBytes", default=2 * 1024 * 1024)
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
    consenters = _consenters(raft_fields.elements("Consenters")) if raft_fields else ()
    options = _options(raft_fields) if raft_fields else _DEFAULT_OPTIONS
    kafka = fields.get("Kafka")
    bft = (fields.get("SmartBFT"), fields.get("ConsenterMapping"))
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
        raft=Raft(consenters=tuple(each for each, _ in consenters), options=options)
        if raft_at
        else None,
        raft_at=raft_at,
        consenters=consenters,
        bft=tuple(each for each in bft if each),
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
        at.tell(*_problem_and_remedy(error))
        return "2s"
    if not _SHORTEST_TIMEOUT <= nanoseconds <= _LONGEST_TIMEOUT:
        at.tell(f"a batch timeout of `{text}` makes no sense", "choose one from 1ms to 1h")
    return quantity.duration(text)


def _size(fields: Fields, key: str, *, default: int) -> int:
    at = fields.get(key)
    text = at.scalar_text() if at else None
    if at is None or text is None:
        return default
    try:
        return quantity.size(text)
    except ValueError as error:
        at.tell(*_problem_and_remedy(error))
        return default


def _problem_and_remedy(error: ValueError) -> tuple[str, str]:
    """Split a sentence of `hlf.config.quantity` at its semicolon."""
    problem, _, remedy = str(error).partition("; ")
    return problem, remedy or "write a usual value; samples/simple has some"


def _consenters(elements: tuple[Reader, ...]) -> tuple[tuple[Consenter, Reader], ...]:
    consenters: list[tuple[Consenter, Reader]] = []
    seen: dict[tuple[str, int], str] = {}
    for at in elements:
        consenter = _consenter(at)
        if consenter is None:
            continue
        other = seen.setdefault((consenter.host, consenter.port), at.path)
        if other != at.path:
            at.tell(
                f"`{consenter.host}:{consenter.port}` is the same consenter as {other}",
                "take one of them out",
            )
        consenters.append((consenter, at))
    return tuple(consenters)


def _consenter(at: Reader) -> Consenter | None:
    fields = at.fields(
        "Host", "Port", "ClientTLSCert", "ServerTLSCert", "ClientTlsCert", "ServerTlsCert"
    )
    host = fields.required_word("Host", "name the orderer's host")
    port_at = fields.require("Port", "give the orderer's port, usually 7050")
    port = rules.port(port_at) if port_at else None
    certificates = [
        fields.word(f"{side}TlsCert") or fields.required_word(f"{side}TLSCert", _CERTIFICATE)
        for side in ("Client", "Server")
    ]
    client, server = certificates
    if not (host and port and client and server and rules.host(host)):
        return None
    return Consenter(
        host=host.text, port=port, client_tls_cert=client.text, server_tls_cert=server.text
    )


def _options(raft_fields: Fields) -> RaftOptions:
    at = raft_fields.get("Options")
    if at is None:
        return _DEFAULT_OPTIONS
    fields = at.fields(
        "TickInterval",
        "ElectionTick",
        "HeartbeatTick",
        "MaxInflightBlocks",
        "SnapshotIntervalSize",
    )
    interval_at = fields.get("TickInterval")
    interval = interval_at.scalar_text() if interval_at else None
    if interval_at and interval:
        try:
            quantity.nanoseconds(interval)
        except ValueError as error:
            interval_at.tell(*_problem_and_remedy(error))
    default = _DEFAULT_OPTIONS
    options = RaftOptions(
        tick_interval=interval or default.tick_interval,
        election_tick=fields.number(
            "ElectionTick", default=default.election_tick, least=1, most=_UINT32
        ),
        heartbeat_tick=fields.number(
            "HeartbeatTick", default=default.heartbeat_tick, least=1, most=_UINT32
        ),
        max_inflight_blocks=fields.number(
            "MaxInflightBlocks", default=default.max_inflight_blocks, least=1, most=_UINT32
        ),
        snapshot_interval_size=_size(
            fields, "SnapshotIntervalSize", default=default.snapshot_interval_size
        ),
    )
    if options.election_tick <= options.heartbeat_tick:
        at.tell(
            f"`ElectionTick` ({options.election_tick}) is not more than `HeartbeatTick` "
            f"({options.heartbeat_tick})",
            "make it about ten times as much",
        )
    return options
