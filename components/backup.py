"""What jobs need in the cluster: an account and its rights, the store's keys, what the network is.

Jobs are made from one CronJob, by its schedule, by actions, or by hand with
`kubectl create job --from=cronjob/hlf-backup <name>`. Without a schedule it is suspended.
"""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_kubernetes.batch.v1 import CronJob
from pulumi_kubernetes.core.v1 import ConfigMap, Secret, ServiceAccount
from pulumi_kubernetes.rbac.v1 import Role, RoleBinding

from components.keys import in_base64
from components.pod import container_security, pod_spec, resources
from components.site import NO_WAIT, Site
from hlf import names
from hlf.spec.model import STORE_FOLDER, BackupSettings

_NAME = "backup"
_NEVER = "0 0 1 1 *"
"""A CronJob has to have a schedule, also one that is suspended."""
_SECONDS_OF_A_WEEK = 7 * 24 * 60 * 60
_TMP, _NETWORK, _STORE = "tmp", "network", "store"
_SAID_WHY = {
    "action": "FailJob",
    "onExitCodes": {"containerName": names.JOB_CONTAINER, "operator": "In", "values": [3]},
}
"""A job that ends with a sentence would end with it again; one that was killed goes on."""
_MOVED_AWAY = {
    "action": "Ignore",
    "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}],
}
"""However often machines are drained meanwhile."""
_RULES: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    # copiers run where the volumes are mounted; labels say whose they are
    ("", ("pods",), ("get", "list", "watch", "create", "delete", "patch")),
    ("", ("pods/log",), ("get",)),
    ("", ("pods/portforward",), ("get", "create")),
    # nodes stand still while they are copied
    ("apps", ("statefulsets",), ("get", "list", "watch", "patch")),
    # keys are in backups; a restore writes them, and keeps account of itself
    ("", ("secrets", "configmaps"), ("get", "list", "create", "patch", "delete")),
    ("", ("persistentvolumeclaims",), ("get", "list")),
    ("batch", ("jobs",), ("get",)),
)
"""API group, resources and verbs: what is done with each."""


class Backups(pulumi.ComponentResource):
    """`hlf:network:Backups`."""

    settings: BackupSettings

    def __init__(
        self,
        settings: BackupSettings,
        *,
        described: Mapping[str, str],
        site: Site,
        opts: pulumi.ResourceOptions,
    ) -> None:
        """`described` are files about the network that jobs find below /etc/hlf."""
        super().__init__("hlf:network:Backups", _NAME, {}, opts)
        self.settings = settings
        self._site = site
        account = ServiceAccount(
            _NAME,
            metadata=site.metadata(names.BACKUP, annotations={**settings.identity, **NO_WAIT}),
            opts=site.passing(self),
        )
        config = ConfigMap(
            _NAME,
            metadata=site.metadata(names.BACKUP),
            data=described,
            opts=site.passing(self),
        )
        # The CronJob goes first and is waited for: a job that has stopped nodes then has the time,
        # and still the rights, to start them.
        CronJob(
            _NAME,
            metadata=site.metadata(names.BACKUP),
            spec=self._cron_job(),
            opts=site.passing(
                self, depends_on=[account, *self._rights(account), self._secret(), config]
            ),
        )
        self.register_outputs({})

    def _rights(self, account: ServiceAccount) -> list[pulumi.Resource]:
        rules: Any = [
            {"apiGroups": [group], "resources": list(resources), "verbs": list(verbs)}
            for group, resources, verbs in _RULES
        ]
        role = Role(
            _NAME,
            metadata=self._site.metadata(names.BACKUP),
            rules=rules,
            opts=self._site.passing(self),
        )
        subject: Any = {
            "kind": "ServiceAccount",
            "name": names.BACKUP,
            "namespace": self._site.namespace,
        }
        ref: Any = {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "Role",
            "name": names.BACKUP,
        }
        binding = RoleBinding(
            _NAME,
            metadata=self._site.metadata(names.BACKUP),
            role_ref=ref,
            subjects=[subject],
            opts=self._site.passing(self, depends_on=[role, account]),
        )
        return [role, binding]

    def _secret(self) -> Secret:
        variables = {
            **self.settings.credentials,
            "HLF_BACKUP_PASSPHRASE": self.settings.passphrase,
        }
        data = {name: in_base64(value) for name, value in variables.items()}
        return Secret(
            _NAME,
            metadata=self._site.metadata(names.BACKUP),
            type="Opaque",
            data=pulumi.Output.secret(data),
            opts=self._site.passing(self),
        )

    def _cron_job(self) -> Any:
        return {
            "schedule": self.settings.schedule or _NEVER,
            "suspend": self.settings.schedule is None,
            "concurrencyPolicy": "Forbid",
            "successfulJobsHistoryLimit": 3,
            "failedJobsHistoryLimit": 3,
            "jobTemplate": {
                "spec": {
                    "backoffLimit": 3,
                    "podFailurePolicy": {"rules": [_SAID_WHY, _MOVED_AWAY]},
                    "ttlSecondsAfterFinished": _SECONDS_OF_A_WEEK,
                    "template": self._pod(),
                }
            },
        }

    def _pod(self) -> dict[str, Any]:
        pod = self._site.settings.pods["backup"]
        claim = self.settings.claim
        volumes: list[dict[str, Any]] = [
            {"name": _TMP, "emptyDir": {}},
            {"name": _NETWORK, "configMap": {"name": names.BACKUP}},
        ]
        mounts: list[dict[str, Any]] = [
            {"name": _TMP, "mountPath": "/tmp"},  # noqa: S108  (in the container)
            {"name": _NETWORK, "mountPath": "/etc/hlf", "readOnly": True},
        ]
        if claim is not None:
            volumes.append({"name": _STORE, "persistentVolumeClaim": {"claimName": claim}})
            mounts.append({"name": _STORE, "mountPath": STORE_FOLDER})
        return {
            "metadata": {
                "labels": {**pod.labels, names.IS_JOB: "true"},
                "annotations": dict(pod.annotations),
            },
            "spec": {
                **pod_spec(pod),
                "serviceAccountName": names.BACKUP,
                "automountServiceAccountToken": True,
                "restartPolicy": "Never",
                # for starting the nodes that it has stopped
                "terminationGracePeriodSeconds": 180,
                "containers": [
                    {
                        "name": names.JOB_CONTAINER,
                        "image": pod.image_of(names.JOBS_IMAGE),
                        "command": ["python3", "-m", "jobs"],
                        "args": ["backup"],
                        "env": self._env(),
                        "envFrom": [{"secretRef": {"name": name}} for name in self._secrets()],
                        "terminationMessagePolicy": "File",
                        "securityContext": container_security(),
                        "volumeMounts": mounts,
                        **resources(pod),
                    }
                ],
                "volumes": volumes,
            },
        }

    def _secrets(self) -> list[str]:
        own = self.settings.credentials_secret
        return [names.BACKUP, *([] if own is None else [own])]

    def _env(self) -> list[dict[str, Any]]:
        retention = self.settings.retention
        last = retention.last if retention else None
        days = retention.days if retention else None
        texts = {
            names.STORE_VARIABLE: self.settings.store,
            **({} if last is None else {"HLF_RETENTION_LAST": str(last)}),
            **({} if days is None else {"HLF_RETENTION_DAYS": f"{days:g}"}),
        }
        fields = {"HLF_NAMESPACE": "metadata.namespace", "HLF_POD": "metadata.name"}
        return [
            *({"name": n, "valueFrom": {"fieldRef": {"fieldPath": p}}} for n, p in fields.items()),
            *({"name": name, "value": text} for name, text in texts.items()),
        ]
