"""What an admin reads before signing: every change, and what stays where something goes."""

from dataclasses import replace

from hlf.config import build
from hlf.config.protos import Config
from hlf.config.summary import summary
from hlf.config.update import compute_update
from tests.unit.config import networks


def test_everything_that_changes_is_a_line(given) -> None:
    before = networks.application_channel("etcdraft")
    assert before.application is not None
    assert before.orderer is not None
    organizations = dict(before.application.organizations)
    del organizations["Nevergreen"]
    karga = replace(organizations["Karga"], anchor_peers=())
    application = replace(
        before.application,
        organizations={**organizations, "Karga": karga, "Cimmeria": organizations["Atlantis"]},
        policies={**before.application.policies, "Admins": "ANY Admins", "New": "ANY Readers"},
        acls={},
    )
    orderer = replace(before.orderer, batch_timeout="1s")
    after = replace(before, application=application, orderer=orderer)
    known = {**given, "msps": {**given["msps"], "Cimmeria": given["msps"]["Atlantis"]}}
    old, new = build.channel_group(before, **given), build.channel_group(after, **known)
    update = compute_update(Config(channel_group=old), new, channel="common")
    assert update is not None
    assert summary(update) == [
        "= Channel/Application/values: Capabilities",
        (
            "= Channel/Application/policies: "
            "Admins, Endorsement, LifecycleEndorsement, New, Readers, Writers"
        ),
        "= Channel/Application: Atlantis, Cimmeria, Karga",
        "~ Channel/Application/policies/Admins: ANY Admins",
        "+ Channel/Application/policies/New: ANY Readers",
        "+ Channel/Application/Cimmeria",
        "= Channel/Application/Karga/values: MSP",
        "= Channel/Application/Karga/policies: Admins, Endorsement, Readers, Writers",
        "~ Channel/Orderer/values/BatchTimeout",
    ]
