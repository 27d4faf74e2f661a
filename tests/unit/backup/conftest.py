import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from hlf.backup import repository, sealing
from tests.unit.backup import saved as making
from tests.unit.backup.saved import Saved


@pytest.fixture(scope="session", autouse=True)
def cheap_scrypt() -> Iterator[None]:
    """Guessing these tests' passphrase may be fast."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repository, "Cost", partial(sealing.Cost, n=16))
        yield


@pytest.fixture
def saved(tmp_path: Path) -> Iterator[Saved]:
    """An empty repository, and a node with a ledger; gone after the test, because it is large."""
    yield making.make(tmp_path)
    shutil.rmtree(tmp_path, ignore_errors=True)
