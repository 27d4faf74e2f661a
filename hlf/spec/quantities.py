"""Durations and sizes among the fields of a section, with the mistakes of `hlf.config.quantity`."""

from hlf.config import quantity
from hlf.spec.reader import Fields, Reader


def size(fields: Fields, key: str, *, default: int) -> int:
    """The bytes at `key`; `default` where it is absent or wrong."""
    at = fields.get(key)
    text = at.scalar_text() if at else None
    if at is None or text is None:
        return default
    try:
        return quantity.size(text)
    except ValueError as error:
        tell(at, error)
        return default


def duration(fields: Fields, key: str, *, default: str) -> str:
    """The duration at `key`, as it is written; `default` where it is absent or wrong."""
    at = fields.get(key)
    text = at.scalar_text() if at else None
    if at is None or text is None:
        return default
    try:
        quantity.nanoseconds(text)
    except ValueError as error:
        tell(at, error)
        return default
    return text


def tell(at: Reader, error: ValueError) -> None:
    """Tell a sentence of `hlf.config.quantity`, split at its semicolon."""
    problem, _, remedy = str(error).partition("; ")
    at.tell(problem, remedy or "write a usual value; samples/simple has some")
