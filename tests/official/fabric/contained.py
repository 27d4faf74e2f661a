"""What an image of `tools` holds, run on this machine's own network as a cluster would run it.

As a user who is nobody in particular and may do nothing in particular, in a root file system that
only `/tmp` and volumes can be written in. That takes mounts of the process's own, hence root.
"""

import json
import os
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.official.fabric.nodes import Process
from tools import home, images
from tools.images import Recipe

USER = 7051
# Arguments: the root folder, a folder, where it is mounted as a volume, the program and its words.
_ENTER = """
root=$1 volume=$2 at=$3
shift 3
mount --bind "$root" "$root"
mount --bind /proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -o remount,ro,bind "$root"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount --bind "$volume" "$root$at"
exec setpriv --no-new-privs chroot --userspec="$USER:$USER" "$root" "$@"
"""


@dataclass(frozen=True, kw_only=True)
class Unpacked:
    """An image's files below `root`, and Docker's words for how it is run."""

    root: Path
    configuration: Mapping[str, Any]

    def process(
        self, folder: Path, volume: str, words: Sequence[str], env: Mapping[str, str]
    ) -> Process:
        """A process of it, with `folder`/volume mounted at `volume`, and its log in `folder`."""
        for path in ("proc", "dev", volume.lstrip("/")):
            (self.root / path).mkdir(parents=True, exist_ok=True)
        (folder / "volume").mkdir(parents=True)
        os.chown(folder / "volume", USER, USER)
        own = dict(word.split("=", 1) for word in self.configuration["Env"])
        command = [
            *("unshare", "--mount", "--propagation", "private", "sh", "-ec", _ENTER, "sh"),
            *(str(self.root), str(folder / "volume"), volume, *words),
        ]
        return Process(command, folder, {**own, "USER": str(USER), **env})


def unpack(recipe: Recipe, folder: Path) -> Unpacked:
    """The image, made if it has to be, laid out below `folder`."""
    assert os.geteuid() == 0, "running what an image holds needs root: run these tests as root"
    with tarfile.open(images.make(home.find(), recipe)) as archive:

        def member(name: str) -> Any:
            return archive.extractfile(name)

        (manifest,) = json.load(member("manifest.json"))
        configuration = json.load(member(manifest["Config"]))["config"]
        with tarfile.open(fileobj=member(manifest["Layers"][0])) as layer:
            layer.extractall(folder, filter="fully_trusted")
    # It becomes the root, which everybody may enter.
    folder.chmod(0o755)
    return Unpacked(root=folder, configuration=configuration)
