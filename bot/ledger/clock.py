"""Time as the ledger keeps it: moments in UTC, days in the town's own time."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has had one time zone without summer time since 1992; a fixed offset needs no tz database on Windows."""


def stamp(moment: datetime) -> str:
    """Return ``moment`` (aware) as text that sorts by time, ``2026-11-23T04:05:06.789Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def local_day(moment: datetime) -> date:
    """Return the day in the town on which ``moment`` (aware) falls."""
    return moment.astimezone(CHINA).date()


def local_time(moment: datetime) -> datetime:
    """Return ``moment`` (aware) as the town's clocks show it."""
    return moment.astimezone(CHINA)


def moment(stamped: str) -> datetime:
    """Return the moment that ``stamp`` wrote."""
    return datetime.fromisoformat(stamped)


def months(start: date, end: date) -> Iterator[tuple[date, date]]:
    """Yield the first and last day of each month that the days ``start`` to ``end`` touch."""
    month = start.replace(day=1)
    while month <= end:
        following = (month + timedelta(days=31)).replace(day=1)
        yield month, following - timedelta(days=1)
        month = following
