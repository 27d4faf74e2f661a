from dataclasses import dataclass
from pathlib import Path

import pytest

from hlf.pki.msp import Msp
from tests.unit.config import networks


@dataclass(frozen=True, kw_only=True)
class Material:
    root: Path
    msps: dict[str, Msp]
    certificates: dict[str, bytes]


@pytest.fixture(scope="session")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    """A crypto-config tree, and what is read from it."""
    root = tmp_path_factory.mktemp("network")
    networks.lay_crypto(root)
    return Material(
        root=root, msps=networks.read_msps(root), certificates=networks.read_certificates(root)
    )
