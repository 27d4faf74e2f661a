"""A channel's configuration as data: what `configtx.yaml` says and what a config block holds.

The same types describe the wanted and the live configuration, so that the two can be compared
and shown. MSP definitions and consenter certificates are not in here: they are named (by
organization, or by `hlf.config.reference`) and given to `hlf.config.build` apart, because they
are made while the network comes up.

Policies are strings. `"ANY Readers"`, `"ALL ..."` and `"MAJORITY Admins"` are ImplicitMeta
policies; anything else is a signature policy such as `"OR('KargaMSP.admin', 'KargaMSP.client')"`.

Source: Fabric's `sampleconfig/configtx.yaml` and `common/channelconfig`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hlf.config import reference


@dataclass(frozen=True, kw_only=True)
class Organization:
    """One organization of a channel; its name is the key of the mapping that holds it."""

    msp_id: str
    policies: Mapping[str, str]
    anchor_peers: tuple[str, ...] = ()
    """`host:port` of each, only where the organization has peers in the channel."""
    orderer_endpoints: tuple[str, ...] = ()
    """`host:port` of each, only where the organization runs orderers."""


@dataclass(frozen=True, kw_only=True)
class Consenter:
    """A member of a Raft cluster. The certificates are references; see `hlf.config.reference`."""

    host: str
    port: int
    client_tls_cert: str
    server_tls_cert: str

    @property
    def node(self) -> tuple[str, str] | None:
        """Organization and host of the orderer that it is, as in crypto-config.yaml.

        None where the certificates are none of this network's orderers, as a live channel's may
        be that was made elsewhere or before its certificates were renewed.
        """
        nodes = {reference.node(each) for each in self.references}
        return nodes.pop() if len(nodes) == 1 else None

    @property
    def references(self) -> tuple[str, ...]:
        """Every certificate of it."""
        return self.client_tls_cert, self.server_tls_cert


@dataclass(frozen=True, kw_only=True)
class BftConsenter(Consenter):
    """A member of a BFT cluster; `identity` is the reference of its signing certificate."""

    id: int
    msp_id: str
    identity: str

    @property
    def references(self) -> tuple[str, ...]:
        """Every certificate of it."""
        return self.client_tls_cert, self.server_tls_cert, self.identity


@dataclass(frozen=True, kw_only=True)
class RaftOptions:
    """etcdraft's options, with Fabric's own defaults."""

    tick_interval: str = "500ms"
    election_tick: int = 10
    heartbeat_tick: int = 1
    max_inflight_blocks: int = 5
    snapshot_interval_size: int = 16 * 1024 * 1024
    """Bytes."""


@dataclass(frozen=True, kw_only=True)
class Raft:
    """What etcdraft needs beside the orderer's general part."""

    consenters: tuple[Consenter, ...]
    options: RaftOptions = field(default_factory=RaftOptions)


@dataclass(frozen=True, kw_only=True)
class BftOptions:
    """SmartBFT's options, with the defaults of Fabric 3.1.

    Orderers take a batch's count and size from the channel's batch size instead of
    `request_batch_max_count` and `request_batch_max_bytes`, and cut batches after
    `request_batch_max_interval`: the channel's batch timeout does not count.
    """

    request_batch_max_count: int = 100
    request_batch_max_bytes: int = 10 * 1024 * 1024
    request_batch_max_interval: str = "50ms"
    incoming_message_buffer_size: int = 200
    request_pool_size: int = 400
    request_forward_timeout: str = "2s"
    request_complain_timeout: str = "20s"
    request_auto_remove_timeout: str = "3m0s"
    request_max_bytes: int = 0
    """0 is as much as a batch may have."""
    view_change_resend_interval: str = "5s"
    view_change_timeout: str = "20s"
    leader_heartbeat_timeout: str = "1m0s"
    """After this long without a sign of the leader another one is chosen."""
    leader_heartbeat_count: int = 10
    """Heartbeats in each `leader_heartbeat_timeout`."""
    collect_timeout: str = "1s"
    sync_on_start: bool = False
    speed_up_view_change: bool = False
    leader_rotation: bool = False
    """Fabric 3.1 refuses updates of a channel where this is on."""
    decisions_per_leader: int = 0


@dataclass(frozen=True, kw_only=True)
class Bft:
    """What BFT needs beside the orderer's general part.

    The policy `BlockValidation` of a BFT channel follows from the consenters, in their order, and
    is therefore not among the policies of its `Orderer`; one that does not follow is.
    """

    consenters: tuple[BftConsenter, ...]
    options: BftOptions = field(default_factory=BftOptions)


@dataclass(frozen=True, kw_only=True)
class Orderer:
    """The Orderer group."""

    type: str
    """`solo`, `kafka`, `etcdraft` or `BFT`."""
    addresses: tuple[str, ...] = ()
    """`host:port`; the channel's global orderer addresses."""
    batch_timeout: str
    """As Go prints a duration: `"2s"`, `"300ms"`, `"1m0s"`."""
    max_message_count: int
    absolute_max_bytes: int
    preferred_max_bytes: int
    max_channels: int = 0
    kafka_brokers: tuple[str, ...] = ()
    raft: Raft | None = None
    bft: Bft | None = None
    policies: Mapping[str, str]
    capabilities: tuple[str, ...] = ()
    organizations: Mapping[str, Organization]

    @property
    def consenters(self) -> tuple[Consenter, ...]:
        """The members of the cluster, whatever its type; none for Solo and Kafka."""
        if self.bft is not None:
            return self.bft.consenters
        return self.raft.consenters if self.raft is not None else ()


@dataclass(frozen=True, kw_only=True)
class Application:
    """The Application group."""

    policies: Mapping[str, str]
    capabilities: tuple[str, ...] = ()
    acls: Mapping[str, str] = field(default_factory=dict[str, str])
    organizations: Mapping[str, Organization]


@dataclass(frozen=True, kw_only=True)
class ChannelConfig:
    """A whole channel. The system channel has `consortiums`; the others have an `application`."""

    policies: Mapping[str, str]
    capabilities: tuple[str, ...] = ()
    orderer: Orderer | None = None
    application: Application | None = None
    consortium: str | None = None
    consortiums: Mapping[str, Mapping[str, Organization]] = field(
        default_factory=dict[str, Mapping[str, Organization]]
    )

    def organizations(self) -> dict[str, Organization]:
        """Every organization of the channel, whatever its part, by its name there."""
        found: dict[str, Organization] = {}
        for consortium in self.consortiums.values():
            found.update(consortium)
        for part in (self.application, self.orderer):
            if part is not None:
                found.update(part.organizations)
        return found
