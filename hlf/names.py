"""Every name that Kubernetes objects and Fabric nodes carry, made in this one place.

PIVT's names are kept where its users see them. Names are fixed, never generated, so that what a
killed run left behind is found again.
"""

import hashlib
import re

PEER_PORT = 7051
ORDERER_PORT = 7050
ORDERER_ADMIN_PORT = 9443
ORDERER_OPERATIONS_PORT = 8443
ORDERER_CLUSTER_PORT = 7059
"""Where orderers of a Raft cluster speak TLS with each other while the network speaks none."""
CHAINCODE_PORT = 7052
COUCHDB_PORT = 5984
SNAPSHOT_PORT = 7053
"""Where a peer's snapshot is handed out while others join by it."""
KAFKA_PORT = 9092
ZOOKEEPER_PORT = 2181

CLAIM = "hlf-network"
"""ConfigMap that says which stack the namespace belongs to."""
BACKUP = "hlf-backup"
"""What jobs of backups are made of and run as: CronJob, Secret, ConfigMap, ServiceAccount, Role."""
AT_WORK = "hlf-backup-at-work"
"""ConfigMap that names the pod of the job that is at work, or was last."""
RESTORING = "hlf-restoring"
"""ConfigMap that says, as `key`, which backup is being restored; it is there only meanwhile."""
RESTORED = "hlf-restored"
"""ConfigMap that says which backup was restored, and when."""
LAST_RESTORE = ".last"
"""Its key for `<key>, <time>` of the last restore, which is never forgotten; no backup's key."""
GENESIS = "hlf-genesis"
"""ConfigMap with the system channel's genesis block, as `genesis.block`."""
ORDERER_LB = "hlf-orderer-lb"
"""Service over all orderers of all organizations."""
IS_AUTHORITY = "hlf/authority"
"""Label of the Secrets with organizations' CAs, which outlive their organizations."""
CHAINCODE_AUTHORITY = "hlf-chaincode-authority"
"""The Secret with the authority of the chaincodes' servers, keys included; only with TLS."""
KAFKA = "hlf-kafka-service"
"""Service over all Kafka brokers."""
JOBS_IMAGE = "hlf-jobs:1"
"""The image in which jobs in the cluster run, unless the settings name another: this checkout's."""
IS_JOB = "hlf/job"
"""Label of jobs' pods."""
JOB_CONTAINER = "jobs"
"""The container of a job's pod."""
JOB_SAYS_WHY = 3
"""Exit status of a job that leaves a sentence: it would end so again, and is not tried again."""
STORE_VARIABLE = "HLF_STORE"
"""The variable that tells a job the URL of the store."""
_PEER = "hlf-peer--"
_KAFKA = "hlf-kafka--"
_ZOOKEEPER = "hlf-zookeeper--"
_LONGEST_JOB = 52
"""Its pods' names are longer by 6, and a CronJob's Jobs by 11: none of them is above 63."""
_LONGEST_JOINING = 45
"""Without the digest; the workers' names, which are longer by 8, are not above 63."""
_DIGEST = 8


def peer(org: str, host: str) -> str:
    """A peer's Service, StatefulSet, Secret and volume claim."""
    return f"{_PEER}{org.lower()}--{host.lower()}"


def leaving(peer: str) -> str:
    """The ConfigMap with the channels that a peer, named as `peer` does, is to leave as it starts.

    It is there only while the peer is being restarted for it.
    """
    return f"hlf-leaving--{peer.removeprefix(_PEER)}"


def joining(peer: str, channel: str) -> str:
    """The Secret that is there while peers join a channel by a snapshot of the peer of this name.

    Names of the workers that have this peer's volume begin so, and end with what they do.
    """
    beginning = f"hlf-joining--{peer.removeprefix(_PEER)}"[:_LONGEST_JOINING].rstrip("-")
    return f"{beginning}--{_digest(f'{peer} {channel}')}"


def org_peers(org: str) -> str:
    """The Service over all peers of an organization."""
    return f"hlf-org-peer--{org.lower()}"


def orderer(org: str, host: str) -> str:
    """An orderer's Service, StatefulSet, Secret and volume claim."""
    return f"hlf-orderer--{org.lower()}--{host.lower()}"


def org_orderers(org: str) -> str:
    """The Service over all orderers of an organization."""
    return f"hlf-orderer--{org.lower()}"


def couchdb(org: str, host: str) -> str:
    """The Service, StatefulSet, Secret and volume claim of a peer's CouchDB."""
    return f"hlf-couchdb--{org.lower()}--{host.lower()}"


def kafka(number: int) -> str:
    """A Kafka broker's Service, StatefulSet, ConfigMap and volume claim."""
    return f"{_KAFKA}{number}"


def kafka_number(node: str) -> int | None:
    """The number of a Kafka broker, by which it knows itself too; None for any other node."""
    return int(node.removeprefix(_KAFKA)) if node.startswith(_KAFKA) else None


def zookeeper(number: int) -> str:
    """A ZooKeeper server's Service, StatefulSet, ConfigMap and volume claim."""
    return f"{_ZOOKEEPER}{number}"


def is_zookeeper(node: str) -> bool:
    """Whether a node is a ZooKeeper server."""
    return node.startswith(_ZOOKEEPER)


def authority(org: str) -> str:
    """The Secret with an organization's CA and TLS CA, keys included."""
    return f"hlf-authority--{org.lower()}"


def msp(org: str) -> str:
    """The ConfigMap with an organization's public MSP definition."""
    return f"hlf-msp--{org.lower()}"


def user(org: str, name: str) -> str:
    """The Secret with a user's (`Admin`, `User1`) certificate and key."""
    return f"hlf-user--{org.lower()}--{name.lower()}"


def first_block(channel: str) -> str:
    """The ConfigMap with a channel's first block, while its orderers join it."""
    return f"hlf-first-block--{channel}"


def chaincode(name: str, digest: str) -> str:
    """A chaincode's Deployment, Service and, with TLS, Secret; `digest` names what it runs."""
    return f"hlf-chaincode--{name.lower()}--{digest}"


def chaincode_source(server: str, part: int) -> str:
    """One of the ConfigMaps that carry the source of the chaincode that a server runs."""
    return f"{server}-{part}"


def backup_job(key: str) -> str:
    """The Job that makes the backup of a key."""
    return _job("hlf-backup", key)


def restore_job(key: str) -> str:
    """The Job that puts the backup of a key into the nodes' volumes."""
    return _job("hlf-restore", key)


def restore_keys_job(key: str) -> str:
    """The Job that makes Secrets and ConfigMaps of the backup of a key."""
    return _job("hlf-restore-keys", key)


def _job(kind: str, key: str) -> str:
    """Keys may be longer than names and hold other characters; then a digest tells them apart."""
    name = f"{kind}--{re.sub('[^a-z0-9-]', '-', key.lower()).rstrip('-')}"
    if name == f"{kind}--{key}" and len(name) <= _LONGEST_JOB:
        return name
    return f"{name[: _LONGEST_JOB - _DIGEST - 1].rstrip('-')}-{_digest(key)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST]


def pod(node: str) -> str:
    """The pod of a node's StatefulSet."""
    return f"{node}-0"
