"""What a ledger that is not whole is told by."""

from hlf.errors import FabricError


class LedgerDamaged(FabricError):  # noqa: N818 - says what happened
    """A ledger's files are not what a node wrote: channel, file, block, and what is wrong."""


def damaged(
    channel: str, wrong: str, *, file: str = "", offset: int | None = None, block: int | None = None
) -> LedgerDamaged:
    """The error for a channel's ledger; `offset` is in bytes from the file's start.

    The remedy never is to put one file in place of another: nodes of a channel do not have the same
    bytes, because each keeps the signatures that it has got.
    """
    place = [file] if file else []
    if offset is not None:
        place.append(f"at byte {offset}")
    if block is not None:
        place.append(f"block {block}")
    where = f" in {', '.join(place)}" if place else ""
    return LedgerDamaged(
        f"the ledger of channel {channel} is damaged{where}: {wrong}; "
        "use another backup of this node, or the whole ledger of another node of its organization"
    )
