import pytest

from hlf.config import quantity


@pytest.mark.parametrize(
    ("text", "nanoseconds", "canonical"),
    [
        ("2s", 2_000_000_000, "2s"),
        ("2000ms", 2_000_000_000, "2s"),
        ("300ms", 300_000_000, "300ms"),
        ("60s", 60_000_000_000, "1m0s"),
        ("1.5h", 5_400_000_000_000, "1h30m0s"),
        ("1h1.25s", 3_601_250_000_000, "1h0m1.25s"),
        ("1500us", 1_500_000, "1.5ms"),
        ("7µs", 7_000, "7µs"),
        ("7\u03bcs", 7_000, "7µs"),
        (".5s", 500_000_000, "500ms"),
        ("1.s", 1_000_000_000, "1s"),
        ("12ns", 12, "12ns"),
        ("1001ns", 1_001, "1.001µs"),
        ("1m1s1ms", 61_001_000_000, "1m1.001s"),
    ],
)
def test_durations(text: str, nanoseconds: int, canonical: str):
    assert quantity.nanoseconds(text) == nanoseconds
    assert quantity.duration(text) == canonical
    assert quantity.duration(canonical) == canonical


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2", "without a unit"),
        ("0", "of no length"),
        ("", "not a duration"),
        ("0s", "above zero"),
        ("-1s", "above zero"),
        ("+1s", "above zero"),
        ("1 s", "not a duration"),
        ("s", "not a duration"),
        (".s", "not a duration"),
        ("1d", "not a duration"),
        ("1S", "not a duration"),
        ("٣s", "not a duration"),
        ("2562048h", "too long"),
    ],
)
def test_what_is_no_duration(text: str, says: str):
    with pytest.raises(ValueError, match=says) as told:
        quantity.duration(text)
    assert repr(text) in str(told.value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("98 MB", 98 * 2**20),
        ("512KB", 512 * 2**10),
        ("1 g", 2**30),
        ("16m", 16 * 2**20),
        ("1048576", 2**20),
        (1048576, 2**20),
        ("4294967295", 2**32 - 1),
    ],
)
def test_sizes(value: str | int, expected: int):
    assert quantity.size(value) == expected


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("", "not a size"),
        ("1.5 MB", "not a size"),
        ("10 B", "not a size"),
        ("10 TB", "not a size"),
        ("-1", "not a size"),
        (-1, "not a size"),
        (True, "not a size"),
        ("٣ MB", "not a size"),
        ("010 MB", "octal"),
        ("0", "above zero"),
        ("0 MB", "above zero"),
        ("5 GB", "too large"),
        ("4 GB", "too large"),
    ],
)
def test_what_is_no_size(value: str | int, says: str):
    with pytest.raises(ValueError, match=says) as told:
        quantity.size(value)
    assert repr(value) in str(told.value)
