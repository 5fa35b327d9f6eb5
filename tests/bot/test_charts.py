"""Charts of tables: what is drawn, what stays a gap, and what is said where nothing can be drawn."""

import struct
from dataclasses import replace
from decimal import Decimal

import pytest

from bot.reports.charts import COLOURS, HATCHES, MARKERS, NoPicture, to_png
from bot.reports.table import SMALL, Chart, Column, Rate, Row, Table

MONTHS = Table(
    "by_month",
    "咨询量",
    (Column("month", "月份", "text"), Column("web", "网页"), Column("phone", "电话")),
    (Row(("1月", 3, 5)), Row(("2月", 4, 0)), Row(("3月", 10, 2))),
    chart=Chart("stacked", "各月咨询人次", "month", ("web", "phone")),
)


def draw(kind: str, rows: tuple[Row, ...] = MONTHS.rows) -> bytes:
    assert MONTHS.chart
    return to_png(replace(MONTHS, rows=rows, chart=replace(MONTHS.chart, kind=kind)))  # type: ignore[arg-type]


def size(png: bytes) -> tuple[int, int]:
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_a_picture_is_15_cm_wide_at_300_dpi_and_says_so() -> None:
    png = draw("stacked")
    assert size(png) == (1771, 944)
    place = png.index(b"pHYs")
    assert struct.unpack(">IIB", png[place + 4 : place + 13]) == (11811, 11811, 1)  # dots per metre


def test_the_same_table_gives_the_same_picture_and_another_kind_another_one() -> None:
    assert draw("bar") == draw("bar")
    assert len({draw("bar"), draw("stacked"), draw("line")}) == 3


def test_totals_are_not_drawn() -> None:
    assert draw("bar", (*MONTHS.rows, Row(("合计", 17, 7), total=True))) == draw("bar")


def test_a_hidden_number_is_a_gap_and_no_zero() -> None:
    hidden, unknown, zero = (draw("bar", (*MONTHS.rows, Row(("4月", 6, cell)))) for cell in (SMALL, None, 0))
    assert hidden == unknown != zero


def test_rates_and_amounts_are_drawn_as_numbers() -> None:
    rates = draw("line", (Row(("1月", Rate(1, 2), Decimal("2.5"))), Row(("2月", Rate(0, 0), Decimal("3.25")))))
    numbers = draw("line", (Row(("1月", Decimal("50.0"), Decimal("2.5"))), Row(("2月", None, Decimal("3.25")))))
    assert rates == numbers


def test_many_bars_lie_and_make_the_picture_higher_but_never_higher_than_a_page() -> None:
    villages = tuple(Row((f"示例第{n}村", n, n + 1)) for n in range(1, 19))
    assert size(draw("bar", villages)) == (1771, 2149)
    assert size(draw("bar", villages * 3))[1] == int(20 / 2.54 * 300)


def test_eight_series_differ_in_print_without_colour() -> None:
    assert [len(set(kinds)) for kinds in (COLOURS, HATCHES, MARKERS)] == [8, 8, 8]


def test_what_people_wrote_is_drawn_as_it_is() -> None:
    """No formula is read into it, nothing is hidden from the legend, what the font has not becomes □."""
    hostile = replace(
        MONTHS,
        columns=(MONTHS.columns[0], Column("web", r"$\frac{a}{b}$"), Column("phone", "_<甲>&乙\U0001f600")),
        rows=(Row(("$x", 1, 2)), Row(("%s\n{0}", 3, 4))),
    )
    box = replace(hostile, columns=(*hostile.columns[:2], Column("phone", "_<甲>&乙□")))
    assert to_png(hostile) == to_png(box)


@pytest.mark.parametrize(
    ("table", "why"),
    [
        (replace(MONTHS, chart=None), "“咨询量”没有图"),
        (replace(MONTHS, rows=()), "本期没有可画的数"),
        (replace(MONTHS, rows=(Row(("1月", SMALL, None)), Row(("合计", 7, 7), total=True))), "本期没有可画的数"),
    ],
)
def test_without_numbers_there_is_no_picture(table: Table, why: str) -> None:
    with pytest.raises(NoPicture, match=why):
        to_png(table)


def test_without_a_chinese_font_there_is_no_picture_but_a_word_what_to_install() -> None:
    with pytest.raises(NoPicture, match="电脑上没有中文字体。请安装黑体（SimHei）、微软雅黑或思源黑体"):
        to_png(MONTHS, fonts=("示例没有的字体",))
