"""A worker that restores: it fills volumes, and afterwards forgets or brings back what was there.

A CouchDB is emptied: it is in no backup, and its peer fills it again from the ledger.
"""

from typing import Any

from hlf.backup.errors import NotThere
from hlf.backup.manifest import Manifest, Node, Tree
from hlf.backup.reading_manifest import read_manifest
from hlf.backup.repository import Repository
from hlf.backup.restoring import forget_kept, put_back, restore
from hlf.backup.seeding import to_restore
from jobs.place import Place
from jobs.work import Folder, Teller, Work

FILL, FORGET, RETURN = VERBS = ("fill", "forget", "return")
_EMPTY = Tree(files=(), folders=(), links=())


def run(place: Place, verb: str) -> dict[str, Any]:
    """Do one of `VERBS` in this worker's folders, one after the other: the store is the limit."""
    work = Work.here()
    if verb == FILL:
        _fill(place, work)
    else:
        for folder in work.folders:
            {FORGET: forget_kept, RETURN: put_back}[verb](folder.path)
    return {}


def _fill(place: Place, work: Work) -> None:
    repository = place.repository()
    manifest = manifest_of(repository, work.key)
    nodes = {node.name: node for node in manifest.nodes}
    teller = Teller(place)
    for folder in work.folders:
        node = _node(manifest, nodes, folder)
        restore(repository, work.key, node, folder.path, teller.of(folder.name))


def manifest_of(repository: Repository, key: str) -> Manifest:
    """A backup's manifest; NotThere, also where the backup was given up."""
    manifest = read_manifest(repository, key)
    if manifest is None:
        raise NotThere(
            f"backup {key} in the store {repository} was killed and given up; choose another"
        )
    return manifest


def _node(manifest: Manifest, nodes: dict[str, Node], folder: Folder) -> Node:
    if folder.role == "couchdb":
        return Node(name=folder.name, msp_id=folder.msp_id, role=folder.role, tree=_EMPTY)
    return to_restore(manifest, nodes[folder.name])
