from collections.abc import Mapping
from typing import TypedDict

import pytest

from hlf.pki.authority import make_authority
from hlf.pki.msp import Msp, make_msp
from tests.unit.config import networks


class Given(TypedDict):
    """What `channel_group` takes beside the configuration."""

    msps: Mapping[str, Msp]
    certificates: Mapping[str, bytes]


@pytest.fixture(scope="session")
def given() -> Given:
    def msp(name: str, domain: str) -> Msp:
        ca, tlsca = make_authority(domain, "ca"), make_authority(domain, "tlsca")
        return make_msp(f"{name}MSP", ca=ca.certificate, tlsca=tlsca.certificate, node_ous=True)

    domains = {**networks.ORDERER_ORG, **networks.PEER_ORGS}
    return {
        "msps": {name: msp(name, domain) for name, domain in domains.items()},
        "certificates": {
            reference: make_authority("groeifabriek.nl", "tlsca").certificate
            for reference in networks.references()
        },
    }
