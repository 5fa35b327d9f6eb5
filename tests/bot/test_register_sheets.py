"""Workbooks of the registers: filled in by people, entered whole or not at all."""

import io
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

from bot.ledger.register import imports, intake, records, sheets
from bot.ledger.register.definitions import REGISTERS
from bot.ledger.register.fields import validated
from bot.ledger.register.imports import Entered
from bot.ledger.register.intake import Intake
from bot.ledger.store import Store
from bot.sheet import WorkbookError
from tests.bot.test_fields import GOOD, LISTS, TODAY
from tests.bot.test_records import LATER, YEAR, row
from tests.conftest import NOW

HEADS = ["日期", "主题", "形式", "参加人次", "备注"]
FIRST: list[Any] = [date(2026, 3, 15), "讨薪", "法治课堂", 80, None]


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def book_of(*rows: list[Any], title: str = "普法活动", spoil: Callable[[Worksheet], object] = lambda sheet: None) -> bytes:
    """Return a workbook with one sheet of these rows, the headings first."""
    book = Workbook()
    sheet = book.active
    sheet.title = title
    for cells in rows:
        sheet.append(cells)
    spoil(sheet)
    return saved(book)


def read(raw: bytes) -> Intake:
    return intake.read(raw, LISTS, today=TODAY)


def faults(raw: bytes) -> list[str]:
    return [str(fault) for fault in read(raw).faults]


def enter(store: Store, raw: bytes, digest: str = "d") -> Any:
    found = read(raw)
    assert found.faults == ()
    with store.writing() as db:
        return imports.enter(db, found.lines, digest=digest, name="示例.xlsx", by="示例文书", now=NOW)


def stored(store: Store, key: str) -> list[dict[str, Any]]:
    """Return what was entered, without number, time and name."""
    with store.reading() as db:
        keys = [f.key for f in REGISTERS[key].fields]
        return [{k: found[k] for k in keys} for found in records.rows(db, key, *YEAR)]


def test_the_template_has_a_sheet_a_register_with_headings_dropdowns_and_an_example() -> None:
    book = load_workbook(io.BytesIO(sheets.template(list(REGISTERS.values()), LISTS)))
    assert book.sheetnames == ["填写说明", *(r.title for r in REGISTERS.values()), "选项"]
    assert book["选项"].sheet_state == "hidden"
    for register in REGISTERS.values():
        sheet = book[register.title]
        assert [c.value for c in sheet[1]] == [f.heading for f in register.fields]
        assert (sheet.freeze_panes, sheet.max_row, sheet["A2"].value) == ("B2", 2, "示例 2026-03-15")
        dropdowns = {
            str(v.sqref).split("2")[0]: v.formula1.removeprefix("'选项'!") for v in sheet.data_validations.dataValidation
        }
        for cell, f in zip(sheet[1], register.fields, strict=True):
            if f.kind == "choice":
                chosen = book["选项"][dropdowns[cell.column_letter].replace("$", "")]
                assert tuple(c.value for (c,) in chosen) == f.allowed(LISTS)


def test_the_template_as_it_is_has_nothing_to_enter() -> None:
    with pytest.raises(WorkbookError, match="「普法活动」第2行是示例"):
        read(sheets.template([REGISTERS["activities"]], LISTS))


def test_the_example_of_every_register_is_a_row_once_its_day_is_one(store: Store) -> None:
    book = load_workbook(io.BytesIO(sheets.template(list(REGISTERS.values()), LISTS)))
    for register in REGISTERS.values():
        book[register.title]["A2"] = "2026-03-15"
    done = enter(store, saved(book))
    assert done == Entered(Counter({r.title: 1 for r in REGISTERS.values()}), 0, 0)


def test_rows_are_entered_as_they_are_meant(store: Store) -> None:
    raw = book_of(
        HEADS,
        FIRST,
        [],
        [46143, " 讨薪 ", "法治课堂 ", "８０", "第一行\r\n第二行"],
        ["2024年2月29日", 2024, "LED标语", 80.0, "打13800138000"],
        [datetime(2026, 3, 16, 9, 0), "=不是公式", "法治课堂", "", ""],
        [None, "  ", "", None, "\n"],
        spoil=lambda sheet: setattr(sheet["B6"], "data_type", "s"),
    )
    assert enter(store, raw) == Entered(Counter({"普法活动": 4}), 0, 0)
    with store.reading() as db:
        found = records.rows(db, "activities", date(2024, 1, 1), date(2026, 12, 31))
    assert [(r["day"], r["topic"], r["form"], r["attendance"], r["remark"]) for r in found] == [
        ("2024-02-29", "2024", "LED标语", 80, "打[手机号]"),
        ("2026-03-15", "讨薪", "法治课堂", 80, None),
        ("2026-03-16", "=不是公式", "法治课堂", None, None),
        ("2026-05-01", "讨薪", "法治课堂", 80, "第一行\n第二行"),
    ]


SHORT = ["日期", "主题", "形式"]


def merge(sheet: Worksheet) -> None:
    sheet.merge_cells("D2:D3")


def hide(sheet: Worksheet) -> None:
    sheet.row_dimensions[3].hidden = True


FAULTS: list[tuple[str, bytes, list[str]]] = [
    ("value", book_of(HEADS, FIRST, ["2026-02-30", "讨薪", "课堂", "八十", None]), [
        "「普法活动」第3行「日期」：没有「2026-02-30」这一天。对照日历改。",
        "「普法活动」第3行「形式」：没有「课堂」这一项。是不是「法治课堂」？",
        "「普法活动」第3行「参加人次」：「八十」不是数。只写整数，比如 12。",
    ]),
    ("required", book_of(HEADS, ["2026-03-15", None, None, 5]), ["第2行「主题」：没有填。必须填。", "第2行「形式」：没有填。"]),
    ("total", book_of(SHORT, FIRST[:3], ["合计"]), ["第3行「日期」：「合计」不是日期。", "第3行「主题」", "第3行「形式」"]),
    ("formula", book_of(HEADS, [*FIRST[:3], "=40+40"]), [
        "第2行「参加人次」：是公式。复制这一格，再用「选择性粘贴」粘成数值。",
    ]),
    ("formula in a required cell", book_of(HEADS, ["=TODAY()", "讨薪", "法治课堂"]), ["第2行「日期」：是公式。"]),
    ("error", book_of(HEADS, [*FIRST[:3], "#DIV/0!"]), ["第2行「参加人次」：是 #DIV/0!，公式算错了。填上真的数。"]),
    ("unknown heading", book_of([*HEADS, "天气"], [*FIRST, "晴"]), ["第1行「天气」：「普法活动」没有这一栏。"]),
    ("no heading", book_of(HEADS, [*FIRST, "晴"]), ["第2行：这一列第一行没有栏目名。"]),
    ("twice", book_of([*HEADS, "主题"], [*FIRST, "讨薪"]), ["第1行「主题」：这一栏有两列。"]),
    ("missing column", book_of(SHORT[:2], FIRST[:2]), ["「普法活动」：缺这些栏目：形式。照模板补上这些列。"]),
    ("merged", book_of(HEADS, FIRST, FIRST, spoil=merge), ["第2行：是合并的单元格。取消合并，每一行都填上。"]),
    ("hidden row", book_of(HEADS, FIRST, FIRST, spoil=hide), ["第3行：这一行藏起来了。"]),
    ("other sheet", book_of(["甲", "乙"], [1, 2], title="Sheet1"), ["「Sheet1」：认不出是哪本台账。"]),
    ("no headings", book_of(FIRST), ["「普法活动」：认不出是哪本台账。"]),
    ("number", book_of([*HEADS, "编号"], [*FIRST, "一号"]), ["第2行「编号」：「一号」不是编号。"]),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "said"), [case[1:] for case in FAULTS], ids=[case[0] for case in FAULTS])
def test_what_cannot_be_entered_is_named_by_sheet_row_and_heading(raw: bytes, said: list[str]) -> None:
    found = faults(raw)
    assert len(found) == len(said)
    for fault, part in zip(found, said, strict=True):
        assert part in fault


def test_a_hidden_sheet_is_not_entered_unseen() -> None:
    book = load_workbook(io.BytesIO(book_of(HEADS, FIRST)))
    book.create_sheet("空白")
    book["普法活动"].sheet_state = "hidden"
    assert faults(saved(book)) == ["「普法活动」：工作表是藏起来的。取消隐藏，看清楚再导入；不要的删掉。"]


def test_a_renamed_sheet_is_known_by_its_headings_in_any_order_under_a_title() -> None:
    turned = [list(reversed(cells)) for cells in (HEADS, FIRST)]
    raw = book_of(["示例镇2026年台账"], [], ["备 注", "参加人次", "形式*", " 主题 ", "日期"], turned[1], title="Sheet1",
                  spoil=lambda sheet: sheet.merge_cells("A1:E1"))  # fmt: skip
    found = read(raw)
    assert found.notes == ("工作表「Sheet1」按「普法活动」读。",)
    assert [(line.row, line.values["day"], line.values["attendance"]) for line in found.lines] == [(4, "2026-03-15", 80)]


def test_a_cell_far_below_does_not_make_a_million_rows() -> None:
    raw = book_of(HEADS, FIRST, spoil=lambda sheet: setattr(sheet["A1048576"], "number_format", "0.0"))
    assert len(read(raw).lines) == 1


def test_days_of_a_workbook_that_counts_from_1904_are_the_same_days() -> None:
    book = load_workbook(io.BytesIO(book_of(HEADS, FIRST, [46143 - 1462, "讨薪", "法治课堂"])))
    book.epoch = CALENDAR_MAC_1904
    assert [line.values["day"] for line in read(saved(book)).lines] == ["2026-03-15", "2026-05-01"]


def test_a_time_cell_is_a_time(store: Store) -> None:
    raw = book_of(
        [*GOOD["services"], "开始时间", "结束时间"],
        [*GOOD["services"].values(), time(9, 0), time(11, 30)],
        title="法律顾问服务",
    )
    enter(store, raw)
    assert [(r["started"], r["ended"], r["hours"]) for r in stored(store, "services")] == [("09:00", "11:30", 2.5)]


def test_one_fault_keeps_every_sheet_out_and_is_marked_in_a_copy() -> None:
    book = load_workbook(io.BytesIO(book_of(HEADS, FIRST, [*FIRST[:3], "=1+1", "=不是公式"])))
    second = book.create_sheet("矛盾纠纷排查")
    second.append(["日期", "村"])
    second.append(["2026-03-15", "示例九村"])
    found = read(saved(book))
    assert len(found.lines) == 1
    raw = intake.marked(found.book, found.faults)
    copy = load_workbook(io.BytesIO(raw))
    assert copy.sheetnames == ["检查结果", "普法活动", "矛盾纠纷排查"]
    assert [[c.value for c in cells[:4]] for cells in copy["检查结果"].iter_rows(min_row=2)] == [
        ["普法活动", 3, "参加人次", "是公式"],
        ["普法活动", 3, "备注", "是公式"],
        ["矛盾纠纷排查", 2, "村", "没有「示例九村」这一项"],
    ]
    marks = {f"{s.title} {c.coordinate}": c.comment.text for s in copy for cells in s for c in cells if c.comment}
    assert set(marks) == {"普法活动 D3", "普法活动 E3", "矛盾纠纷排查 B2"}
    assert marks["矛盾纠纷排查 B2"].startswith("没有「示例九村」这一项。是不是「示例")
    assert copy["普法活动"]["D3"].fill.fgColor.rgb == "FFFFC7CE"

    copy["普法活动"]["D3"], copy["普法活动"]["E3"] = 2, None
    again = read(saved(copy))
    assert [f.heading for f in again.faults] == ["村"]
    last = load_workbook(io.BytesIO(intake.marked(again.book, again.faults)))
    assert last.sheetnames == ["检查结果", "普法活动", "矛盾纠纷排查"]
    assert last["普法活动"]["D3"].comment is None and last["普法活动"]["D3"].fill.fill_type is None
    assert last["矛盾纠纷排查"]["B2"].comment.text == marks["矛盾纠纷排查 B2"]


def test_a_fault_on_a_merged_cell_or_a_whole_sheet_is_marked_too() -> None:
    found = read(book_of(HEADS, FIRST, FIRST, spoil=lambda s: s.merge_cells("A2:E3")))
    copy = load_workbook(io.BytesIO(intake.marked(found.book, found.faults)))
    assert "合并" in copy["普法活动"]["A2"].comment.text
    found = read(book_of(["日期", "主题"], ["2026-03-15", "讨薪"]))
    copy = load_workbook(io.BytesIO(intake.marked(found.book, found.faults)))
    assert "缺这些栏目" in copy["普法活动"]["A1"].comment.text


def test_a_row_that_is_there_already_is_not_entered_again(store: Store) -> None:
    other = [*FIRST[:4], "下午又一场"]
    assert enter(store, book_of(HEADS, FIRST)) == Entered(Counter({"普法活动": 1}), 0, 0)
    assert enter(store, book_of(HEADS, FIRST, FIRST, other), "e") == Entered(Counter({"普法活动": 2}), 1, 0)
    assert enter(store, book_of(HEADS, FIRST, FIRST, other), "e") == Entered(Counter(), 3, 0)
    assert enter(store, book_of(HEADS, ["2026-04-01", "讨薪", "法治课堂"], ["2026-04-01", "讨薪", "法治课堂"]), "f") == Entered(
        Counter({"普法活动": 2}), 0, 1
    )
    assert len(stored(store, "activities")) == 5
    with store.reading() as db:
        before = imports.earlier(db, "e")
        assert before and (before["name"], before["editor"], before["rows"]) == ("示例.xlsx", "示例文书", 2)
        assert imports.earlier(db, "g") is None


def test_a_row_that_was_struck_out_can_be_entered_again(store: Store) -> None:
    enter(store, book_of(HEADS, FIRST))
    with store.writing() as db:
        records.void(db, REGISTERS["activities"], 1, by="x", reason="y", now=LATER)
    assert enter(store, book_of(HEADS, FIRST), "e") == Entered(Counter({"普法活动": 1}), 0, 0)


def test_new_rows_of_a_closed_month_are_refused_and_those_that_are_there_are_not(store: Store) -> None:
    enter(store, book_of(HEADS, FIRST))
    with store.writing() as db:
        records.close_month(db, "2026-03", by="x", now=NOW)
    april = ["2026-04-01", "讨薪", "法治课堂"]
    assert enter(store, book_of(HEADS, FIRST, april), "e") == Entered(Counter({"普法活动": 1}), 1, 0)
    refused = enter(store, book_of(HEADS, FIRST, ["2026-03-16", "讨薪", "法治课堂"], ["2026-05-01", "讨薪", "法治课堂"]), "f")
    assert [str(fault) for fault in refused] == [
        "「普法活动」第3行「日期」：2026-03 已经关账。删掉这一行，或者先重开这个月："
        "python -m bot register reopen 2026-03 --by 姓名 --reason 原因。"
    ]
    assert len(stored(store, "activities")) == 2


@pytest.fixture
def filled(store: Store) -> Store:
    with store.writing() as db:
        for key in REGISTERS:
            records.add(db, REGISTERS[key], row(key), by="示例文书", now=NOW)
        more = row("activities", 主题="=1+1", 备注="两\n行", 参加人次="0")
        records.add(db, REGISTERS["activities"], more, by="=示例", now=NOW)
        more = row("services", 开始时间="09:00", 结束时间="09:20")
        records.add(db, REGISTERS["services"], more, by="示例文书", now=NOW)
    return store


def exported(store: Store) -> bytes:
    with store.reading() as db:
        return sheets.export({key: records.rows(db, key, *YEAR) for key in REGISTERS}, LISTS)


def test_an_export_comes_back_as_it_was_and_adds_nothing_where_it_came_from(filled: Store, tmp_path: Any) -> None:
    raw = exported(filled)
    sheet = load_workbook(io.BytesIO(raw))["普法活动"]
    assert [c.value for c in sheet[1]][-3:] == ["编号", "录入时间", "录入人"]
    assert [sheet.cell(3, n).value for n in (1, 4, 17, 18, 19)] == [
        datetime(2026, 3, 15),
        "=1+1",
        2,
        "2026-11-23 12:00",
        "=示例",
    ]
    assert {c.data_type for cells in sheet.iter_rows(min_row=2) for c in cells} == {"s", "n", "d"}
    assert enter(filled, raw) == Entered(Counter(), 9, 0)
    other = Store(f"sqlite:///{tmp_path / 'other.db'}", pseudonym_key="k")
    assert enter(other, raw).rows.total() == 9
    assert [stored(other, key) for key in REGISTERS] == [stored(filled, key) for key in REGISTERS]
    other.close()


def test_an_exported_row_that_was_edited_is_no_new_row(filled: Store) -> None:
    with filled.writing() as db:
        records.void(db, REGISTERS["inspections"], 1, by="x", reason="y", now=LATER)
        assert records.rows(db, "inspections", *YEAR) == []
    book = load_workbook(io.BytesIO(exported(filled)))
    book["普法活动"]["D2"] = "别的主题"
    book["矛盾纠纷排查"].append(["2026-03-15", "示例一村", 1, 0, 0, None, 1])
    refused = enter(filled, saved(book))
    assert [str(f).partition("。")[0] for f in refused] == [
        "「普法活动」第2行「编号」：台账里的第1号和这一行不一样",
        "「矛盾纠纷排查」第2行「编号」：台账里的第1号已经作废",
    ]
    assert "register correct 普法活动 1 " in str(refused[0])


WORDS = st.text(st.characters(codec="utf-8"), max_size=20)


@given(topic=WORDS.filter(str.strip), remark=WORDS, attendance=st.integers(0, 10**6), day=st.dates(date(2000, 1, 1), TODAY))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_row_survives_the_workbook(topic: str, remark: str, attendance: int, day: date) -> None:
    said = {"日期": day, "主题": topic, "备注": remark, "参加人次": attendance, "形式": "法治课堂"}
    values, wrong = validated(REGISTERS["activities"], said, LISTS, today=TODAY)
    if wrong:
        return
    meta = {"number": 1, "entered_at": "2026-11-23T04:00:00.000Z", "entered_by": "示例"}
    (line,) = read(sheets.export({"activities": [values | meta]}, LISTS)).lines
    assert line.values == values
