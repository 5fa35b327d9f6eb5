"""Hours as a town writes them, understood as far as needed: is somebody there now, and when is the adviser there next."""

import calendar
import re
from datetime import date, datetime, time, timedelta

_WEEKDAYS = {c: n for n, c in enumerate("一二三四五六日")} | {"天": 6}
_SPAN = re.compile(r"(\d{1,2})[:：](\d{2})\s*[–\-—~至到]\s*(\d{1,2})[:：](\d{2})")
_DAYS = re.compile(r"(?:周|星期)([一二三四五六日天])(?:\s*[至到\-–—~]\s*(?:周|星期)?([一二三四五六日天]))?")
_NTH = re.compile(r"每月第([一二三四五])个?(?:周|星期)([一二三四五六日天])")
_ORDINALS = {c: n for n, c in enumerate("一二三四五", 1)}


def _spans(text: str) -> list[tuple[time, time]]:
    try:
        return [(time(int(a), int(b)), time(int(c), int(d))) for a, b, c, d in _SPAN.findall(text)]
    except ValueError:  # 25:00
        return []


def is_open(hours: str, now: datetime) -> bool | None:
    """Tell whether ``hours`` (周一至周五 8:30–12:00、14:30–17:30) hold at ``now`` (town time); None if they are not understood.

    >>> is_open("周一至周五 8:30–12:00", datetime(2026, 11, 23, 9, 0))
    True
    """
    days, spans = _DAYS.search(hours), _spans(hours)
    if not days or not spans or _NTH.search(hours):
        return None
    first = _WEEKDAYS[days[1]]
    last = _WEEKDAYS[days[2]] if days[2] else first
    return first <= now.weekday() <= last and any(start <= now.time() < end for start, end in spans)


def next_duty(duty: str, now: datetime) -> date | None:
    """Return the next day of a duty (每月第一个周三 9:00–17:00, or 每周三 …) not yet over at ``now``; None if not understood.

    >>> next_duty("每月第一个周三 9:00–17:00 在村委会", datetime(2026, 11, 23, 9, 0))
    datetime.date(2026, 12, 2)
    """
    spans = _spans(duty)
    today = now.date()
    if spans and now.time() >= max(end for _, end in spans):
        today += timedelta(days=1)
    if nth := _NTH.search(duty):
        for months in range(13):
            year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
            day = _nth(year, month + 1, _ORDINALS[nth[1]], _WEEKDAYS[nth[2]])
            if day and day >= today:
                return day
        return None
    weekly = re.search(r"每(?:周|星期)([一二三四五六日天])", duty)
    if weekly and "隔" not in duty:
        return today + timedelta(days=(_WEEKDAYS[weekly[1]] - today.weekday()) % 7)
    return None


def _nth(year: int, month: int, count: int, weekday: int) -> date | None:
    day = (weekday - date(year, month, 1).weekday()) % 7 + 1 + 7 * (count - 1)
    return date(year, month, day) if day <= calendar.monthrange(year, month)[1] else None
