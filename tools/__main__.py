"""The commands: ``python3 -m tools COMMAND``."""

import argparse
import os
import sys

from tools import (
    debian,
    environment,
    home,
    images,
    netns,
    node,
    programs,
    samples,
    setting_up,
    stack,
    status,
    vendor,
    venv,
    versions,
)
from tools.environment import Stack
from tools.errors import ToolsError
from tools.home import Home
from tools.progress import Progress

_INTERRUPTED = 130


def main() -> int:
    """Run one command; return the exit status."""
    arguments = _parser().parse_args()
    progress = Progress()
    try:
        arguments.run(home.find(), arguments, progress)
        sys.stdout.flush()
    except ToolsError as error:
        progress.say(f"error: {error}")
        return 1
    except BrokenPipeError:
        # Whoever reads the output has read enough; there is nothing left to flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        progress.say("stopped; run the same command again to go on")
        return _INTERRUPTED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m tools", description=__doc__)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, run, description in (
        ("up", _up, "bring up a sample, and all it needs of this machine"),
        ("down", _down, "destroy a sample's stack; stop the node after the last one"),
        ("env", _env, "select a sample's stack; print the exports for a shell that works on it"),
    ):
        command = commands.add_parser(name, help=description)
        command.add_argument("--sample", default="simple", help="a folder of samples/")
        command.set_defaults(run=run)
    for name, run, description in (
        ("toolchain", _toolchain, "make everything that is built or installed; start nothing"),
        ("venv", _venv, "print the virtual environment's folder; make it if needed"),
        ("vendor", _vendor, "copy the sample chaincodes' packages beside their source"),
        ("status", _status, "show what there is"),
    ):
        commands.add_parser(name, help=description).set_defaults(run=run)
    command = commands.add_parser(
        "fabric", help="print the folder of Fabric's own tools; make them if needed"
    )
    command.add_argument("--version", default=versions.FABRIC, choices=list(programs.FABRICS))
    command.set_defaults(run=_fabric)
    actions = commands.add_parser("node", help="the embedded Kubernetes").add_subparsers(
        metavar="ACTION", required=True
    )
    for name, run in (("up", _node_up), ("down", _node_down), ("status", _node_status)):
        actions.add_parser(name).set_defaults(run=run)
    return parser


def _up(at: Home, arguments: argparse.Namespace, progress: Progress) -> None:
    samples.check(arguments.sample)
    at_work = Stack(name=arguments.sample, home=at)
    needed = setting_up.needs(at, samples.recipes(at_work.name, at_work.settings))
    setting_up.start(at, needed, progress)
    cli = stack.pulumi(at, arguments.sample, needed)
    with progress.step(f"prepare the stack {arguments.sample}"):
        stack.prepare(cli, progress)
    stack.up(cli)
    sample = _of(arguments.sample)
    network = samples.network(at_work.settings)
    progress.say(
        f"\nThe network of {network} is up. Next:\n"
        f'  eval "$(make -s env{sample})"    # this shell then works on it\n'
        f"  # edit the files of {network}, then\n"
        f"  pulumi preview                # what would change?\n"
        f"  pulumi up                     # change it\n"
        f"  kubectl get pods -n {arguments.sample}\n"
        f"  make down{sample}"
    )


def _of(sample: str) -> str:
    return "" if sample == "simple" else f" SAMPLE={sample}"


def _down(at: Home, arguments: argparse.Namespace, progress: Progress) -> None:
    needed = setting_up.needs(at)
    name = arguments.sample
    if not stack.exists(at, name):
        progress.say(f"there is no embedded stack {name}")
    else:
        setting_up.start(at, needed, progress)
        cli = stack.pulumi(at, name, needed)
        stack.prepare(cli, progress)
        if namespace := stack.destroy(cli):
            up = f"`make up{_of(name)}`"
            progress.say(
                f"The namespace {namespace} stays, with keys, volumes and the genesis block, "
                f"because hlf:keepData is true. {up} takes them over. To remove them as well: "
                f"{up}, `pulumi config set keepData false`, `pulumi up`, `make down{_of(name)}`."
            )
    if needed.context is not None:
        return
    if at.backend.exists() and (used := stack.in_use(stack.pulumi(at, name, needed))):
        progress.say(f"the node stays up for the stacks {', '.join(used)}")
    else:
        node.down(progress)


def _env(at: Home, arguments: argparse.Namespace, progress: Progress) -> None:
    del progress
    samples.check(arguments.sample)
    needed = setting_up.needs(at)
    if not setting_up.has_toolchain(at, needed):
        raise ToolsError("the toolchain is not there yet or no longer up to date: run `make up`")
    cli = stack.pulumi(at, arguments.sample, needed)
    stack.select(cli)
    sys.stdout.write(environment.exports(cli.variables))


def _toolchain(at: Home, arguments: argparse.Namespace, progress: Progress) -> None:
    del arguments
    setting_up.programs_and_packages(at, setting_up.needs(at), progress)


def _fabric(at: Home, arguments: argparse.Namespace, progress: Progress) -> None:
    program = programs.FABRICS[arguments.version]
    if not programs.is_made(at, program):
        with progress.step(f"build Fabric's tools {program.version}"):
            programs.make(at, program)
    print(programs.folder(at, program))


def _venv(at: Home, arguments: argparse.Namespace, progress: Progress) -> None:
    del arguments
    if not venv.is_made(at):
        with progress.step("install the Python packages"):
            venv.make(at)
    folder = venv.make(at)
    venv.link(folder)
    print(folder)


def _vendor(at: Home, arguments: argparse.Namespace, progress: Progress) -> None:
    del arguments
    if stale := vendor.stale(vendor.GO, vendor.NODE):
        with progress.step("copy the sample chaincodes' packages"):
            vendor.make(at, stale)


def _status(at: Home, arguments: argparse.Namespace, progress: Progress) -> None:
    del arguments, progress
    print("\n".join(status.everything(at)))


def _node_up(at: Home, arguments: argparse.Namespace, progress: Progress) -> None:
    del arguments
    node.up(at, progress)
    node.provide_images(at, progress, images.needed())
    progress.say(f"the node answers at {netns.NODE_ADDRESS}; export KUBECONFIG={at.kubeconfig}")


def _node_down(at: Home, arguments: argparse.Namespace, progress: Progress) -> None:
    del at, arguments
    debian.require()
    node.down(progress)


def _node_status(at: Home, arguments: argparse.Namespace, progress: Progress) -> None:
    del arguments, progress
    print("\n".join(status.of_node(at)))


if __name__ == "__main__":
    sys.exit(main())
