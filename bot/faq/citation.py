"""Citations of articles, as lawyers and as villagers write them."""

import re
from dataclasses import dataclass

_DIGITS = "零一二三四五六七八九"
_UNITS = ((1000, "千"), (100, "百"), (10, "十"))
_NUMBER = r"[0-9０-９零〇一二两三四五六七八九十百千]{1,7}"
_QUOTED = re.compile(r"《(?P<law>[^《》]{2,60})》")
_PLACE = re.compile(
    rf"\s*第?\s*(?P<article>{_NUMBER})\s*(?:条|條)?(?:\s*之\s*(?P<sub>{_NUMBER}))?"
    rf"(?:\s*第?\s*(?P<clause>{_NUMBER})\s*款)?"
    rf"(?:\s*第?\s*[（(]?\s*(?P<point>{_NUMBER})\s*[）)]?\s*项)?"
)
_BARE = re.compile(r"(?P<law>[\u3400-\u9fff（）()〈〉·、]{2,60}?)" + _PLACE.pattern)


LONGEST = 120
"""No citation has more characters; what people send may have thousands, and is not looked at letter by letter."""


@dataclass(frozen=True)
class Citation:
    """An article of a law, with its 款 (``clause``) and 项 (``point``).

    ``sub`` is the 一 of 第二百七十六条之一, 0 where there is none.
    """

    law: str
    article: int
    sub: int = 0
    clause: int | None = None
    point: int | None = None

    @property
    def place(self) -> str:
        """The article as laws number it: 第二百七十六条之一."""
        return f"第{to_chinese(self.article)}条" + (f"之{to_chinese(self.sub)}" if self.sub else "")

    def __str__(self) -> str:
        """Return the formal citation: 《民法典》第一千零七十九条第三款第（二）项."""
        clause = f"第{to_chinese(self.clause)}款" if self.clause else ""
        point = f"第（{to_chinese(self.point)}）项" if self.point else ""
        return f"《{self.law}》{self.place}{clause}{point}"


def parse(text: str) -> Citation | None:
    """Return the citation that ``text`` is, as a whole; None if it is none.

    >>> str(parse("民法典1079条第二款"))
    '《民法典》第一千零七十九条第二款'
    """
    text = "".join(text.split())
    if len(text) > LONGEST:
        return None
    if quoted := _QUOTED.match(text):
        place = _PLACE.fullmatch(text[quoted.end() :])
        law = quoted["law"]
    else:
        place = _BARE.fullmatch(text)
        law = place["law"].rstrip("第") if place else ""
    if not place or not (article := to_int(place["article"])) or re.search(r"第.*条(?!例)", law):
        return None
    sub, clause, point = (to_int(place[name]) if place[name] else None for name in ("sub", "clause", "point"))
    return Citation(law.strip(), article, sub or 0, clause, point)


def to_chinese(number: int) -> str:
    """Return ``number`` (1 to 9999) in Chinese numerals as laws write them.

    >>> to_chinese(1079), to_chinese(12), to_chinese(110)
    ('一千零七十九', '十二', '一百一十')
    """
    out, gap = "", False
    for unit, name in _UNITS:
        digit, number = divmod(number, unit)
        if digit:
            out += ("零" if gap else "") + ("" if digit == 1 and unit == 10 and not out else _DIGITS[digit]) + name
            gap = False
        elif out:
            gap = True
    return out + (("零" if gap else "") + _DIGITS[number] if number else "")


def to_int(text: str) -> int:
    """Return the number that Arabic or Chinese numerals stand for; 0 where they make no sense."""
    if text.isdecimal():
        return int(text)
    total, digit = 0, 0
    for character in text.replace("〇", "零").replace("两", "二"):
        if character in _DIGITS:
            digit = _DIGITS.index(character)
        else:
            unit = next((u for u, name in _UNITS if name == character), 0)
            if not unit:
                return 0
            total += (digit or 1) * unit
            digit = 0
    return total + digit
