"""What the three input files and the stack's settings say, checked, as frozen data.

This is the only form in which the rest of the program sees them: nothing further in reads YAML,
environment variables or stack settings. `hlf.spec.load` makes it or tells every mistake at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hlf.backup.retention import Retention
from hlf.client.collections import Collection
from hlf.config.model import ChannelConfig
from hlf.spec.capabilities import has_lifecycle


@dataclass(frozen=True, kw_only=True)
class Node:
    """A peer or an orderer: `org` and `host` name it (`Karga`, `peer0`)."""

    org: str
    host: str
    domain: str
    sans: tuple[str, ...] = ()
    """Further names for its TLS certificate, from `Specs[].SANS`, templates filled in."""

    @property
    def fqdn(self) -> str:
        """`peer0.aptalkarga.tr`."""
        return f"{self.host}.{self.domain}"


@dataclass(frozen=True, kw_only=True)
class Org:
    """An organization of crypto-config.yaml, of either kind."""

    name: str
    """As in crypto-config.yaml: `Karga`."""
    msp_id: str
    """`KargaMSP`: the ID of the organization of configtx.yaml whose MSPDir is this org's."""
    domain: str
    node_ous: bool
    nodes: tuple[Node, ...]
    users: int
    """How many users beside the admin: `User1`, `User2`, ..."""


@dataclass(frozen=True, kw_only=True)
class SystemChannel:
    """The ordering service's own channel, whose genesis block starts the orderers."""

    name: str
    config: ChannelConfig


@dataclass(frozen=True, kw_only=True)
class Channel:
    """An application channel.

    `config.application.organizations` has every member; `orgs` are those (by crypto-config name)
    whose peers join, but for `without_peers`.
    """

    name: str
    orgs: tuple[str, ...]
    without_peers: frozenset[Node] = frozenset()
    """Peers of `orgs` that are not in it, and leave it where they are."""
    join_by_snapshot: bool = False
    """Whether peers join it by a snapshot of another one of their organization, if there is one."""
    config: ChannelConfig
    """The Application part and channel policies and capabilities of its own profile; the Orderer
    part of its own profile where it has one, else of the genesis profile. Which orderer a member
    of `config.orderer.consenters` is, its `node` says: `(Node.org, Node.host)`, never None here."""

    @property
    def legacy(self) -> bool:
        """Whether its chaincodes have the lifecycle of Fabric 1, `lscc`."""
        application = self.config.application
        return application is not None and not has_lifecycle(application.capabilities)


@dataclass(frozen=True, kw_only=True)
class SecretKey:
    """Where a value is that must be in no file and no state: in a Secret of the namespace."""

    secret: str
    key: str


@dataclass(frozen=True, kw_only=True)
class Call:
    """The transaction that a chaincode is called with once it runs on a channel."""

    function: str = "ping"
    """PIVT's, which its samples have."""
    arguments: tuple[str, ...] = ()
    transient: Mapping[str, SecretKey] = field(default_factory=dict[str, SecretKey])
    """By the names under which the chaincode finds the values."""
    trigger: str | None = None
    """Another text is another call."""


@dataclass(frozen=True, kw_only=True)
class ChaincodeOnChannel:
    """A chaincode's definition on one channel."""

    channel: str
    orgs: tuple[str, ...]
    """Whose peers are called after the commit; names of crypto-config.yaml."""
    policy: str | None
    """A signature policy; None is the channel's `/Channel/Application/Endorsement`, and with the
    old lifecycle any member."""
    call: Call | None = field(default_factory=Call)
    """None: it is not called."""


@dataclass(frozen=True, kw_only=True)
class Chaincode:
    """A chaincode: exactly one of `source` and `image` is set."""

    name: str
    version: str
    language: str
    """Of source `golang` or `node`; of an image what network.yaml says, which may be nothing."""
    orgs: tuple[str, ...]
    """On whose peers it is installed; names of crypto-config.yaml."""
    channels: tuple[ChaincodeOnChannel, ...]
    source: Path | None
    image: str | None
    indexes: Mapping[str, str] = field(default_factory=dict[str, str])
    """CouchDB indexes, JSON texts by their paths below META-INF."""
    collections: Mapping[str, Collection] = field(default_factory=dict[str, Collection])
    """Private data collections, the same on all its channels, by name."""
    init: tuple[str, ...] | None = None
    """What its Init is called with, once for each version. None: with the current lifecycle it is
    not called, with the old one it is, with one empty argument."""


LEVELDB, COUCHDB = "LevelDB", "CouchDB"
ANTI_AFFINITIES = ("preferred", "required", "none")


@dataclass(frozen=True, kw_only=True)
class Resources:
    """What a pod asks for and what it may use, in Kubernetes' quantities, by `cpu` and `memory`."""

    requests: Mapping[str, str] = field(default_factory=dict[str, str])
    limits: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, kw_only=True)
class PodSettings:
    """What the setting `pods` says for one kind of pod."""

    image: str | None = None
    """None is the official one."""
    registry: str | None = None
    """Where official images are taken from instead, such as `registry.example.com/fabric`."""
    pull_secrets: tuple[str, ...] = ()
    log_level: str = "info"
    storage_class: str | None = None
    """None is the cluster's default."""
    storage_size: str = "1Gi"
    resources: Resources = field(default_factory=Resources)
    anti_affinity: str = "preferred"
    """Whether pods of one kind share a machine: one of `ANTI_AFFINITIES`."""
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])
    replicas: int = 1
    """How many there are; only for Kafka and ZooKeeper, the files name all other nodes."""

    def image_of(self, official: str) -> str:
        """Return the image to run in place of an official one."""
        if self.image is not None:
            return self.image
        return f"{self.registry}/{official}" if self.registry else official


STORE_FOLDER = "/backups"
"""Where jobs have the volume that backups are stored on, if it is one."""


@dataclass(frozen=True, kw_only=True)
class BackupSettings:
    """What the setting `backup` says; its secrets are in no `repr`."""

    store: str
    """The URL for the jobs; on a volume that of a folder below `STORE_FOLDER`."""
    claim: str | None = None
    """The PersistentVolumeClaim that is mounted at `STORE_FOLDER`."""
    passphrase: str = field(repr=False)
    """What everything in the store is encrypted with."""
    credentials: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """Variables of the jobs' environment, by name."""
    credentials_secret: str | None = None
    """A Secret of the namespace that has such variables; both apply."""
    identity: Mapping[str, str] = field(default_factory=dict[str, str])
    """Annotations of the jobs' ServiceAccount."""
    key: str | None = None
    """Of the backup to make."""
    schedule: str | None = None
    """When backups are made, as a CronJob has it."""
    retention: Retention | None = None
    """None: all of them stay."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The stack's settings (`hlf:<key>` in Pulumi.<stack>.yaml), defaults filled in."""

    network: Path
    """The folder with crypto-config.yaml, configtx.yaml and network.yaml."""
    chaincode: Path
    """The folder with a folder of source per chaincode."""
    namespace: str
    fabric_version: str
    state_database: str
    """`LevelDB` or `CouchDB`."""
    pods: Mapping[str, PodSettings]
    """By kind: `peer`, `orderer`, `couchdb`, `kafka`, `zookeeper`, `chaincode`, `backup`."""
    keep_data: bool
    protect: bool
    raise_application_capability: str | None
    """What every channel is raised to that has less, `V2_0` or `V2_5`; None: as configtx.yaml."""
    backup: BackupSettings | None = None
    restore_from: str | None = None
    """The key of the backup that the network begins with; only where there is `backup`."""


@dataclass(frozen=True, kw_only=True)
class Network:
    """Everything that decides what comes up."""

    settings: Settings
    orderer_orgs: tuple[Org, ...]
    peer_orgs: tuple[Org, ...]
    system_channel: SystemChannel | None
    """None: orderers join each channel by its first block (Fabric's participation API)."""
    channels: tuple[Channel, ...]
    chaincodes: tuple[Chaincode, ...]
    tls: bool
    actual_domains: bool
    warnings: tuple[str, ...] = ()
    """What is allowed and hardly meant, each a sentence with its place."""

    @property
    def orgs(self) -> tuple[Org, ...]:
        """All organizations, those with orderers first."""
        return (*self.orderer_orgs, *self.peer_orgs)

    @property
    def orderer_type(self) -> str:
        """`solo`, `kafka`, `etcdraft` or `BFT`: the same on all channels."""
        systems = (self.system_channel,) if self.system_channel else ()
        orderers = (each.config.orderer for each in (*systems, *self.channels))
        return next((orderer.type for orderer in orderers if orderer), "solo")

    @property
    def is_cluster(self) -> bool:
        """Whether the orderers are members of a cluster, which know each other by certificates."""
        return self.orderer_type in ("etcdraft", "BFT")
