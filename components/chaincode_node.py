"""Node.js: a chaincode is its source and its packages, and runs in the image that fetched these.

The image is the one in which Fabric's own peers build and run such chaincodes. Its tags are
releases of Fabric's library for Node.js, and peers take that of a line: 2.5, Fabric 3's too. With
it comes npm; nothing of the image is written to.

Source: `docker/fabric-nodeenv` and COMPATIBILITY.md of fabric-chaincode-node, `chaincode.node` in
`sampleconfig/core.yaml` of Fabric 2.5 and 3.1.
"""

from pathlib import Path

from components.chaincode_build import Build
from hlf.spec import node_package

_IMAGE = "hyperledger/fabric-nodeenv:2.5"
_PLACE = "/usr/local/src"
"""Where Fabric's own builder has a chaincode in this image."""
_BUILD = f"""
set -e
# packages that a build has left which failed or came before are none of the source
rm -rf {_PLACE}/*
cat /source/* | tar -xzf - -C {_PLACE}
cd {_PLACE}
# links to packages' programs are hidden files, which are not sent
if [ -d node_modules ]; then exec npm rebuild --ignore-scripts; fi
if [ -f package-lock.json ] || [ -f npm-shrinkwrap.json ]; then how=ci; else how=install; fi
exec npm $how --omit=dev --prefer-offline
"""
"""Packages that are there need no network; otherwise npm fetches what the lock file names.

A pod that starts again has them in the cache below /tmp.
"""
_RUN = """
# the first process of a container ends by a signal only if it handles it, which Node.js does not
trap 'kill $!; wait' TERM
cd {place}
PATH="{place}/node_modules/.bin:$PATH"
(
{server}
) &
wait $!
"""


def node(source: Path, _fabric_version: str) -> Build:
    """Return how a chaincode in Node.js gets its packages, and what starts it."""
    server = node_package.server(node_package.read(source))
    return Build(
        image=_IMAGE,
        script=_BUILD,
        environment={
            "HOME": "/tmp",  # noqa: S108  (in the container)
            "npm_config_audit": "false",
            "npm_config_fund": "false",
            "npm_config_update_notifier": "false",
        },
        place=_PLACE,
        command=("sh", "-c", _RUN.format(place=_PLACE, server=server)),
    )
