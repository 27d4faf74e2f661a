"""Channel configurations and MSPs for tests: two peer orgs, an orderer org, every orderer type."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Literal

from hlf.config import reference
from hlf.config.model import (
    Application,
    Bft,
    BftConsenter,
    BftOptions,
    ChannelConfig,
    Consenter,
    Orderer,
    Organization,
    Raft,
)
from hlf.pki.folder import read_msp
from hlf.pki.msp import Msp
from hlf.pki.tree import lay

ORDERER_ORG = {"Groeifabriek": "groeifabriek.nl"}
PEER_ORGS = {"Karga": "aptalkarga.tr", "Nevergreen": "nevergreen.nl", "Atlantis": "atlantis.com"}
ORDERERS = ("orderer0", "orderer1", "orderer2")
BFT_ORDERERS = (*ORDERERS, "orderer3")
Kind = Literal["solo", "kafka", "etcdraft", "BFT"]

BASIC = {"Readers": "ANY Readers", "Writers": "ANY Writers", "Admins": "MAJORITY Admins"}


def lay_crypto(root: Path) -> None:
    """`<root>/crypto-config`; Nevergreen has no NodeOUs."""
    tree = root / "crypto-config"
    for domain in ORDERER_ORG.values():
        lay(tree, "orderer", domain, nodes=dict.fromkeys(BFT_ORDERERS, ()))
    for name, domain in PEER_ORGS.items():
        lay(tree, "peer", domain, nodes={"peer0": ()}, users=1, node_ous=name != "Nevergreen")


def msp_dir(name: str) -> str:
    kind = "orderer" if name in ORDERER_ORG else "peer"
    domain = {**ORDERER_ORG, **PEER_ORGS}[name]
    return f"crypto-config/{kind}Organizations/{domain}/msp"


def read_msps(root: Path) -> dict[str, Msp]:
    def files(folder: Path) -> dict[str, bytes]:
        return {
            str(path.relative_to(folder)): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }

    return {
        name: read_msp(f"{name}MSP", files(root / msp_dir(name)))
        for name in (*ORDERER_ORG, *PEER_ORGS)
    }


def certificate_path(name: str) -> str:
    """Where the tree has the certificate that a reference names."""
    _, host, kind = name.split("/")
    fqdn = f"{host}.{ORDERER_ORG['Groeifabriek']}"
    folder = f"crypto-config/ordererOrganizations/{ORDERER_ORG['Groeifabriek']}/orderers/{fqdn}"
    return f"{folder}/" + {
        "tls": "tls/server.crt",
        "identity": f"msp/signcerts/{fqdn}-cert.pem",
    }[kind]  # fmt: skip


def references() -> list[str]:
    return sorted({name for each in bft_consenters() for name in each.references})


def read_certificates(root: Path) -> dict[str, bytes]:
    return {name: (root / certificate_path(name)).read_bytes() for name in references()}


@cache
def consenters() -> tuple[Consenter, ...]:
    return tuple(
        Consenter(
            host=f"hlf-orderer--groeifabriek--{host}",
            port=7050,
            client_tls_cert=reference.tls("Groeifabriek", host),
            server_tls_cert=reference.tls("Groeifabriek", host),
        )
        for host in ORDERERS
    )


@cache
def bft_consenters() -> tuple[BftConsenter, ...]:
    return tuple(
        BftConsenter(
            id=number,
            host=f"hlf-orderer--groeifabriek--{host}",
            port=7050,
            msp_id="GroeifabriekMSP",
            identity=reference.identity("Groeifabriek", host),
            client_tls_cert=reference.tls("Groeifabriek", host),
            server_tls_cert=reference.tls("Groeifabriek", host),
        )
        for number, host in enumerate(BFT_ORDERERS, start=1)
    )


def peer_org(name: str) -> Organization:
    msp = f"{name}MSP"
    return Organization(
        msp_id=msp,
        policies={
            "Readers": f"OR('{msp}.admin', '{msp}.peer', '{msp}.client')",
            "Writers": f"OR('{msp}.admin', '{msp}.client')",
            "Admins": f"OR('{msp}.admin')",
            "Endorsement": f"OR('{msp}.peer')",
        },
        anchor_peers=(f"hlf-peer--{name.lower()}--peer0:7051",),
    )


def orderer_org() -> Organization:
    return Organization(
        msp_id="GroeifabriekMSP",
        policies={
            "Readers": "OR('GroeifabriekMSP.member')",
            "Writers": "OR('GroeifabriekMSP.member')",
            "Admins": "OR('GroeifabriekMSP.admin')",
        },
        orderer_endpoints=("hlf-orderer--groeifabriek:7050",),
    )


def orderer(kind: Kind) -> Orderer:
    return Orderer(
        type=kind,
        addresses=()
        if kind == "BFT"
        else tuple(f"hlf-orderer--groeifabriek--{host}:7050" for host in ORDERERS),
        batch_timeout="1.5s",
        max_message_count=10,
        absolute_max_bytes=98 * 1024 * 1024,
        preferred_max_bytes=512 * 1024,
        max_channels=3 if kind == "kafka" else 0,
        kafka_brokers=("kafka-0.kafka:9092", "kafka-1.kafka:9092") if kind == "kafka" else (),
        raft=Raft(consenters=consenters()) if kind == "etcdraft" else None,
        bft=bft() if kind == "BFT" else None,
        policies=BASIC if kind == "BFT" else {**BASIC, "BlockValidation": "ANY Writers"},
        capabilities=("V2_0",),
        organizations={"Groeifabriek": orderer_org()},
    )


def bft() -> Bft:
    options = BftOptions(
        request_batch_max_count=10,
        request_forward_timeout="1.5s",
        leader_heartbeat_timeout="10s",
        request_max_bytes=1024 * 1024,
        speed_up_view_change=True,
    )
    return Bft(consenters=bft_consenters(), options=options)


def system_channel(kind: Kind) -> ChannelConfig:
    return ChannelConfig(
        policies=BASIC,
        capabilities=("V2_0",),
        orderer=orderer(kind),
        consortiums={
            "TheConsortium": {name: peer_org(name) for name in PEER_ORGS},
            "SecondConsortium": {"Karga": peer_org("Karga")},
        },
    )


def application_channel(kind: Kind = "etcdraft") -> ChannelConfig:
    return ChannelConfig(
        policies=BASIC,
        capabilities=("V3_0",) if kind == "BFT" else ("V2_0",),
        orderer=orderer(kind),
        application=Application(
            policies={
                **BASIC,
                "Endorsement": "MAJORITY Endorsement",
                "LifecycleEndorsement": "OutOf(2, 'KargaMSP.peer', 'NevergreenMSP.peer', "
                "AND('AtlantisMSP.peer', 'KargaMSP.admin'))",
            },
            capabilities=("V2_0", "V2_5"),
            acls={
                "peer/Propose": "/Channel/Application/Writers",
                "event/Block": "/Channel/Application/Readers",
            },
            organizations={name: peer_org(name) for name in PEER_ORGS},
        ),
        consortium="TheConsortium",
    )


def own_channel(kind: Kind) -> ChannelConfig:
    """An application channel without a system channel."""
    return replace(application_channel(kind), consortium=None)


def without_orderer(config: ChannelConfig) -> ChannelConfig:
    return replace(config, orderer=None)
