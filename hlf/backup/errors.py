"""What can go wrong with backups, told apart as far as callers need it."""

from hlf.errors import FabricError


class StoreError(FabricError):
    """The store did not do what it was asked: unreachable, refused, full, wrongly named."""


class NotThere(StoreError):  # noqa: N818 - says what happened
    """The store itself says that the object is not there."""


class AlreadyThere(StoreError):  # noqa: N818
    """The object was to be made where there is none, and there is one."""


class WrongPassphrase(FabricError):  # noqa: N818
    """The passphrase is not the one that the repository was made with."""


class Damaged(FabricError):  # noqa: N818
    """What is stored is not what was stored."""


class Busy(FabricError):  # noqa: N818
    """A backup and a pruning want the same repository at the same time."""


class Overtaken(FabricError):  # noqa: N818
    """The process was away for so long that another one took it for dead and went on."""


class Changed(FabricError):  # noqa: N818
    """A folder that nobody should write was written while it was copied."""


class NoRoom(FabricError):  # noqa: N818
    """The volume is too small for what is to be written."""
