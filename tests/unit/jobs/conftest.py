from pathlib import Path

import pytest

from hlf.backup.repository import Repository, open_or_create_repository
from hlf.backup.store import open_store
from jobs.place import Place
from tests.unit.backup.conftest import cheap_scrypt

__all__ = ["cheap_scrypt"]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """An empty one, in a folder."""
    (tmp_path / "store").mkdir()
    return open_or_create_repository(open_store(f"file://{tmp_path}/store"), "a passphrase")


@pytest.fixture
def place() -> Place:
    """A pod of a job in a namespace."""
    return Place(namespace="fabric", pod="job-b", store="file:///backups", retention=None)
