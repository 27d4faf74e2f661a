"""The node's container runtime: importing images, and ending containers without its help."""

from pathlib import Path

from tools import cgroups, command, processes
from tools.node_files import Places
from tools.processes import Process

_NAMESPACE = "k8s.io"
_SHIM = "containerd-shim-runc-v2"


def is_ready(places: Places) -> bool:
    """Say whether containerd answers."""
    return places.containerd_socket.is_socket() and bool(_ctr(places, "version"))


def images(places: Places) -> set[str]:
    """Return the names of the images that the node has."""
    return set(_ctr(places, "images", "list", "--quiet").split())


def import_image(places: Places, archive: Path) -> None:
    """Give the node the image in a docker-archive."""
    _ctr(places, "images", "import", str(archive))


def end_containers(socket: Path, *, patience: float) -> None:
    """End everything that runs in containers, then the processes that watched it.

    Works whether the containerd that listened on ``socket`` still runs or not.
    """
    processes.stop(processes.look_up(cgroups.members()), patience=patience)
    processes.stop(_shims(socket), patience=0)


def _shims(socket: Path) -> list[Process]:
    return [
        process
        for process, argv in processes.everything()
        if argv and Path(argv[0]).name == _SHIM and str(socket) in argv
    ]


def _ctr(places: Places, *words: str) -> str:
    ctr = places.debian / "usr/bin/ctr"
    return command.read(
        [ctr, "--address", places.containerd_socket, "--namespace", _NAMESPACE, *words],
        what=f"have containerd do `{' '.join(words)}`",
    )
