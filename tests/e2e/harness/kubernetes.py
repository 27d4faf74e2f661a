"""What a namespace holds, as `kubectl` tells it."""

import json
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Manifest = dict[str, Any]

_TIMEOUT = 90.0
_POLL = 0.2


@dataclass(frozen=True)
class Namespace:
    """A namespace, which need not exist."""

    name: str

    def exists(self) -> bool:
        """Say whether it is there."""
        return bool(self.kubectl("get", "namespace", self.name, "--ignore-not-found"))

    def manifest(self) -> Manifest:
        """Return the namespace itself."""
        return json.loads(self.kubectl("get", "namespace", self.name, "-o", "json"))

    def get(self, kind: str, name: str) -> Manifest | None:
        """Return an object, or None."""
        found = self.kubectl("get", kind, name, "--ignore-not-found", "-o", "json")
        return json.loads(found) if found else None

    def all(self, kinds: str) -> list[Manifest]:
        """Return all objects of kinds, such as `pods,services`."""
        return json.loads(self.kubectl("get", kinds, "-o", "json"))["items"]

    def delete(self, kind: str, name: str) -> None:
        """Delete an object and wait until it is gone."""
        self.kubectl("delete", kind, name, "--wait", f"--timeout={_TIMEOUT:g}s")

    def remove(self) -> None:
        """Delete the namespace, if it is there, and wait until it is gone."""
        if self.exists():
            # pods first, without their grace period: Kubernetes looks at a namespace that still
            # has some only after half of it, which is 16 s
            self.kubectl("delete", "statefulsets,deployments", "--all")
            self.kubectl("delete", "replicasets", "--all")
            self.kubectl("delete", "pods", "--all", "--force", "--grace-period=0")
            self.kubectl("delete", "namespace", self.name, "--wait=false")
        self.wait_gone()

    def wait_gone(self) -> None:
        """Wait until the namespace is not there any more."""
        end = time.monotonic() + _TIMEOUT
        while self.exists():
            assert time.monotonic() < end, f"namespace {self.name} is still there"
            time.sleep(_POLL)

    def everything(self) -> list[Manifest]:
        """Return every object but events, those of Kubernetes' own too."""
        names = self.kubectl("api-resources", "--namespaced", "--verbs=list", "-o", "name").split()
        kinds = [name for name in names if not name.startswith("events")]
        return self.all(",".join(kinds))

    def log(self, pod: str) -> str:
        """Return what all containers of a pod have printed."""
        return self.kubectl("logs", pod, "--all-containers", "--tail=-1")

    def kubectl(self, *words: str) -> str:
        """Run a command in the namespace and return what it prints."""
        ended = subprocess.run(
            ["kubectl", "--namespace", self.name, *words],
            capture_output=True,
            text=True,
            timeout=_TIMEOUT + 30,
            check=False,
        )
        assert ended.returncode == 0, f"kubectl {' '.join(words)}: {ended.stderr}"
        return ended.stdout


class PodWatch:
    """Notes the names of all pods that are added to a namespace, from its start to its stop."""

    def __init__(self, namespace: Namespace, folder: Path) -> None:
        self._log = folder / f"pods-{namespace.name}.json"
        words = ["kubectl", "--namespace", namespace.name, "get", "pods", "--watch"]
        with self._log.open("wb") as log:
            self._watching = subprocess.Popen(
                [*words, "--output-watch-events", "-o", "json"],
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def stop(self) -> set[str]:
        """End the watch; return the names of the pods."""
        assert self._watching.poll() is None, f"the watch ended early: {self._log.read_text()}"
        self._watching.terminate()
        self._watching.wait()
        text, names, at = self._log.read_text(), set[str](), 0
        decoder = json.JSONDecoder()
        while at < len(text):
            event, at = decoder.raw_decode(text, at)
            if event["type"] == "ADDED":
                names.add(event["object"]["metadata"]["name"])
            at += len(text[at:]) - len(text[at:].lstrip())
        return names
