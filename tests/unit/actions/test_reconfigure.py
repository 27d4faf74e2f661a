"""Whose signatures an update gets: of the admins here, and of those that its file brings."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from actions import reconfigure
from actions.channel_site import ChannelSite
from hlf.client import handoff
from hlf.client.identity import Signer
from hlf.client.orderers import Orderers
from hlf.config import build
from hlf.config.protos import Config, ConfigGroup, ConfigUpdate
from hlf.config.update import compute_update
from hlf.errors import FabricError
from hlf.pki.authority import issue, make_authority
from tests.unit.config import networks
from tests.unit.config.conftest import given as make_given

given = make_given


def signer(msp_id: str) -> Signer:
    pair = issue(make_authority("a.tr", "ca"), common_name="Admin@a.tr", role="admin")
    return Signer(msp_id=msp_id, certificate=pair.certificate, key=pair.key)


@pytest.fixture
def changed(given: Any) -> tuple[ConfigGroup, ConfigUpdate]:
    """A channel whose changes all its peers' organizations have to sign, and a change."""
    before = networks.application_channel("etcdraft")
    assert before.application is not None
    policies = {**before.application.policies, "Admins": "ALL Admins"}
    before = replace(before, application=replace(before.application, policies=policies))
    after = replace(before, application=replace(before.application, policies=policies, acls={}))
    live = build.channel_group(before, **given)
    wanted = build.channel_group(after, **given)
    update = compute_update(Config(channel_group=live), wanted, channel="common")
    assert update is not None
    return live, update


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ChannelSite:
    """Of a network that has the admins of two of the three."""
    monkeypatch.chdir(tmp_path)
    own = {msp_id: signer(msp_id) for msp_id in ("KargaMSP", "NevergreenMSP")}
    orderers = object.__new__(Orderers)
    orderers.signer = own["KargaMSP"]
    return ChannelSite(
        channel="common",
        namespace="dev",
        config=networks.application_channel("etcdraft"),
        certificates={},
        msps={},
        signers=own,
        orderer=orderers,
        participations={},
        peers={},
        outside={},
    )


def test_a_file_waits_for_who_is_missing_and_then_suffices(
    site: ChannelSite, changed: tuple[ConfigGroup, ConfigUpdate]
) -> None:
    live, update = changed
    for _ in range(2):
        with pytest.raises(FabricError) as caught:
            reconfigure._signatures(site, live, update)
        assert "admins of AtlantisMSP are missing" in str(caught.value)
        assert "updates/dev/common.pb" in str(caught.value)
    found, signed = handoff.unpack(site.update_file.read_bytes())
    assert found == update
    assert set(signed) == {"KargaMSP", "NevergreenMSP"}

    elsewhere = handoff.sign(site.update_file.read_bytes(), signer("AtlantisMSP"))
    site.update_file.write_bytes(elsewhere)
    assert len(reconfigure._signatures(site, live, update)) == 3


def test_a_file_of_another_update_is_written_anew(
    site: ChannelSite, changed: tuple[ConfigGroup, ConfigUpdate]
) -> None:
    live, update = changed
    site.update_file.parent.mkdir(parents=True)
    other = handoff.pack(ConfigUpdate(channel_id="common"), [], signer("AtlantisMSP"))
    site.update_file.write_bytes(handoff.sign(other, signer("AtlantisMSP")))
    with pytest.raises(FabricError, match="AtlantisMSP are missing"):
        reconfigure._signatures(site, live, update)
    assert handoff.unpack(site.update_file.read_bytes())[0] == update
