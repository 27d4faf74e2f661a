"""The embedded stacks: made, brought up, destroyed, and asked for their state."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from tools import command, environment, products, samples, toolchain, unfinished, venv
from tools.environment import Stack
from tools.errors import ToolsError
from tools.home import CHECKOUT, Home
from tools.progress import Progress
from tools.setting_up import Needs

PROJECT = "hlf"
_ROOT = "pulumi:pulumi:Stack"
_CLAIM = "/fabric:Claim"
_PROJECT_FILE = CHECKOUT / "Pulumi.yaml"


@dataclass(frozen=True, kw_only=True)
class Pulumi:
    """The Pulumi CLI at work on one stack."""

    stack: Stack
    binary: Path
    variables: dict[str, str]

    def read(self, *words: str, what: str, at: Path = CHECKOUT) -> str:
        """Run a short command and return what it prints."""
        return command.read(
            [self.binary, *words, "--non-interactive"], what=what, cwd=at, env=self._environment
        )

    def run(self, *words: str) -> None:
        """Run a command that talks to the user; its failure has been told when this raises."""
        with (
            _interrupts_left_to_others(),
            subprocess.Popen([self.binary, *words], cwd=CHECKOUT, env=self._environment) as process,
        ):
            status = process.wait()
        if status:
            raise ToolsError(f"`pulumi {words[0]}` of the stack {self.stack.name} did not succeed")

    @property
    def _environment(self) -> dict[str, str]:
        return os.environ | self.variables


def pulumi(home: Home, name: str, needed: Needs) -> Pulumi:
    """Return the CLI for a stack; it has to be there already."""
    stack = Stack(name=name, home=home)
    packages = venv.make(home)
    folder = needed.own_cli or toolchain.cli(home, packages)
    variables = environment.variables(
        stack,
        venv=packages,
        cli=folder,
        own_cli=needed.own_cli is not None,
        embedded_node=needed.context is None,
    )
    return Pulumi(stack=stack, binary=folder / "pulumi", variables=variables)


def prepare(cli: Pulumi, progress: Progress) -> None:
    """Make the stack if it is not there, and clear away what a killed run left of one."""
    stack = cli.stack
    environment.make_passphrase(stack.home)
    stack.home.backend.mkdir(parents=True, exist_ok=True)
    # A project of its own, so that Pulumi writes the stack's settings here, not into the checkout.
    products.write(stack.folder / "Pulumi.yaml", _PROJECT_FILE.read_text())
    if not stack.settings.exists():
        products.write(stack.settings, samples.beginning(stack.name))
    _clear_away(cli, progress)
    cli.read(
        *("stack", "select", "--create", stack.name),
        what=f"make the stack {stack.name}",
        at=stack.folder,
    )
    _forget_pending(cli, progress)


def select(cli: Pulumi) -> None:
    """Let a shell in this checkout work on the stack until it selects another one.

    Pulumi looks for a stack's settings beside Pulumi.yaml; git ignores the link to them.
    """
    stack = cli.stack
    if not exists(stack.home, stack.name):
        raise ToolsError(
            f"there is no embedded stack {stack.name} yet: run `make up SAMPLE={stack.name}`"
        )
    link_settings(stack)
    cli.read("stack", "select", stack.name, what=f"select the stack {stack.name}")


def link_settings(stack: Stack, checkout: Path = CHECKOUT) -> None:
    """Let the stack's settings be in the checkout; ToolsError where there are other ones."""
    path = checkout / stack.settings.name
    if path.is_symlink():
        path.unlink()
    elif path.exists():
        raise ToolsError(
            f"{path} has the settings of another stack of this name; those of the embedded one "
            f"are in {stack.settings}: move one of them away"
        )
    path.symlink_to(stack.settings)


def up(cli: Pulumi) -> None:
    """Bring the stack up."""
    cli.run("up", "--yes", "--skip-preview")


def destroy(cli: Pulumi) -> str | None:
    """Destroy what the stack has, and the stack; return the namespace where data stays, if any.

    Then the stack stays too, with the settings that the data need when `up` takes them over.
    """
    exported = cli.read("stack", "export", what=f"read the state of the stack {cli.stack.name}")
    if namespace := kept(json.loads(exported)):
        cli.run("destroy", "--yes", "--skip-preview")
        return namespace
    cli.run("destroy", "--yes", "--skip-preview", "--remove")
    shutil.rmtree(cli.stack.folder, ignore_errors=True)
    link = CHECKOUT / cli.stack.settings.name
    if link.is_symlink():
        link.unlink()
    return None


def kept(state: Mapping[str, Any]) -> str | None:
    """Return the namespace of an exported state of which `destroy` leaves something."""
    resources = state["deployment"].get("resources") or []
    # what else is retained goes with the claim, where that goes
    if not any(each.get("retainOnDelete") for each in resources if each["type"].endswith(_CLAIM)):
        return None
    outputs = (each.get("outputs", {}) for each in resources if each["type"] == _ROOT)
    return next((each["namespace"] for each in outputs if "namespace" in each), "of the network")


def exists(home: Home, name: str) -> bool:
    """Say whether an embedded stack of this name was made."""
    return Stack(name=name, home=home).settings.exists()


def in_use(cli: Pulumi) -> list[str]:
    """Return the stacks that have resources, as far as they may be on the embedded node.

    In a backend of the user's own there may be stacks that have nothing to do with it.
    """
    home = cli.stack.home
    listed = json.loads(cli.read("stack", "ls", "--json", what="list the stacks"))
    names = [each["name"] for each in listed if each.get("resourceCount")]
    is_ours = _file_backend(cli) == home.backend
    return sorted(name for name in names if is_ours or exists(home, name))


@contextmanager
def _interrupts_left_to_others() -> Generator[None]:
    """Let Pulumi alone decide what Ctrl-C means: it finishes what it is doing, then ends."""

    def leave(_number: int, _frame: object) -> None:
        pass

    before = signal.signal(signal.SIGINT, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _clear_away(cli: Pulumi, progress: Progress) -> None:
    if (backend := _file_backend(cli)) is None:
        return
    held = unfinished.locks(backend, PROJECT, cli.stack.name)
    if released := unfinished.release(held, cli.stack.name):
        progress.say(f"released {released} lock(s) of a run that is gone")
        # Only now is it sure that no Pulumi works on the stack.
        unfinished.end_orphans(os.environ | cli.variables)
        unfinished.remove_half_written(backend, PROJECT, cli.stack.name)


def _forget_pending(cli: Pulumi, progress: Progress) -> None:
    exported = cli.read("stack", "export", what=f"read the state of the stack {cli.stack.name}")
    state, names = unfinished.without_pending(json.loads(exported))
    if not names:
        return
    with tempfile.NamedTemporaryFile("w", suffix=".json", dir=cli.stack.folder) as file:
        json.dump(state, file)
        file.flush()
        cli.read("stack", "import", "--file", file.name, what="forget the unfinished operations")
    progress.say(f"an earlier run was stopped at: {', '.join(names)}; going on from there")


def _file_backend(cli: Pulumi) -> Path | None:
    url = urlparse(cli.variables.get("PULUMI_BACKEND_URL") or os.environ["PULUMI_BACKEND_URL"])
    return Path(unquote(url.path)) if url.scheme == "file" else None
