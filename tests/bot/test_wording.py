"""Every sentence that leaves the bot: printed with its length (pytest -s), within one WeChat text, plain and polite; and the
town's own in their place."""

import inspect
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from bot import wording
from bot.dialogue import show
from bot.dialogue.respond import respond
from bot.dialogue.rules import asked
from bot.faq import telling
from bot.faq.library import Library
from bot.faq.words import read_words
from bot.ledger.store import Store
from bot.message import WECHAT_TEXT, Incoming
from bot.text import WECHAT_TEXT_BYTES
from bot.wording import filled
from bot.wording.sentence import SLOTS, faults
from bot.wording.words import SENTENCES, SHIPPED, SITUATIONS, Words, of, text_of, with_changes
from handlers.wechat_io import to_text
from tests.commands import command
from tests.conftest import KNOWLEDGE, NOW

WHEN = datetime(2026, 12, 28, 17, 59)
LONG = "字" * 80
"""As long as a name in town.yaml may be."""

# For each function what its longest arguments are; a new function fails the test until it stands here.
LONGEST: dict[str, dict[str, Any]] = {
    "voice": {"contact": "字" * 250},
    "signed": {"name": "字" * 20, "role": "法律明白人"},
    "heard_line": {"text": "字" * 200},
    "article": {"citation": LONG, "text": "字" * 400, "amended": date(2026, 12, 28)},
    "repealed": {"name": LONG, "on": date(2026, 12, 28), "by": LONG},
    "choose": {"heard": "字" * 200},
    "also_asked": {"question": "字" * 60},
    "category": {"name": "字" * 20, "page": 10, "pages": 10},
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
    "logged": {"row": 12345, "village": LONG, "category": "字" * 20, "channel": "微信群"},
    "no_village_called": {"name": "字" * 60, "names": ["字" * 10] * 12},
    "no_category_called": {"name": "字" * 60, "names": ["字" * 10] * 16},
    "duty_taken": {"duty": 999},
    "duty_done": {"duty": 999},
    "ticket_opened": {"ticket": 123456, "due": WHEN, "contact": "字" * 250},
    "ticket_missed": {"ticket": "字" * 400},
    "ticket_useless": {"ticket": "字" * 400},
}
BY_REAL_DATA = {
    "notice_version", "cannot_now", "paused", "answer", "more", "footer", "sorry", "too_many", "hotline_lines", "village_set",
    "adviser_line", "office_line", "notice", "privacy", "crisis",
}  # fmt: skip
"""What the shipped knowledge is put into below; an article of any length is shown in parts."""


def functions_of(module: Any) -> dict[str, Any]:
    found = inspect.getmembers(module, inspect.isfunction)
    return {name: f for name, f in found if f.__module__ == module.__name__ and not name.startswith("_")}


FILLED, TOLD = functions_of(filled), functions_of(telling)
WITHOUT_WORDS = {"signed"}


def longest_of(words: Words) -> dict[str, str]:
    """Every text that is put together, with the longest inside."""
    return {
        name: FILLED[name](*(() if name in WITHOUT_WORDS else (words,)), **arguments) for name, arguments in LONGEST.items()
    }


def test_every_text_that_is_put_together_is_looked_at() -> None:
    assert (FILLED.keys(), TOLD.keys()) == (LONGEST.keys(), BY_REAL_DATA)


def test_every_text_fits_one_wechat_text_with_the_longest_inside(real_library: Library) -> None:
    town, words, hotlines = real_library.current.town, SHIPPED, real_library.current.hotlines
    assert town
    texts = {key: one.default for key, one in SENTENCES.items()} | longest_of(words)
    village = max(town.villages, key=lambda v: len(v.name + v.adviser.name + v.adviser.duty))
    adviser = telling.adviser_line(words, village.adviser, date(2026, 12, 28))
    notice = telling.notice(words, town)
    texts |= {
        "sorry": telling.sorry(words, hotlines),
        "too_many": telling.too_many(words, hotlines, today=False),
        "cannot_now": telling.cannot_now(words, hotlines),
        "paused": telling.paused(words, hotlines),
        "village_set and welcome": f"{telling.village_set(words, village, adviser)}\n\n{words.coming.welcome}\n\n{notice}",
        "office_line": telling.office_line(words, town.justice_office, False),
        "notice": notice,
        "privacy": telling.privacy(words, town),
    }
    for name, text in sorted(texts.items(), key=lambda one: -len(one[1].encode())):
        print(f"{len(text.encode()):5} 字节  {name}")
        assert len(text.encode()) <= WECHAT_TEXT_BYTES, name
        assert "{" not in text or name in SENTENCES, name


def test_every_sentence_as_long_as_it_may_be_fits_one_wechat_text_with_the_longest_inside() -> None:
    for key, one in SENTENCES.items():
        assert len(one.default) <= one.most, key
        assert (one.longest(one.default) - len(one.default) + one.most) * 3 <= WECHAT_TEXT_BYTES, key


def test_the_notice_is_short_and_says_all_that_the_law_asks(real_library: Library) -> None:
    notice = telling.notice(SHIPPED, real_library.current.town)
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
            assert part.tail == telling.footer(SHIPPED, entry)
        assert shown[0].text.startswith(f"您问的是：{entry.question}不是请回 0。")
        whole = "".join("".join(part.text.split()) for part in shown)
        for text in (entry.answer, entry.more, entry.deadline or "", *entry.basis):
            assert "".join(text.split()) in whole, entry.id
        if len(shown) > 1:
            assert shown[0].options[0].send == wording.MORE
    print(f"最长的一条回复 {longest} 字节")


@pytest.mark.parametrize("key", SENTENCES)
def test_a_sentence_as_it_is_shipped_has_no_fault_and_what_it_must_name_is_checked(key: str) -> None:
    one = SENTENCES[key]
    assert list(faults(one, one.default)) == []
    assert one.when and text_of(SHIPPED, key) == one.default
    assert not any(ord(c) >= 0x1F000 for c in one.default)
    for word in one.keep:
        without = one.default.replace(word, "某")
        assert f"没有写「{word}」" in [fault.problem for fault in faults(one, without)], word
    for slot in one.slots:
        assert slot in SLOTS
        assert f"少了 {{{slot}}}" in [fault.problem for fault in faults(one, one.default.replace(f"{{{slot}}}", ""))]


def test_every_sentence_can_be_changed_and_every_text_is_made_of_those_of_its_town() -> None:
    changed = with_changes({key: f"改{one.default}" for key, one in SENTENCES.items()})
    assert all(text_of(changed, key) == f"改{one.default}" for key, one in SENTENCES.items())
    assert {key for situation in SITUATIONS for key in (one.key for one in of(situation))} == set(SENTENCES)
    before, after = longest_of(SHIPPED), longest_of(changed)
    assert {name for name in before if before[name] == after[name]} == WITHOUT_WORDS


def test_what_is_put_into_a_sentence_is_never_read_as_a_place_to_fill() -> None:
    assert filled.also_asked(SHIPPED, "{编号}{问题}") == "另一件事：{编号}{问题}"


FILE = """# 改过的
choices.miss: |
  这个还没有答案。
  回 00，拨12348。
choices.rephrase: "换个说法"
choices.head: ""
coming.thanks: 12
coming.goodbye: [好]
coming.nothing: 什么
coming.chat: "我是{机器人}，00"
person.waits: "还没有，{编号}，12348"
unreadable.link: "点<a href='x'>这里</a> 96110"
coming.thanks: "不客气"
binding.failed: "我是村里的律师"
law.as_of: "{日期}{日期}"
duty.finished: "\\0{编号}"
queue.head: "很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长"
answers.person_hint: "找人回 0。"
"""


def test_a_sentence_that_is_wrong_is_told_with_its_line_and_said_as_it_was_shipped(tmp_path: Path) -> None:
    path = tmp_path / "wording.yaml"
    path.write_text(FILE, "utf-8")
    words, findings = read_words(path)
    assert words == replace(
        SHIPPED,
        choices=replace(SHIPPED.choices, miss="这个还没有答案。\n回 00，拨12348。"),
        coming=replace(SHIPPED.coming, thanks="不客气"),
    )
    assert [(f.line, f.field, f.problem.rpartition("）")[2].removesuffix("，现在说的是原来的话")) for f in findings] == [
        (5, "choices.rephrase", "没有写「00」"),
        (6, "choices.head", "是空的"),
        (7, "coming.thanks", "不是一段话"),
        (8, "coming.goodbye", "不是一段话"),
        (9, "coming.nothing", "没有这一句"),
        (10, "coming.chat", "{机器人} 不认识"),
        (11, "person.waits", "少了 {时间}"),
        (12, "unreadable.link", "有尖括号，微信里会变成别的"),
        (14, "binding.failed", "自称律师或法律顾问"),
        (15, "law.as_of", "{日期} 写了2次"),
        (16, "duty.finished", "里面有看不见的字符，多半是从别处复制带来的"),
        (17, "queue.head", "有32个字，太长"),
        (18, "answers.person_hint", "没有写「00」"),
    ]
    assert all(f.remedy for f in findings)


@pytest.mark.parametrize("text", ["- 一", "a: [", "一句话", "\x00"])
def test_a_file_that_cannot_be_read_keeps_the_last_words_and_is_a_finding(knowledge: Path, memory: Path, text: str) -> None:
    path = knowledge / "wording.yaml"
    path.write_text('coming.thanks: "不客气。"\n', "utf-8")
    library = Library(knowledge, memory=memory)
    assert library.refresh().words.coming.thanks == "不客气。"
    path.write_text(text, "utf-8")
    assert library.refresh().words.coming.thanks == "不客气。"
    assert [(f.path.name, f.problem) for f in library.current.findings] == [("wording.yaml", "写法不对")]
    assert Library(knowledge, memory=memory).refresh().words == SHIPPED
    path.unlink()
    assert library.refresh().words == SHIPPED


def test_the_check_names_file_line_and_remedy(knowledge: Path, memory: Path) -> None:
    (knowledge / "wording.yaml").write_text('\nchoices.miss: "没有。回 00。"\n', "utf-8")
    result = command(knowledge.parent, "check", environment={"CACHE_DIR": str(memory)})
    assert "wording.yaml 第2行 choices.miss：（没有这个问题的答案）没有写「12348」" in result.stdout


def test_the_shipped_file_changes_nothing() -> None:
    assert read_words(KNOWLEDGE / "wording.yaml") == (SHIPPED, [])


def test_a_town_answers_in_its_own_words_and_another_in_the_same_process_does_not(
    store: Store, knowledge: Path, memory: Path, real_library: Library
) -> None:
    (knowledge / "wording.yaml").write_text('coming.thanks: "不客气。"\n', "utf-8")
    own = Library(knowledge, memory=memory)
    for library, said in ((own, "不客气。"), (real_library, SHIPPED.coming.thanks)):
        message = Incoming(f"m|{said}", f"o|{said}", WECHAT_TEXT, "text", "谢谢")
        assert respond(message, store=store, library=library, now=NOW).text.startswith(said)


def test_a_notice_that_the_town_changed_is_shown_to_everybody_once_more(
    store: Store, knowledge: Path, library: Library
) -> None:
    def say(number: int) -> str:
        message = Incoming(f"m{number}", "o", WECHAT_TEXT, "text", "谢谢")
        return respond(message, store=store, library=library, now=NOW).text

    assert ["【告知】" in say(n) for n in (1, 2)] == [True, False]
    own = SHIPPED.privacy.notice.replace("【告知】", "【请看】")
    (knowledge / "wording.yaml").write_text(f'privacy.notice: "{own}"\n', "utf-8")
    library.refresh()
    assert ["【请看】" in say(n) for n in (3, 4)] == [True, False]
