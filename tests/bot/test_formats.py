import csv
import io
import json
import unicodedata
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.ledger.clock import CHINA
from bot.reports.formats import FORMATS, grid
from bot.reports.period import Period
from bot.reports.table import SMALL, WITHHELD, Cell, Column, Rate, Report, Row, Table
from bot.reports.to_text import shown, to_csv, to_json, to_table

TOTAL = Table("total", "合计", (Column("turns", "消息条数"), Column("people", "咨询人数")), (Row((1234, 56)),))
MONTHS = Table(
    "by_month",
    "按月",
    (
        Column("month", "月份", "text"),
        Column("turns", "消息条数"),
        Column("rate", "答复率", "rate"),
        Column("hours", "小时", "amount"),
    ),
    (
        Row(("2026-05", 1200, Rate(783, 857), Decimal("8.5"))),
        Row(("2026-06", SMALL, Rate(0, 0), None)),
        Row(("合计", 1234, Rate(1, 2), Decimal("-8.5")), total=True),
    ),
    note="答复率 = 已答 ÷ 全部。",
)


def a_report(*tables: Table, **more: Any) -> Report:
    made = Report(
        "2026年法律咨询统计",
        "示例镇",
        Period(date(2026, 1, 1), date(2026, 12, 31)),
        datetime(2026, 12, 31, 18, 0, tzinfo=CHINA),
        "一个咨询人次 = 同一人、同一类别、同一天。",
        "public",
        tables or (TOTAL, MONTHS),
    )
    return replace(made, **more)


def one_cell(cell: Cell) -> Report:
    return a_report(Table("t", "表", (Column("name", "名称", "text"), Column("count", "数")), (Row((cell, -12)),)))


def rows_of(report: Report) -> list[list[str]]:
    return list(csv.reader(io.StringIO(to_csv(report).decode("utf-8-sig"), newline="")))


def test_json_has_the_documented_keys_and_values() -> None:
    made = a_report(figures={"咨询人次": 1234, "答复率": Rate(783, 857), "培训": None})
    assert json.loads(to_json(made)) == {
        "title": "2026年法律咨询统计",
        "town": "示例镇",
        "from": "2026-01-01",
        "to": "2026-12-31",
        "made_at": "2026-12-31T18:00:00+08:00",
        "rule": "一个咨询人次 = 同一人、同一类别、同一天。",
        "audience": "public",
        "figures": {"咨询人次": 1234, "答复率": {"part": 783, "whole": 857, "percent": 91.4}, "培训": None},
        "tables": {
            "total": {
                "title": "合计",
                "note": "",
                "columns": [
                    {"key": "turns", "heading": "消息条数", "kind": "count"},
                    {"key": "people", "heading": "咨询人数", "kind": "count"},
                ],
                "rows": [{"turns": 1234, "people": 56}],
            },
            "by_month": {
                "title": "按月",
                "note": "答复率 = 已答 ÷ 全部。",
                "columns": [
                    {"key": "month", "heading": "月份", "kind": "text"},
                    {"key": "turns", "heading": "消息条数", "kind": "count"},
                    {"key": "rate", "heading": "答复率", "kind": "rate"},
                    {"key": "hours", "heading": "小时", "kind": "amount"},
                ],
                "rows": [
                    {"month": "2026-05", "turns": 1200, "rate": {"part": 783, "whole": 857, "percent": 91.4}, "hours": 8.5},
                    {"month": "2026-06", "turns": "少于3", "rate": {"part": 0, "whole": 0, "percent": None}, "hours": None},
                    {
                        "month": "合计",
                        "turns": 1234,
                        "rate": {"part": 1, "whole": 2, "percent": 50.0},
                        "hours": -8.5,
                        "_total": True,
                    },
                ],
            },
        },
        "total": {"turns": 1234, "people": 56},
        "by_month": [
            {"month": "2026-05", "turns": 1200, "rate": {"part": 783, "whole": 857, "percent": 91.4}, "hours": 8.5},
            {"month": "2026-06", "turns": "少于3", "rate": {"part": 0, "whole": 0, "percent": None}, "hours": None},
        ],
    }


def test_json_without_the_older_tables_has_none_of_their_keys() -> None:
    assert {"total", "by_month", "by_category"}.isdisjoint(json.loads(to_json(one_cell("甲"))))


def test_csv_has_the_tables_below_each_other_and_the_rule_at_the_end() -> None:
    assert rows_of(a_report()) == [
        ["2026年法律咨询统计", "示例镇", "2026-01-01 至 2026-12-31"],
        ["对外发布版：涉及隐私的小数字已经隐去，不含任何人的身份信息和原话"],
        [],
        ["合计"],
        ["消息条数", "咨询人数"],
        ["1234", "56"],
        [],
        ["按月"],
        ["月份", "消息条数", "答复率", "小时"],
        ["2026-05", "1200", "91.4%", "8.5"],
        ["2026-06", "少于3", "—", "—"],
        ["合计", "1234", "50.0%", "-8.5"],
        ["说明", "答复率 = 已答 ÷ 全部。"],
        [],
        ["统计规则", "一个咨询人次 = 同一人、同一类别、同一天。"],
        ["生成时间", "2026-12-31 18:00（北京时间）"],
    ]


def test_csv_is_what_excel_opens_without_asking() -> None:
    data = to_csv(a_report())
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\r\n") == data.count(b"\n") == 16


ARMED = (
    *("=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0"),
    *("\t=1", "\t1", "\r1", "\n=1", "  =1", "　=1", "\u200b=1", "\ufeff+1", "\x00=1"),
    *("＝1", "＋1", "－1", "＠A", "﹢1", "﹣1", "﹦1", "\u22121"),
)


def test_no_text_of_a_csv_starts_a_formula() -> None:
    for text in ARMED:
        assert ["'" + text, "-12"] in rows_of(one_cell(text)), text


def test_a_text_that_starts_no_formula_stays_as_it_is() -> None:
    for text in ("土地", "1-2", "a=b", "　其中已答", "—", "'x", "“=”", '"引"号,逗号', "两\n行"):
        assert [text, "-12"] in rows_of(one_cell(text)), text


@given(st.text())
def test_whatever_a_person_wrote_opens_as_text(text: str) -> None:
    written = next(
        row for row in csv.reader(io.StringIO(to_csv(one_cell(text)).decode("utf-8-sig"), newline="")) if row[1:] == ["-12"]
    )
    bare = "".join(c for c in unicodedata.normalize("NFKC", written[0]) if unicodedata.category(c)[0] not in "ZC")
    assert not bare.startswith(("=", "+", "-", "@"))
    assert written[0].removeprefix("'") == text.removeprefix("'")


def test_headings_titles_notes_and_rules_are_disarmed_as_well() -> None:
    table = Table("t", "=表", (Column("a", "=甲"),), (), note="=注")
    rows = rows_of(a_report(table, title="=题", town="+镇", rule="-规则"))
    assert [cell for row in rows for cell in row if cell[:1] in "=+-@" and cell] == []


def test_the_terminal_table_lines_up_under_wide_headings() -> None:
    lines = to_table(a_report()).decode().splitlines()
    assert lines[lines.index("【按月】") + 1 :][:5] == [
        "月份     消息条数  答复率  小时",
        "2026-05      1200   91.4%   8.5",
        "2026-06     少于3       —     —",
        "合计         1234   50.0%  -8.5",
        "说明：答复率 = 已答 ÷ 全部。",
    ]


def test_the_terminal_table_says_for_whom_it_is_and_how_was_counted() -> None:
    text = to_table(a_report(audience="office")).decode()
    assert text.startswith("示例镇　2026年法律咨询统计　2026-01-01 至 2026-12-31\n办公版：含未公开数字，不要外传\n")
    assert text.endswith("\n\n统计规则：一个咨询人次 = 同一人、同一类别、同一天。\n\n生成时间：2026-12-31 18:00（北京时间）\n")


def test_what_a_person_wrote_commands_no_terminal() -> None:
    text = to_table(one_cell("\x1b[2J红\x9b31m\r\n字\x00")).decode()
    assert " [2J红 31m 字   -12" in text


def test_every_format_takes_half_a_character() -> None:
    for name, write in FORMATS.items():
        assert write(one_cell("\ud800坏")), name


def test_the_grid_lines_up_where_a_character_is_two_cells_wide() -> None:
    assert grid([["名称", "数"], ["ab", "12"], ["征地补偿", "3"]]) == "名称      数\nab        12\n征地补偿  3"
    assert grid([["名称", "次数"], ["ab", "12"]], right=[1]) == "名称  次数\nab      12"


def test_a_cell_is_read_as_people_write_it() -> None:
    assert [shown(c) for c in (None, 0, Decimal("1.50"), Rate(1, 3), Rate(0, 0), WITHHELD, "甲")] == [
        "—",
        "0",
        "1.50",
        "33.3%",
        "—",
        "不公开",
        "甲",
    ]
