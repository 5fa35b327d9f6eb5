"""The shipped knowledge folder."""

import re

from bot.faq import telling
from bot.faq.library import Library
from bot.message import Reply
from bot.text import WECHAT_TEXT_BYTES
from bot.wording.words import SHIPPED
from handlers.wechat_io import to_text

FIRST = ("土地征收与补偿", "宅基地与建房", "承包地与集体资产")


def test_it_has_no_finding(real_library: Library) -> None:
    assert real_library.current.findings == ()


def test_the_land_categories_are_complete(real_library: Library) -> None:
    categories = [e.category for e in real_library.current.entries.values()]
    assert [categories.count(c) for c in FIRST] == [15, 13, 20]
    assert len(categories) >= 60


def test_every_entry_has_enough_phrasings(real_library: Library) -> None:
    assert {i: len(e.phrasings) for i, e in real_library.current.entries.items() if len(set(e.phrasings)) < 18} == {}


def test_every_answer_fits_one_wechat_text_with_all_that_goes_with_it(real_library: Library) -> None:
    for entry in real_library.current.entries.values():
        for text in (telling.answer(SHIPPED, entry), telling.more(SHIPPED, entry)):
            assert len(text.encode()) <= WECHAT_TEXT_BYTES, entry.id
            assert to_text(Reply(text)) == text


def test_every_answer_is_plain_text(real_library: Library) -> None:
    for entry in real_library.current.entries.values():
        assert not re.search(r"[*#`|<>]|^- |\]\(", entry.answer + entry.more, re.MULTILINE), entry.id


def test_related_entries_exist(real_library: Library) -> None:
    entries = real_library.current.entries
    for entry in entries.values():
        assert {*entry.related, *entry.not_to_confuse_with} <= entries.keys() - {entry.id}, entry.id


def test_nothing_shipped_claims_to_be_reviewed(real_library: Library) -> None:
    for entry in real_library.current.entries.values():
        assert (entry.status, entry.reviewed_by, entry.reviewed_on) == ("draft", None, None)
        assert "待律师审核" in telling.footer(SHIPPED, entry)


def test_hotlines_are_there_with_the_day_they_were_checked(real_library: Library) -> None:
    hotlines = real_library.current.hotlines
    numbers = [h.number for h in hotlines]
    assert len(set(numbers)) == len(numbers)
    assert {"110", "12348", "12345", "12338", "12355", "12356", "96110", "12333", "12315"} <= set(numbers)
    assert [h.number for h in hotlines if h.first] == ["110", "12348"]
