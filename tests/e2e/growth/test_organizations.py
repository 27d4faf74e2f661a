"""Organizations come and go while transactions flow: the `extended` files on a running network."""

from collections.abc import Mapping
from pathlib import Path

from tests.e2e.conftest import Measure
from tests.e2e.harness import network
from tests.e2e.harness.fabric import Client
from tests.e2e.harness.load import Load
from tests.e2e.harness.stack import Stack
from tests.e2e.harness.use import use
from tests.e2e.shapes.conftest import MakeSample

ENOUGH = 1000
BETWEEN = 60
NEW = {"Cimmeria", "Valhalla"}


def test_organizations_come_and_go(
    make_sample: MakeSample, chaincode_images: Mapping[str, str], measure: Measure
) -> None:
    come_and_go(make_sample("simple", name="e2e-growth-simple"), chaincode_images, measure)


def come_and_go(stack: Stack, chaincode_images: Mapping[str, str], measure: Measure) -> None:
    """Add two organizations to a sample that is not up yet, and take them out again."""
    sample = stack.name
    stack.up()
    base = Path(stack.settings["network"])
    network.use_images(base / "extended", chaincode_images)
    load = Load(client=Client.of(stack), orgs=("Karga", "Atlantis"))
    with load.running():
        load.wait_for(BETWEEN, timeout=30)
        _change(stack, base / "extended", f"{sample}: up that adds two organizations", measure)
        load.wait_for(BETWEEN, timeout=30)
    grown = Client.of(stack)
    assert set(grown.members("common")) >= NEW
    assert {f"{org}MSP" for org in NEW} <= set(grown.organizations("common"))
    use(stack)
    measure(f"{sample}: refresh, grown", stack.refresh("--expect-no-changes").seconds)
    load.check_peers(grown)

    with load.running():
        load.wait_for(BETWEEN, timeout=30)
        _change(stack, base, f"{sample}: up that takes them out again", measure)
        load.wait_for(max(BETWEEN, ENOUGH - len(load.acknowledged)), timeout=120)
    small = Client.of(stack)
    assert not {f"{org}MSP" for org in NEW} & set(small.organizations("common"))
    use(stack)
    stack.refresh("--expect-no-changes")
    load.check_peers(small)
    assert load.given_up == []
    stack.remove()


def _change(stack: Stack, files: Path, what: str, measure: Measure) -> None:
    stack.configure(network=str(files))
    measure(what, stack.up().seconds)
    stack.preview("--expect-no-changes")
