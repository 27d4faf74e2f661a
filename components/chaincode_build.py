"""The init container that builds a chaincode from source: what it runs, mounts and asks for.

What is different for each language is a `Build`: `components.chaincode_go`, `.chaincode_java`,
`.chaincode_node`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from components.node import TMP
from components.pod import container_security, env, resources
from hlf import names
from hlf.chaincode import MOST_PARTS
from hlf.spec.model import PodSettings, Resources
from hlf.spec.pods import amount

_BUILT = "chaincode"

# What the settings say is for the server. A build needs many times as much: a limit that is right
# for a server, such as 64Mi, kills it. So it has at least this, and more where the server has more.
# Measured with the contract API in Go: 250 MiB on two cores, 520 MiB with sixteen compilers at
# once. A pod counts with its largest request for as long as it lives, and a build is done in a
# minute, so it is promised little of a core.
_LEAST = Resources(requests={"cpu": "50m", "memory": "256Mi"}, limits={"cpu": "1", "memory": "1Gi"})


@dataclass(frozen=True, kw_only=True)
class Build:
    """How a chaincode is built, and then run."""

    image: str
    """The official one with its tag, for both."""
    script: str
    """Builds what is in /source, a tar.gz in parts, and leaves at `place` what runs."""
    environment: Mapping[str, str]
    """The script's; /tmp and `place` are what it can write to."""
    place: str
    command: tuple[str, ...]
    """Runs it."""
    least: Resources = _LEAST
    """What the script needs to come through."""

    @property
    def mount(self) -> dict[str, Any]:
        """Of what was built, in both containers."""
        return {"name": _BUILT, "mountPath": self.place}


def builder(build: Build, settings: PodSettings) -> dict[str, Any]:
    """Return the init container; `settings` are those of chaincodes' pods."""
    return {
        "name": "build",
        "image": settings.image_of(build.image),
        "command": ["sh", "-c", build.script],
        "env": env(build.environment),
        **resources(replace(settings, resources=_resources(build.least, settings.resources))),
        "securityContext": container_security(),
        "volumeMounts": [
            {"name": TMP, "mountPath": "/tmp"},  # noqa: S108
            {"name": "source", "mountPath": "/source", "readOnly": True},
            build.mount,
        ],
    }


def build_volumes(parts_of: str) -> list[dict[str, Any]]:
    """Return the volumes of a pod that builds, beside TMP; `parts_of` names the source's parts."""
    # how many parts there are is known only when they are packed
    names_of_parts = [names.chaincode_source(parts_of, number) for number in range(MOST_PARTS)]
    sources = [{"configMap": {"name": part, "optional": True}} for part in names_of_parts]
    return [
        {"name": "source", "projected": {"sources": sources}},
        {"name": _BUILT, "emptyDir": {}},
    ]


def _resources(build: Resources, server: Resources) -> Resources:
    """Return a build's: limits only where the server has some, as a quota wants them of both."""
    limits = {key: least for key, least in build.limits.items() if key in server.limits}
    return Resources(
        requests=_at_least(build.requests, server.requests),
        limits=_at_least(limits, server.limits),
    )


def _at_least(least: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    return {
        key: max(text, given.get(key, text), key=lambda each, key=key: amount(key, each))
        for key, text in least.items()
    }
