"""The file in which an update waits for the signatures of admins who are not here.

It is beside the program, `updates/<namespace>/<channel>.pb`, and holds no secret. It is written
when the admins here do not suffice, read by the next run, and gone when the update is carried out.
A file over another update is of no use any more, and is written anew.
"""

from collections.abc import Mapping
from pathlib import Path

from hlf.client import handoff
from hlf.client.identity import Signer
from hlf.client.protos import ConfigSignature, ConfigUpdate
from hlf.errors import FabricError

_FOLDER = Path("updates")


def file_of(namespace: str, channel: str) -> Path:
    """Return the file of a channel, relative to the program's folder."""
    return _FOLDER / namespace / f"{channel}.pb"


def signatures(file: Path, update: ConfigUpdate) -> Mapping[str, ConfigSignature]:
    """Return the signatures over this update that the file has, by MSP ID."""
    if not file.is_file():
        return {}
    try:
        return handoff.signatures_for(update, file.read_bytes())
    except FabricError as error:
        raise FabricError(f"{file}: {error}; delete it, and run `pulumi up` again") from None


def write(
    file: Path, update: ConfigUpdate, signed: Mapping[str, ConfigSignature], sender: Signer
) -> None:
    """Write the file with the signatures that there are."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(handoff.pack(update, signed.values(), sender))


def forget(file: Path) -> None:
    """Remove the file, if there is one."""
    file.unlink(missing_ok=True)
