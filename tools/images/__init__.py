"""The container images of the embedded node: official names, entry points and files.

They stand in for the official images, whose bytes no package registry has: the programs are built
from the same sources, and the base system is a busybox. What a network needs is made, and no more:
most need neither Kafka nor CouchDB nor Node.js, and making these takes time.
"""

from tools import versions
from tools.errors import ToolsError
from tools.images.couchdb import COUCHDB
from tools.images.fabric import FABRICS
from tools.images.jobs import JOBS
from tools.images.kafka import KAFKA
from tools.images.nodeenv import NODEENV
from tools.images.recipe import Recipe, is_made, made_of, make
from tools.images.system import BUSYBOX, DNS, PAUSE

__all__ = [
    "ALL",
    "BUSYBOX",
    "COUCHDB",
    "FABRICS",
    "JOBS",
    "KAFKA",
    "NODE",
    "NODEENV",
    "Recipe",
    "is_made",
    "made_of",
    "make",
    "needed",
]

NODE = (PAUSE, DNS)
"""What the node itself runs."""


def needed(
    *,
    fabric_version: str = versions.FABRIC,
    state_database: str = "LevelDB",
    orderer_type: str = "solo",
    node_chaincodes: bool = False,
    jobs: bool = False,
) -> tuple[Recipe, ...]:
    """Return the images that a network runs.

    ``state_database`` and ``orderer_type`` are spelled as in the settings and in configtx.yaml;
    ``node_chaincodes`` says whether it has source of chaincodes in Node.js, ``jobs`` whether it is
    backed up or has peers join by snapshots.
    Raises ToolsError for a version of Fabric that cannot be made here.
    """
    fabric = FABRICS.get(fabric_version)
    if not fabric:
        raise ToolsError(
            f"there are no images of Fabric {fabric_version} for the embedded Kubernetes: choose "
            f"one of {', '.join(FABRICS)}, or name a cluster of your own in HLF_CONTEXT"
        )
    recipes = [fabric.peer, fabric.orderer, fabric.ccenv, BUSYBOX]
    if state_database == "CouchDB":
        recipes.append(COUCHDB)
    if orderer_type == "kafka":
        recipes.append(KAFKA)
    if node_chaincodes:
        recipes.append(NODEENV)
    if jobs:
        recipes.append(JOBS)
    return tuple(recipes)


ALL = (
    *NODE,
    *(
        recipe
        for fabric in FABRICS.values()
        for recipe in (fabric.peer, fabric.orderer, fabric.ccenv)
    ),
    *(BUSYBOX, COUCHDB, KAFKA, NODEENV, JOBS),
)
"""Every image that can be made here."""
