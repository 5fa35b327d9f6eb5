"""Every sentence that a villager, or an adviser in WeChat, reads and that is no entry.

``words.Words`` holds the sentences as they are shipped, by situation; the town may put others in their place, in
``wording.yaml`` of its knowledge folder. ``filled`` puts names, days and numbers into them. Here is what is no sentence:
the words that are commands or go with a number, and how days and numbers are written.
"""

from datetime import date, datetime

PERSON, NONE_OF_THESE, NEXT_PAGE, GO_BACK = "找人问", "都不是", "下一页", "返回"
MORE, HELPED, USELESS = "更多", "有用", "没用"
"""What is to tap and may be typed as well: the commands know these words."""

FALLBACK_HOTLINES = "110 报警\n12348 免费法律咨询、法律援助"
"""Used only where not even the hotline table can be read."""

DONE = "已办结"
"""What the ledger keeps of a duty that was finished without a word."""


def number(ticket: int) -> str:
    """Return a pick-up number as people see it: 023."""
    return f"{ticket:03d}"


def day(value: date) -> str:
    """Return a date as people write it: 2026年1月5日."""
    return f"{value.year}年{value.month}月{value.day}日"


def minute(value: datetime) -> str:
    """Return a moment as people write it: 1月5日9:05."""
    return f"{value.month}月{value.day}日{value.hour}:{value.minute:02d}"


def by_wechat(name: str) -> str:
    """Return who entered a row that came by WeChat."""
    return f"{name}（微信）"
