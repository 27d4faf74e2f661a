"""A tree of ours beside cryptogen's for the same organizations."""

import re
import subprocess
from pathlib import Path

import pytest

from hlf.pki.authority import issue
from hlf.pki.pair import Pair
from hlf.pki.tree import lay
from tests.official.config import fabric

SPEC = """
OrdererOrgs:
- Name: Groeifabriek
  Domain: groeifabriek.nl
  EnableNodeOUs: true
  Specs: [{Hostname: orderer0, SANS: [127.0.0.1, localhost, "::1"]}, {Hostname: orderer1}]
PeerOrgs:
- Name: Karga
  Domain: aptalkarga.tr
  EnableNodeOUs: true
  Template: {Count: 2, SANS: [hlf-peer, 10.0.0.1]}
  Users: {Count: 2}
- Name: Old
  Domain: old.com
  EnableNodeOUs: false
  Template: {Count: 1}
  Users: {Count: 1}
"""


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    root = tmp_path_factory.mktemp("crypto")
    (root / "crypto-config.yaml").write_text(SPEC)
    fabric.run(
        "cryptogen", "generate", "--config", "crypto-config.yaml", "--output", "theirs", cwd=root
    )
    ours = root / "ours"
    lay(
        ours,
        "orderer",
        "groeifabriek.nl",
        nodes={"orderer0": ("127.0.0.1", "localhost", "::1"), "orderer1": ()},
    )
    sans = ("hlf-peer", "10.0.0.1")
    lay(ours, "peer", "aptalkarga.tr", nodes={"peer0": sans, "peer1": sans}, users=2)
    lay(ours, "peer", "old.com", nodes={"peer0": ()}, users=1, node_ous=False)
    return ours, root / "theirs"


def listing(root: Path) -> dict[str, str]:
    return {str(path.relative_to(root)): oct(path.stat().st_mode) for path in root.rglob("*")}


def test_the_same_folders_files_and_modes(trees: tuple[Path, Path]):
    ours, theirs = trees
    assert listing(ours) == listing(theirs)


def test_the_same_config_yaml(trees: tuple[Path, Path]):
    ours, theirs = trees
    paths = [path.relative_to(theirs) for path in theirs.rglob("config.yaml")]
    assert len(paths) > 5
    for path in paths:
        assert (ours / path).read_bytes() == (theirs / path).read_bytes(), path


def text(certificate: Path) -> str:
    """What openssl says, with serials, dates, keys and signatures blotted out but not cut short."""
    done = subprocess.run(
        ["openssl", "x509", "-in", certificate, "-noout", "-text"],
        check=True,
        capture_output=True,
        text=True,
    )
    said = re.sub(r"Serial Number:.*\n?\s+[0-9a-f:]+\n", "Serial\n", done.stdout)
    said = re.sub(r"Not (Before|After) ?: .*", r"Not \1", said)
    said = re.sub(r"pub:\n(\s+[0-9a-f:]+\n)+", "pub\n", said)
    said = re.sub(r"Signature Value:\n(\s+[0-9a-f:]+\n)+", "Signature\n", said)
    return re.sub(r"\b[0-9A-F]{2}(?=:|$)", "XX", said, flags=re.MULTILINE)


def test_the_same_text_of_every_certificate(trees: tuple[Path, Path]):
    ours, theirs = trees
    paths = [
        path.relative_to(theirs)
        for path in theirs.rglob("*")
        if path.suffix == ".crt" or path.name.endswith("-cert.pem")
    ]
    assert len(paths) > 40
    for path in paths:
        assert text(ours / path) == text(theirs / path), path


def test_every_key_has_the_same_form(trees: tuple[Path, Path]):
    ours, theirs = trees

    def form(path: Path) -> list[str]:
        return subprocess.run(
            ["openssl", "asn1parse", "-in", path], check=True, capture_output=True, text=True
        ).stdout.splitlines()[:5]

    keys = [path.relative_to(theirs) for path in theirs.rglob("priv_sk")]
    assert len(keys) > 10
    for path in keys:
        assert form(ours / path) == form(theirs / path), path


def test_a_tree_of_cryptogen_is_extended_by_us(trees: tuple[Path, Path], tmp_path: Path):
    (tmp_path / "crypto-config.yaml").write_text(SPEC)
    fabric.run("cryptogen", "generate", "--config", "crypto-config.yaml", cwd=tmp_path)
    tree = tmp_path / "crypto-config"
    before = {path: path.read_bytes() for path in tree.rglob("*") if path.is_file()}
    lay(tree, "peer", "aptalkarga.tr", nodes={"peer9": ()}, users=2)
    assert all(path.read_bytes() == content for path, content in before.items())
    org = tree / "peerOrganizations" / "aptalkarga.tr"
    verify(org / "ca", org / "peers" / "peer9.aptalkarga.tr" / "msp" / "signcerts")
    verify(org / "tlsca", org / "peers" / "peer9.aptalkarga.tr" / "tls", "server.crt")


def test_a_tree_of_ours_is_extended_by_cryptogen(tmp_path: Path):
    tree = tmp_path / "crypto-config"
    lay(tree, "peer", "aptalkarga.tr", nodes={"peer0": ()}, users=1)
    before = {path: path.read_bytes() for path in tree.rglob("*") if path.is_file()}
    (tmp_path / "crypto-config.yaml").write_text(
        "PeerOrgs: [{Name: K, Domain: aptalkarga.tr, EnableNodeOUs: true, Template: {Count: 2},"
        " Users: {Count: 1}}]\n"
    )
    fabric.run("cryptogen", "extend", "--config", "crypto-config.yaml", cwd=tmp_path)
    assert all(path.read_bytes() == content for path, content in before.items())
    org = tree / "peerOrganizations" / "aptalkarga.tr"
    verify(org / "ca", org / "peers" / "peer1.aptalkarga.tr" / "msp" / "signcerts")


def verify(authority: Path, folder: Path, name: str | None = None) -> None:
    certificate = folder / name if name else next(folder.iterdir())
    subprocess.run(
        ["openssl", "verify", "-CAfile", next(authority.glob("*.pem")), certificate], check=True
    )


def test_an_authority_of_cryptogen_issues_what_openssl_verifies(
    trees: tuple[Path, Path], tmp_path: Path
):
    folder = trees[1] / "peerOrganizations" / "aptalkarga.tr" / "ca"
    certificate = next(folder.glob("*.pem"))
    authority = Pair(certificate=certificate.read_bytes(), key=(folder / "priv_sk").read_bytes())
    pair = issue(authority, common_name="new", role="client")
    (tmp_path / "new.pem").write_bytes(pair.certificate)
    verify(folder, tmp_path, "new.pem")
