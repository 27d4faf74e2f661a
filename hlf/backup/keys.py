"""What a backup may be called: its key, which is also a folder of the store."""

import re
from datetime import datetime

RULE = "use up to 100 letters, digits and ._-, and begin with a letter or digit"
"""The remedy for a text that is no key."""
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


_BY_TIME = re.compile(r"\d{4}-\d\d-\d\d(?:T\d{6})?")
_DAY, _TIME = "%Y-%m-%d", "T%H%M%S"


def by_day(time: datetime) -> str:
    """What a backup of a day is called that nobody gave a key."""
    return time.strftime(_DAY)


def by_time(day: str, time: datetime) -> str:
    """What another one of the same day is called."""
    return day + time.strftime(_TIME)


def is_by_time(key: str) -> bool:
    """Whether a key is one of these two, which no person chose."""
    return _BY_TIME.fullmatch(key) is not None


def is_key(text: str) -> bool:
    """Whether a backup can have this key."""
    return _KEY.fullmatch(text) is not None
