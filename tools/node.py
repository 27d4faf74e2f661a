"""The embedded node: a single-node Kubernetes in a network namespace of its own.

It can be started, stopped and asked for its status; its state (objects, volumes, images) outlives
a stop. What is left of a node that died with its machine, or half-way through a start, is cleared
away by the next start. There is one node on a machine: checkouts share it.
"""

import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tools import (
    addons,
    cgroups,
    containerd,
    debian,
    images,
    netns,
    node_files,
    pki,
    processes,
    products,
    programs,
)
from tools.errors import ToolsError
from tools.home import RUNTIME, Home
from tools.images import Recipe
from tools.kubernetes_api import Api
from tools.node_files import NODE, Places
from tools.processes import Process
from tools.progress import Progress

_POLL = 0.1
_PATIENCE = 60.0
_CONTAINERS_PATIENCE = 10.0
# The API server would wait for its clients; what matters is in etcd, which stops last.
_COMPONENTS_PATIENCE = 1.0
_OWNER = RUNTIME / "home"
_NODE_PATH = f"/api/v1/nodes/{NODE}"
_DNS_PODS = "/api/v1/namespaces/kube-system/pods?labelSelector=k8s-app%3Dkube-dns"


@dataclass(frozen=True, kw_only=True)
class Component:
    """A component of the running or stopped node."""

    name: str
    process: Process | None

    @property
    def is_running(self) -> bool:
        """Say whether its process runs."""
        return self.process is not None and self.process.is_running()


def places(home: Home) -> Places:
    """Return where the node's files lie; what is missing of its programs is made."""
    return Places(
        state=home.node,
        runtime=RUNTIME,
        kubernetes=programs.make(home, programs.KUBERNETES) / "kubernetes",
        debian=debian.unpack(home),
    )


def components() -> list[Component]:
    """Return the components that were started, in the order in which they were."""
    paths = sorted((RUNTIME / "processes").glob("*.json"))
    return [
        Component(name=path.stem.partition("-")[2], process=processes.saved(path)) for path in paths
    ]


def is_running() -> bool:
    """Say whether the node is there with every component."""
    started = components()
    return bool(started) and netns.exists() and all(part.is_running for part in started)


def owner() -> Home | None:
    """Return the cache folder whose node runs, or of which something may be left."""
    try:
        return Home(path=Path(_OWNER.read_text()))
    except FileNotFoundError:
        return None


def up(home: Home, progress: Progress) -> None:
    """Start the node, unless it runs, and wait until it can run pods."""
    debian.require()
    with products.locked(Path("/run/lock/hlf-node")):
        _take_over(home)
        at = places(home)
        if is_running() and _holds(lambda: Api(at.pki).is_ready()):
            return
        with progress.step("start the embedded Kubernetes"):
            _clear_away()
            since = datetime.now(UTC).replace(microsecond=0)
            _start(home, at)
            _import(home, at, images.NODE)
            _become_ready(at, since)


def provide_images(home: Home, progress: Progress, recipes: tuple[Recipe, ...]) -> None:
    """Give the running node images; those that it has already are left as they are."""
    at = places(home)
    for recipe in recipes:
        if not has_image(home, recipe):
            with progress.step(f"import the image {recipe.name}"):
                _import(home, at, (recipe,))


def down(progress: Progress) -> None:
    """Stop the node and remove everything of it but its state."""
    with products.locked(Path("/run/lock/hlf-node")):
        if RUNTIME.exists() or netns.exists():
            with progress.step("stop the embedded Kubernetes"):
                _clear_away()


def _take_over(home: Home) -> None:
    if (other := owner()) and other != home and is_running():
        raise ToolsError(
            f"the embedded Kubernetes of the cache folder {other.path} runs on this machine, and "
            f"there can be only one: stop it with `HLF_HOME={other.path} make down`, or use it by "
            f"setting HLF_HOME to that folder"
        )


def _start(home: Home, at: Places) -> None:
    products.write(_OWNER, str(home.path))
    pki.make(at.pki, NODE)
    for path, content in node_files.configuration(at).items():
        products.write(path, content, mode=0o600)
    products.write(home.kubeconfig, at.kubeconfig(pki.ADMIN).read_text(), mode=0o600)
    at.volumes.mkdir(exist_ok=True)
    netns.create()
    cgroups.create()
    commands = node_files.commands(at)
    order = {name: number for number, name in enumerate(commands)}
    first = ("containerd", "etcd", "kube-apiserver")

    def start(name: str) -> None:
        processes.start(
            netns.enter(commands[name]),
            log=at.state / "log" / f"{name}.log",
            saved_as=RUNTIME / "processes" / f"{order[name]:02}-{name}.json",
            env=_environment(at),
        )

    for name in first:
        start(name)
    api = Api(at.pki)
    _wait("containerd answers", lambda: containerd.is_ready(at), at, "containerd")
    _wait("the API server is ready", api.is_ready, at, "kube-apiserver")
    for name in commands:
        if name not in first:
            start(name)


def _become_ready(at: Places, since: datetime) -> None:
    api = Api(at.pki)
    for manifest in addons.manifests():
        api.apply(manifest)
    _wait("the node is ready", lambda: _is_ready(api.get(_NODE_PATH), since), at, "kubelet")
    _wait(
        "the cluster's names are served",
        lambda: any(_is_ready(pod, since) for pod in (api.get(_DNS_PODS) or {})["items"]),
        at,
        "kubelet",
    )


def _is_ready(item: dict[str, Any] | None, since: datetime) -> bool:
    """Say whether a node or pod is ready, and said so itself since a time: state is kept."""
    conditions = item["status"].get("conditions", []) if item else []
    ready = [each for each in conditions if each["type"] == "Ready" and each["status"] == "True"]
    for condition in ready:
        said = condition.get("lastHeartbeatTime") or condition["lastTransitionTime"]
        if datetime.fromisoformat(said) >= since:
            return True
    return False


def _wait(what: str, condition: Callable[[], bool], at: Places, component: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not _holds(condition):
        dead = [part.name for part in components() if not part.is_running]
        if dead or time.monotonic() > deadline:
            name = dead[0] if dead else component
            reason = f"{name} ended" if dead else f"it took more than {_PATIENCE:.0f} s"
            raise ToolsError(
                f"the embedded Kubernetes did not start: {reason} before {what}; "
                f"what it said is in {at.state / 'log' / name}.log"
            )
        time.sleep(_POLL)


def _holds(condition: Callable[[], bool]) -> bool:
    try:
        return condition()
    except (OSError, ToolsError):
        return False


def _import(home: Home, at: Places, recipes: tuple[Recipe, ...]) -> None:
    for recipe in recipes:
        if not has_image(home, recipe):
            containerd.import_image(at, images.make(home, recipe))
            products.write(_imported(home, recipe), images.made_of(recipe))


def has_image(home: Home, recipe: Recipe) -> bool:
    """Say whether the node was given this image as it is made today."""
    try:
        return _imported(home, recipe).read_text() == images.made_of(recipe)
    except FileNotFoundError:
        return False


def _imported(home: Home, recipe: Recipe) -> Path:
    return home.node / "images" / recipe.folder


def _environment(at: Places) -> dict[str, str]:
    # containerd finds its shim there; nothing else of the user's environment matters.
    return {"PATH": f"{at.debian / 'usr/bin'}:{debian.search_path()}", "HOME": "/root"}


def _clear_away() -> None:
    """Stop what runs of a node and remove all of it that is not state."""
    home = owner()
    parts = {part.name: part.process for part in components() if part.process}
    # The kubelet first: it would start again what is stopped after it.
    if kubelet := parts.pop("kubelet", None):
        processes.stop([kubelet], patience=_CONTAINERS_PATIENCE)
    containerd.end_containers(RUNTIME / "containerd.sock", patience=_CONTAINERS_PATIENCE)
    etcd = parts.pop("etcd", None)
    processes.stop(parts.values(), patience=_COMPONENTS_PATIENCE)
    if etcd:
        processes.stop([etcd], patience=_CONTAINERS_PATIENCE)
    # A start that was killed may have left a process that it had not saved yet.
    processes.stop(processes.look_up(netns.members()), patience=_COMPONENTS_PATIENCE)
    for folder in (RUNTIME, home.node if home else None):
        if folder:
            _unmount_below(folder)
    netns.remove()
    cgroups.remove()
    shutil.rmtree(RUNTIME, ignore_errors=True)


def _unmount_below(folder: Path) -> None:
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    # Octal escapes stand for white space in the fifth field.
    points = [line.split()[4].encode().decode("unicode_escape") for line in mounts]
    for point in sorted((p for p in points if Path(p).is_relative_to(folder)), reverse=True):
        subprocess.run(["umount", "--lazy", point], check=False, capture_output=True)
