"""Periods of reports: years, quarters, months and any other days, the period before, the same days a year earlier."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Period:
    """The days ``start`` to ``end``, both included."""

    start: date
    end: date

    def __str__(self) -> str:
        """2026年, 2026年第2季度, 2026年5月, 2026年1月1日至11月30日."""
        start, end = self.start, self.end
        if span := self._months:
            if span == 12 and start.month == 1:
                return f"{start.year}年"
            if span == 3 and start.month % 3 == 1:
                return f"{start.year}年第{start.month // 3 + 1}季度"
            if span == 1:
                return f"{start.year}年{start.month}月"
        last = f"{end.month}月{end.day}日" if end.year == start.year else f"{end.year}年{end.month}月{end.day}日"
        return f"{start.year}年{start.month}月{start.day}日" + ("" if start == end else f"至{last}")

    @property
    def word(self) -> str:
        """What a sentence calls it: 全年, 本季度, 本月, else 期间."""
        name = str(self)
        return {"年": "全年", "度": "本季度", "月": "本月"}.get(name[-1], "期间")

    @property
    def _months(self) -> int:
        """How many whole months it is; 0 where it is not."""
        if self.start.day != 1 or self.end.day != monthrange(self.end.year, self.end.month)[1]:
            return 0
        return (self.end.year - self.start.year) * 12 + self.end.month - self.start.month + 1

    def before(self) -> "Period":
        """Return the period of the same length just before: as many months, or as many days."""
        end = self.start - timedelta(days=1)
        if span := self._months:
            return Period(_moved(self.start, -span), end)
        return Period(end - (self.end - self.start), end)

    def year_before(self) -> "Period":
        """Return the same days a year earlier; 29 February becomes the 28th, the end of a month stays one."""
        end = _moved(self.end, -12)
        if self._months:
            end = end.replace(day=monthrange(end.year, end.month)[1])
        return Period(_moved(self.start, -12), end)

    def others(self) -> list["Period"]:
        """Return what it is compared with: the period before, where that is not the same, and the days a year earlier."""
        before, year_before = self.before(), self.year_before()
        return [before, year_before] if before != year_before else [year_before]

    def months(self) -> list[str]:
        """Return the months that it touches, ``2026-05``, in order."""
        count = (self.end.year - self.start.year) * 12 + self.end.month - self.start.month + 1
        return [f"{_moved(self.start.replace(day=1), n):%Y-%m}" for n in range(count)]

    def whole_months(self) -> list[str]:
        """Return the months that lie wholly inside it."""
        return [
            m
            for m in self.months()
            if date.fromisoformat(f"{m}-01") >= self.start and _month_end(date.fromisoformat(f"{m}-01")) <= self.end
        ]


def year(number: int) -> Period:
    """Return a year."""
    return Period(date(number, 1, 1), date(number, 12, 31))


def named(text: str) -> Period:
    """Return what 2026, 2026-05, 2026-2季度, 2026-Q2 or 2026年5月 mean. Raises ValueError for anything else."""
    found = re.fullmatch(r"\s*(\d{4})\s*年?\s*(?:[-/.]?\s*(?:第?([1-4])\s*季度?|[Qq]([1-4])|(\d{1,2})\s*月?))?\s*", text)
    if not found:
        raise ValueError(text)
    number = int(found[1])
    if quarter := found[2] or found[3]:
        first = date(number, 3 * int(quarter) - 2, 1)
        return Period(first, _month_end(_moved(first, 2)))
    if found[4]:
        first = date(number, int(found[4]), 1)
        return Period(first, _month_end(first))
    return year(number)


def _moved(day: date, months: int) -> date:
    place = day.year * 12 + day.month - 1 + months
    year_, month = divmod(place, 12)
    return date(year_, month + 1, min(day.day, monthrange(year_, month + 1)[1]))


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])
