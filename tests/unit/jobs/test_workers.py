"""A worker's pod is the job's own, with other volumes, another user and another task."""

import json

from jobs.standing import Standing
from jobs.workers import WORK, WORKER, Worker, manifest, progress

SECURITY = {"runAsUser": 7051, "fsGroup": 7051}
OWN = {
    "metadata": {
        "name": "hlf-backup-1-abcde",
        "uid": "u1",
        "labels": {
            "hlf/job": "true",
            "batch.kubernetes.io/job-name": "hlf-backup-1",
            "job-name": "hlf-backup-1",
            "batch.kubernetes.io/controller-uid": "c1",
        },
    },
    "spec": {
        "nodeName": "a",
        "serviceAccountName": "hlf-backup",
        "securityContext": {"runAsUser": 1},
        "containers": [
            {
                "name": "jobs",
                "image": "hlf-jobs:1",
                "command": ["python3", "-m", "jobs"],
                "args": ["backup", "--key", "k"],
                "env": [{"name": "HLF_STORE", "value": "s3://b"}],
                "envFrom": [{"secretRef": {"name": "hlf-backup"}}],
                "securityContext": {"readOnlyRootFilesystem": True},
                "volumeMounts": [
                    {"name": "tmp", "mountPath": "/tmp"},
                    {"name": "kube-api-access-x", "mountPath": "/var/run/secrets"},
                ],
            },
            {"name": "sidecar", "image": "mesh"},
        ],
        "volumes": [{"name": "tmp", "emptyDir": {}}, {"name": "kube-api-access-x"}],
    },
}


def worker() -> Worker:
    nodes = tuple(
        Standing(
            name=name,
            role="peer",
            msp_id="KargaMSP",
            machine="b",
            is_stopped=False,
            security=SECURITY,
        )
        for name in ("hlf-peer--karga--peer0", "hlf-peer--karga--peer1")
    )
    return Worker(pod="hlf-backup-1-abcde-peers-1-0", nodes=nodes)


def test_it_is_where_its_nodes_are_and_as_their_user() -> None:
    spec = manifest(OWN, worker(), verb="copy", key="k", read_only=True)["spec"]
    assert spec["nodeName"] == "b"
    assert spec["securityContext"] == SECURITY
    assert [each.get("persistentVolumeClaim") for each in spec["volumes"]] == [
        None,
        {"claimName": "hlf-peer--karga--peer0"},
        {"claimName": "hlf-peer--karga--peer1"},
    ]
    (container,) = spec["containers"]
    assert container["volumeMounts"][1:] == [
        {"name": "node-0", "mountPath": "/nodes/hlf-peer--karga--peer0", "readOnly": True},
        {"name": "node-1", "mountPath": "/nodes/hlf-peer--karga--peer1", "readOnly": True},
    ]


def test_it_has_the_jobs_image_and_environment_and_another_task() -> None:
    made = manifest(OWN, worker(), verb="fill", key="k", read_only=False)
    (container,) = made["spec"]["containers"]
    own = OWN["spec"]["containers"][0]
    assert {key: container[key] for key in ("image", "command", "envFrom")} == {
        key: own[key] for key in ("image", "command", "envFrom")
    }
    assert container["args"] == ["fill"]
    assert container["env"][0] == {"name": "HLF_STORE", "value": "s3://b"}
    (work,) = (json.loads(each["value"]) for each in container["env"] if each["name"] == WORK)
    assert work == {
        "key": "k",
        "nodes": {
            "hlf-peer--karga--peer0": {"role": "peer", "mspId": "KargaMSP"},
            "hlf-peer--karga--peer1": {"role": "peer", "mspId": "KargaMSP"},
        },
    }


def test_the_job_does_not_count_it_as_its_pod() -> None:
    metadata = manifest(OWN, worker(), verb="copy", key="k", read_only=True)["metadata"]
    assert metadata["labels"] == {"hlf/job": "true", WORKER: "hlf-backup-1-abcde"}
    (owner,) = metadata["ownerReferences"]
    assert (owner["kind"], owner["name"], owner["uid"]) == ("Pod", "hlf-backup-1-abcde", "u1")


def test_progress_of_a_worker_that_has_said_nothing_yet() -> None:
    assert progress({"metadata": {}}) == (0, 0, 0)
    assert progress({"metadata": {"annotations": {"hlf/progress": "3 4096 17"}}}) == (3, 4096, 17)
