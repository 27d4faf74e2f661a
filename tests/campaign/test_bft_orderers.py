"""A fifth orderer joins a BFT cluster of four and leaves it again, while transactions flow."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.e2e.conftest import Measure
from tests.e2e.harness import network
from tests.e2e.harness.fabric import Client
from tests.e2e.harness.load import Load
from tests.e2e.harness.network import CONFIGTX, CRYPTO_CONFIG
from tests.e2e.harness.stack import Stack
from tests.e2e.harness.use import use
from tests.e2e.shapes.conftest import MakeSample

BETWEEN = 60
GAP = 45.0
"""Seconds; a view change after another one, as in test_random_faults."""
NEW = "hlf-orderer--groeifabriek--orderer1"
FOLDER = "crypto-config/ordererOrganizations/groeifabriek.nl/orderers/orderer1.groeifabriek.nl"


def test_four_become_five_and_four_again(make_sample: MakeSample, measure: Measure) -> None:
    stack = make_sample("bft", name="e2e-campaign-bft")
    stack.up()
    load = Load(client=Client.of(stack), orgs=("Karga", "Atlantis"))
    with load.running():
        load.wait_for(BETWEEN, timeout=GAP)
        _up(stack, load, _one_more, "up that makes four orderers five", measure)
        assert NEW in Client.of(stack).consenters_everywhere()
        use(stack)
        load.client = Client.of(stack)
        _up(stack, load, _one_less, "up that makes them four again", measure)
        assert NEW not in Client.of(stack).consenters_everywhere()
        load.client = Client.of(stack)
        load.wait_for(BETWEEN, timeout=GAP)
    assert load.given_up == []
    use(stack)
    load.check_peers(load.client)
    stack.refresh("--expect-no-changes")


def _up(
    stack: Stack, load: Load, change: Callable[[Any], None], what: str, measure: Measure
) -> None:
    files = Path(stack.settings["network"])
    network.edit(files, CRYPTO_CONFIG, change)
    network.edit(files, CONFIGTX, change)
    start = time.monotonic()
    measure(what, stack.up().seconds)
    load.wait_for(BETWEEN, timeout=GAP)
    gap = load.longest_gap(since=start)
    measure("longest gap during it", gap)
    assert gap <= GAP
    stack.preview("--expect-no-changes")


def _one_more(content: Any) -> None:
    if "OrdererOrgs" in content:
        content["OrdererOrgs"][0]["Specs"].append({"Hostname": "orderer1"})
        return
    content["Organizations"][0]["OrdererEndpoints"].append(f"{NEW}:7050")
    content["Orderer"]["ConsenterMapping"].append(
        {
            "ID": 5,
            "Host": NEW,
            "Port": 7050,
            "MSPID": "GroeifabriekMSP",
            "Identity": f"{FOLDER}/msp/signcerts/orderer1.groeifabriek.nl-cert.pem",
            "ClientTLSCert": f"{FOLDER}/tls/server.crt",
            "ServerTLSCert": f"{FOLDER}/tls/server.crt",
        }
    )


def _one_less(content: Any) -> None:
    if "OrdererOrgs" in content:
        content["OrdererOrgs"][0]["Specs"].pop()
        return
    content["Organizations"][0]["OrdererEndpoints"].pop()
    content["Orderer"]["ConsenterMapping"].pop()
