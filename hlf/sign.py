"""`python -m hlf.sign FILE`: look at a configuration update that waits for signatures, and sign it.

`pulumi up` writes such a file where the admins of its own network do not suffice. An admin of
another organization signs it here, or with Fabric's `peer channel signconfigtx -f FILE`, and sends
it back; with enough signatures in it, the next `pulumi up` carries it out.
"""

import argparse
import sys
from pathlib import Path

from hlf.client import handoff
from hlf.client.identity import Signer
from hlf.config.summary import summary
from hlf.errors import FabricError


def main(arguments: list[str] | None = None) -> int:
    """Print what the update changes and who has signed; with an identity, sign it too."""
    parser = argparse.ArgumentParser(prog="python -m hlf.sign", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--msp-id", help="the organization that signs")
    parser.add_argument("--certificate", type=Path, help="its admin's certificate, PEM")
    parser.add_argument("--key", type=Path, help="its admin's private key, PEM")
    given = parser.parse_args(arguments)
    identity = (given.msp_id, given.certificate, given.key)
    if any(identity) and not all(identity):
        parser.error("to sign, give all of --msp-id, --certificate and --key")
    try:
        content = given.file.read_bytes()
        if all(identity):
            content = handoff.sign(content, _signer(*identity))
            given.file.write_bytes(content)
        update, signed = handoff.unpack(content)
    except (FabricError, OSError, ValueError) as error:
        print(f"{given.file}: {error}", file=sys.stderr)
        return 1
    print(f"channel {update.channel_id}")
    for line in summary(update):
        print(f"  {line}")
    print(f"signed by {', '.join(sorted(signed)) or 'nobody'}")
    return 0


def _signer(msp_id: str, certificate: Path, key: Path) -> Signer:
    return Signer(msp_id=msp_id, certificate=certificate.read_bytes(), key=key.read_bytes())


if __name__ == "__main__":
    sys.exit(main())
