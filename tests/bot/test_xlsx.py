"""The workbook as two other programs read it: calamine the values, openpyxl what they look like."""

import io
import re
import zipfile
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from python_calamine import CalamineWorkbook

from bot.reports.table import SMALL, WITHHELD, Cell, Chart, Column, Rate, Report, Row, Table
from bot.reports.to_xlsx import sheet_name, to_xlsx
from tests.bot.test_formats import a_report

MONTHS = Table(
    "by_month",
    "按月",
    (
        Column("month", "月份", "text"),
        Column("turns", "消息条数"),
        Column("people", "咨询人数"),
        Column("rate", "答复率", "rate"),
        Column("hours", "小时", "amount"),
    ),
    (
        Row(("2026-05", 1200, 34, Rate(783, 857), Decimal("8.5"))),
        Row(("2026-06", 0, SMALL, Rate(0, 0), Decimal("12.00"))),
        Row(("合计", 1200, None, Rate(1, 2), Decimal("20.5")), total=True),
    ),
    note="各月的咨询人数不能相加。",
    chart=Chart("line", "各月消息条数", "month", ("turns",)),
)


def opened(report: Report) -> Workbook:
    return load_workbook(io.BytesIO(to_xlsx(report)))


def values(report: Report, sheet: str) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(to_xlsx(report))).get_sheet_by_name(sheet).to_python()


def one_column(*cells: Cell, kind: Any = "text") -> Report:
    return a_report(Table("t", "表", (Column("a", "列", kind),), tuple(Row((cell,)) for cell in cells)))


def test_numbers_are_numbers_and_the_rest_is_text() -> None:
    assert values(a_report(MONTHS), "按月") == [
        ["按月", "", "", "", ""],
        ["月份", "消息条数", "咨询人数", "答复率", "小时"],
        ["2026-05", 1200, 34, 0.914, 8.5],
        ["2026-06", 0, "少于3", "—", 12],
        ["合计", 1200, "—", 0.5, 20.5],
        ["说明：各月的咨询人数不能相加。", "", "", "", ""],
    ]
    sheet = opened(a_report(MONTHS))["按月"]
    assert [[cell.data_type for cell in row] for row in sheet["A3:E5"]] == [
        ["s", "n", "n", "n", "n"],
        ["s", "n", "s", "s", "n"],
        ["s", "n", "s", "n", "n"],
    ]
    assert [cell.number_format for cell in sheet["A3:E3"][0]] == ["@", "#,##0", "#,##0", "0.0%", "#,##0.0"]


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 3000)), min_size=30, max_size=100))
def test_a_rate_is_displayed_as_it_is_printed(pairs: list[tuple[int, int]]) -> None:
    rates = [Rate(*pair) for pair in pairs]
    found = [row[0] for row in values(one_column(*rates, kind="rate"), "表")][2:]
    assert [f"{Decimal(str(value)) * 100:.1f}%" for value in found] == [str(rate) for rate in rates]


def test_amounts_of_a_column_have_as_many_decimals_as_one_of_them_needs() -> None:
    sheet = opened(one_column(Decimal("1234.50"), Decimal(3), 7, Decimal("-0.25"), kind="amount"))["表"]
    assert [sheet.cell(row, 1).number_format for row in range(3, 7)] == ["#,##0.00", "#,##0.00", "#,##0", "#,##0.00"]
    whole = opened(one_column(Decimal("8.00"), Decimal(100), kind="amount"))["表"]
    assert [whole.cell(row, 1).number_format for row in (3, 4)] == ["#,##0", "#,##0"]


HOSTILE = {
    "formula": ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
    "at": ("@SUM(1+1)", "@SUM(1+1)"),
    "plus and minus": ("+1-2", "+1-2"),
    "tab": ("\t=1+1", "\t=1+1"),
    "error value": ("#N/A", "#N/A"),
    "number": ("007", "007"),
    "truth": ("TRUE", "TRUE"),
    "day": ("2026-05-01", "2026-05-01"),
    "illegal in XML": ("坏\x00\x1b[2J\ufffe字\ud800", "坏[2J字"),
    "markup": ("</t><f>1+1</f>&amp;", "</t><f>1+1</f>&amp;"),
    "very long": ("地" * 40_000, "地" * 32_767),
    "very long, of pairs": ("1" + "😀" * 20_000, "1" + "😀" * 16_383),
}


@pytest.mark.parametrize(("text", "kept"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_stays_a_text(text: str, kept: str) -> None:
    table = Table("t", text[:60], (Column("a", text, "text"),), (Row((text,)),), note=text)
    made = a_report(table, town=text, title=text, rule=text)
    name = CalamineWorkbook.from_filelike(io.BytesIO(to_xlsx(made))).sheet_names[1]
    assert [row[0] for row in values(made, name)][1:3] == [kept, kept]
    book = opened(made)
    assert {cell.data_type for sheet in book for row in sheet for cell in row if cell.value is not None} == {"s"}


@settings(max_examples=10, deadline=None)
@given(st.lists(st.text(min_size=1), min_size=20, max_size=50))
def test_whatever_a_person_wrote_is_no_formula(texts: list[str]) -> None:
    sheet = opened(one_column(*texts))["表"]
    assert {cell.data_type for (cell,) in sheet.iter_rows(3, 2 + len(texts), 1, 1) if cell.value is not None} <= {"s"}


def test_ten_thousand_rows_arrive() -> None:
    made = one_column(*(f"={n}" for n in range(10_000)))
    assert [row[0] for row in values(made, "表")[2:]] == [f"={n}" for n in range(10_000)]


def test_the_sheet_of_rules_says_what_when_how_and_for_whom() -> None:
    table = Table("t", "表", (Column("a", "列"),), (Row((SMALL,)), Row((WITHHELD,))))
    assert values(a_report(MONTHS, table), "统计规则") == [
        ["2026年法律咨询统计", ""],
        ["镇", "示例镇"],
        ["统计期间", "2026-01-01 至 2026-12-31"],
        ["数据截至", "2026-12-31 18:00（北京时间），也是生成时间"],
        ["使用范围", "对外发布版：涉及隐私的小数字已经隐去，不含任何人的身份信息和原话"],
        ["统计规则", "一个咨询人次 = 同一人、同一类别、同一天。"],
        [
            "怎么看",
            "「—」是没有数据，不是0。\n百分比由两个数算出，四舍五入到一位小数；分母为0的不算。\n"
            "涉及隐私的类别里，「少于3」是0、1或2；「不公开」的不写出来，免得由合计推算出小的数。",
        ],
        ["各表", "按月"],
        ["", "表"],
    ]
    office = opened(a_report(audience="office"))["统计规则"]
    assert (office["B5"].value, office["B5"].font.bold) == ("办公版：含未公开数字，不要外传", True)


def test_nothing_is_said_of_hidden_cells_where_there_are_none() -> None:
    assert "少于3" not in opened(one_column("甲"))["统计规则"]["B7"].value


def test_headings_are_bold_and_filled_and_totals_bold_under_a_line() -> None:
    sheet = opened(a_report(MONTHS))["按月"]
    assert all(cell.font.bold and cell.fill.fgColor.rgb == "00DDEBF7" for cell in sheet["A2:E2"][0])
    assert [(row[0].font.bold, row[0].border.top.style) for row in sheet["A3:A5"]] == [
        (False, "thin"),
        (False, "thin"),
        (True, "medium"),
    ]


def test_headings_stay_in_sight_and_a_table_without_total_can_be_filtered() -> None:
    book = opened(a_report(MONTHS, Table("t", "表", MONTHS.columns, MONTHS.rows[:2])))
    assert (book["按月"].freeze_panes, book["按月"].auto_filter.ref) == ("A3", None)
    assert (book["表"].freeze_panes, book["表"].auto_filter.ref) == ("A3", "A2:E4")


@pytest.mark.parametrize(("columns", "orientation", "frozen"), [(8, "portrait", "A3"), (9, "landscape", "B3")])
def test_every_sheet_is_ready_to_print_on_a4(columns: int, orientation: str, frozen: str) -> None:
    table = Table("t", "表", tuple(Column(str(n), f"列{n}") for n in range(columns)), (Row(tuple(range(columns))),))
    book = opened(a_report(table, title="统计 & 说明"))
    for sheet in book:
        assert sheet.page_setup.paperSize == 9
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage is True
        assert sheet.oddHeader.center.text == "示例镇　统计 && 说明"
        assert sheet.oddFooter.center.text == "第 &P 页 共 &N 页"
    assert (book["表"].page_setup.orientation, book["表"].freeze_panes) == (orientation, frozen)
    assert book["表"].print_title_rows == "$1:$2"


def test_columns_are_as_wide_as_their_texts_where_a_character_counts_two() -> None:
    def wide(*cells: Cell) -> float:
        return opened(one_column(*cells))["表"].column_dimensions["A"].width

    assert wide("征地补偿征地补偿") == wide("1234567890123456") > wide("征地")
    assert wide("地" * 1000) < 70
    assert opened(one_column("地" * 1000))["表"].row_dimensions[3].height > 600 / 72 * 25


def parts(report: Report) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(to_xlsx(report))) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/charts/")}


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("line", ("<lineChart>", '<grouping val="standard"')),
        ("bar", ("<barChart>", '<grouping val="clustered"')),
        ("stacked", ("<barChart>", '<grouping val="stacked"', '<overlap val="100"')),
    ],
)
def test_a_chart_is_one_of_excel_over_the_cells_without_totals(kind: Any, said: tuple[str, ...]) -> None:
    chart = Chart(kind, "各月条数和小时", "month", ("turns", "hours"))
    table = Table("by_month", "按月", MONTHS.columns, MONTHS.rows, chart=chart)
    (xml,) = parts(a_report(table)).values()
    assert [phrase for phrase in said if phrase not in xml] == []
    assert re.findall(r"<f>(.*?)</f>", xml) == [
        "'按月'!$B$2", "'按月'!$A$3:$A$4", "'按月'!$B$3:$B$4",
        "'按月'!$E$2", "'按月'!$A$3:$A$4", "'按月'!$E$3:$E$4",
    ]  # fmt: skip
    assert re.findall(r"<a:t>(.*?)</a:t>", xml) == ["各月条数和小时", "月份", "数量"]
    assert re.findall(r'<delete val="(\d)"', xml) == ["0", "0"]
    assert set(re.findall(r'<overlay val="(\d)"', xml)) == {"0"}


def test_a_chart_stands_below_its_table_and_on_its_own_page_where_both_find_no_room() -> None:
    def placed(rows: int) -> tuple[int, list[int], int]:
        table = Table("t", "表", MONTHS.columns, (MONTHS.rows[0],) * rows, note="说明", chart=MONTHS.chart)
        sheet = opened(a_report(table))["表"]
        (chart,) = sheet._charts  # type: ignore[attr-defined]
        return chart.anchor._from.row + 1, [b.id for b in sheet.row_breaks.brk], sheet.max_row

    assert placed(5) == (12, [], 8)
    assert placed(50) == (57, [55], 53)


def test_hidden_numbers_are_not_drawn_as_nothing() -> None:
    def drawn(*series: str) -> list[str]:
        table = Table("t", "表", MONTHS.columns, MONTHS.rows, chart=Chart("bar", "图", "month", series))
        return [f for xml in parts(a_report(table)).values() for f in re.findall(r"<val>.*?<f>(.*?)</f>", xml)]

    assert drawn("turns", "people") == ["'表'!$B$3:$B$4"]
    assert drawn("people") == []


def test_an_unknown_number_that_is_drawn_is_an_empty_cell() -> None:
    table = Table("t", "表", MONTHS.columns, MONTHS.rows, chart=Chart("line", "图", "month", ("rate",)))
    assert opened(a_report(table))["表"]["D4"].value is None


@pytest.mark.parametrize("rows", [(), MONTHS.rows[2:]])
def test_a_table_without_rows_has_no_chart(rows: tuple[Row, ...]) -> None:
    assert parts(a_report(Table("t", "表", MONTHS.columns, rows, chart=MONTHS.chart))) == {}


@given(st.lists(st.one_of(st.text(), st.sampled_from(["表", "统计规则", "a" * 40, "[]:*?/\\", "'表'", "A", "a"])), max_size=8))
def test_every_name_of_a_sheet_is_one_that_excel_takes(titles: list[str]) -> None:
    taken: set[str] = {"统计规则"}
    for title in titles:
        name = sheet_name(title, taken)
        assert 1 <= len(name.encode("utf-16-le")) // 2 <= 31
        assert not re.search(r"[\[\]:*?/\\\x00-\x1f]|^'|'$", name)
        assert name.casefold() not in {other.casefold() for other in taken}
        taken.add(name)
