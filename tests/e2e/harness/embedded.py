"""The embedded node and its toolchain: started, and used by stacks of the tests.

The only place of the tests that knows how `tools` is asked.
"""

import json
import os
import shutil
import signal
from pathlib import Path

from tools import cgroups, containerd, home, node, processes, setting_up, stack
from tools.images import Recipe
from tools.progress import Progress
from tools.stack import Pulumi

_progress = Progress()


def start() -> None:
    """Bring up what is missing of toolchain, vendored sources and node; find it with kubectl."""
    # the tests make and delete namespaces, which must never happen on a cluster of the user's
    os.environ.pop("HLF_CONTEXT", None)
    at = home.find()
    setting_up.start(at, setting_up.needs(at), _progress)
    os.environ["KUBECONFIG"] = str(at.kubeconfig)


def restart() -> None:
    """Stop the node and start it again."""
    node.down(_progress)
    start()


def crash() -> None:
    """Kill every process of the node and of all pods at once, as if the machine died; start it.

    What was written and not synced to disk is there, because this machine goes on.
    """
    own = [part.process for part in node.components() if part.process]
    for process in (*own, *processes.look_up(cgroups.members())):
        process.send(signal.SIGKILL)
    start()


def provide(*recipes: Recipe) -> None:
    """Give the running node images that few networks need; make those that are not made yet."""
    at = home.find()
    setting_up.start(at, setting_up.needs(at, recipes), _progress)


def pulumi(name: str) -> Pulumi:
    """Return the CLI at work on a stack of this name."""
    at = home.find()
    return stack.pulumi(at, name, setting_up.needs(at))


def prepare(cli: Pulumi) -> None:
    """Have the stack ready for an `up`, as `make up` does: also after a run that was killed."""
    stack.prepare(cli, _progress)


def has_stack(cli: Pulumi) -> bool:
    """Say whether the backend has the stack."""
    if not cli.stack.home.backend.exists():
        return False
    listed = json.loads(cli.read("stack", "ls", "--json", what="list the stacks"))
    return cli.stack.name in {each["name"] for each in listed}


def forget(cli: Pulumi) -> None:
    """Take away what belongs to the stack in the cache folder."""
    shutil.rmtree(cli.stack.folder, ignore_errors=True)


def has_image(name: str) -> bool:
    """Say whether the node has an image."""
    return any(found.endswith(f"/{name}") for found in containerd.images(node.places(home.find())))


def import_image(archive: Path) -> None:
    """Give the node the image in a docker-archive."""
    containerd.import_image(node.places(home.find()), archive)
