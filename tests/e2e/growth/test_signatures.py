"""A change that needs the signature of an organization whose admin is not here.

Another admin has let the organization into a channel and made its signature count. Taking it out
again, as the files say, waits for a signature that is made elsewhere, with `python -m hlf.sign`.
"""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from actions import handoff
from hlf.client.envelope import sign_update
from hlf.config import read
from hlf.config.build import channel_group
from hlf.config.model import Organization
from hlf.config.update import compute_update
from hlf.pki.authority import issue, make_authority
from hlf.pki.msp import Msp, make_msp
from tests.e2e.harness.fabric import MEMBERS, Client
from tests.e2e.harness.stack import Stack
from tests.e2e.harness.use import use
from tools.home import CHECKOUT

CHANNEL = "private-karga-atlantis"
FOREIGN = "CimmeriaMSP"
DOMAIN = "cimmeria.com"


def test_an_update_waits_for_a_signature_from_elsewhere(running: Stack, tmp_path: Path) -> None:
    ca = make_authority(DOMAIN, "ca")
    admin = issue(ca, common_name=f"Admin@{DOMAIN}", role="admin")
    msp = make_msp(FOREIGN, ca=ca.certificate, tlsca=None, node_ous=True)
    _let_in(Client.of(running), msp)
    assert f"+ {FOREIGN}" in running.refresh().output

    refused = running.up(ok=False)
    file = handoff.file_of(running.namespace.name, CHANNEL)
    for words in (
        "/Channel/Application/Admins (`ALL Admins`) is not met by the admins here",
        f"admins of {FOREIGN} are missing",
        f"The update is in {file}",
    ):
        assert words in refused.output
    assert "Traceback" not in refused.output
    assert FOREIGN in Client.of(running).organizations(CHANNEL)

    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    certificate.write_bytes(admin.certificate)
    key.write_bytes(admin.key)
    identity = ["--msp-id", FOREIGN, "--certificate", str(certificate), "--key", str(key)]
    signing = [sys.executable, "-m", "hlf.sign", str(file), *identity]
    printed = subprocess.run(signing, cwd=CHECKOUT, check=True, capture_output=True, text=True)
    assert f"signed by AtlantisMSP, {FOREIGN}, GroeifabriekMSP, KargaMSP" in printed.stdout

    running.up()
    assert FOREIGN not in Client.of(running).organizations(CHANNEL)
    assert not (CHECKOUT / file).exists()
    running.refresh("--expect-no-changes")
    use(running)


def _let_in(client: Client, msp: Msp) -> None:
    """Let the organization into the channel, as its admins can, and have its signature count."""
    admins = [client.admin(org) for org in MEMBERS[CHANNEL]]
    orderer = client.orderer(admins[0])
    live = read.config_of(orderer.config_block(CHANNEL))
    config = read.channel_config(live.channel_group)
    application = config.application
    assert application is not None
    rules = {"Readers": "member", "Writers": "member", "Admins": "admin", "Endorsement": "peer"}
    newcomer = Organization(
        msp_id=FOREIGN,
        policies={name: f"OR('{FOREIGN}.{role}')" for name, role in rules.items()},
    )
    changed = replace(
        application,
        organizations={**application.organizations, FOREIGN: newcomer},
        policies={**application.policies, "Admins": "ALL Admins"},
    )
    group = channel_group(
        replace(config, application=changed),
        msps={**read.msps(live.channel_group), FOREIGN: msp},
        certificates={},
    )
    update = compute_update(live, group, channel=CHANNEL)
    assert update is not None
    orderer.update_channel(update, [sign_update(update, each) for each in admins])
