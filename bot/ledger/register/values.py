"""What people write into a cell, as the ledger keeps it: texts, choices, numbers, days and times."""

import difflib
import math
import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from bot.text import mask, strip_illegal

MOST = 1_000_000
"""No single row of a town counts more than this; a telephone number in the wrong column does."""
LONGEST = 1000
FIRST_DAY = date(2000, 1, 1)

_EXCEL_ZERO = date(1899, 12, 30)
_DAY = re.compile(r"(\d{4})\s*[-/.年 ]\s*(\d{1,2})\s*[-/.月 ]\s*(\d{1,2})\s*[日号]?(?:[ T]0?0:00(?::00)?)?")
_EIGHT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_TIME = re.compile(r"(\d{1,2})\s*[:点时]\s*(\d{1,2}|半)?\s*分?(?::00)?")
_NUMBER = re.compile(r"[-+]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d*)?")
_QUOTES = re.compile(r"[\s\"'“”‘’「」『』《》]")
_SEPARATORS = re.compile(r"[、,，;；/|\s]+")
# An ID card (GB 11643-1999) with its birthday, and a mobile number.
_PERSON = re.compile(
    r"(?<!\d)(?:\d{6}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]|(?:\+?86)?1[3-9]\d{9})(?!\d)"
)
# Days in a text, which are no numbers of persons: 2026-03-15 10:30.
_DATED = re.compile(r"((?<!\d)(?:19|20)\d{2}[-./年]\d{1,2}[-./月]\d{1,2}日?(?:\s+\d{1,2}[:：]\d{2})?(?!\d))")


class Unfit(Exception):
    """A value does not fit its field; ``problem`` and ``remedy`` say why and what to do, in Chinese."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}。{remedy}。")
        self.problem, self.remedy = problem, remedy


def plain(said: object) -> str:
    """Return what a cell or a line holds as text: without blank edges, and a line feed as the only line end."""
    if said is None:
        return ""
    if isinstance(said, bool):
        return "是" if said else "否"
    if isinstance(said, float) and said.is_integer():
        said = int(said)
    text = str(said).replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(line.strip() for line in strip_illegal(text).split("\n")).strip()


def folded(text: str) -> str:
    """Return ``text`` as choices and headings are compared: width, case, blanks and quotation marks do not matter."""
    return _QUOTES.sub("", unicodedata.normalize("NFKC", text)).lower()


def text(said: object, *, masked: bool = True) -> str:
    """Return a text with phone, ID and card numbers masked; one that is not ``masked`` may hold none. Raises Unfit."""
    kept = plain(said)
    if len(kept) > LONGEST:
        raise Unfit(f"太长，有{len(kept)}字", f"最多{LONGEST}字，写短一点")
    if masked:
        return "".join(part if n % 2 else mask(part) for n, part in enumerate(_DATED.split(kept)))
    if _PERSON.search(unicodedata.normalize("NFKC", kept)):
        raise Unfit("里面像有手机号或身份证号", "去掉它，台账不记个人号码")
    return kept


def choice(said: object, allowed: Sequence[str]) -> str:
    """Return the one of ``allowed`` that is meant. Raises Unfit, with the nearest one where there is any."""
    word = plain(said)
    found = next((one for one in allowed if folded(one) == folded(word)), None)
    if found is None:
        near = difflib.get_close_matches(word, allowed, n=1, cutoff=0.5)
        among = f"只能填：{'、'.join(allowed)}" if len(allowed) <= 20 else "从下拉框里选，或者看 register fields 列出的"
        raise Unfit(f"没有「{_short(word)}」这一项", f"是不是「{near[0]}」？{among}" if near else among)
    return found


def choices(said: object, allowed: Sequence[str]) -> str:
    """Return several of ``allowed``, in their order, joined by 、. Raises Unfit."""
    words = {choice(word, allowed) for word in parted(plain(said))}
    return "、".join(one for one in allowed if one in words)


def parted(text: str) -> list[str]:
    """Return the words that 、 or another comma, a slash or a blank parts."""
    return [word for word in _SEPARATORS.split(text) if word]


def count(said: object, least: float, most: float) -> int:
    """Return a whole number. Raises Unfit."""
    found = _number(said, "只写整数，比如 12")
    if found != int(found):
        raise Unfit(f"{plain(said)} 不是整数", "只写整数，比如 12")
    return int(_within(found, least, most))


def amount(said: object, least: float, most: float) -> float:
    """Return a number with at most four decimals (元 in 万元). Raises Unfit."""
    return round(_within(_number(said, "只写数字，比如 2.5"), least, most), 4)


def day(said: object, today: date) -> str:
    """Return a day as ``2026-03-15``, of what people and workbooks write for it. Raises Unfit, also after ``today``."""
    if isinstance(said, datetime):
        said = said.date()
    if isinstance(said, float) and math.isfinite(said):
        said = int(said)  # a day with a time, as a workbook counts it
    word = unicodedata.normalize("NFKC", plain(said))
    if re.fullmatch(r"[34567]\d{4}", word):  # days since 1899-12-30: a date cell that was formatted as a number
        found = _EXCEL_ZERO + timedelta(days=int(word))
    else:
        parts = _DAY.fullmatch(word) or _EIGHT.fullmatch(word)
        if parts is None:
            raise Unfit(f"「{_short(word)}」不是日期", "写成 2026-03-15 这样，年月日都要有")
        try:
            found = date(*map(int, parts.groups()))
        except ValueError:
            raise Unfit(f"没有「{word}」这一天", "对照日历改") from None
    if found > today:
        raise Unfit(f"{found} 还没有到", f"今天是 {today}，核对年份和月份")
    if found < FIRST_DAY:
        raise Unfit(f"{found} 太早", "核对年份")
    return found.isoformat()


def clock(said: object) -> str:
    """Return a time of the day as ``09:30``. Raises Unfit."""
    wrong = Unfit(f"「{_short(plain(said))}」不是钟点", "按24小时写成 09:30 或 14:00")
    if isinstance(said, datetime):
        said = said.time()
    if isinstance(said, time):
        return f"{said:%H:%M}"
    if isinstance(said, timedelta):
        said = said / timedelta(days=1)
    if isinstance(said, int | float) and not isinstance(said, bool):
        if not 0 <= said < 1:  # a workbook keeps a time as a part of the day
            raise wrong
        minutes = min(round(said * 1440), 1439)
        return f"{minutes // 60:02}:{minutes % 60:02}"
    found = _TIME.fullmatch(unicodedata.normalize("NFKC", plain(said)))
    if found is None or (found[2] is None and ":" in found[0]):
        raise wrong
    hour, minute = int(found[1]), 30 if found[2] == "半" else int(found[2] or 0)
    if hour > 23 or minute > 59:
        raise wrong
    return f"{hour:02}:{minute:02}"


def minutes_between(started: str, ended: str) -> int:
    """Return how many minutes lie between two times of one day; negative where they are the wrong way round."""
    hours, minutes = ((int(b) - int(a)) for a, b in zip(started.split(":"), ended.split(":"), strict=True))
    return hours * 60 + minutes


def _number(said: Any, remedy: str) -> float:
    if not isinstance(said, int | float) or isinstance(said, bool):
        word = unicodedata.normalize("NFKC", plain(said)).replace("−", "-")
        if not _NUMBER.fullmatch(word):
            raise Unfit(f"「{_short(word)}」不是数", remedy)
        said = word.replace(",", "")
    try:
        found = float(said)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise Unfit("不是数，或者太大", remedy)
    return found


def _within(found: float, least: float, most: float) -> float:
    if found < least:
        raise Unfit(f"{found:g} 太小", f"不能小于{least:g}")
    if found > most:
        raise Unfit(f"{found:.15g} 太大", f"不能大于{most:g}" + ("，看看是不是填错了列" if most == MOST else ""))
    return found


def _short(word: str) -> str:
    word = mask(word).replace("\n", " ")
    return word if len(word) <= 20 else word[:19] + "…"
