"""A table's chart as SVG: every bar is there and leads to its rows, nothing in it runs or styles."""

from xml.etree import ElementTree

import pytest

from bot.reports.charts import NoPicture
from bot.reports.svg import has_gaps, to_svg
from bot.reports.table import SMALL, Cell, Chart, Column, Rate, Row, Table

SVG, HREF = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"


def table(rows: list[tuple[Cell, ...]], kind: str = "bar", names: tuple[str, ...] = ("人次",), numbers: str = "count") -> Table:
    columns = (Column("name", "名称", "text"), *(Column(n, n, numbers) for n in names))  # type: ignore[arg-type]
    total: tuple[Cell, ...] = ("合计", *(999 for _ in names))
    found = (*(Row(cells) for cells in rows), Row(total, total=True))
    return Table("t", "表", columns, found, chart=Chart(kind, "图的名字", "name", names))  # type: ignore[arg-type]


def drawn(made: Table, **more: object) -> ElementTree.Element:
    return ElementTree.fromstring(to_svg(made, name="chart", **more))  # type: ignore[arg-type]


def bars(root: ElementTree.Element) -> list[str]:
    """Return what stands where the pointer rests on each bar that can be seen."""
    found = [e for e in root.iter() if e.find(f"{SVG}rect") is not None and e.find(f"{SVG}title") is not None]
    return [e.findtext(f"{SVG}title") or "" for e in found]


def texts(root: ElementTree.Element) -> list[str]:
    return [e.text or "" for e in root.iter(f"{SVG}text")]


@pytest.mark.parametrize("kind", ["bar", "stacked"])
@pytest.mark.parametrize("many", [3, 14])
def test_every_number_has_a_bar_and_totals_have_none(kind: str, many: int) -> None:
    made = table([(f"行{n}", n + 1, 2 * n + 1) for n in range(many)], kind, ("来访", "电话"))
    found = bars(drawn(made))
    assert sorted(found) == sorted(text for n in range(many) for text in (f"行{n}　来访：{n + 1}", f"行{n}　电话：{2 * n + 1}"))
    assert "999" not in str(texts(drawn(made)))


def test_a_bar_leads_to_the_rows_behind_it() -> None:
    made = table([("甲", 3), ("乙", 0), ("丙", 5)])
    asked = []

    def link(row: int, column: str) -> str | None:
        asked.append((row, column))
        return f"/rows?row={row}&column={column}" if row != 2 else None

    root = drawn(made, link=link)
    assert [a.get(HREF) for a in root.iter(f"{SVG}a")] == ["/rows?row=0&column=人次"]
    assert sorted(asked) == [(0, "人次"), (1, "人次"), (2, "人次")]
    assert [a.get("tabindex") for a in root.iter(f"{SVG}a")] == ["-1"]


def test_rows_lie_in_the_order_of_the_table() -> None:
    made = table([(f"很长的名字第{n}", n + 1) for n in range(5)])
    labels = [(float(t.get("y") or 0), t.text) for t in drawn(made).iter(f"{SVG}text") if (t.text or "").startswith("很长")]
    assert [text for _, text in sorted(labels)] == [f"很长的名字第{n}" for n in range(5)]


def test_nothing_in_it_is_forbidden_by_a_strict_content_policy() -> None:
    made = table([("<script>alert(1)</script>", 3), ('"><img src=x onerror=alert(1)>', 4)], names=("<b>人次</b>",))
    text = to_svg(made, name="chart", link=lambda row, column: f"/rows?a=1&column={column}")
    root = ElementTree.fromstring(text)
    assert {e.tag.removeprefix(SVG) for e in root.iter()} == {
        "svg", "title", "desc", "defs", "pattern", "rect", "g", "path", "text", "a",
    }  # fmt: skip
    names = {name for e in root.iter() for name in e.attrib}
    assert not {n for n in names if n.startswith("on") or n == "style"}
    assert [e.get("class") for e in root.iter() if e.get("class")] == ["chart"]
    assert "<script" not in text
    assert "<img" not in text
    assert "http://pygal" not in text


def test_it_says_to_a_screen_reader_what_it_shows() -> None:
    root = drawn(table([("甲", 3), ("乙", 7)]))
    named = {e.get("id"): e.text for e in root if e.get("id")}
    assert (root.get("role"), root.get("aria-labelledby")) == ("group", "chart-title chart-desc")
    assert named["chart-title"] == "图的名字"
    assert "人次最高的是乙（7）" in (named["chart-desc"] or "")


def test_series_differ_by_pattern_as_well_as_by_colour() -> None:
    root = drawn(table([("甲", 1, 2, 3)], "stacked", ("一", "二", "三")))
    patterns = {p.get("id"): (p[0].get("fill"), p[1].get("d") if len(p) > 1 else "") for p in root.iter(f"{SVG}pattern")}
    assert sorted(patterns) == ["chart0", "chart1", "chart2"]
    assert len({colour for colour, _ in patterns.values()}) == len({path for _, path in patterns.values()}) == 3
    used = {e.get("fill") for e in root.iter(f"{SVG}rect")} - {colour for colour, _ in patterns.values()}
    assert used == {"url(#chart0)", "url(#chart1)", "url(#chart2)"}


def test_two_charts_of_one_page_do_not_share_their_patterns() -> None:
    one, two = (to_svg(table([("甲", 1)]), name=name) for name in ("first", "second"))
    assert 'id="first0"' in one
    assert "first" not in two


def test_hidden_and_unknown_numbers_are_gaps() -> None:
    made = table([("甲", SMALL), ("乙", None), ("丙", 4)])
    assert bars(drawn(made)) == ["丙　人次：4"]
    assert has_gaps(made)
    assert not has_gaps(table([("甲", 0)]))


def test_rates_reach_to_a_hundred_per_cent() -> None:
    root = drawn(table([("甲", Rate(1, 3)), ("乙", Rate(0, 0))], numbers="rate"))
    assert bars(root) == ["甲　人次：33.3%"]
    assert {"0%", "20%", "100%", "33.3%"} <= set(texts(root))


def test_months_of_one_year_are_named_shortly() -> None:
    assert {"1月", "12月"} <= set(texts(drawn(table([("2025-01", 1), ("2025-12", 2)]))))
    assert {"2024-12", "2025-01"} <= set(texts(drawn(table([("2024-12", 1), ("2025-01", 2)]))))


@pytest.mark.parametrize("most", [1, 2, 3, 7, 99, 1234, 1_000_000])
def test_the_numbers_of_the_axis_are_whole_and_reach_over_the_highest(most: int) -> None:
    numbers = [int(t) for t in texts(drawn(table([("很长很长的名字", most)]))) if t.isdigit()]
    assert max(numbers) >= most
    assert len(numbers) <= 7


@pytest.mark.parametrize("rows", [[], [("甲", None)], [("甲", 0)]])
def test_nothing_to_draw_says_so(rows: list[tuple[Cell, ...]]) -> None:
    with pytest.raises(NoPicture, match="没有可画的数"):
        to_svg(table(rows), name="chart")


def test_a_line_is_drawn_too() -> None:
    root = drawn(table([("1月", 1), ("2月", 3), ("3月", 2)], "line"))
    assert [p for p in root.iter(f"{SVG}path") if (p.get("d") or "").count(" ") > 3]
