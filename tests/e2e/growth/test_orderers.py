"""Orderers come and go one at a time while transactions flow, organizations of them too.

Without a system channel, in which they join channels by Fabric's participation API. Both times `up`
is killed in the midst of it, and the next one goes on.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.conftest import Measure
from tests.e2e.harness import network
from tests.e2e.harness.fabric import Client
from tests.e2e.harness.kill import kill_in
from tests.e2e.harness.load import Load
from tests.e2e.harness.network import CONFIGTX, CRYPTO_CONFIG
from tests.e2e.harness.stack import Stack
from tests.e2e.harness.use import use
from tests.e2e.shapes.conftest import MakeSample

ENOUGH = 1000
BETWEEN = 60
GAP = 30.0
NEW_ORG, NEW_DOMAIN = "Valhalla", "valhalla.asgard"


def test_orderers_come_and_go(make_sample: MakeSample, measure: Measure) -> None:
    stack = make_sample("raft-fabric-3", name="e2e-growth-orderers")
    stack.up()
    load = Load(client=Client.of(stack), orgs=("Karga", "Atlantis"))
    files = Path(stack.settings["network"])
    with load.running():
        load.wait_for(BETWEEN, timeout=GAP)
        _edit(files, _add_two)
        kill_in(stack, "adding orderer", held_up=())
        _up(stack, load, "up that makes three orderers five, with a new organization", measure)
        load.wait_for(BETWEEN, timeout=GAP)
    assert Client.of(stack).consenters_everywhere() == {
        "hlf-orderer--groeifabriek--orderer0",
        "hlf-orderer--groeifabriek--orderer1",
        "hlf-orderer--pivt--orderer0",
        "hlf-orderer--pivt--orderer1",
        "hlf-orderer--valhalla--orderer0",
    }
    use(stack)
    stack.refresh("--expect-no-changes")

    load.client = Client.of(stack)
    with load.running():
        load.wait_for(BETWEEN, timeout=GAP)
        _edit(files, _take_an_organization_out)
        kill_in(stack, "taking orderer", held_up=("taking orderer",))
        _up(stack, load, "up that makes them three, without one of the old organizations", measure)
        load.client = Client.of(stack)
        load.wait_for(max(BETWEEN, ENOUGH - len(load.acknowledged)), timeout=120)
    assert Client.of(stack).consenters_everywhere() == {
        "hlf-orderer--pivt--orderer0",
        "hlf-orderer--pivt--orderer1",
        "hlf-orderer--valhalla--orderer0",
    }
    assert load.given_up == []
    use(stack)
    load.check_peers(load.client)
    stack.refresh("--expect-no-changes")
    stack.remove()


def _up(stack: Stack, load: Load, what: str, measure: Measure) -> None:
    start = time.monotonic()
    measure(what, stack.up().seconds)
    gap = load.longest_gap(since=start)
    measure("longest gap during it", gap)
    assert gap <= GAP
    stack.preview("--expect-no-changes")


def _edit(files: Path, change: Callable[[Any, Any], None]) -> None:
    network.edit(files, CRYPTO_CONFIG, lambda crypto: change(crypto, None))
    network.edit(files, CONFIGTX, lambda configtx: change(None, configtx))


def _add_two(crypto: Any, configtx: Any) -> None:
    """Another orderer of Pivt, and one of a new organization."""
    if crypto:
        by_name = {org["Name"]: org for org in crypto["OrdererOrgs"]}
        by_name["Pivt"]["Specs"].append({"Hostname": "orderer1"})
        new = {"Name": NEW_ORG, "Domain": NEW_DOMAIN, "EnableNodeOUs": True}
        crypto["OrdererOrgs"].append({**new, "Specs": [{"Hostname": "orderer0"}]})
        return
    pivt = next(org for org in configtx["Organizations"] if org["ID"] == "PivtMSP")
    new = _renamed(pivt)
    new["OrdererEndpoints"] = [f"hlf-orderer--{NEW_ORG.lower()}--orderer0:7050"]
    pivt["OrdererEndpoints"].append("hlf-orderer--pivt--orderer1:7050")
    configtx["Organizations"].append(new)
    consenters = configtx["Orderer"]["EtcdRaft"]["Consenters"]
    consenters.append(_consenter("Pivt", "pivt.nl", "orderer1"))
    consenters.append(_consenter(NEW_ORG, NEW_DOMAIN, "orderer0"))
    for profile in configtx["Profiles"].values():
        profile["Orderer"]["Organizations"].append(new)


def _take_an_organization_out(crypto: Any, configtx: Any) -> None:
    """Groeifabriek with both of its orderers."""
    if crypto:
        crypto["OrdererOrgs"] = [o for o in crypto["OrdererOrgs"] if o["Name"] != "Groeifabriek"]
        return

    def stays(org: Any) -> bool:
        return org["ID"] != "GroeifabriekMSP"

    configtx["Organizations"] = [org for org in configtx["Organizations"] if stays(org)]
    consenters = configtx["Orderer"]["EtcdRaft"]["Consenters"]
    consenters[:] = [each for each in consenters if "groeifabriek" not in each["Host"]]
    for profile in configtx["Profiles"].values():
        orderer = profile["Orderer"]
        orderer["Organizations"] = [org for org in orderer["Organizations"] if stays(org)]


def _renamed(org: Any) -> Any:
    text = yaml.safe_dump(org)
    return yaml.safe_load(text.replace("pivt.nl", NEW_DOMAIN).replace("Pivt", NEW_ORG))


def _consenter(org: str, domain: str, host: str) -> dict[str, Any]:
    folder = f"crypto-config/ordererOrganizations/{domain}/orderers/{host}.{domain}"
    certificate = f"{folder}/tls/server.crt"
    return {
        "Host": f"hlf-orderer--{org.lower()}--{host}",
        "Port": 7050,
        "ClientTLSCert": certificate,
        "ServerTLSCert": certificate,
    }
