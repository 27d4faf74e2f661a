"""Makes one backup of the whole network, with a Job in the cluster.

A backup is known by its key. Without one in the settings it is called by the day on which this
resource was made, for as long as it stays: a later `up` is no reason for another backup. Where the
store has one of that day, the job adds the time.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

import pulumi
from pulumi.dynamic import CheckResult

from actions import jobs
from actions.progress import Report
from actions.provider import RESTORED, Action, ActionResource, Props
from hlf import names

_KEY, _DAY = "key", "day"


class BackupProvider(Action):
    """Inputs.

    namespace; key (another one is another backup) or, where it is not said, day, which is found
    out here; store, and claim where it is on a volume (in another one it is made too). Restored,
    where the network is restored from the backup of this very key: then it is made.
    """

    how: ClassVar = (RESTORED,)
    replace_on: ClassVar = ("namespace",)
    outputs: ClassVar = ("backup",)

    def identity(self, inputs: Props) -> str:  # noqa: D102
        return f"{inputs['namespace']}/{names.BACKUP}"

    def check(self, olds: Props, news: Props) -> CheckResult:
        """Give the backup its day; the network of another namespace is another one."""
        if _KEY in news:
            return CheckResult(news, [])
        same = olds.get("namespace") == news.get("namespace")
        kept = {name: olds[name] for name in (_KEY, _DAY) if same and name in olds}
        return CheckResult({**(kept or {_DAY: _today()}), **news}, [])

    def apply(self, inputs: Props, report: Report) -> Props:  # noqa: D102
        called = _KEY if _KEY in inputs else _DAY
        result = jobs.run(
            inputs["namespace"],
            name=_job(inputs),
            arguments=[
                "backup",
                f"--{called}",
                inputs[called],
                *(["--restored"] if RESTORED in inputs else []),
            ],
            report=report,
        )
        return {"backup": jobs.texts(result)}

    def remove(self, inputs: Props) -> None:
        """Leave the backup where it is: it is there for when the network is not."""
        jobs.stop(inputs["namespace"], _job(inputs))


def _job(inputs: Props) -> str:
    return names.backup_job(inputs.get(_KEY) or inputs[_DAY])


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


class Backup(ActionResource, module="fabric", name="Backup"):
    """One backup, in the store."""

    backup: pulumi.Output[Mapping[str, Any]]
    """What the Job says about it: when it ended, its size, for how long nodes stood still."""

    def __init__(
        self,
        name: str,
        *,
        namespace: pulumi.Input[str],
        key: str | None,
        store: str,
        claim: str | None,
        restored: str | None,
        opts: pulumi.ResourceOptions,
    ) -> None:
        inputs = {
            "namespace": namespace,
            "store": store,
            **({} if claim is None else {"claim": claim}),
            **({} if key is None else {_KEY: key}),
            **({RESTORED: restored} if key is not None and key == restored else {}),
        }
        super().__init__(BackupProvider(), name, inputs, opts)
