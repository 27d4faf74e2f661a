"""What is on a node's volume beside the node's files, and never part of a backup."""

RESTORING = ".hlf-restore-"
"""What names of ours begin with, in the node's folder itself; see `restoring.py`."""
_FILE_SYSTEM = "lost+found"
"""The file system's own; only root may read it."""


def is_nodes(name: str) -> bool:
    """Whether an entry at the top of a node's folder is the node's."""
    return name != _FILE_SYSTEM and not name.startswith(RESTORING)
