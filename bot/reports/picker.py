"""Which period a person chose: out of what a form or an address says, within what a report can bear."""

from collections.abc import Mapping
from datetime import date, timedelta

from bot.reports.period import Period, named, year

FIRST = 2000
"""The registers take nothing older than this year."""

LONGEST = timedelta(days=5 * 366)
"""A longer period has more columns than anybody reads."""

PARTS = {
    "": "全年",
    **{f"Q{n}": f"第{n}季度" for n in range(1, 5)},
    **{f"{n:02}": f"{n}月" for n in range(1, 13)},
}
"""The parts of a year that can be chosen; the keys are what ``named`` reads behind the year."""


class Unfit(Exception):
    """There is no such period; the message says why and what to do, in Chinese."""


def chosen(said: Mapping[str, str], today: date) -> Period:
    """Return the period that ``period``, or ``year`` and ``part``, or ``from`` and ``to`` say; else this year until today.

    Raises Unfit.
    """
    if said.get("from") or said.get("to"):
        end = _day(said.get("to") or today.isoformat(), "截止日")
        start = _day(said.get("from") or f"{end.year}-01-01", "起始日")
        return _bounded(start, end, today)
    name = said.get("period") or "-".join(filter(None, (said.get("year"), said.get("part"))))
    if not name:
        return Period(date(today.year, 1, 1), today)
    start_text, tilde, end_text = name.partition("~")
    if tilde:
        return _bounded(_day(start_text, "起始日"), _day(end_text, "截止日"), today)
    try:
        found = named(name[:20])
    except ValueError:
        raise Unfit(f"看不懂期间「{name[:20]}」。请在下面重新选年份和季度、月份，或者填起止日期。") from None
    return _bounded(found.start, found.end, today)


def code(period: Period) -> str:
    """Return what ``chosen`` reads as this period: 2026, 2026-Q2, 2026-05, else 2026-01-01~2026-11-30."""
    start = period.start
    names = (str(start.year), f"{start.year}-Q{(start.month + 2) // 3}", f"{start:%Y-%m}")
    whole = next((name for name in names if named(name) == period), None)
    return whole or f"{start.isoformat()}~{period.end.isoformat()}"


def parts(period: Period) -> tuple[int, str]:
    """Return the year and the part of it that a form shows as chosen."""
    name = code(period)
    return period.start.year, "" if "~" in name else name[5:]


def earlier(period: Period) -> Period | None:
    """Return the period before; None where there is none to choose."""
    found = period.before()
    return found if found.start.year >= FIRST else None


def later(period: Period, today: date) -> Period | None:
    """Return the period of the same kind that follows; None where it begins after today."""
    start = period.end + timedelta(days=1)
    if start > today:
        return None
    if "~" in code(period):
        return Period(start, min(start + (period.end - period.start), year(today.year).end))
    months = len(period.months())
    place = start.year * 12 + start.month - 1 + months
    return Period(start, date(place // 12, place % 12 + 1, 1) - timedelta(days=1))


def _day(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Unfit(f"{name}「{text[:20]}」不是日期。写成 2026-01-31 这样。") from None


def _bounded(start: date, end: date, today: date) -> Period:
    last = year(today.year).end
    if start > end:
        raise Unfit(f"起始日 {start} 在截止日 {end} 之后，请对调。")
    if start.year < FIRST or start > last:
        raise Unfit(f"只能选 {FIRST} 年到 {today.year} 年之间的日期。")
    if min(end, last) - start > LONGEST:
        raise Unfit("期间太长了，一次最多看五年。请选短一点，或者分几次看。")
    return Period(start, min(end, last))
