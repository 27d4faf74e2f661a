"""The program: the stack's settings and the input files in, a network out."""

import json
import os
import sys
from contextlib import suppress
from pathlib import Path

import pulumi
from pulumi.runtime.config import CONFIG, is_config_secret

from actions.guard import Guard
from components.network import Network
from hlf.spec import SpecError, load
from hlf.spec.settings import file_of, without_secrets

FLAGS = ("true", "false")
ALREADY_TOLD = 32
"""Status by which Pulumi's language host knows that it need not add an error of its own."""


def stack_settings() -> dict[str, object]:
    """Return every setting of the stack, unknown ones too, so that a typing error is told.

    A setting that Pulumi.yaml declares without a value is an empty text here: it is left out.
    Maps come as JSON.
    """
    prefix = f"{pulumi.get_project()}:"
    return {
        key.removeprefix(prefix): _value(value)
        for key, value in CONFIG.get().items()
        if key.startswith(prefix) and value
    }


def _value(text: str) -> object:
    """Return a flag or a map as such; anything else is a text, also a map with a mistake in it."""
    if text in FLAGS or text.startswith("{"):
        with suppress(ValueError):
            return json.loads(text)
    return text


settings = stack_settings()
try:
    spec = load(settings, root=Path.cwd(), stack=pulumi.get_stack())
except SpecError as error:
    pulumi.log.error(str(error))
    sys.exit(ALREADY_TOLD)
for warning in spec.warnings:
    pulumi.log.warn(warning)
# Pulumi says it of a setting as a whole: one secret in `backup` is enough for it.
if spec.settings.backup and not is_config_secret(f"{pulumi.get_project()}:backup"):
    pulumi.log.warn(
        f"{file_of(pulumi.get_stack())}: hlf:backup.passphrase: it stands there for everybody to "
        "read; set it by `pulumi config set --secret --path hlf:backup.passphrase`"
    )

context = settings.get("context") or os.environ.get("HLF_CONTEXT")
owner = f"{pulumi.get_project()}/{pulumi.get_stack()}"
network = Network(
    spec,
    owner=owner,
    context=str(context) if context else None,
    settings=without_secrets(settings),
)
Guard(spec.settings.namespace, network, owner=owner, protect=spec.settings.protect)

pulumi.export("namespace", spec.settings.namespace)
pulumi.export("channels", [channel.name for channel in spec.channels])
if network.backup:
    pulumi.export("backup", network.backup.backup)
