"""Go: a chaincode is compiled, and the program runs in the image that compiled it."""

from pathlib import Path

from components.chaincode_build import Build

_PLACE = "/chaincode"
_PROGRAM = f"{_PLACE}/chaincode"
_BUILD = f"""
set -e
# an image may bring a cache of the standard library
export GOCACHE="${{GOCACHE:-/tmp/go-cache}}"
mkdir -p /tmp/build
cat /source/* | tar -xzf - -C /tmp/build
cd /tmp/build
if [ -d vendor ]; then mode=vendor; else mode=readonly; fi
exec go build -mod=$mode -trimpath -ldflags='-s -w' -o {_PROGRAM} .
"""
"""Vendored modules need no network; otherwise Go fetches what go.sum names."""


def go(_source: Path, fabric_version: str) -> Build:
    """Return how a chaincode in Go is built."""
    return Build(
        image=f"hyperledger/fabric-ccenv:{fabric_version}",
        script=_BUILD,
        environment={
            "CGO_ENABLED": "0",
            "GOPATH": "/tmp/go",  # noqa: S108  (in the container)
            "GOENV": "off",
            "GOTOOLCHAIN": "local",
            "HOME": "/tmp",  # noqa: S108
        },
        place=_PLACE,
        command=(_PROGRAM,),
    )
