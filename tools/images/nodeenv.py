"""The image in which chaincodes in Node.js get their packages and run: Node.js and npm.

Names and folders are those of `docker/fabric-nodeenv` of fabric-chaincode-node. The compilers that
it has for packages with parts in C++ are not there.
"""

from tools import archive, debian, javascript, versions
from tools.archive import Folder, Image, Link
from tools.debian import Packages
from tools.home import Home
from tools.images import base
from tools.images.recipe import Recipe

_PACKAGES = Packages(names=("libstdc++6", "libgcc-s1"), suffix="-nodeenv")
_LIBRARIES = ("libm.so.6", "libdl.so.2", "libpthread.so.0")
_NPM = "/usr/local/lib/node_modules/npm"
_USERS = {"node": 1000}


def _nodeenv(home: Home) -> Image:
    system = debian.unpack(home, _PACKAGES)
    root = base.busybox(home, _USERS)
    root |= base.libraries(debian.unpack(home), *_LIBRARIES)
    root |= base.libraries(system, "libstdc++.so.6", "libgcc_s.so.1")
    root |= archive.tree(javascript.npm(home), _NPM)
    root |= {
        "/usr/local/bin/node": archive.copy(javascript.node(home)),
        "/usr/local/bin/npm": Link(target=f"{_NPM}/bin/npm-cli.js"),
        "/usr/local/bin/npx": Link(target=f"{_NPM}/bin/npx-cli.js"),
        # the first line of npm and of packages' programs asks for it
        "/usr/bin/env": Link(target="/bin/busybox"),
    }
    for folder in ("/chaincode/input", "/chaincode/output", "/usr/local/src"):
        root[folder] = Folder()
    return Image(name=NODEENV.name, root=root, configuration={"Env": [base.PATH], "Cmd": ["node"]})


NODEENV = Recipe(
    name=f"hyperledger/fabric-nodeenv:{versions.NODEENV}",
    parts=(javascript.NODE, _PACKAGES),
    image=_nodeenv,
)
