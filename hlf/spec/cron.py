"""Schedules as CronJobs have them: five fields, or a name such as `@daily`.

What is right follows `ParseStandard` of robfig/cron, with which Kubernetes reads them: Sunday is 0
and not 7, and a range does not go round the end. `@every 6h` counts from whenever the controller
starts, so it is none here.
"""

import re
from dataclasses import dataclass

_NAMES = ("@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_ANY = ("*", "?")
_PART = re.compile(r"(?P<first>[*?]|\w+)(?:-(?P<last>\w+))?(?:/(?P<step>\w+))?", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class _Field:
    what: str
    least: int
    most: int
    names: tuple[str, ...] = ()
    """Of the numbers from `least` on."""

    @property
    def remedy(self) -> str:
        names = f", or `{self.names[0]}` to `{self.names[-1]}`" if self.names else ""
        return f"write a number from {self.least} to {self.most}{names}"

    def number(self, text: str) -> int | None:
        if text.lower() in self.names:
            return self.least + self.names.index(text.lower())
        number = int(text) if re.fullmatch("[0-9]{1,2}", text) else -1
        return number if self.least <= number <= self.most else None


_FIELDS = (
    _Field(what="minute", least=0, most=59),
    _Field(what="hour", least=0, most=23),
    _Field(what="day of the month", least=1, most=31),
    _Field(what="month", least=1, most=12, names=_MONTHS),
    _Field(what="day of the week", least=0, most=6, names=_DAYS),
)


class ScheduleError(Exception):
    """A text is no schedule: the problem, and the remedy."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}; {remedy}")
        self.problem = problem
        self.remedy = remedy


def check(text: str) -> None:
    """Raise ScheduleError where `text` is none, or one that never comes."""
    if text.startswith("@"):
        if text not in _NAMES:
            listed = ", ".join(f"`{name}`" for name in _NAMES)
            raise ScheduleError(f"`{text}` is no schedule", f"write five fields, or {listed}")
        return
    fields = text.split()
    if len(fields) != len(_FIELDS):
        raise ScheduleError(
            f"the schedule `{text}` has {len(fields)} fields and not {len(_FIELDS)}",
            "write minute, hour, day of the month, month and day of the week, as in `0 3 * * *`",
        )
    found = [_numbers(text, field) for text, field in zip(fields, _FIELDS, strict=True)]
    _, _, days, months, _ = found
    # With a day of the week too, either of the two is enough.
    if fields[-1] in _ANY and min(days) > max(_LONGEST[month - 1] for month in months):
        raise ScheduleError(
            f"the schedule `{text}` never comes: no such month has a day {min(days)}",
            "choose another day or month",
        )


def _numbers(text: str, field: _Field) -> set[int]:
    return {number for part in text.split(",") for number in _part(part, field)}


def _part(text: str, field: _Field) -> range:
    split = _PART.fullmatch(text)
    if split is None:
        raise ScheduleError(
            f"`{text}` is no {field.what} of a schedule",
            f"{field.remedy}, `*`, a range as in `1-5`, or a step as in `*/2`",
        )
    first, last = split["first"], split["last"]
    if first in _ANY:
        if last is not None:
            raise ScheduleError(f"`{text}` is no range of a schedule", "write it as in `1-5`")
        begin, end = field.least, field.most
    else:
        begin = _number(first, field)
        # `5/10` is every tenth one from 5 on.
        alone = field.most if split["step"] is not None else begin
        end = alone if last is None else _number(last, field)
    if begin > end:
        raise ScheduleError(
            f"the range `{text}` of a schedule ends before it begins",
            "write two ranges with a comma between them",
        )
    return range(begin, end + 1, _step(split["step"]))


def _number(text: str, field: _Field) -> int:
    number = field.number(text)
    if number is None:
        raise ScheduleError(f"`{text}` is no {field.what} of a schedule", field.remedy)
    return number


def _step(text: str | None) -> int:
    if text is None:
        return 1
    if not re.fullmatch("[0-9]{1,2}", text) or int(text) == 0:
        raise ScheduleError(f"`{text}` is no step of a schedule", "write a number above 0")
    return int(text)
