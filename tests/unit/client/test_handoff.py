"""Updates that travel: signed one after the other or side by side, and told when they are none."""

from pathlib import Path

import pytest

from actions import handoff as files
from hlf import sign
from hlf.client import handoff
from hlf.client.envelope import sign_update
from hlf.client.identity import Signer
from hlf.client.protos import ConfigUpdate
from hlf.errors import FabricError
from hlf.pki.authority import issue, make_authority

UPDATE = ConfigUpdate(channel_id="common")


def signer(msp_id: str) -> Signer:
    pair = issue(make_authority("a.tr", "ca"), common_name="Admin@a.tr", role="admin")
    return Signer(msp_id=msp_id, certificate=pair.certificate, key=pair.key)


@pytest.fixture
def karga() -> Signer:
    return signer("KargaMSP")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, karga: Signer) -> Path:
    """An update that Karga has signed, as a run writes it."""
    monkeypatch.chdir(tmp_path)
    made = files.file_of("dev", "common")
    files.write(made, UPDATE, {"KargaMSP": sign_update(UPDATE, karga)}, karga)
    assert made == Path("updates/dev/common.pb")
    return made


def arguments(file: Path, admin: Signer, tmp_path: Path) -> list[str]:
    (tmp_path / "cert.pem").write_bytes(admin.certificate)
    (tmp_path / "key.pem").write_bytes(admin.key)
    identity = ["--certificate", str(tmp_path / "cert.pem"), "--key", str(tmp_path / "key.pem")]
    return [str(file), "--msp-id", admin.msp_id, *identity]


def test_an_admin_elsewhere_looks_signs_and_the_next_run_has_it(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sign.main([str(file)]) == 0
    assert capsys.readouterr().out == "channel common\nsigned by KargaMSP\n"
    atlantis = signer("AtlantisMSP")
    for _ in range(2):  # twice is once
        assert sign.main(arguments(file, atlantis, tmp_path)) == 0
        assert "signed by AtlantisMSP, KargaMSP" in capsys.readouterr().out
    assert set(files.signatures(file, UPDATE)) == {"KargaMSP", "AtlantisMSP"}
    files.forget(file)
    assert files.signatures(file, UPDATE) == {}
    files.forget(file)


def test_signatures_over_another_update_are_of_no_use(file: Path) -> None:
    assert files.signatures(file, ConfigUpdate(channel_id="other")) == {}


@pytest.mark.parametrize("content", [b"", b"\xff", b"text"])
def test_what_is_no_update_is_told(
    file: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_bytes(content)
    with pytest.raises(FabricError, match=r"updates/dev/common.pb: this is no .*; delete it"):
        files.signatures(file, UPDATE)
    assert sign.main([str(file)]) == 1
    assert "this is no configuration update" in capsys.readouterr().err
    with pytest.raises(FabricError, match="no configuration update"):
        handoff.unpack(content)


def test_half_an_identity_is_told(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        sign.main([str(file), "--msp-id", "KargaMSP"])
    assert "give all of --msp-id, --certificate and --key" in capsys.readouterr().err


def test_a_key_that_is_none_is_told(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = arguments(file, signer("AtlantisMSP"), tmp_path)
    (tmp_path / "key.pem").write_text("no key")
    assert sign.main(given) == 1
    assert str(file) in capsys.readouterr().err
    assert set(files.signatures(file, UPDATE)) == {"KargaMSP"}
