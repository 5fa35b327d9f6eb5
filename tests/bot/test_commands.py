"""What is understood as a command, and what is not."""

from datetime import date, datetime

import pytest

from bot.dialogue.commands import SPELLINGS, command_of, useless_because
from bot.dialogue.show import pages
from bot.faq.hours import is_open, next_duty


@pytest.mark.parametrize(("said", "command"), [(s, c) for c, all_ in SPELLINGS.items() for s in all_])
def test_every_spelling_is_its_command_also_with_punctuation(said: str, command: str) -> None:
    assert command_of(said) == command
    assert command_of(f"　{said}！！") == command


@pytest.mark.parametrize(
    ("said", "command"),
    [
        ("转人功", "person"), ("目路", "categories"), ("邦助", "help"), ("请帮我看目录", "categories"),
        ("我要找律师", "person"), ("帮助一下", "help"), ("隐丝", "privacy"), ("ＨＥＬＰ", "help"), ("轉人工", "person"),
        ("更多[微笑]", "more"),
    ],
)  # fmt: skip
def test_typing_errors_and_politeness_are_understood(said: str, command: str) -> None:
    assert command_of(said) == command


@pytest.mark.parametrize(
    "said",
    [
        "老板不给工资",
        "找律师要多少钱",
        "律师费谁出",
        "我的村分红不给我",
        "你好我想离婚",
        "删除网上的谣言怎么办",
        "不同意离婚",
        "",
        "？？",
    ],
)
def test_a_question_is_no_command(said: str) -> None:
    assert command_of(said) is None


def test_the_reason_behind_useless_is_read_and_a_bare_one_has_none() -> None:
    assert useless_because("没用，看不懂") == "看不懂"
    assert useless_because("没用 字太小") == "字太小"
    assert useless_because("没用") is None
    assert useless_because("没用的东西怎么退货") is None


@pytest.mark.parametrize(
    ("hours", "moment", "expected"),
    [
        ("周一至周五 8:30–12:00、14:30–17:30", datetime(2026, 11, 23, 8, 30), True),
        ("周一至周五 8:30–12:00、14:30–17:30", datetime(2026, 11, 23, 12, 0), False),
        ("周一至周五 8:30–12:00、14:30–17:30", datetime(2026, 11, 27, 17, 29), True),
        ("周一至周五 8:30–12:00、14:30–17:30", datetime(2026, 11, 28, 9, 0), False),
        ("星期六 9：00-11：00", datetime(2026, 11, 28, 10, 0), True),
        ("随时", datetime(2026, 11, 23, 9, 0), None),
        ("周一至周五 25:00–26:00", datetime(2026, 11, 23, 9, 0), None),
    ],
)
def test_office_hours_are_understood_or_nothing_is_claimed(hours: str, moment: datetime, expected: bool | None) -> None:
    assert is_open(hours, moment) is expected


@pytest.mark.parametrize(
    ("duty", "moment", "expected"),
    [
        ("每月第一个周三 9:00–17:00 在村委会", datetime(2026, 11, 23, 9, 0), date(2026, 12, 2)),
        ("每月第一个周三 9:00–17:00 在村委会", datetime(2026, 12, 2, 16, 59), date(2026, 12, 2)),
        ("每月第一个周三 9:00–17:00 在村委会", datetime(2026, 12, 2, 17, 0), date(2027, 1, 6)),
        ("每月第五个周日 9:00–10:00", datetime(2026, 11, 30, 9, 0), date(2027, 1, 31)),
        ("每周二 9:00–11:00", datetime(2026, 11, 24, 12, 0), date(2026, 12, 1)),
        ("每月第四个周四 9:00–11:00", datetime(2028, 2, 1, 9, 0), date(2028, 2, 24)),
        ("电话约", datetime(2026, 11, 23, 9, 0), None),
    ],
)
def test_the_next_duty_is_found_or_not_claimed(duty: str, moment: datetime, expected: date | None) -> None:
    assert next_duty(duty, moment) == expected


def test_a_long_text_is_cut_between_paragraphs_then_sentences_then_anywhere() -> None:
    assert pages("甲。乙。\n\n丙。丁。", 14) == ["甲。乙。", "丙。丁。"]
    assert pages("甲乙丙丁", 6) == ["甲乙", "丙丁"]
    assert pages("", 10) == [""]
    text = "一段话。" * 300 + "\n\n" + "没有标点" * 300
    parts = pages(text, 500)
    assert all(len(p.encode()) <= 500 for p in parts)
    assert "".join(parts).replace("\n", "") == text.replace("\n", "")
