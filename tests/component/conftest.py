from pathlib import Path

import pytest

from tests.component.recorded import Recorded, Sample


@pytest.fixture
def sample(tmp_path: Path) -> Sample:
    return Sample.copy(tmp_path)


@pytest.fixture(scope="session")
def simple(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """samples/simple as it is."""
    return Sample.copy(tmp_path_factory.mktemp("simple")).record()


@pytest.fixture(scope="session")
def without_node_ous(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """samples/simple where Karga has no NodeOUs."""
    sample = Sample.copy(tmp_path_factory.mktemp("node-ous"))
    karga = "Domain: aptalkarga.tr\n    EnableNodeOUs: "
    return sample.change("crypto-config.yaml", (f"{karga}true", f"{karga}false")).record()
