"""CouchDB's image, as far as Fabric's peers and pods use it: see ``tools/couchdb``.

CouchDB itself is in no package registry. Names, entry point, port and folders are those of the
official image.
"""

import platform
from pathlib import Path

from tools import archive, debian, javascript, versions
from tools.archive import Folder, Image
from tools.debian import Packages
from tools.home import Home
from tools.images import base
from tools.images.recipe import Recipe, Sources

_SOURCES = Sources(name="couchdb")
_PACKAGES = Packages(names=("tini", "libstdc++6", "libgcc-s1"), suffix="-node")
_LIBRARIES = ("libm.so.6", "libdl.so.2", "libpthread.so.0")
_FOLDER = "/opt/couchdb"
_DATA = f"{_FOLDER}/data"
_USERS = {"couchdb": 5984}
_ARCHITECTURES = {"x86_64": "x64", "aarch64": "arm64"}


def _couchdb(home: Home) -> Image:
    system = debian.unpack(home, _PACKAGES)
    root = base.busybox(home, _USERS)
    root |= base.libraries(debian.unpack(home), *_LIBRARIES)
    root |= base.libraries(system, "libstdc++.so.6", "libgcc_s.so.1")
    root |= {
        path: file
        for path, file in archive.tree(
            javascript.packages(home, _SOURCES.folder), f"{_FOLDER}/stand_in/node_modules"
        ).items()
        if _is_for_this_machine(path)
    }
    root |= {_place(path): archive.copy(path) for path in _SOURCES.files}
    root |= {
        "/usr/bin/tini": archive.copy(system / "usr" / "bin" / "tini"),
        "/usr/local/bin/node": archive.copy(javascript.node(home)),
        _DATA: Folder(mode=0o777, owner=_USERS["couchdb"]),
    }
    configuration = {
        "Env": [base.PATH],
        "Entrypoint": ["tini", "--", "/docker-entrypoint.sh"],
        "Cmd": [f"{_FOLDER}/bin/couchdb"],
        "ExposedPorts": {"5984/tcp": {}},
        "Volumes": {_DATA: {}},
    }
    return Image(name=COUCHDB.name, root=root, configuration=configuration)


def _place(path: Path) -> str:
    if path.name == "docker-entrypoint.sh":
        return f"/{path.name}"
    return f"{_FOLDER}/bin/couchdb" if path.name == "couchdb" else f"{_FOLDER}/stand_in/{path.name}"


def _is_for_this_machine(path: str) -> bool:
    """Leave out what packages bring along for other systems."""
    return "/prebuilds/" not in path or f"/linux-{_ARCHITECTURES[platform.machine()]}/" in path


COUCHDB = Recipe(
    name=f"couchdb:{versions.COUCHDB}",
    parts=(_SOURCES, javascript.NODE, _PACKAGES),
    image=_couchdb,
)
