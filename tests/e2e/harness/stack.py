"""A Pulumi stack of the tests: the program of this checkout, run by the real `pulumi`.

It is an embedded stack like the user's own, beside it: same backend, same passphrase.
"""

import json
import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from tests.e2e.harness import embedded, processes
from tests.e2e.harness.kubernetes import Namespace
from tools.home import CHECKOUT
from tools.stack import Pulumi

_TIMEOUT = 300.0
_TAIL = 60

OnLine = Callable[[str], bool]
"""Gets each line of output as it appears; true means: kill everything now."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a `pulumi` command printed, how it ended, and how long it took in seconds."""

    command: str
    output: str
    status: int
    seconds: float
    killed: bool = False

    def tail(self) -> str:
        """Return the end of the output."""
        return "\n".join(self.output.splitlines()[-_TAIL:])


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A stack and its namespace, which have the same name unless a setting says otherwise."""

    cli: Pulumi
    settings: dict[str, Any] = field(default_factory=dict[str, Any])
    printed: list[str] = field(default_factory=list[str])
    """The output of every command so far."""

    @property
    def name(self) -> str:
        """The stack's name."""
        return self.cli.stack.name

    @property
    def namespace(self) -> Namespace:
        """Where its network is."""
        return Namespace(self.settings.get("namespace", self.name))

    def prepare(self) -> None:
        """Make the stack, or what a killed run left of it, ready for an `up`."""
        embedded.prepare(self.cli)
        self.configure()

    def configure(self, **settings: Any) -> None:
        """Set settings of the program, beside those that the stack has."""
        self.settings.update(settings)
        content = yaml.safe_load(self.cli.stack.settings.read_text())
        content["config"] = {f"hlf:{key}": value for key, value in self.settings.items()}
        self.cli.stack.settings.write_text(yaml.safe_dump(content))

    def up(self, *, ok: bool = True, **options: Any) -> Run:
        """Run `pulumi up`; `options` are those of `pulumi`."""
        return self.pulumi("up", "--yes", "--skip-preview", ok=ok, **options)

    def preview(self, *options: str, ok: bool = True) -> Run:
        """Run `pulumi preview`."""
        return self.pulumi("preview", *options, ok=ok)

    def refresh(self, *options: str, ok: bool = True) -> Run:
        """Run `pulumi refresh`, showing the differences it finds."""
        return self.pulumi("refresh", "--yes", "--skip-preview", "--diff", *options, ok=ok)

    def destroy(self, *, ok: bool = True) -> Run:
        """Run `pulumi destroy`."""
        return self.pulumi("destroy", "--yes", "--skip-preview", ok=ok)

    def export(self) -> dict[str, Any]:
        """Return the stack's state with secrets encrypted."""
        return json.loads(self.pulumi("stack", "export").output)

    def resources(self) -> list[dict[str, Any]]:
        """Return the resources in the stack's state."""
        return self.export()["deployment"].get("resources", [])

    def outputs(self) -> dict[str, Any]:
        """Return the stack's outputs."""
        return json.loads(self.pulumi("stack", "output", "--json").output)

    def remove(self) -> None:
        """Take away the stack and the namespace of its name, whatever state they are in."""
        Namespace(self.name).remove()
        if embedded.has_stack(self.cli):
            self.pulumi("cancel", "--yes", ok=False)
            self.pulumi("stack", "rm", "--force", "--yes")
        embedded.forget(self.cli)

    def pulumi(
        self,
        *words: str,
        ok: bool = True,
        timeout: float = _TIMEOUT,
        kill_after: float | None = None,
        on_line: OnLine | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Run:
        """Run a command on the stack; with `ok` it must succeed.

        It is killed with everything that it started when `on_line` says so, or after `kill_after`
        seconds. After `timeout` seconds it is killed too, and the test fails.
        """
        __tracebackhide__ = True
        start = time.monotonic()
        child = subprocess.Popen(
            [self.cli.binary, "--non-interactive", "--color", "never", *words],
            cwd=CHECKOUT,
            env={**os.environ, **self.cli.variables, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        killed = threading.Event()
        end = threading.Timer(kill_after or timeout, _kill, [child, killed])
        end.start()
        lines: list[str] = []
        for line in child.stdout or ():
            lines.append(line)
            if on_line and not killed.is_set() and on_line(line):
                _kill(child, killed)
        status = child.wait()
        end.cancel()
        self.printed.append("".join(lines))
        run = Run(
            command=f"pulumi {' '.join(words)} (stack {self.name})",
            output=self.printed[-1],
            status=status,
            seconds=time.monotonic() - start,
            killed=killed.is_set(),
        )
        asked_for = on_line is not None or kill_after is not None
        assert asked_for or not run.killed, f"{run.command}: {timeout:g} s are over:\n{run.tail()}"
        assert not ok or status == 0, f"{run.command} ended with {status}:\n{run.tail()}"
        return run


def _kill(child: "subprocess.Popen[str]", killed: threading.Event) -> None:
    killed.set()
    processes.kill_family(child.pid)
