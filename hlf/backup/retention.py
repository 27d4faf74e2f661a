"""Which backups go: a decision over their keys and ages, and nothing else."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from hlf.errors import FabricError


@dataclass(frozen=True, kw_only=True)
class Made:
    """A backup, and when it was ended."""

    key: str
    ended: datetime


@dataclass(frozen=True, kw_only=True)
class Retention:
    """What stays: the last `last` backups, and those that are at most `days` days old.

    A backup stays where one of the two says so; None says nothing.
    """

    last: int | None = None
    days: float | None = None

    def __post_init__(self) -> None:
        if self.last is None and self.days is None:
            raise FabricError("retention says neither how many backups stay nor for how many days")
        for name, value in (("last", self.last), ("days", self.days)):
            if value is not None and value <= 0:
                raise FabricError(f"retention keeps {name} {value:g}; write a number above 0")


def expired(backups: Iterable[Made], retention: Retention, now: datetime) -> frozenset[str]:
    """The keys of backups that go; never that of the newest, however old it is."""
    ordered = sorted(backups, key=lambda made: (made.ended, made.key), reverse=True)
    stays = ordered[: max(retention.last or 0, 1)]
    if retention.days is not None:
        oldest = now - timedelta(days=retention.days)
        stays += [made for made in ordered if made.ended >= oldest]
    return frozenset(made.key for made in ordered) - {made.key for made in stays}
