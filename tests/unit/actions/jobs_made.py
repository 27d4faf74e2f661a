"""The CronJob that jobs are made from, and a cluster that runs what is made of it."""

import json
from collections.abc import Callable
from typing import Any

from tests.unit.actions.kubernetes import Key, Kubernetes, Manifest

NAMESPACE = "fabric"
UID = "batch.kubernetes.io/controller-uid"


def template(store: str = "s3://backups/fabric") -> Manifest:
    container = {
        "name": "jobs",
        "image": "hlf-jobs:1",
        "args": ["backup"],
        "env": [
            {"name": "HLF_POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
            {"name": "HLF_STORE", "value": store},
        ],
    }
    pod = {"metadata": {"labels": {"hlf/job": "true"}}, "spec": {"containers": [container]}}
    return {"spec": {"backoffLimit": 3, "template": pod}}


def cron_job(store: str = "s3://backups/fabric") -> Manifest:
    return {"metadata": {"name": "hlf-backup"}, "spec": {"jobTemplate": template(store)}}


def job(name: str, *arguments: str, uid: str = "before", **status: Any) -> Manifest:
    made = template()
    made["spec"]["template"]["spec"]["containers"][0]["args"] = list(arguments)
    return {"metadata": {"name": name, "uid": uid}, "spec": made["spec"], "status": status}


def condition(kind: str) -> dict[str, Any]:
    return {"conditions": [{"type": kind, "status": "True"}]}


def pod(
    name: str,
    *,
    uid: str,
    phase: str = "Succeeded",
    message: object = "",
    code: int = 0,
    reason: str = "Completed",
) -> Manifest:
    text = message if isinstance(message, str) else json.dumps(message)
    ended = {"exitCode": code, "reason": reason, "message": text}
    state = {"terminated": ended} if phase in ("Succeeded", "Failed") else {"running": {}}
    return {
        "metadata": {"name": name, "labels": {UID: uid, "hlf/job": "true"}},
        "status": {
            "phase": phase,
            "containerStatuses": [{"name": "jobs", "image": "hlf-jobs:1", "state": state}],
        },
    }


class Controller:
    """Runs each Job that is made at once: a pod for each answer, the last one ends the Job.

    An answer is what the pod leaves behind; one with an `error` fails.
    """

    def __init__(self, kubernetes: Kubernetes, answer: Callable[[Manifest], list[Any]]) -> None:
        self.made: list[Manifest] = []
        self._kubernetes = kubernetes
        self._answer = answer
        kubernetes.on_create = self._create

    @property
    def arguments(self) -> list[list[str]]:
        """Of each Job that was made."""
        return [each["spec"]["template"]["spec"]["containers"][0]["args"] for each in self.made]

    def _create(self, key: Key, manifest: Manifest) -> None:
        if key[1] != "jobs":
            return
        self.made.append(manifest)
        name, uid = key[2], manifest["metadata"]["uid"]
        answers = self._answer(manifest)
        for number, answer in enumerate(answers):
            failed = isinstance(answer, dict) and "error" in answer
            self._kubernetes.put(
                NAMESPACE,
                "pods",
                pod(
                    f"{name}-{number}",
                    uid=uid,
                    phase="Failed" if failed else "Succeeded",
                    message=answer,
                    code=int(failed),
                    reason="Error" if failed else "Completed",
                ),
            )
        manifest["status"] = condition("Failed" if failed else "Complete")
        self._kubernetes.put(NAMESPACE, "jobs", manifest)
