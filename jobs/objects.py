"""The Secrets and ConfigMaps that a network is made of, into a backup and back.

What a restore brings back is what nothing else can make again: CAs, identities, passwords, and the
genesis block. The rest follows from the files.
"""

import json
from collections.abc import Iterator, Mapping

from actions import cluster
from actions.cluster import Manifest
from hlf import names
from hlf.backup.manifest import Content
from hlf.backup.manifest import Manifest as Backup
from hlf.backup.reading import read_content
from hlf.backup.repository import Repository
from hlf.backup.writing import Writer
from hlf.errors import FabricError

_PLURALS = {"Secret": "secrets", "ConfigMap": "configmaps"}
_OURS = "hlf-"
_PASSING = ("hlf-backup", "hlf-restor", "hlf-first-block--", "hlf-leaving--")
"""What belongs to a task and not to the network: these begin so."""
_MSP = "hlf-msp--"
_SERVER = "hlf-chaincode--"
"""Secrets of chaincodes' servers, which come and go with these, begin so."""
_KEPT = ("type", "data", "binaryData")


def save(namespace: str, writer: Writer) -> dict[str, Content]:
    """Store the namespace's objects; return their contents by `kind/name`."""
    return {
        f"{kind}/{each['metadata']['name']}": writer.add_bytes(_encoded(each))
        for kind, plural in _PLURALS.items()
        for each in cluster.find(namespace, plural)
        if _is_the_networks(each["metadata"]["name"])
    }


def bring_back(namespace: str, repository: Repository, backup: Backup) -> list[str]:
    """Make the objects that are not there, and return which; FabricError where one is another."""
    wanted = dict(_wanted(repository, backup))
    there = {name: _live(namespace, name) for name in wanted}
    different = [
        name for name, live in there.items() if live is not None and live != _data(wanted[name])
    ]
    if different:
        raise FabricError(
            f"{', '.join(different)} in {namespace} is not that of backup {backup.key}: this is "
            "another network, or its certificates were renewed since. Restore into an empty "
            "namespace, or delete what is to be replaced by the backup's"
        )
    missing = [name for name, live in there.items() if live is None]
    for name in missing:
        kind, _, _ = name.partition("/")
        cluster.create(namespace, _PLURALS[kind], wanted[name])
    return missing


def _wanted(repository: Repository, backup: Backup) -> Iterator[tuple[str, Manifest]]:
    for name, content in backup.objects.items():
        kind, _, object_name = name.partition("/")
        if _is_brought_back(kind, object_name):
            yield name, json.loads(read_content(repository, f"object {name}", content))


def _is_the_networks(name: str) -> bool:
    return name.startswith(_OURS) and not name.startswith(_PASSING)


def _is_brought_back(kind: str, name: str) -> bool:
    if kind == "Secret":
        return not name.startswith(_SERVER)
    return name == names.GENESIS or name.startswith(_MSP)


def _live(namespace: str, name: str) -> Manifest | None:
    kind, _, object_name = name.partition("/")
    found = cluster.get(namespace, _PLURALS[kind], object_name)
    return None if found is None else _data(found)


def _data(manifest: Manifest) -> Manifest:
    return {key: manifest.get(key) or {} for key in ("data", "binaryData")}


def _encoded(live: Manifest) -> bytes:
    metadata = {"name": live["metadata"]["name"]}
    if labels := live["metadata"].get("labels"):
        metadata["labels"] = labels
    kept: Mapping[str, object] = {key: live[key] for key in _KEPT if key in live}
    return json.dumps({"metadata": metadata, **kept}, sort_keys=True).encode()
