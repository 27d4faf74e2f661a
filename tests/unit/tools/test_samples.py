"""What the samples ask for, as far as it decides about images."""

from pathlib import Path

import pytest

from tools import images, samples, versions
from tools.errors import ToolsError
from tools.home import CHECKOUT

SETTINGS = "config:\n  hlf:network: samples/x\n"
CONFIGTX = "Orderer: &Defaults\n  OrdererType: solo  # one\n"
NETWORK = "network:\n  chaincodes:\n    - name: very-simple\n      orgs: [Karga]\n"


def test_the_usual_network() -> None:
    assert samples.images_of(SETTINGS, CONFIGTX, NETWORK) == images.needed()


def test_settings_and_orderer_type_decide() -> None:
    settings = (
        f'{SETTINGS}  hlf:fabricVersion: "{versions.FABRIC_3}"\n  hlf:stateDatabase: CouchDB\n'
    )
    kafka = "  OrdererType: kafka\n"
    assert samples.images_of(settings, kafka, NETWORK) == images.needed(
        fabric_version=versions.FABRIC_3, state_database="CouchDB", orderer_type="kafka"
    )


@pytest.mark.parametrize(
    "backup",
    [
        "  hlf:backup:\n    store: s3://hlf-backup/dev\n    passphrase:\n      secure: v1:x\n",
        "  hlf:backup: {store: s3://hlf-backup/dev}\n",
    ],
)
def test_a_network_that_is_backed_up_runs_jobs(backup: str) -> None:
    with_jobs = images.needed(jobs=True)
    assert samples.images_of(SETTINGS + backup, CONFIGTX, NETWORK) == with_jobs


@pytest.mark.parametrize(
    ("line", "jobs"),
    [
        ("      joinBySnapshot: true", True),
        ("    - {name: other, joinBySnapshot: yes}", True),
        ("      joinBySnapshot: false", False),
        ("      # joinBySnapshot: true", False),
    ],
)
def test_peers_that_join_by_snapshots_are_given_these_by_jobs(line: str, *, jobs: bool) -> None:
    wanted = images.needed(jobs=jobs)
    assert samples.images_of(SETTINGS, CONFIGTX, f"{NETWORK}{line}\n") == wanted


def test_other_settings_named_backup_are_no_backup() -> None:
    pods = "  # hlf:backup: later\n  hlf:pods:\n    backup:\n      image: mine:1\n"
    assert samples.images_of(SETTINGS + pods, CONFIGTX, NETWORK) == images.needed()


def test_a_chaincode_with_a_package_json_decides(tmp_path: Path) -> None:
    with_node = images.needed(node_chaincodes=True)
    network = NETWORK.replace("very-simple", '"node-simple" # one')
    assert samples.images_of(SETTINGS, CONFIGTX, network) == with_node
    settings = f"{SETTINGS}  hlf:chaincode: {tmp_path}\n"
    assert samples.images_of(settings, CONFIGTX, network) == images.needed()
    (tmp_path / "node-simple").mkdir()
    (tmp_path / "node-simple" / "package.json").write_text("{}")
    assert samples.images_of(settings, CONFIGTX, network) == with_node


def test_every_sample_can_run_on_the_embedded_node() -> None:
    for path in sorted((CHECKOUT / "samples").glob("*/network.yaml")):
        name = path.parent.name
        samples.check(name)
        assert f"hlf:network: samples/{name}\n" in samples.settings(name).read_text() or (
            samples.settings(name) == CHECKOUT / "Pulumi.dev.yaml"
        )
        assert samples.recipes(name, CHECKOUT / "nowhere")


def test_a_sample_that_does_not_exist() -> None:
    with pytest.raises(ToolsError, match=r"no sample 'simpel'.*simple"):
        samples.check("simpel")


@pytest.mark.parametrize("name", ["mine", "bft"])
def test_a_stack_begins_with_its_own_network(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And keeps what is chosen later: `make up` again does not take a network back."""
    monkeypatch.setattr(samples, "settings", lambda _: CHECKOUT / "samples/bft/Pulumi.stack.yaml")
    text = samples.beginning(name)
    assert f"  hlf:network: samples/{name}\n" in text
    assert text.count("hlf:network") == 1
    assert "hlf:keepData: false" in text


def test_the_network_of_a_stack_is_what_its_settings_say(tmp_path: Path) -> None:
    settings = tmp_path / "Pulumi.simple.yaml"
    settings.write_text(SETTINGS)
    assert samples.network(settings) == "samples/x"
    settings.write_text("config: {}\n")
    assert samples.network(settings) == "samples/simple"
