"""A channel's configuration as data: what `configtx.yaml` says and what a config block holds.

The same types describe the wanted and the live configuration, so that the two can be compared
and shown. MSP definitions and consenter certificates are not in here: they are named (by
organization, or by the certificate's place) and given to `hlf.config.build` apart, because they
are made while the network comes up.

Policies are strings. `"ANY Readers"`, `"ALL ..."` and `"MAJORITY Admins"` are ImplicitMeta
policies; anything else is a signature policy such as `"OR('KargaMSP.admin', 'KargaMSP.client')"`.

Source: Fabric's `sampleconfig/configtx.yaml` and `common/channelconfig`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


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
    """A member of a Raft cluster. The certificates are references: the paths in configtx.yaml."""

    host: str
    port: int
    client_tls_cert: str
    server_tls_cert: str


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
class Orderer:
    """The Orderer group."""

    type: str
    """`solo`, `kafka` or `etcdraft`."""
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
    policies: Mapping[str, str]
    capabilities: tuple[str, ...] = ()
    organizations: Mapping[str, Organization]


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
