"""Compression where it helps: a byte that says how, then the data.

zlib at its fastest halves block files, which repeat certificates, and makes next to nothing of
preallocated zeros. On what is compressed already (LevelDB's tables, packages) it would cost more
time than everything else together, so samples are tried first.
"""

import zlib

_STORED = b"\x00"
_DEFLATED = b"\x01"
_LEVEL = 1
_SAMPLE = 8 * 1024
_SAMPLES = 4
_WORTH = 0.9
"""Compressed size over size, from which on it is left alone."""


def pack(data: bytes) -> bytes:
    """The data with how it is stored; never longer than by one byte."""
    if _looks_compressible(data):
        packed = zlib.compress(data, _LEVEL)
        if len(packed) < _WORTH * len(data):
            return _DEFLATED + packed
    return _STORED + data


def unpack(packed: bytes, largest: int) -> bytes | None:
    """The data of `pack`; None where it is none, or longer than `largest` bytes."""
    kind, body = packed[:1], packed[1:]
    if kind == _STORED:
        return body if len(body) <= largest else None
    if kind != _DEFLATED:
        return None
    stream = zlib.decompressobj()
    try:
        data = stream.decompress(body, largest)
    except zlib.error:
        return None
    return data if stream.eof and not stream.unused_data else None


def _looks_compressible(data: bytes) -> bool:
    """Try samples that are spread evenly; short data is tried as a whole."""
    step = len(data) // _SAMPLES
    if step <= _SAMPLE:
        return bool(data)
    sample = b"".join(data[start : start + _SAMPLE] for start in range(0, step * _SAMPLES, step))
    return len(zlib.compress(sample, _LEVEL)) < _WORTH * len(sample)
