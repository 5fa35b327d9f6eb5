"""Settings files changed by a program, and what of the ledger names a village."""

import difflib
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import yaml

from bot.faq.edit import setup as parts
from bot.faq.edit.settings_files import Unreadable, changed, mapping, parsed, put
from bot.ledger import advisers, uses
from bot.ledger.register import records
from bot.ledger.register.definitions import REGISTERS
from bot.ledger.store import Store
from tests.conftest import KNOWLEDGE

FILES = ("town", "hotlines", "registers", "counting", "retention", "matching")


def shipped(name: str) -> str:
    return (KNOWLEDGE / f"{name}.yaml").read_text("utf-8")


def lines(name: str, change: Callable[[Any], None]) -> list[str]:
    """Return the lines that a change takes out (-) and puts in (+)."""
    old = shipped(name)
    found = difflib.unified_diff(old.splitlines(), changed(old, change).splitlines(), n=0, lineterm="")
    return [line for line in found if line[:3] not in {"---", "+++"} and not line.startswith("@@")]


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_nothing_changes_in_stays_byte_by_byte(name: str) -> None:
    assert changed(shipped(name), lambda document: None) == shipped(name)


FORMS: tuple[tuple[str, Callable[[Any], Any], Callable[[Any, Any], None]], ...] = (
    ("town", parts.town, parts.put_town),
    ("town", lambda d: parts.village(d, 3), lambda d, said: parts.put_village(d, 3, said)),
    ("hotlines", lambda d: parts.hotline(d, "110"), lambda d, said: parts.put_hotline(d, "110", said)),
    ("registers", parts.registers, parts.put_registers),
    ("counting", lambda d: parts.counting(d, {}), parts.put_counting),
    ("retention", parts.periods, parts.put_periods),
    ("matching", parts.thresholds, parts.put_thresholds),
)


@pytest.mark.parametrize(("name", "read", "put_back"), FORMS)
def test_a_form_that_is_saved_as_it_was_changes_nothing(
    name: str, read: Callable[[Any], Any], put_back: Callable[[Any, Any], None]
) -> None:
    assert changed(shipped(name), lambda document: put_back(document, read(document))) == shipped(name)


def test_only_the_lines_of_what_changes_change() -> None:
    def village(document: Any) -> None:
        parts.put_village(document, 1, parts.village(document, 1) | {"name": "甲村", "adviser_phone": "13800000000"})  # type: ignore[operator]

    assert lines("town", village) == [
        "-  - name: 示例一村", "+  - name: 甲村", "-      phone: 0000-0000101（示例）", '+      phone: "13800000000"',
    ]  # fmt: skip
    assert lines("retention", lambda d: put(d, "text_days", 90)) == ["-text_days: 180", "+text_days: 90"]
    assert lines("counting", lambda d: put(d, "outcomes", ["已答"])) == ["-outcomes: [已答, 待选, 未答]", "+outcomes: [已答]"]
    assert lines("hotlines", lambda d: parts.put_hotline(d, "120", {"checked": date(2026, 12, 1)})) == [
        "-  checked: 2026-11-23", "+  checked: 2026-12-01",
    ]  # fmt: skip


def test_comments_behind_a_list_or_a_key_stay_where_they_are() -> None:
    assert lines("registers", lambda d: put(d, "七进", ["机关", "乡村", "社区", "学校", "企业", "单位", "家庭"])) == [
        "-  - 第七项（由本镇定）", "+  - 家庭",
    ]  # fmt: skip
    said = {"rounded": {"LED次数": 100, "宣传单": 1000, "参加人次": 10}}
    assert lines("counting", lambda d: parts.put_counting(d, said)) == ["-  受惠人次: 1000", "+  参加人次: 10"]


@pytest.mark.parametrize(
    "text",
    [
        "9:30",
        "on",
        "是",
        "110",
        "0110",
        "2026-01-01",
        "# 井号",
        "a: b",
        "- x",
        "'",
        "null",
        "[x]",
        "{",
        "~",
        "=",
        "1e3",
        "@x",
        "\\",
        "？",
        "：x",
    ],
)
def test_a_text_comes_back_as_the_text_that_it_was(text: str) -> None:
    def change(document: Any) -> None:
        put(document, "a", text)
        put(document, "b", [text, "z"])
        put(document, "c", mapping({"d": text}))

    made = changed("a: x\nb:\n  - y\n", change)
    assert yaml.load(made, Loader=yaml.CSafeLoader) == {"a": text, "b": [text, "z"], "c": {"d": text}}


def test_a_truth_and_a_number_are_told_apart() -> None:
    def change(document: Any) -> None:
        put(document, "a", True)
        put(document, "b", 1)

    assert changed("a: 1\nb: true\n", change) == "a: true\nb: 1\n"


@pytest.mark.parametrize("text", ["a: [", "a: 1\na: 2\n", "\tx", "a: *b"])
def test_what_is_no_yaml_is_said_to_be_none(text: str) -> None:
    with pytest.raises(Unreadable):
        parsed(text)


def test_villages_and_hotlines_come_and_go() -> None:
    new = {"name": "新村", "scene": 13, "adviser_name": "张", "adviser_phone": "110", "adviser_duty": "9:00"}

    def town(document: Any) -> None:
        parts.drop_village(document, 1)
        parts.put_village(document, None, new)

    found = yaml.safe_load(changed(shipped("town"), town))["villages"]
    assert [row["scene"] for row in found] == list(range(2, 14))
    assert found[-1] == {"name": "新村", "scene": 13, "adviser": {"name": "张", "phone": "110", "duty": "9:00"}}

    def hotlines(document: Any) -> None:
        parts.drop_hotline(document, "110")
        parts.put_hotline(document, "120", {"number": "999", "first": True})
        parts.put_hotline(
            document, None, {"number": "12300", "purpose": "电信", "when": "w", "source": "s", "checked": date(2026, 1, 1)}
        )

    rows = {row["number"]: row for row in yaml.safe_load(changed(shipped("hotlines"), hotlines))}
    assert "110" not in rows
    assert rows["999"]["first"] is True
    assert rows["12300"] == {"number": "12300", "purpose": "电信", "when": "w", "source": "s", "checked": date(2026, 1, 1)}


def test_rows_that_name_a_village_are_counted(store: Store) -> None:
    with store.writing() as db:
        advisers.add(db, name="李", role="法律顾问", village="甲村")
        for village in ("甲村", "甲村", "乙村"):
            values = {"day": "2026-11-01", "village": village, "rounds": 1, "found": 0, "prevented": 0, "remark": None}
            records.add(db, REGISTERS["inspections"], values, by="李", now=datetime(2026, 11, 2, tzinfo=UTC))
    with store.reading() as db:
        assert uses.of_village(db, "甲村") == {"能在微信里答复的人": 1, "矛盾纠纷排查": 2}
        assert uses.of_village(db, "丙村") == {}


def test_rows_that_hold_a_value_of_a_list_are_counted_also_where_they_hold_several(store: Store) -> None:
    with store.writing() as db:
        for groups in ("农民、妇女", "妇女", "老年妇女"):
            values = {
                "day": "2026-11-01", "village": "甲村", "channel": "来访", "category": "婚姻", "groups": groups, "people": 1,
                "summary": None, "answered_by": "司法所", "adviser": None, "result": "已解答", "minutes": None,
                "satisfaction": None, "remark": None,
            }  # fmt: skip
            records.add(db, REGISTERS["offline"], values, by="李", now=datetime(2026, 11, 2, tzinfo=UTC))
    with store.reading() as db:
        assert (uses.of_value(db, "人群", "妇女"), uses.of_value(db, "人群", "妇%"), uses.of_value(db, "七进", "学校")) == (
            2,
            0,
            0,
        )
