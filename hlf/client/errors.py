"""What can go wrong between a client and a node, told apart as far as callers need it.

Only a node's own answer says that something is not there (`ChannelNotFound`); a node that cannot be
reached (`Unreachable`) says nothing about it.
"""

from hlf.errors import FabricError


class Unreachable(FabricError):  # noqa: N818 - says what happened
    """There is no connection to the node, or it gave no answer in time."""


class NoAnswer(Unreachable):
    """The node may be at it, but gave no answer in time."""


class Untrusted(Unreachable):
    """The two sides do not take each other's TLS certificates; trying again would not help."""


class Refused(FabricError):  # noqa: N818
    """The node answered, and not with success."""

    def __init__(self, sentence: str, *, status: str, reason: str) -> None:
        super().__init__(sentence)
        self.status = status
        """Fabric's own: `FORBIDDEN`, `BAD_REQUEST`, ... of an orderer, `500`, `404` of a peer and
        of an orderer's participation API."""
        self.reason = reason
        """Fabric's own text; may be empty."""


class ChannelNotFound(Refused):
    """The node itself says that it does not have the channel."""


class Invalidated(FabricError):  # noqa: N818
    """The transaction was ordered, and peers marked it as invalid."""

    def __init__(self, sentence: str, *, code: str) -> None:
        super().__init__(sentence)
        self.code = code
        """Fabric's validation code, such as `MVCC_READ_CONFLICT`."""
