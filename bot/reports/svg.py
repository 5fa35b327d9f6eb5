"""A table's chart as SVG for a page: it needs no script and no style sheet, and its bars lead to their rows."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from bot.reports.charts import COLOURS, NoPicture
from bot.reports.table import Cell, Rate, Row, Table
from bot.reports.to_text import shown, width

Link = Callable[[int, str], str | None]
"""The address of the rows behind a cell: the place of its row, from 0, and the key of its column; None for none."""

WIDTH, FONT = 640, 15
FONTS = '"Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei", SimHei, sans-serif'
TICKS = 5
LONGEST_LABEL = 16
"""Characters; what is longer is cut off and said in full where the pointer rests on its bar."""

_SVG = "{http://www.w3.org/2000/svg}"
_LONG_NUMBER = re.compile(r"(\d\.\d)\d+")
_HATCHES = ("", "M0 8L8 0", "M4 0V8", "M0 4H8", "M0 0L8 8", "M0 8L8 0M0 0L8 8", "M4 0V8M0 4H8", "M2 2h2v2h-2z")
"""Beside its colour each series has its own hatching: for those who see no colours, and for black and white printers."""


def _pygal() -> Any:
    """Load pygal, which takes a moment, without the import hook of an old protocol that it leaves behind for its maps."""
    import pygal

    sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__name__ != "PluginImportFixer"]
    return pygal


def to_svg(table: Table, *, name: str, link: Link = lambda row, column: None) -> str:
    """Draw ``table.chart``. ``name``: a word of letters that no other chart of the page has.

    Hidden and unknown cells stay gaps. Raises NoPicture where the table has no chart or nothing to show.
    """
    pygal = _pygal()
    chart = table.chart
    if chart is None:
        raise NoPicture(f"“{table.title}”没有图")
    rows = [(n, row) for n, row in enumerate(table.rows) if not row.total]
    keys = [column.key for column in table.columns]
    places = [keys.index(key) for key in chart.series]
    values = [[_number(row.cells[place]) for _, row in rows] for place in places]
    if not any(value for series in values for value in series):
        raise NoPicture("这一期没有可画的数")
    percent = all(table.columns[place].kind == "rate" for place in places)
    labels = _labels([str(row.cells[keys.index(chart.labels)] or "") for _, row in rows])
    lying = len(rows) > 12 or max(map(len, labels)) > 4
    if lying and chart.kind != "line":  # pygal's first row is the lowest
        rows, labels, values = rows[::-1], labels[::-1], [series[::-1] for series in values]
    top, step = (100, 20) if percent else _scale(values, stacked=chart.kind == "stacked")

    kind = {"bar": "Bar", "stacked": "StackedBar", "line": "Line"}[chart.kind]
    drawing = getattr(pygal, f"Horizontal{kind}" if lying and kind != "Line" else kind)(
        **_layout(labels, [table.columns[p].heading for p in places], len(rows), lying=lying, bars=kind == "Bar")
    )
    drawing.x_labels = labels
    drawing.y_labels = [{"label": f"{n}%" if percent else f"{n}", "value": n} for n in range(0, top + 1, step)]
    drawing.range = (0, top)
    drawing.value_formatter = (lambda n: f"{n:.1f}%") if percent else (lambda n: f"{n:g}")
    for place, series in zip(places, values, strict=True):
        column = table.columns[place]
        drawing.add(
            column.heading,
            [
                _point(row, value, column.heading, shown(row.cells[place]), keys.index(chart.labels), link(n, column.key))
                for (n, row), value in zip(rows, series, strict=True)
            ],
        )
    root = drawing.render_tree()
    _tidy(root, name, chart.title, _described(table, rows, places, keys.index(chart.labels)), lying=lying)
    return _text(root)


def has_gaps(table: Table) -> bool:
    """Tell whether the table's chart leaves something out: a cell that is hidden or unknown."""
    keys = [column.key for column in table.columns]
    places = [keys.index(key) for key in (table.chart.series if table.chart else ())]
    return any(_number(row.cells[place]) is None for row in table.rows if not row.total for place in places)


def _number(cell: Cell) -> float | None:
    if isinstance(cell, Rate):
        cell = cell.value
    return float(cell) if isinstance(cell, int | Decimal) else None


def _labels(texts: Sequence[str]) -> list[str]:
    """Return short labels: of months of one year only the month."""
    if len({text[:4] for text in texts}) == 1 and all(re.fullmatch(r"\d{4}-\d{2}", text) for text in texts):
        return [f"{int(text[5:])}月" for text in texts]
    return [text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 1]}…" for text in texts]


def _scale(values: Sequence[Sequence[float | None]], *, stacked: bool) -> tuple[int, int]:
    """Return where the axis ends and the step between its numbers, both whole."""
    columns = zip(*values, strict=True)
    most = max(sum(v or 0 for v in column) if stacked else max(v or 0 for v in column) for column in columns)
    size = 10 ** math.floor(math.log10(max(most / TICKS, 1)))
    step = next(size * n for n in (1, 2, 5, 10) if size * n * TICKS >= most)
    return step * math.ceil(most / step), step


def _layout(labels: Sequence[str], names: Sequence[str], rows: int, *, lying: bool, bars: bool) -> dict[str, Any]:
    from pygal.style import Style

    several = len(names) > 1
    columns = max(1, min(len(names), WIDTH // (max(map(width, names)) * FONT // 2 + 40))) if several else 1
    lines = math.ceil(len(names) / columns) if several else 0
    # pygal takes every character for 0.6 of the font's size and the lines of the legend for one too few.
    missing = max(width(t) * 0.5 - len(t) * 0.6 for t in labels) * FONT if lying else 0
    height = 50 + 30 * max(rows * (len(names) if bars else 1), 2) if lying else 300
    return {
        "width": WIDTH,
        "height": height + 24 * lines,
        "style": Style(label_font_size=FONT, major_label_font_size=FONT, legend_font_size=FONT, value_font_size=FONT - 2),
        "js": (),
        "css": (),
        "no_prefix": True,
        "disable_xml_declaration": True,
        "margin": 10,
        "margin_left": 14 + max(0, math.ceil(missing)),
        "margin_right": 50 if lying else 14,
        "margin_bottom": 12 + (24 if lines > len(names) // columns else 0),
        "show_legend": several,
        "legend_at_bottom": True,
        "legend_at_bottom_columns": columns,
        "truncate_legend": -1,
        "truncate_label": -1,
        "print_values": bars and (lying or len(names) == 1),
        "print_values_position": "top",
    }


def _point(row: Row, value: float | None, heading: str, said: str, labels: int, address: str | None) -> dict[str, Any]:
    point: dict[str, Any] = {"value": value, "tooltip": f"{row.cells[labels]}　{heading}：{said}"}
    if address and value:
        point["xlink"] = {"href": address, "target": "_top"}
    return point


def _described(table: Table, rows: Sequence[tuple[int, Row]], places: Sequence[int], labels: int) -> str:
    """Return what the picture shows, for those who cannot see it."""
    sums = []
    for place in places:
        numbers = [(n, row) for _, row in rows if (n := _number(row.cells[place])) is not None]
        if numbers:
            highest = max(numbers, key=lambda found: found[0])[1]
            sums.append(f"{table.columns[place].heading}最高的是{highest.cells[labels]}（{shown(highest.cells[place])}）")
    return f"{'；'.join(sums)}。全部数字在图下面的表里。"


def _tidy(root: Any, name: str, title: str, described: str, *, lying: bool) -> None:
    """Leave nothing that a strict content policy forbids, and say with attributes what a style sheet would say."""
    used = set()
    for node in list(root.iter()):
        if _is_superfluous(node, lying=lying):
            node.getparent().remove(node)
            continue
        tag, classes = node.tag.removeprefix(_SVG), _classes(node)
        colour = next((int(c[6:]) for n in (node, *node.iterancestors()) for c in _classes(n) if c.startswith("color-")), None)
        if tag == "a":
            node.set("tabindex", "-1")  # the table below leads to the same rows, with fewer stops for the keyboard
        elif tag == "text":
            node.set("font-size", str(FONT - 2 if "value" in classes else FONT))
            node.set("text-anchor", _anchor(node, lying=lying))
        elif tag == "path":
            node.attrib.update({"fill": "none", "stroke": "#ced4da" if "guide" in classes else "#495057"})
        elif tag == "rect" and colour is not None:
            colour %= len(COLOURS)
            used.add(colour)
            node.attrib.update({"fill": f"url(#{name}{colour})", "stroke": "#212529", "stroke-width": "0.6"})
    for node in root.iter():
        for unwanted in ("style", "id", "class", "rx", "ry"):
            node.attrib.pop(unwanted, None)
        for exact in {"x", "y", "width", "height", "d"} & set(node.attrib):
            node.set(exact, _LONG_NUMBER.sub(r"\1", node.get(exact)))
    box = root.get("viewBox")
    root.attrib.clear()
    root.attrib.update({
        "viewBox": box, "class": "chart", "role": "group", "fill": "#212529", "font-family": FONTS,
        "aria-labelledby": f"{name}-title {name}-desc",
    })  # fmt: skip
    for place, part in enumerate(_head(name, title, described, sorted(used))):
        root.insert(place, part)


def _head(name: str, title: str, described: str, colours: Sequence[int]) -> list[Any]:
    """Return what comes first: the picture's name, what it shows, and the patterns that fill its bars."""
    from lxml import etree

    named, about, defs = (etree.Element(f"{_SVG}{tag}") for tag in ("title", "desc", "defs"))
    named.set("id", f"{name}-title")
    about.set("id", f"{name}-desc")
    named.text, about.text = title, described
    for number in colours:
        size = {"width": "8", "height": "8"}
        pattern = etree.SubElement(defs, f"{_SVG}pattern", {"id": f"{name}{number}", "patternUnits": "userSpaceOnUse", **size})
        etree.SubElement(pattern, f"{_SVG}rect", {**size, "fill": COLOURS[number]})
        if hatch := _HATCHES[number]:
            etree.SubElement(pattern, f"{_SVG}path", {"d": hatch, "stroke": "#212529", "stroke-width": "0.7", "fill": "none"})
    return [named, about, defs]


def _is_superfluous(node: Any, *, lying: bool) -> bool:
    if not isinstance(node.tag, str):
        return True  # a comment, with the day on which it was drawn
    tag, classes, around = node.tag.removeprefix(_SVG), _classes(node), _classes(node.getparent())
    return (
        tag in {"script", "style", "desc", "defs"}
        or bool({"tooltip-overlay", "background"} & classes)
        or (tag == "title" and ("guides" in around or node.getparent().tag == f"{_SVG}svg"))
        or (tag == "path" and "guide" in classes and ("y" if lying else "x") in _classes(node.getparent().getparent()))
        or (tag == "rect" and "bar" in {*around, *_classes(node.getparent().getparent())} and _is_flat(node))
    )


def _is_flat(bar: Any) -> bool:
    return not all(float(bar.get(side) or 0) for side in ("width", "height"))


def _classes(node: Any) -> set[str]:
    return set() if node is None else set((node.get("class") or "").split())


def _anchor(text: Any, *, lying: bool) -> str:
    axis = next((c for n in text.iterancestors() for c in ("x", "y") if {"axis", c} <= _classes(n)), "")
    if "value" in _classes(text):
        return "start" if lying else "middle"
    return {"x": "middle", "y": "end", "": "start"}[axis]


def _text(root: Any) -> str:
    from lxml import etree

    return str(etree.tostring(root, encoding="unicode"))
