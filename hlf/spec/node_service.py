"""Whether a chaincode in Node.js surely cannot serve: it dials, lacks something, or has no TLS.

As for Go (`hlf.spec.go_service`), only what is sure is refused: a library that knows no servers
yet, a program that starts it to dial, contracts in no file, packages that are others than those of
the lock file.

Source: `start` and `server` in `lib/chaincode.js`, `lib/server.js` and `lib/cmds/serverCommand.js`
of fabric-chaincode-node, which has servers since 2.2.0; `getInfoFromContract` in
`lib/contract-spi/bootstrap.js`.
"""

import re
from pathlib import Path

from hlf.errors import FabricError
from hlf.spec import node_package
from hlf.spec.node_package import SHIM, Package
from hlf.spec.node_source import file_of, program_of
from hlf.spec.refusal import Refusal

_SERVING = "2.5.8"
_NOT_SERVING = re.compile(r"[\^~]?1\.\S+|~?2\.[01](\.\S+)?")
_TLS_PROPERTIES = (
    "tlsProps: {key: fs.readFileSync(process.env.CHAINCODE_TLS_KEY), "
    "cert: fs.readFileSync(process.env.CHAINCODE_TLS_CERT)}"
)


def refusal(folder: Path, *, tls: bool) -> Refusal | None:
    """Why the chaincode in `folder` surely does not serve; None where it may.

    With `tls` peers speak TLS to it.
    """
    try:
        package, stale = node_package.read(folder), node_package.stale(folder)
    except FabricError as error:
        return Refusal(what=f"cannot be read: {error}", remedy="correct that file")
    if package.start is None:
        return Refusal(
            what="has no script `start` in its package.json",
            remedy='add to `scripts` `"start": "fabric-chaincode-node start"` where it has '
            'contracts, or `"start": "node index.js"` where index.js serves',
        )
    if stale:
        return Refusal(
            what=f"has other packages in node_modules than its lock file says: {stale}",
            remedy="run `npm ci --omit=dev` in its folder",
        )
    if package.has_contracts:
        return _without_contracts(folder, package) or _with_old_library(package)
    return _starts(folder, package, tls=tls) or _with_old_library(package)


def _without_contracts(folder: Path, package: Package) -> Refusal | None:
    if package.main is None:
        return Refusal(
            what="does not say in its package.json which file exports its contracts",
            remedy='add `"main": "index.js"`, or what that file is called',
        )
    if package.makes_files or file_of(folder, package.main):
        return None
    return Refusal(
        what=f"has no {package.main}, which its package.json names as `main`",
        remedy="add that file; compile what is written in TypeScript before",
    )


def _starts(folder: Path, package: Package, *, tls: bool) -> Refusal | None:
    program = program_of(folder, package)
    if program is None:
        return None
    call = program.dials()
    if call:
        properties = f", {_TLS_PROPERTIES}" if tls else ""
        remedy = (
            f"write `{call.name}.server({call.argument}, {{ccid: process.env.CHAINCODE_ID, "
            f"address: process.env.CHAINCODE_SERVER_ADDRESS{properties}}}).start()` in place of "
            f"`{call.name}.start({call.argument})`"
        )
        remedy += ", with `fs` of Node.js" if tls else ""
        if _is_old(package):
            remedy += f", and {_newer(package)}"
        what = f"`{call.name}.start` in line {call.line} of {program.path.name}"
        return Refusal(what=f"dials the peer ({what}), and here peers dial it", remedy=remedy)
    plain = program.serves_plainly() if tls else None
    if plain:
        return Refusal(
            what=f"serves without TLS (line {plain} of {program.path.name}), and with "
            "`tlsEnabled` peers speak TLS to it",
            remedy=f"add `{_TLS_PROPERTIES}` after `address`, with `fs` of Node.js",
        )
    return None


def _with_old_library(package: Package) -> Refusal | None:
    if not _is_old(package):
        return None
    return Refusal(
        what=f"uses {SHIM} {package.shim}, which dials the peer, and here peers dial it",
        remedy=f"{_newer(package)}, which can serve since 2.2.0",
    )


def _is_old(package: Package) -> bool:
    return bool(_NOT_SERVING.fullmatch(package.shim or ""))


def _newer(package: Package) -> str:
    names = (SHIM, "fabric-contract-api") if package.has_contracts else (SHIM,)
    return f"run `npm install {' '.join(f'{name}@{_SERVING}' for name in names)}` in its folder"
