"""Durations and sizes, read and written as Fabric's own tools do.

Durations follow Go's `time.ParseDuration` and `Duration.String`, sizes the size rule of
`configtxgen` (`common/viperutil`), where K, M and G are powers of 1024. What could never be meant
in a channel configuration (zero, negative) is refused.
"""

import re

_NANOSECONDS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,  # U+00B5, as Go prints it
    "μs": 1_000,  # U+03BC, which Go reads as well
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
_PART = re.compile(r"([0-9]*)(?:\.([0-9]*))?(ns|us|µs|μs|ms|s|m|h)", re.ASCII)
_LONGEST = 2**63 - 1
_SHIFT = {"k": 10, "m": 20, "g": 30}
_SIZE = re.compile(r"([0-9]+)(?:\s*([kmg])b?)?", re.ASCII | re.IGNORECASE)
_LARGEST = 2**32 - 1


def nanoseconds(text: str) -> int:
    """The nanoseconds in a duration such as `2s`, `300ms` or `1m30s`; ValueError if it is none."""
    total, rest = 0, text
    while rest:
        part = _PART.match(rest)
        if part is None or not (part[1] or part[2]):
            raise ValueError(_not_a_duration(text))
        unit = _NANOSECONDS[part[3]]
        fraction = part[2] or ""
        total += int(part[1] or "0") * unit + int(fraction or "0") * unit // 10 ** len(fraction)
        rest = rest[part.end() :]
    if total == 0:
        raise ValueError(_not_a_duration(text))
    if total > _LONGEST:
        raise ValueError(f"{text!r} is too long a duration; the longest is 2562047h")
    return total


def _not_a_duration(text: str) -> str:
    if re.fullmatch(r"[0-9.]+", text):
        return f"{text!r} is a duration without a unit or of no length; write it like 2s or 300ms"
    return f"{text!r} is not a duration above zero; write it like 2s, 300ms or 1m30s"


def duration(text: str) -> str:
    """The same duration as Go prints it: `2000ms` is `2s`, `60s` is `1m0s`; ValueError as above."""
    total = nanoseconds(text)
    for unit in ("ns", "µs", "ms"):
        if total < 1000 * _NANOSECONDS[unit]:
            return _decimal(total, _NANOSECONDS[unit]) + unit
    minutes, rest = divmod(total, _NANOSECONDS["m"])
    seconds = _decimal(rest, _NANOSECONDS["s"]) + "s"
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{seconds}"
    return f"{minutes}m{seconds}" if minutes else seconds


def _decimal(value: int, unit: int) -> str:
    """`value / unit` without needless zeros; `unit` is a power of ten."""
    whole, fraction = divmod(value, unit)
    digits = str(fraction).rjust(len(str(unit)) - 1, "0").rstrip("0")
    return f"{whole}.{digits}" if digits else str(whole)


def size(value: str | int) -> int:
    """The bytes in a size such as `512 KB`, `98 MB` or 1048576; ValueError if it is none.

    At most 4294967295 bytes, Fabric's field being 32 bits wide.
    """
    found = _SIZE.fullmatch(str(value))
    if isinstance(value, bool) or found is None:
        raise ValueError(
            f"{value!r} is not a size; write bytes or a whole number with KB, MB or GB"
        )
    number = found[1]
    if len(number) > 1 and number.startswith("0"):
        raise ValueError(f"{value!r} starts with 0, which Fabric reads as octal; leave the 0 out")
    total = int(number) << _SHIFT.get((found[2] or "").lower(), 0)
    if total == 0:
        raise ValueError(f"{value!r} is no size above zero")
    if total > _LARGEST:
        raise ValueError(f"{value!r} is too large; at most {_LARGEST} bytes, just under 4 GB")
    return total
