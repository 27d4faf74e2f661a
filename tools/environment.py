"""The environment in which ``pulumi`` and ``kubectl`` work on an embedded stack.

A command that is run here is tied to its stack, because several may run at once. A user's shell is
not: there, ``pulumi stack select`` and ``pulumi stack init`` have to do what they say, and with
PULUMI_STACK the next command would work on the old stack without a word (`tools.stack.select` is
the other half).

What the user has chosen (a backend, a passphrase) stays; the rest is ours, and nothing of it is
in a file that git tracks.
"""

import os
import secrets
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools import products, programs
from tools.home import Home

_PASSPHRASE_BYTES = 24
_TIES = ("PULUMI_STACK", "PULUMI_OPTION_CONFIG_FILE")


@dataclass(frozen=True, kw_only=True)
class Stack:
    """An embedded stack: a sample and the files that are the stack's own."""

    name: str
    home: Home

    @property
    def folder(self) -> Path:
        """The folder with the stack's settings; it also passes as a Pulumi project."""
        return self.home.stacks / self.name

    @property
    def settings(self) -> Path:
        """The stack's settings file."""
        return self.folder / f"Pulumi.{self.name}.yaml"


def variables(
    stack: Stack,
    *,
    venv: Path,
    cli: Path,
    own_cli: bool,
    embedded_node: bool,
    user: Mapping[str, str] = os.environ,
) -> dict[str, str]:
    """Return the variables to set for work on a stack; PATH is complete.

    A Pulumi of the user's own (``own_cli``) keeps its home and its way to come by plugins.
    """
    home = stack.home
    ours = {
        "PATH": _path([str(cli), str(venv / "bin")], user.get("PATH", "")),
        "VIRTUAL_ENV": str(venv),
        "PULUMI_STACK": stack.name,
        # Pulumi takes every option of a command from PULUMI_OPTION_...: --config-file here.
        "PULUMI_OPTION_CONFIG_FILE": str(stack.settings),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "HLF_FABRIC_BIN": str(programs.folder(home, programs.FABRIC)),
    }
    if not own_cli:
        ours["PULUMI_HOME"] = str(home.pulumi)
        ours["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] = "true"
    if "PULUMI_BACKEND_URL" not in user:
        # Without metadata every write is a rename; a side file cut short by a kill would make
        # the stack unreadable.
        ours["PULUMI_BACKEND_URL"] = f"{home.backend.as_uri()}?metadata=skip"
    if not {"PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"} & user.keys():
        ours["PULUMI_CONFIG_PASSPHRASE_FILE"] = str(home.passphrase)
    if embedded_node:
        ours["KUBECONFIG"] = str(home.kubeconfig)
    return ours


def exports(values: Mapping[str, str]) -> str:
    """Return lines for a shell that set variables, and untie it from any stack."""
    kept = {name: value for name, value in values.items() if name not in _TIES}
    lines = [f"export {name}={shlex.quote(value)}\n" for name, value in kept.items()]
    return "".join([f"unset {' '.join(_TIES)}\n", *lines])


def make_passphrase(home: Home) -> None:
    """Make the passphrase of the embedded stacks, once: their secrets are lost without it."""
    with products.locked(home.passphrase):
        if not home.passphrase.exists():
            secret = secrets.token_urlsafe(_PASSPHRASE_BYTES)
            products.write(home.passphrase, f"{secret}\n", mode=0o600)


def _path(first: list[str], rest: str) -> str:
    kept = [folder for folder in rest.split(os.pathsep) if folder and folder not in first]
    return os.pathsep.join([*first, *kept])
