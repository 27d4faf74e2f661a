"""Numbers and lengths as Fabric writes them, which is protobuf's way, read strictly.

Source: the encoding of protocol buffers.
"""

LONGEST = 10
"""Bytes of the longest number, one of 64 bits."""

_MORE = 0x80

Chunk = bytes | bytearray | memoryview
Span = tuple[int, int]
"""From which byte to before which."""


class Incomplete(Exception):  # noqa: N818 - a cut-off block is no error by itself
    """The bytes end within something."""


class Malformed(Exception):  # noqa: N818 - becomes LedgerDamaged where the place is known
    """The bytes are not what Fabric writes; the text says why."""


def ends(byte: int) -> bool:
    """Whether a number ends with this byte."""
    return byte < _MORE


def varint(content: Chunk, at: int) -> tuple[int, int]:
    """A number, and where it ends.

    Only the shortest form is taken, which is what Fabric writes: another one would be damage that
    no hash shows.
    """
    value = 0
    for place, byte in enumerate(content[at : at + LONGEST]):
        value |= (byte & 0x7F) << (7 * place)
        if ends(byte):
            if (place and not byte) or value >> 64:
                break
            return value, at + place + 1
    else:
        if len(content) - at < LONGEST:
            raise Incomplete
    raise Malformed("a number in it is not as Fabric writes it")


def piece(content: Chunk, at: int) -> Span:
    """Where the bytes behind a length are."""
    size, start = varint(content, at)
    end = start + size
    if end > len(content):
        raise Incomplete
    return start, end


def pieces(content: Chunk, at: int) -> tuple[tuple[Span, ...], int]:
    """Where each piece of a counted row is, and where the row ends."""
    count, at = varint(content, at)
    spans: list[Span] = []
    for _ in range(count):
        span = piece(content, at)
        spans.append(span)
        at = span[1]
    return tuple(spans), at
