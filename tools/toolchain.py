"""The Pulumi toolchain: CLI, language host, Kubernetes provider.

A Pulumi CLI that the user has is used as it is, if it is new enough. Else one is built, and with
it go a language host of our own and two scripts of Pulumi's SDK, all in one folder, where the
engine looks for them first.
"""

import os
import re
import shutil
from pathlib import Path

from tools import command, products, programs, versions
from tools.errors import ToolsError
from tools.home import Home

_SDK = "github.com/pulumi/pulumi/sdk/v3"
_SDK_SCRIPTS = (
    "python/cmd/pulumi-language-python-exec",
    "python/dist/pulumi-resource-pulumi-python",
)
_PROVIDER = "github.com/pulumi/pulumi-kubernetes/provider/v4"
_PROVIDER_SCHEMA = "cmd/pulumi-resource-kubernetes/schema.json"
_HOST = Path(__file__).with_name("language_host.py")


def own_cli(home: Home) -> Path | None:
    """Return the folder of a Pulumi CLI that the user has, if it can be used: with Python."""
    found = shutil.which("pulumi")
    if not found or not shutil.which("pulumi-language-python"):
        return None
    if Path(found).resolve().is_relative_to(home.path.resolve()):
        return None
    try:
        said = command.read([found, "version"], what="ask the Pulumi CLI for its version")
    except ToolsError:
        return None
    return Path(found).parent if new_enough(said) else None


def new_enough(version: str) -> bool:
    """Compare what ``pulumi version`` says with the oldest version that this project works with."""
    numbers = re.match(r"v?(\d+)\.(\d+)\.(\d+)", version.strip())
    return bool(numbers) and tuple(map(int, numbers.groups())) >= versions.PULUMI_MINIMUM


def cli(home: Home, venv: Path) -> Path:
    """Return the folder with ``pulumi`` and its helpers; make it if needed."""
    made_of = products.digest(programs.PULUMI.made_of, str(venv), _HOST)
    folder = home.path / "toolchain" / f"{versions.PULUMI}-{made_of[:12]}"
    products.make(folder, made_of, lambda new: _fill(home, venv, new, folder))
    return folder


def kubernetes_provider(home: Home) -> Path:
    """Return the folder of the Kubernetes provider among Pulumi's plugins; make it if needed."""
    program = programs.KUBERNETES_PROVIDER
    folder = home.pulumi / "plugins" / f"resource-kubernetes-v{program.version}"
    products.make(folder, program.made_of, lambda new: _fill_provider(home, new))
    return folder


def _fill(home: Home, venv: Path, into: Path, final: Path) -> None:
    # A hard link: the engine looks for its helpers beside the file that a symbolic one points to.
    os.link(programs.make(home, programs.PULUMI) / "pulumi", into / "pulumi")
    sdk = programs.source(home, programs.PULUMI, _SDK)
    for script in _SDK_SCRIPTS:
        copy = into / Path(script).name
        shutil.copyfile(sdk / script, copy)
        copy.chmod(0o755)
    shutil.copyfile(_HOST, into / _HOST.name)
    (into / "version").write_text(f"{versions.PULUMI}\n")
    launcher = into / "pulumi-language-python"
    launcher.write_text(f'#!/bin/sh\nexec "{venv}/bin/python" -u "{final}/{_HOST.name}" "$@"\n')
    launcher.chmod(0o755)


def _fill_provider(home: Home, into: Path) -> None:
    program = programs.KUBERNETES_PROVIDER
    built = programs.make(home, program) / program.name
    os.link(built, into / "pulumi-resource-kubernetes")
    module = programs.source(home, program, _PROVIDER)
    shutil.copyfile(module / _PROVIDER_SCHEMA, into / "kubernetes-schema.json")
