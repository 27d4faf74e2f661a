"""What outlives `pulumi destroy`, what stops it, and what goes: by the settings alone."""

import pytest

from hlf.spec import SpecError
from tests.component.recorded import (
    CLAIM,
    CLAIMED_VOLUME,
    CONFIG_MAP,
    GUARD,
    SECRET,
    Recorded,
    Resource,
    Sample,
)

PASSING_CONFIG_MAPS = {"hlf-orderer-config", "hlf-peer-config"}


def lasts(resource: Resource) -> bool:
    if resource.type == CONFIG_MAP:
        return resource.manifest_name not in PASSING_CONFIG_MAPS
    return resource.type in {CLAIM, SECRET, CLAIMED_VOLUME}


def is_authority(resource: Resource) -> bool:
    """Say whether it is the Secret with an organization's CAs, which goes with the claim."""
    return resource.type == SECRET and resource.manifest_name.startswith("hlf-authority--")


@pytest.mark.parametrize("keep_data", [True, False])
def test_what_lasts_is_kept_as_the_settings_say(sample: Sample, *, keep_data: bool) -> None:
    network = sample.with_settings(keepData=keep_data).record()
    made = [each for each in network.resources if each.is_action or each.is_manifest]
    assert {lasts(each) for each in made} == {True, False}
    for each in made:
        assert each.retained == (is_authority(each) or (lasts(each) and keep_data)), each.urn
        # it goes by itself: no resource stands for the namespace
        assert each.deleted_with == "", each.urn


@pytest.mark.parametrize("protect", [True, False])
def test_one_protected_thing_depends_on_everything(sample: Sample, *, protect: bool) -> None:
    network = sample.with_settings(protect=protect).record()
    (guard,) = network.of(GUARD)
    made = {each.urn for each in network.resources if each.is_action or each.is_manifest}
    assert guard.dependencies == made - {guard.urn}
    assert {each.urn for each in network.resources if each.protected} == (
        {guard.urn} if protect else set()
    )


def test_data_is_kept_unless_the_settings_say_otherwise(simple: Recorded) -> None:
    assert all(each.retained for each in simple.of(SECRET, CLAIMED_VOLUME, CLAIM))


def test_what_a_killed_run_or_another_hand_left_is_taken_over(simple: Recorded) -> None:
    """The namespace is claimed, so whoever set a field of an object in it does not own it."""
    for each in simple.manifests:
        annotations = each.inputs["metadata"]["annotations"]
        assert annotations["pulumi.com/patchForce"] == "true", each.urn


def test_volumes_are_as_the_settings_say(sample: Sample) -> None:
    standard = sample.record().of(CLAIMED_VOLUME)
    assert all("storageClassName" not in each.inputs["spec"] for each in standard)
    chosen = sample.with_settings(
        pods={"all": {"storage": {"class": "fast", "size": "5Gi"}}}
    ).record()
    for each in chosen.of(CLAIMED_VOLUME):
        assert each.inputs["spec"]["storageClassName"] == "fast"
        assert each.inputs["spec"]["resources"] == {"requests": {"storage": "5Gi"}}


def test_a_volume_is_never_replaced_for_another_class(simple: Recorded) -> None:
    for each in simple.of(CLAIMED_VOLUME):
        assert each.ignored == ("spec.storageClassName",)


@pytest.mark.parametrize("orderers", ["solo", "kafka"])
def test_the_claim_knows_every_volume(sample: Sample, orderers: str) -> None:
    """It refuses what cannot be done to one that is there."""
    if orderers == "kafka":
        brokers = "OrdererType: kafka\n  Kafka: {Brokers: ['hlf-kafka-service:9092']}"
        sample.change("configtx.yaml", ("OrdererType: solo", brokers))
    storage = {"all": {"storage": {"class": "fast"}}, "couchdb": {"storage": {"size": "5Gi"}}}
    network = sample.with_settings(stateDatabase="CouchDB", pods=storage).record()
    (claim,) = network.of(CLAIM)
    made = {each.manifest_name: each.inputs["spec"] for each in network.of(CLAIMED_VOLUME)}
    assert {
        name: {
            "kind": name.removeprefix("hlf-").split("--")[0],
            "class": spec["storageClassName"],
            "size": spec["resources"]["requests"]["storage"],
        }
        for name, spec in made.items()
    } == claim.inputs["volumes"]


def test_a_mistake_is_told_before_anything_is_registered(sample: Sample) -> None:
    with pytest.raises(SpecError, match=r"hlf:stateDatabase.*CouchDB"):
        sample.with_settings(stateDatabase="couch").record()
