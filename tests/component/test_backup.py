"""What makes backups and restores: its manifests, its order, and what of it is in the state."""

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.component.recorded import (
    ACCOUNT,
    AUTHORITY,
    BACKUP,
    CHAINCODES,
    CHANNEL,
    CLAIM,
    CONFIG_MAP,
    CRON_JOB,
    INVOCATION,
    OWNER,
    PROVIDER,
    RESTORE,
    RESTORED_KEYS,
    ROLE,
    ROLE_BINDING,
    ROLLOUT,
    SECRET,
    STATEFUL_SET,
    Recorded,
    Resource,
    Sample,
)

PASSPHRASE = "a horse is correct"
KEY = "not to be seen"
SETTINGS: Mapping[str, Any] = {
    "store": "s3://backups/fabric",
    "passphrase": PASSPHRASE,
    "credentials": {"AWS_SECRET_ACCESS_KEY": KEY},
    "credentialsSecret": "store",
    "identity": {"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/backup"},
    "retention": {"last": 7, "days": 30},
}
MANIFESTS = {ACCOUNT, CONFIG_MAP, CRON_JOB, ROLE, ROLE_BINDING, SECRET}


def backup(**changes: object) -> dict[str, object]:
    return {**SETTINGS, **changes}


@pytest.fixture
def network(sample: Sample) -> Recorded:
    return sample.with_settings(backup=backup(key="a"), restoreFrom="b").record()


def added(network: Recorded) -> list[Resource]:
    """What a network without backups does not have."""
    kinds = {BACKUP, RESTORE, RESTORED_KEYS}
    manifests = [each for each in network.manifests if each.manifest_name == "hlf-backup"]
    return [*manifests, *(each for each in network.actions if each.type in kinds)]


def pod(network: Recorded) -> Mapping[str, Any]:
    (cron_job,) = network.of(CRON_JOB)
    return cron_job.inputs["spec"]["jobTemplate"]["spec"]["template"]


def jobs(network: Recorded) -> Mapping[str, Any]:
    (container,) = pod(network)["spec"]["containers"]
    return container


def files(network: Recorded) -> Mapping[str, str]:
    return network.named(CONFIG_MAP, "hlf-backup").inputs["data"]


def test_a_network_without_the_setting_has_nothing_of_it(simple: Recorded) -> None:
    assert added(simple) == []


def test_one_of_each_kind_has_the_same_name_and_goes_with_the_stack(network: Recorded) -> None:
    found = added(network)
    assert sorted(each.type for each in found) == sorted(
        {*MANIFESTS, BACKUP, RESTORE, RESTORED_KEYS}
    )
    assert not any(each.retained for each in found)
    assert {each.deleted_with for each in found} == {""}


def test_the_rest_of_the_network_is_what_it_was(network: Recorded, simple: Recorded) -> None:
    """But the claim knows of the restore, so that it can refuse the wrong one.

    And what a restore may undo is done again.
    """
    now = {each.urn: each for each in network.resources}
    for each in simple.resources:
        inputs = {key: value for key, value in now[each.urn].inputs.items() if key != "volumes"}
        before = {key: value for key, value in each.inputs.items() if key != "volumes"}
        if each.type == CLAIM:
            assert inputs.pop("restoreFrom") == "b"
        if each.type in {CHANNEL, CHAINCODES}:
            assert inputs.pop("restored") == "b"
        assert inputs == before, each.urn


def test_its_secrets_are_in_nothing_but_one_secret(network: Recorded) -> None:
    (secret,) = [each for each in network.of(SECRET) if each.manifest_name == "hlf-backup"]
    assert secret.secret == {"data"}
    content = {
        key: base64.b64decode(value).decode() for key, value in secret.inputs["data"].items()
    }
    assert content == {"HLF_BACKUP_PASSPHRASE": PASSPHRASE, "AWS_SECRET_ACCESS_KEY": KEY}
    for each in network.resources:
        if each is not secret:
            text = json.dumps(each.inputs)
            for value in (PASSPHRASE, KEY):
                assert value not in text, each.urn
                assert base64.b64encode(value.encode()).decode() not in text, each.urn


def test_the_pod_is_restricted_but_for_its_token(network: Recorded) -> None:
    spec = pod(network)["spec"]
    assert spec["automountServiceAccountToken"] is True
    assert spec["serviceAccountName"] == "hlf-backup"
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    security = jobs(network)["securityContext"]
    assert security["allowPrivilegeEscalation"] is False
    assert security["readOnlyRootFilesystem"] is True
    assert security["capabilities"] == {"drop": ["ALL"]}


def test_the_pod_mounts_what_it_has(network: Recorded) -> None:
    mounts = {each["name"]: each for each in jobs(network)["volumeMounts"]}
    assert set(mounts) == {each["name"] for each in pod(network)["spec"]["volumes"]}
    assert {each["mountPath"] for each in mounts.values()} == {"/tmp", "/etc/hlf"}
    assert mounts["network"]["readOnly"] is True


def test_a_store_on_a_volume_is_mounted(sample: Sample) -> None:
    settings = {"store": "claim://kept/fabric", "passphrase": PASSPHRASE}
    network = sample.with_settings(backup=settings).record()
    (volume,) = [v for v in pod(network)["spec"]["volumes"] if "persistentVolumeClaim" in v]
    assert volume["persistentVolumeClaim"] == {"claimName": "kept"}
    (mount,) = [m for m in jobs(network)["volumeMounts"] if m["name"] == volume["name"]]
    assert mount["mountPath"] == "/backups"
    (made,) = network.of(BACKUP)
    assert made.inputs["claim"] == "kept"


def test_the_container_is_told_what_to_do_and_where(network: Recorded) -> None:
    container = jobs(network)
    assert container["image"] == "hlf-jobs:1"
    assert container["command"] == ["python3", "-m", "jobs"]
    assert container["args"] == ["backup"]
    texts = {each["name"]: each["value"] for each in container["env"] if "value" in each}
    assert texts == {
        "HLF_STORE": "s3://backups/fabric",
        "HLF_RETENTION_LAST": "7",
        "HLF_RETENTION_DAYS": "30",
    }
    fields = {each["name"] for each in container["env"] if "valueFrom" in each}
    assert fields == {"HLF_NAMESPACE", "HLF_POD"}
    assert [each["secretRef"]["name"] for each in container["envFrom"]] == ["hlf-backup", "store"]


def test_the_pod_is_as_the_settings_say(sample: Sample) -> None:
    pods = {
        "all": {"registry": "registry.example.com", "pullSecrets": ["pull"]},
        "backup": {"labels": {"team": "ledger"}, "resources": {"limits": {"memory": "1Gi"}}},
    }
    network = sample.with_settings(backup=backup(), pods=pods).record()
    assert jobs(network)["image"] == "registry.example.com/hlf-jobs:1"
    assert jobs(network)["resources"]["limits"] == {"memory": "1Gi"}
    assert pod(network)["metadata"]["labels"] == {"team": "ledger", "hlf/job": "true"}
    assert pod(network)["spec"]["imagePullSecrets"] == [{"name": "pull"}]


def test_its_account_has_an_identity_and_rights_in_the_namespace_only(network: Recorded) -> None:
    (account,) = network.of(ACCOUNT)
    annotations = account.inputs["metadata"]["annotations"]
    assert annotations["eks.amazonaws.com/role-arn"] == "arn:aws:iam::1:role/backup"
    (binding,) = network.of(ROLE_BINDING)
    assert binding.inputs["roleRef"]["kind"] == "Role"
    (subject,) = binding.inputs["subjects"]
    assert subject == {"kind": "ServiceAccount", "name": "hlf-backup", "namespace": "simple"}
    (role,) = network.of(ROLE)
    verbs = {verb for rule in role.inputs["rules"] for verb in rule["verbs"]}
    assert verbs == {"get", "list", "watch", "create", "delete", "patch"}


def test_the_cron_job_goes_before_its_rights(network: Recorded) -> None:
    (cron_job,) = network.of(CRON_JOB)
    waited = network.waits_for(cron_job)
    others = MANIFESTS - {CRON_JOB}
    assert {each.urn for each in added(network) if each.type in others} <= waited
    assert "pulumi.com/skipAwait" not in cron_job.inputs["metadata"]["annotations"]


def test_without_a_schedule_the_cron_job_is_a_template(sample: Sample) -> None:
    network = sample.with_settings(backup=backup()).record()
    (cron_job,) = network.of(CRON_JOB)
    assert cron_job.inputs["spec"]["suspend"] is True
    (made,) = network.of(BACKUP)
    assert "key" not in made.inputs, "it is found out when it is checked"


@pytest.mark.parametrize("key", [None, "a"])
def test_with_a_schedule_one_backup_is_made_only_if_it_has_a_key(
    sample: Sample, key: str | None
) -> None:
    said = {"schedule": "0 3 * * *", **({"key": key} if key else {})}
    network = sample.with_settings(backup=backup(**said)).record()
    (cron_job,) = network.of(CRON_JOB)
    assert cron_job.inputs["spec"]["suspend"] is False
    assert cron_job.inputs["spec"]["schedule"] == "0 3 * * *"
    assert (BACKUP in {each.type for each in network.resources}) == bool(key)


def test_a_backup_comes_last(network: Recorded) -> None:
    (made,) = network.of(BACKUP)
    waited = network.waits_for(made)
    (cron_job,) = network.of(CRON_JOB)
    before = network.of(ROLLOUT, RESTORE, CHANNEL, CHAINCODES, INVOCATION)
    assert {each.urn for each in (*before, cron_job)} <= waited
    assert made.inputs["key"] == "a"
    assert made.inputs["store"] == "s3://backups/fabric"


def test_everything_but_what_jobs_need_waits_for_the_keys(network: Recorded) -> None:
    (keys,) = network.of(RESTORED_KEYS)
    before = {each.urn for each in network.resources if each.urn in network.waits_for(keys)}
    assert {each.urn for each in added(network) if each.type in MANIFESTS} <= before
    for each in [*network.manifests, *network.actions]:
        is_before = each.urn in before or each is keys or each.type in (CLAIM, PROVIDER)
        assert is_before or keys.urn in network.waits_for(each), each.urn
    assert not before & {each.urn for each in network.of(AUTHORITY, STATEFUL_SET)}


def test_nodes_then_the_restore_then_channels(network: Recorded) -> None:
    (restore,) = network.of(RESTORE)
    (rollout,) = network.of(ROLLOUT)
    assert rollout.urn in network.waits_for(restore)
    for each in network.of(CHANNEL, CHAINCODES, INVOCATION):
        assert restore.urn in network.waits_for(each)
    assert restore.inputs["key"] == "b"


def test_providers_are_stored_by_reference(network: Recorded) -> None:
    modules = {BACKUP: "actions.backup", RESTORE: "actions.restore"}
    for type_, module in modules.items():
        (action,) = network.of(type_)
        stored = base64.b64decode(action.inputs["__provider"])
        assert len(stored) < 100
        assert module.encode() in stored


def test_jobs_find_the_input_files_as_they_are(network: Recorded, sample: Sample) -> None:
    for name in ("crypto-config.yaml", "configtx.yaml", "network.yaml"):
        assert files(network)[name] == (sample.root / "net" / name).read_text()


def test_the_settings_are_kept_without_secrets_and_without_what_is_of_one_run(
    network: Recorded,
) -> None:
    kept = json.loads(files(network)["settings.json"])
    assert kept["network"] == "net"
    assert "restoreFrom" not in kept
    assert set(kept["backup"]) == set(SETTINGS) - {"passphrase", "credentials"}


def test_another_key_changes_nothing_but_the_backup(sample: Sample) -> None:
    one = sample.with_settings(backup=backup(key="a")).record()
    other = sample.with_settings(backup=backup(key="b")).record()
    changed = [
        each.type
        for each, now in zip(
            sorted(one.resources, key=lambda r: r.urn),
            sorted(other.resources, key=lambda r: r.urn),
            strict=True,
        )
        if each.inputs != now.inputs
    ]
    assert changed == [BACKUP]


def test_jobs_know_the_network(sample: Sample) -> None:
    network = sample.with_settings(backup=backup(), stateDatabase="CouchDB").record()
    found = json.loads(files(network)["network.json"])
    assert found["stack"] == OWNER
    assert found["fabric"] == "2.5.9"
    (claim,) = network.of(CLAIM)
    assert found["shape"] == claim.inputs["shape"]
    assert set(found["nodes"]) == network.names(STATEFUL_SET)
    assert found["nodes"]["hlf-peer--karga--peer0"] == {"role": "peer", "mspId": "KargaMSP"}
    assert found["nodes"]["hlf-couchdb--karga--peer0"] == {"role": "couchdb", "mspId": ""}
    (rollout,) = network.of(ROLLOUT)
    for key in ("orderers", "peers", "admins", "tlsRoots", "ordererType"):
        assert found["access"][key] == rollout.inputs[key]
    assert "namespace" not in found["access"]
