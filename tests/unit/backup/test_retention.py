"""Which backups go."""

from datetime import UTC, datetime, timedelta

import pytest

from hlf.backup.retention import Made, Retention, expired
from hlf.errors import FabricError

NOW = datetime(2026, 11, 25, tzinfo=UTC)
DAILY = [Made(key=f"day-{days}", ended=NOW - timedelta(days=days)) for days in range(10)]


@pytest.mark.parametrize(
    ("retention", "stay"),
    [
        (Retention(last=3), 3),
        (Retention(last=100), 10),
        (Retention(days=4), 5),
        (Retention(days=0.5), 1),
        (Retention(last=2, days=4), 5),
        (Retention(last=7, days=4), 7),
    ],
)
def test_by_number_and_age(retention: Retention, stay: int) -> None:
    going = expired(reversed(DAILY), retention, NOW)
    assert going == {made.key for made in DAILY[stay:]}


def test_the_newest_stays_however_old_it_is() -> None:
    assert expired(DAILY, Retention(days=1), NOW + timedelta(days=1000)) == {
        made.key for made in DAILY[1:]
    }
    assert expired([], Retention(last=1), NOW) == frozenset()


def test_a_clock_that_went_back_makes_nothing_expire() -> None:
    assert expired(DAILY, Retention(days=20), NOW - timedelta(days=100)) == frozenset()


@pytest.mark.parametrize("wrong", [{}, {"last": 0}, {"days": -1}])
def test_what_would_keep_nothing_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(FabricError, match="retention"):
        Retention(**wrong)
