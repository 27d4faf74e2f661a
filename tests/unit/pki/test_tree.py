from pathlib import Path

import pytest

from hlf.pki.tree import lay


def contents(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


def test_what_exists_is_kept_and_what_is_missing_is_added(tmp_path: Path):
    lay(tmp_path, "peer", "karga.tr", nodes={"peer0": ()}, users=1)
    before = contents(tmp_path)
    lay(tmp_path, "peer", "karga.tr", nodes={"peer0": (), "peer1": ("x",)}, users=2)
    after = contents(tmp_path)
    assert before.items() < after.items()
    new = {path.split("/")[3] for path in after.keys() - before.keys()}
    assert new == {"peer1.karga.tr", "User2@karga.tr"}


def test_a_folder_half_laid_by_a_run_that_was_killed_is_not_there(tmp_path: Path, monkeypatch):
    def killed(self: Path, target: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", killed)
        with pytest.raises(KeyboardInterrupt):
            lay(tmp_path, "peer", "karga.tr", nodes={})
    assert contents(tmp_path) == {}
    lay(tmp_path, "peer", "karga.tr", nodes={})
    assert "peerOrganizations/karga.tr/ca/priv_sk" in contents(tmp_path)


def test_the_same_source_lays_the_same_tree(tmp_path: Path, fixed):
    for name in ("one", "two"):
        lay(tmp_path / name, "orderer", "g.nl", nodes={"orderer0": ()}, source=fixed())
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
