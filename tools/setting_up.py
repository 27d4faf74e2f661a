"""Everything a stack needs of this machine, made in the shortest time: what can overlap does.

Two builds at a time keep two cores busy while one of them downloads or links; the longest come
first. Packages come from the network meanwhile.
"""

import contextlib
import os
import queue
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tools import command, debian, images, node, programs, toolchain, vendor, venv
from tools.go import Program
from tools.home import Home
from tools.images import Recipe
from tools.progress import Progress

_LONGEST_FIRST = (
    programs.KUBERNETES_PROVIDER,
    programs.KUBERNETES,
    programs.PULUMI,
    programs.FABRIC,
    programs.FABRIC_3,
    programs.COREDNS,
    programs.CCAAS_BUILDER,
    programs.PAUSE,
)
_OF_PULUMI = (programs.KUBERNETES_PROVIDER, programs.PULUMI)
_BUILDS_AT_A_TIME = 2


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What is needed: ``context`` names a cluster of the user's, or is None for the embedded node.

    ``own_cli`` is the folder of a Pulumi CLI that the user has; it gets its providers itself.
    ``images`` are those of the networks to run, beside the node's own.
    """

    context: str | None
    own_cli: Path | None
    images: tuple[Recipe, ...] = ()

    def programs(self) -> list[Program]:
        """Return what has to be built, in the order in which to begin."""
        wanted = () if self.own_cli else _OF_PULUMI
        if self.context is None:
            parts = [part for recipe in self.recipes() for part in recipe.parts]
            wanted = (*wanted, programs.KUBERNETES, *parts)
        return [program for program in _LONGEST_FIRST if program in wanted]

    def recipes(self) -> tuple[Recipe, ...]:
        """Return the images that the embedded node has to have."""
        return () if self.context is not None else (*images.NODE, *self.images)


def needs(home: Home, recipes: tuple[Recipe, ...] | None = None) -> Needs:
    """Look at the machine and the environment; without ``recipes`` the usual network is meant."""
    return Needs(
        context=os.environ.get("HLF_CONTEXT") or None,
        own_cli=toolchain.own_cli(home),
        images=images.needed() if recipes is None else recipes,
    )


def has_toolchain(home: Home, needed: Needs) -> bool:
    """Say whether Pulumi can be run without making anything that takes long."""
    ours = [program for program in needed.programs() if program in _OF_PULUMI]
    return venv.is_made(home) and all(programs.is_made(home, program) for program in ours)


def programs_and_packages(home: Home, needed: Needs, progress: Progress) -> None:
    """Make everything that has to be built, downloaded or installed; start nothing."""
    if needed.context is None:
        debian.require()
    left: queue.SimpleQueue[Program] = queue.SimpleQueue()
    for program in needed.programs():
        if not programs.is_made(home, program):
            left.put(program)
    builders = [lambda: _build(home, left, progress)] * _BUILDS_AT_A_TIME
    _together([lambda: _packages(home, needed, progress), *builders])
    folder = venv.make(home)
    venv.link(folder)
    if needed.own_cli is None:
        toolchain.kubernetes_provider(home)
        toolchain.cli(home, folder)
    make_images(home, needed.recipes(), progress)


def start(home: Home, needed: Needs, progress: Progress) -> None:
    """Make everything and have the embedded node run with all images, if one is needed."""
    programs_and_packages(home, needed, progress)
    if needed.context is None:
        node.up(home, progress)
        node.provide_images(home, progress, needed.images)


def make_images(home: Home, recipes: Iterable[Recipe], progress: Progress) -> None:
    """Make the archives of these images, and what they are made of."""
    for recipe in recipes:
        if not images.is_made(home, recipe):
            with progress.step(f"put together the image {recipe.name}"):
                images.make(home, recipe)


def _build(home: Home, left: "queue.SimpleQueue[Program]", progress: Progress) -> None:
    with contextlib.suppress(queue.Empty):
        while program := left.get_nowait():
            with progress.step(f"build {program.name} {program.version}"):
                programs.make(home, program)


def _packages(home: Home, needed: Needs, progress: Progress) -> None:
    if not venv.is_made(home):
        with progress.step("install the Python packages"):
            venv.make(home)
    if needed.context is None:
        _debian_packages(home, progress)
    # npm is asked for nothing where no chaincode is in Node.js
    node_too = (vendor.NODE,) if images.NODEENV in needed.images else ()
    if stale := vendor.stale(vendor.GO, *node_too):
        with progress.step("copy the sample chaincodes' packages"):
            vendor.make(home, stale)


def _debian_packages(home: Home, progress: Progress) -> None:
    if packages := debian.missing():
        with progress.step(f"install {', '.join(packages)}"):
            debian.install(home, packages)
    if not debian.is_unpacked(home):
        with progress.step("unpack containerd"):
            debian.unpack(home)


def _together(jobs: Iterable[Callable[[], None]]) -> None:
    """Run jobs side by side; the first error ends the others and is raised."""
    errors: list[BaseException] = []
    changed = threading.Condition()
    running = 0

    def run(job: Callable[[], None]) -> None:
        nonlocal running
        try:
            job()
        except BaseException as error:  # noqa: BLE001 - it is raised in the main thread
            errors.append(error)
        with changed:
            running -= 1
            changed.notify_all()

    threads = [threading.Thread(target=run, args=(job,), daemon=True) for job in jobs]
    running = len(threads)
    for thread in threads:
        thread.start()
    with changed:
        changed.wait_for(lambda: bool(errors) or not running)
    if errors:
        command.end_all()
        raise errors[0]
