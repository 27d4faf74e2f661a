"""A copy of samples/simple to change, with chaincode folders that hold just enough."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from hlf.spec import Mistake, SpecError, load
from hlf.spec.model import Network

REPOSITORY = Path(__file__).parents[3]


@dataclass(frozen=True, kw_only=True)
class Input:
    """A folder `net` with the three files and a folder `chaincode`, below `root`."""

    root: Path

    def change(self, file: str, old: str, new: str) -> None:
        """Replace the first `old`, which must be there."""
        path = self.root / "net" / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} does not hold {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def write(self, file: str, data: bytes) -> None:
        (self.root / "net" / file).write_bytes(data)

    def load(self, **settings: object) -> Network:
        return load(
            {"network": "net", "chaincode": "chaincode", **settings}, root=self.root, stack="dev"
        )

    def mistakes(self, **settings: object) -> tuple[Mistake, ...]:
        with pytest.raises(SpecError) as caught:
            self.load(**settings)
        return caught.value.mistakes

    def mistake(self, **settings: object) -> Mistake:
        """The one mistake there is."""
        mistakes = self.mistakes(**settings)
        assert len(mistakes) == 1, "\n".join(str(each) for each in mistakes)
        return mistakes[0]


def assert_told(mistake: Mistake, *, file: str, path: str, words: str) -> None:
    """The sentence names file and path, says each of `words` (split at `|`), and has a remedy."""
    assert mistake.file == (file if file.startswith("Pulumi") else f"net/{file}"), str(mistake)
    assert mistake.path == path, str(mistake)
    assert mistake.remedy
    for word in words.split("|"):
        assert word in str(mistake), f"{word!r} is not in: {mistake}"
    assert "\n" not in str(mistake)


@pytest.fixture(scope="session")
def tell():
    """`assert_told`, because test modules cannot import from conftest here."""
    return assert_told


@pytest.fixture
def simple(tmp_path: Path) -> Input:
    """samples/simple, unchanged."""
    shutil.copytree(REPOSITORY / "samples" / "simple", tmp_path / "net")
    for name in ("very-simple", "even-simpler"):
        (tmp_path / "chaincode" / name).mkdir(parents=True)
        (tmp_path / "chaincode" / name / "go.mod").write_text(f"module {name}\n")
    return Input(root=tmp_path)


@pytest.fixture
def pivt(simple: Input) -> Input:
    """The same network in PIVT's own way: Fabric 1.4's capabilities and lifecycle."""
    shutil.rmtree(simple.root / "net")
    shutil.copytree(Path(__file__).parent / "pivt-simple", simple.root / "net")
    return simple
