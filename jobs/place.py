"""Where a job runs and what it is told: the environment of its pod, and the ConfigMap it mounts.

| Environment | |
|---|---|
| `HLF_NAMESPACE`, `HLF_POD` | the pod's own |
| `HLF_STORE` | URL of the store of backups; its credentials are beside it (`hlf.backup.store`) |
| `HLF_BACKUP_PASSPHRASE` | what everything there is encrypted with |
| `HLF_RETENTION_LAST`, `HLF_RETENTION_DAYS` | which backups stay; without both, all |

The ConfigMap, at `/etc/hlf`, has `network.json` (see `Network`), and what a backup takes along as
inputs: the three files and the stack's settings.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from actions.nodes import Nodes
from hlf import names
from hlf.backup.repository import Repository, open_or_create_repository, open_repository
from hlf.backup.retention import Retention
from hlf.backup.store import open_store
from hlf.errors import FabricError

_CONFIG = Path("/etc/hlf")
_NETWORK = "network.json"


@dataclass(frozen=True, kw_only=True)
class Member:
    """A node of the network: a role of `hlf.backup.manifest.ROLES`, and whose it is."""

    role: str
    msp_id: str
    """Empty for what belongs to no organization."""


@dataclass(frozen=True, kw_only=True)
class Network:
    """The network as its files say it is."""

    stack: str
    fabric: str
    shape: Mapping[str, str]
    nodes: Mapping[str, Member]
    """By StatefulSet."""
    access: Mapping[str, Any]
    """Inputs of `actions.access.Access`, but for the namespace."""

    @classmethod
    def read(cls, text: str) -> "Network":
        """Read `network.json`."""
        value = json.loads(text)
        nodes = {
            name: Member(role=node["role"], msp_id=node["mspId"])
            for name, node in value["nodes"].items()
        }
        return cls(
            stack=value["stack"],
            fabric=value["fabric"],
            shape=value["shape"],
            nodes=nodes,
            access=value["access"],
        )


@dataclass(frozen=True, kw_only=True)
class Place:
    """A job's surroundings."""

    namespace: str
    pod: str
    store: str
    retention: Retention | None

    @classmethod
    def here(cls) -> "Place":
        """From the environment."""
        return cls(
            namespace=_variable("HLF_NAMESPACE"),
            pod=_variable("HLF_POD"),
            store=_variable(names.STORE_VARIABLE),
            retention=_retention(),
        )

    @cached_property
    def network(self) -> Network:
        """The network that the namespace is for."""
        return Network.read(self.inputs[_NETWORK].decode())

    @cached_property
    def inputs(self) -> dict[str, bytes]:
        """What a backup keeps beside the nodes' files, by name."""
        files = (path for path in _CONFIG.iterdir() if path.is_file())
        return {path.name: path.read_bytes() for path in files}

    def clients(self) -> Nodes:
        """The network's nodes, as their admins see them."""
        return Nodes.of({**self.network.access, "namespace": self.namespace})

    def repository(self) -> Repository:
        """Open the repository of backups."""
        return open_repository(open_store(self.store), _variable("HLF_BACKUP_PASSPHRASE"))

    def repository_to_fill(self) -> Repository:
        """Open the repository of backups, making it where there is none."""
        folder = urlsplit(self.store)
        if folder.scheme == "file":
            # On a volume, which is mounted, or this pod would not run.
            try:
                Path(folder.path).mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise FabricError(
                    f"{folder.path} cannot be made on the volume that hlf:backup.store names "
                    f"({error.strerror}); let user {os.getuid()} write to it"
                ) from None
        passphrase = _variable("HLF_BACKUP_PASSPHRASE")
        return open_or_create_repository(open_store(self.store), passphrase)


def _variable(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise FabricError(
            f"{name} is not in the environment of this pod; run `pulumi up`, so that the CronJob "
            "from which jobs are made is right again"
        )
    return value


def _retention() -> Retention | None:
    last, days = os.environ.get("HLF_RETENTION_LAST"), os.environ.get("HLF_RETENTION_DAYS")
    if not last and not days:
        return None
    return Retention(last=int(last) if last else None, days=float(days) if days else None)
