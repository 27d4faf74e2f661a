"""The signatures that we find an update to need are enough for a real orderer, and one less is not.

Each rule is the policy `Admins` of a channel's Application, and the update takes its ACLs away. A
file that waits for signatures is signed by Fabric's own tool, too.
"""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from hlf.client import handoff
from hlf.client.envelope import sign_update
from hlf.client.errors import Refused
from hlf.config.authorize import UnsatisfiedError, signers
from hlf.config.build import channel_group
from hlf.config.model import ChannelConfig
from hlf.config.protos import Config, ConfigUpdate
from hlf.config.read import config_of
from hlf.config.update import compute_update, create_channel
from hlf.pki.folder import identity_files
from hlf.pki.pair import Pair
from tests.official.fabric.network import Network
from tests.official.fabric.nodes import Organization, fabric_bin

RULES = {
    "ANY Admins": 1,
    "ALL Admins": 2,
    "MAJORITY Admins": 2,
    "OR('NevergreenMSP.admin')": 1,
    "AND('KargaMSP.admin', 'GroeifabriekMSP.member')": 2,
    "OutOf(2, 'KargaMSP.peer', 'NevergreenMSP.admin', 'GroeifabriekMSP.admin')": 2,
    "OR(AND('KargaMSP.peer', 'NevergreenMSP.admin'), 'GroeifabriekMSP.admin')": 1,
}


@pytest.mark.parametrize("number", range(len(RULES)))
def test_as_many_as_needed(network: Network, number: int) -> None:
    rule, count = list(RULES.items())[number]
    channel = f"signed{number}"
    admins = {each.msp_id: each.admin for each in (network.operator, *network.members)}
    orderer = network.orderer_as(network.members[0].admin)
    live, update = prepare(network, channel, rule)

    needed = signers(live.channel_group, update, admins=admins)

    assert len(needed) == count
    for left_out in needed:
        signatures = [sign_update(update, admins[each]) for each in needed - {left_out}]
        with pytest.raises(Refused, match="policy"):
            orderer.update_channel(update, signatures)
    orderer.update_channel(update, [sign_update(update, admins[each]) for each in needed])


def test_an_admin_elsewhere_signs_with_fabrics_own_tool(network: Network, tmp_path: Path) -> None:
    karga, nevergreen = network.members
    live, update = prepare(network, "handedoff", "ALL Admins")
    with pytest.raises(UnsatisfiedError, match="admins of NevergreenMSP are missing"):
        signers(live.channel_group, update, admins=[karga.msp_id])
    file = tmp_path / "update.pb"
    file.write_bytes(handoff.pack(update, [sign_update(update, karga.admin)], karga.admin))

    sign_with_peer(file, nevergreen)

    signed = handoff.signatures_for(update, file.read_bytes())
    assert set(signed) == {karga.msp_id, nevergreen.msp_id}
    network.orderer_as(karga.admin).update_channel(update, signed.values())


def sign_with_peer(file: Path, organization: Organization) -> None:
    """Have Fabric's `peer` sign, with a folder of its own for configuration and identity."""
    folder = file.parent / "elsewhere"
    msp = folder / "msp"
    files = identity_files(
        organization.msp,
        identity=Pair(certificate=organization.admin.certificate, key=organization.admin.key),
        tls=organization.tls_client(),
        server=False,
    )
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    (folder / "core.yaml").write_text("peer: {BCCSP: {Default: SW}}\n")
    subprocess.run(
        [f"{fabric_bin()}/peer", "channel", "signconfigtx", "-f", str(file)],
        env={
            "FABRIC_CFG_PATH": str(folder),
            "CORE_PEER_LOCALMSPID": organization.msp_id,
            "CORE_PEER_MSPCONFIGPATH": str(msp),
        },
        check=True,
        capture_output=True,
        timeout=60,
    )


def prepare(network: Network, channel: str, rule: str) -> tuple[Config, ConfigUpdate]:
    """Return the configuration of a new channel with the rule, and the update of its ACLs."""
    before = with_rule(network.channel(), rule)
    creation = create_channel(before, msps=network.msps, channel=channel)
    orderer = network.orderer_as(network.members[0].admin)
    everyone = (network.operator, *network.members)
    orderer.create_channel(creation, [sign_update(creation, each.admin) for each in everyone])
    live = config_of(orderer.config_block(channel))
    group = channel_group(without_acls(before), msps=network.msps, certificates={})
    update = compute_update(live, group, channel=channel)
    assert update is not None
    return live, update


def with_rule(config: ChannelConfig, rule: str) -> ChannelConfig:
    assert config.application is not None
    policies = {**config.application.policies, "Admins": rule}
    acls = {"peer/Propose": "/Channel/Application/Writers"}
    return replace(config, application=replace(config.application, policies=policies, acls=acls))


def without_acls(config: ChannelConfig) -> ChannelConfig:
    assert config.application is not None
    return replace(config, application=replace(config.application, acls={}))
