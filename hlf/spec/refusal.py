"""What is the matter with a chaincode's source, told of a program in any language."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """What is the matter with a chaincode, as the end of a sentence about it, and what to do."""

    what: str
    remedy: str
