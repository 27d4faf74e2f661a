"""Schedules."""

import pytest

from hlf.spec import cron


@pytest.mark.parametrize(
    "text",
    [
        "0 3 * * *",
        "*/15 * * * *",
        "5/10 * * * *",
        "0,30 8-18/2 1,15 jan-MAR,12 Mon-Fri",
        "0 0 ? * 0",
        "0 0 29 2 *",
        "0 0 31 4 mon",
        "0 0 31 4,5 *",
        "@daily",
        "@hourly",
    ],
)
def test_a_schedule(text):
    cron.check(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("@every 1h", "`@every 1h` is no schedule|`@daily`"),
        ("@Daily", "`@Daily` is no schedule"),
        ("3", "has 1 fields and not 5|`0 3 * * *`"),
        ("0 0 3 * * *", "has 6 fields and not 5"),
        ("60 3 * * *", "`60` is no minute|0 to 59"),
        ("0 24 * * *", "`24` is no hour|0 to 23"),
        ("0 3 0 * *", "`0` is no day of the month|1 to 31"),
        ("0 3 * 13 *", "`13` is no month|or `jan` to `dec`"),
        ("0 3 * mon *", "`mon` is no month"),
        ("0 3 * * 7", "`7` is no day of the week|0 to 6, or `sun` to `sat`"),
        ("0 3 * * Monday", "`Monday` is no day of the week"),
        ("-5 3 * * *", "`-5` is no minute"),
        ("0,, 3 * * *", "`` is no minute"),
        ("0 *-5 * * *", "`*-5` is no range"),
        ("0 18-8 * * *", "`18-8`|ends before it begins|two ranges"),
        ("*/0 * * * *", "`0` is no step|above 0"),
        ("*/x * * * *", "`x` is no step"),
        ("*/5/5 * * * *", "`*/5/5` is no minute"),
        ("0 0 \u0663 * *", "is no day of the month"),
        ("0 0 31 feb,apr *", "never comes|no such month has a day 31"),
    ],
)
def test_no_schedule(text, words):
    with pytest.raises(cron.ScheduleError) as caught:
        cron.check(text)
    for word in words.split("|"):
        assert word in str(caught.value)
