"""Makes a database's user name and password, once.

The password is in the stack's state, encrypted, and in a Secret of the namespace. Where that
Secret is there already (a stack that kept its data), it is taken over: the data knows no other.
"""

import secrets
from typing import ClassVar

import pulumi
from pulumi.dynamic import UpdateResult

from actions import cluster
from actions.cluster import ClusterError
from actions.progress import Report
from actions.provider import Action, ActionResource, Props

USER = "user"
PASSWORD = "password"  # noqa: S105 - the name of a key
_BYTES = 24


class CredentialsProvider(Action):
    """Inputs: user, namespace, secret (its name)."""

    replace_on: ClassVar = ("namespace", "secret")
    secrets: ClassVar = (PASSWORD,)

    def identity(self, inputs: Props) -> str:  # noqa: D102
        return inputs["secret"]

    def apply(self, inputs: Props, report: Report) -> Props:  # noqa: D102
        report(f"making the password of {inputs['secret']}")
        kept = cluster.secret(inputs["namespace"], inputs["secret"])
        return {PASSWORD: _made() if kept is None else _kept(inputs, kept)}

    def update(self, _id: str, olds: Props, news: Props) -> UpdateResult:
        """Keep the password: nothing that can change here concerns it."""
        return self.keep(olds, news)


def _made() -> str:
    return secrets.token_urlsafe(_BYTES)


def _kept(inputs: Props, files: dict[str, bytes]) -> str:
    if not files.get(PASSWORD) or files.get(USER) != inputs["user"].encode():
        raise ClusterError(
            f"Secret {inputs['secret']} in {inputs['namespace']} has kept no password of user "
            f"{inputs['user']}: put the right one back, or delete the Secret and the database's "
            "volume claim of the same name to begin with an empty database."
        )
    return files[PASSWORD].decode()


class Credentials(ActionResource, module="fabric", name="Credentials"):
    """A user name and its password."""

    def __init__(
        self,
        name: str,
        *,
        user: str,
        namespace: pulumi.Input[str],
        secret: str,
        opts: pulumi.ResourceOptions,
    ) -> None:
        inputs = {"user": user, "namespace": namespace, "secret": secret}
        super().__init__(CredentialsProvider(), name, inputs, opts)
        self._user = user

    @property
    def files(self) -> pulumi.Output[dict[str, str]]:
        """The content of the Secret that holds them."""
        password: pulumi.Output[str] = pulumi.get(self, PASSWORD)
        return password.apply(lambda text: {USER: self._user, PASSWORD: text})
