"""The init container that builds a chaincode from Go source: what it runs, mounts and asks for."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from components.node import TMP
from components.pod import container_security, env, resources
from hlf import names
from hlf.chaincode import MOST_PARTS
from hlf.spec.model import PodSettings, Resources
from hlf.spec.pods import amount

PROGRAM = "/chaincode/chaincode"
"""Where the server's container finds what was built."""
MOUNT: dict[str, Any] = {"name": "chaincode", "mountPath": "/chaincode"}

_BUILD = f"""
set -e
# an image may bring a cache of the standard library
export GOCACHE="${{GOCACHE:-/tmp/go-cache}}"
cat /source/* | tar -xzf - -C /build
cd /build
if [ -d vendor ]; then mode=vendor; else mode=readonly; fi
exec go build -mod=$mode -trimpath -ldflags='-s -w' -o {PROGRAM} .
"""
"""Vendored modules need no network; otherwise Go fetches what go.sum names."""

# What the settings say is for the server. A build needs many times as much: a limit that is right
# for a server, such as 64Mi, kills it. So it has at least this, and more where the server has more.
# Measured with the contract API: 250 MiB on two cores, 520 MiB with sixteen compilers at once.
# A pod counts with its largest request for as long as it lives, and a build is done in a minute,
# so it is promised little of a core.
_REQUESTS = {"cpu": "50m", "memory": "256Mi"}
_LIMITS = {"cpu": "1", "memory": "1Gi"}


def builder(image: str, settings: PodSettings) -> dict[str, Any]:
    """Return the init container; `settings` are those of chaincodes' pods."""
    return {
        "name": "build",
        "image": image,
        "command": ["sh", "-c", _BUILD],
        "env": env(
            {
                "CGO_ENABLED": "0",
                "GOPATH": "/tmp/go",  # noqa: S108  (in the container)
                "GOENV": "off",
                "GOTOOLCHAIN": "local",
                "HOME": "/tmp",  # noqa: S108
            }
        ),
        **resources(replace(settings, resources=_resources(settings.resources))),
        "securityContext": container_security(),
        "volumeMounts": [
            {"name": TMP, "mountPath": "/tmp"},  # noqa: S108
            {"name": "source", "mountPath": "/source", "readOnly": True},
            {"name": "build", "mountPath": "/build"},
            MOUNT,
        ],
    }


def build_volumes(parts_of: str) -> list[dict[str, Any]]:
    """Return the volumes of a pod that builds, beside TMP; `parts_of` names the source's parts."""
    # how many parts there are is known only when they are packed
    names_of_parts = [names.chaincode_source(parts_of, number) for number in range(MOST_PARTS)]
    sources = [{"configMap": {"name": part, "optional": True}} for part in names_of_parts]
    return [
        {"name": "source", "projected": {"sources": sources}},
        {"name": "build", "emptyDir": {}},
        {"name": "chaincode", "emptyDir": {}},
    ]


def _resources(server: Resources) -> Resources:
    """Return a build's: limits only where the server has some, as a quota wants them of both."""
    limits = {key: least for key, least in _LIMITS.items() if key in server.limits}
    return Resources(
        requests=_at_least(_REQUESTS, server.requests), limits=_at_least(limits, server.limits)
    )


def _at_least(least: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    return {
        key: max(text, given.get(key, text), key=lambda each, key=key: amount(key, each))
        for key, text in least.items()
    }
