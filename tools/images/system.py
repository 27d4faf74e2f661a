"""Images of the node itself, and a plain busybox."""

from tools import addons, archive, node_files, programs, versions
from tools.archive import Image
from tools.home import Home
from tools.images import base
from tools.images.recipe import Recipe


def _busybox(home: Home) -> Image:
    configuration = {"Env": [base.PATH], "Cmd": ["sh"]}
    return Image(name=BUSYBOX.name, root=base.busybox(home, {}), configuration=configuration)


def _coredns(home: Home) -> Image:
    binary = archive.copy(programs.make(home, programs.COREDNS) / "coredns")
    configuration = {"Entrypoint": ["/coredns"], "ExposedPorts": {"53/udp": {}, "53/tcp": {}}}
    return Image(name=DNS.name, root={"/coredns": binary}, configuration=configuration)


def _pause(home: Home) -> Image:
    binary = archive.copy(programs.make(home, programs.PAUSE) / "pause")
    configuration = {"Entrypoint": ["/pause"], "User": "65535:65535"}
    return Image(name=PAUSE.name, root={"/pause": binary}, configuration=configuration)


BUSYBOX = Recipe(name=f"busybox:{versions.BUSYBOX}", image=_busybox)
DNS = Recipe(name=addons.DNS_IMAGE, parts=(programs.COREDNS,), image=_coredns)
PAUSE = Recipe(name=node_files.PAUSE_IMAGE, parts=(programs.PAUSE,), image=_pause)
