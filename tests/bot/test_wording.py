"""Every sentence that leaves the bot: printed with its length (pytest -s), within one WeChat text, plain and polite."""

import inspect
from datetime import date, datetime
from typing import Any

import pytest

from bot import wording
from bot.dialogue import show
from bot.dialogue.rules import asked
from bot.faq.library import Library
from bot.text import WECHAT_TEXT_BYTES
from handlers.wechat_io import to_text
from tests.conftest import NOW

WHEN = datetime(2026, 12, 28, 17, 59)
LONG = "字" * 80
"""As long as a name in town.yaml may be."""

# For each function what its longest arguments are; a new function fails the test until it stands here.
LONGEST: dict[str, dict[str, Any]] = {
    "voice": {"contact": "字" * 250},
    "signed": {"name": "字" * 20, "role": "法律明白人"},
    "repealed": {"name": LONG, "on": date(2026, 12, 28), "by": LONG},
    "choose": {"heard": "字" * 200},
    "also_asked": {"question": "字" * 60},
    "category": {"name": "字" * 20, "page": 10, "pages": 10},
    "number": {"ticket": 123456},
    "ticket_waits": {"ticket": 123456, "due": WHEN},
    "ticket_late": {"ticket": 123456},
    "ticket_closed": {"ticket": 123456},
    "ticket_answer": {"ticket": 1, "question": "字" * 2000, "text": "字" * 400, "who": "字" * 20, "on": date(2026, 12, 28)},
    "ticket_line": {"ticket": 123456, "status": "已答复", "question": "字" * 2000},
    "tickets": {"lines": ["字" * 45] * 9},
    "my_record": {"messages": 99999, "village": LONG, "tickets": 99, "lines": ["字" * 55] * 5},
    "bound": {"name": "字" * 20, "role": "法律明白人", "village": LONG},
    "todo": {"lines": ["字" * 40] * 8, "more": 999},
    "todo_ticket": {"ticket": 123456, "village": LONG, "question": "字" * 500, "due": WHEN, "late": True, "because": "missed"},
    "todo_duty": {"duty": 999, "kind": "字" * 20, "village": LONG, "opened": WHEN, "late": True, "taken": False},
    "answered": {"ticket": 123456},
    "passed": {"ticket": 123456, "name": "字" * 20},
    "nobody_called": {"name": "字" * 60, "names": ["字" * 8] * 20},
    "closed": {"ticket": 123456},
    "drafted": {"ticket": 123456, "path": "字" * 60},
    "month_closed": {"month": "2026-05"},
    "by_wechat": {"name": "李建"},
    "logged": {"number": 12345, "village": LONG, "category": "字" * 20, "channel": "微信群"},
    "no_village_called": {"name": "字" * 60, "names": ["字" * 10] * 12},
    "no_category_called": {"name": "字" * 60, "names": ["字" * 10] * 16},
    "duty_taken": {"duty": 999},
    "duty_done": {"duty": 999},
    "day": {"value": date(2026, 12, 28)},
    "minute": {"value": WHEN},
    "ticket_opened": {"ticket": 123456, "due": WHEN, "contact": "字" * 250},
    "ticket_missed": {"ticket": "字" * 400},
    "ticket_useless": {"ticket": "字" * 400},
}
BY_REAL_DATA = {
    "answer", "more", "footer", "article", "sorry", "hotline_lines", "village_set", "adviser_line", "office_line", "notice",
    "privacy", "crisis",
}  # fmt: skip
"""What the shipped knowledge is put into below; an article of any length is shown in parts."""

SENTENCES = {name: value for name, value in vars(wording).items() if name.isupper() and isinstance(value, str)}
FUNCTIONS = {
    name: f
    for name, f in vars(wording).items()
    if inspect.isfunction(f) and f.__module__ == wording.__name__ and not name.startswith("_")
}


def test_every_template_is_looked_at() -> None:
    assert FUNCTIONS.keys() == LONGEST.keys() | BY_REAL_DATA


def test_every_template_fits_one_wechat_text_with_the_longest_inside(real_library: Library) -> None:
    town = real_library.current.town
    assert town
    texts = dict(SENTENCES) | {name: FUNCTIONS[name](**arguments) for name, arguments in LONGEST.items()}
    village = max(town.villages, key=lambda v: len(v.name + v.adviser.name + v.adviser.duty))
    adviser = wording.adviser_line(village.adviser, date(2026, 12, 28))
    texts |= {
        "sorry": wording.sorry(real_library.current.hotlines),
        "village_set and welcome": f"{wording.village_set(village, adviser)}\n\n{wording.WELCOME}\n\n{wording.notice(town)}",
        "office_line": wording.office_line(town.justice_office, False),
        "notice": wording.notice(town),
        "privacy": wording.privacy(town),
    }
    for name, text in sorted(texts.items(), key=lambda one: -len(one[1].encode())):
        print(f"{len(text.encode()):5} 字节  {name}")
        assert len(text.encode()) <= WECHAT_TEXT_BYTES, name


def test_the_notice_is_short_and_says_all_that_the_law_asks(real_library: Library) -> None:
    notice = wording.notice(real_library.current.town)
    assert len(notice) <= 200
    for part in ("示例镇人民政府", "解答法律问题", "180天", "删除我的记录", "隐私"):
        assert part in notice


def test_every_entry_is_shown_whole_in_parts_that_fit_with_all_that_goes_with_them(real_library: Library) -> None:
    snapshot = real_library.current
    longest = 0
    for entry in snapshot.entries.values():
        turn = asked("问", snapshot, NOW)
        reply, state = show.entry(turn, entry)
        shown = [reply]
        while state.rest:
            reply, state = show.part(turn, state, state.rest, state.tail)
            shown.append(reply)
        for part in shown:
            text = to_text(part)
            longest = max(longest, len(text.encode()))
            assert len(text.encode()) <= WECHAT_TEXT_BYTES, entry.id
            assert part.text in text, entry.id  # nothing was cut at the edge
            assert part.tail == wording.footer(entry)
        assert shown[0].text.startswith(f"您问的是：{entry.question}不是请回 0。")
        whole = "".join("".join(part.text.split()) for part in shown)
        for text in (entry.answer, entry.more, entry.deadline or "", *entry.basis):
            assert "".join(text.split()) in whole, entry.id
        if len(shown) > 1:
            assert shown[0].options[0].send == wording.MORE
    print(f"最长的一条回复 {longest} 字节")


@pytest.mark.parametrize("sentence", SENTENCES.values(), ids=SENTENCES.keys())
def test_no_sentence_calls_the_account_a_lawyer_or_shouts(sentence: str) -> None:
    assert "我是律师" not in sentence and "本律师" not in sentence
    assert sentence.count("！") <= 1
    assert not any(ord(c) >= 0x1F000 for c in sentence)
