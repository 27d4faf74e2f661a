"""What a worker knows: its nodes with their folders, and its own pod."""

import json
import os
import threading
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from actions import cluster
from actions.cluster import ClusterError
from hlf.backup.progress import Progress, Report
from jobs.place import Place
from jobs.workers import GO, PREPARED, PROGRESS, VOLUMES, WORK, WORKER, annotate, annotation

_TOLD_EVERY = 2.0
_GO_TIMEOUT = 3600.0
"""Seconds that a worker waits to be told to go on; others may have much more to prepare."""


@dataclass(frozen=True, kw_only=True)
class Folder:
    """A node's volume, as the worker has it."""

    name: str
    role: str
    msp_id: str
    path: Path


@dataclass(frozen=True, kw_only=True)
class Work:
    """A worker's task."""

    key: str
    """Of the backup."""
    folders: tuple[Folder, ...]

    @classmethod
    def here(cls) -> "Work":
        """From the environment."""
        value = json.loads(os.environ[WORK])
        folders = (
            Folder(name=name, role=node["role"], msp_id=node["mspId"], path=Path(VOLUMES) / name)
            for name, node in value["nodes"].items()
        )
        return cls(key=value["key"], folders=tuple(folders))


class Teller:
    """Adds up what is told of several folders, and writes it to the worker's pod now and then."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._lock = threading.Lock()
        self._counts: dict[str, Progress] = {}
        self._told = 0.0

    def of(self, name: str) -> Report:
        """What one folder's progress is told to."""

        def report(progress: Progress) -> None:
            with self._lock:
                self._counts[name] = progress
                if time.monotonic() - self._told < _TOLD_EVERY:
                    return
                self._told = time.monotonic()
                text = self._text()
            annotate(self._place, self._place.pod, {PROGRESS: text})

        return report

    def prepared(self) -> None:
        """Tell that this worker waits."""
        annotations = {PREPARED: "true", PROGRESS: self._text()}
        annotate(self._place, self._place.pod, annotations)

    @property
    def stored(self) -> int:
        """Bytes that went into the store."""
        return sum(each.stored for each in self._counts.values())

    def _text(self) -> str:
        counts: Mapping[str, Progress] = dict(self._counts)
        files = sum(each.files for each in counts.values())
        seen = sum(each.seen for each in counts.values())
        return f"{files} {seen} {self.stored}"


def await_go(place: Place) -> None:
    """Wait until this worker is told to go on."""
    own = cluster.get(place.namespace, "pods", place.pod)
    selector = f"{WORKER}={own['metadata']['labels'][WORKER]}" if own else WORKER
    with closing(cluster.watch_pods(place.namespace, selector, timeout=_GO_TIMEOUT)) as events:
        for event in events:
            if event.name == place.pod and annotation(event.manifest, GO) is not None:
                return
    raise ClusterError(f"Nobody told {place.pod} to go on for {_GO_TIMEOUT:.0f} s.")
