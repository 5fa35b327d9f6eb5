"""A table's chart as a picture: readable in colour, by the colour-blind, and in black and white."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bot.reports.table import Cell, Column, Rate, Row, Table

if TYPE_CHECKING:  # half a second to load, which only a picture is worth
    from matplotlib.axes import Axes
    from matplotlib.font_manager import FontProperties

FONTS = (
    "SimHei",
    "Microsoft YaHei",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "PingFang SC",
    "Heiti SC",
    "STHeiti",
    "DengXian",
    "SimSun",
    "NSimSun",
    "Songti SC",
    "Noto Serif CJK SC",
    "KaiTi",
    "FangSong",
    "Arial Unicode MS",
    "Droid Sans Fallback",
)
"""Fonts with Chinese characters, best first: of Windows, Linux and macOS."""

WIDTH_CM, DPI = 15.0, 300
_CM = 1 / 2.54

# Okabe and Ito, "Color Universal Design" (2008): kept apart by people with any kind of colour blindness.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#F0E442", "#999999")
HATCHES = ("", "///", "...", "xxx", "\\\\\\", "---", "ooo", "++")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
LINES = ("-", "--", "-.", ":")


class NoPicture(Exception):
    """No picture can be made; the message says why and what to do."""


def to_png(table: Table, *, fonts: Sequence[str] = FONTS) -> bytes:
    """Draw ``table.chart``, 15 cm wide at 300 dpi, without its title; the same table gives the same bytes.

    Hidden and unknown cells stay gaps, which the picture says. Raises NoPicture where the table has no chart or nothing
    to show, and where the computer has none of ``fonts``.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    chart, rows = table.chart, [row for row in table.rows if not row.total]
    if chart is None:
        raise NoPicture(f"“{table.title}”没有图")
    places = [next(n for n, c in enumerate(table.columns) if c.key == key) for key in chart.series]
    series = [[_number(row.cells[n]) for row in rows] for n in places]
    if all(math.isnan(value) for values in series for value in values):
        raise NoPicture("本期没有可画的数")
    font, has = _font(fonts)
    labels = [_drawable(str(cell), has) for cell in _column(table, chart.labels, rows)]
    names = [_drawable(table.columns[n].heading, has) for n in places]
    lying = chart.kind != "line" and (len(rows) > 12 or max(map(len, labels)) > 4)
    bars = len(rows) * (len(series) if chart.kind == "bar" else 1)
    height = min(20.0, 2.0 + 0.45 * max(bars, len(rows) * 1.3)) if lying else 8.0

    figure = Figure(figsize=(WIDTH_CM * _CM, height * _CM), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    if chart.kind == "line":
        handles = _draw_lines(axes, series)
    else:
        handles = _draw_bars(axes, series, stacked=chart.kind == "stacked", lying=lying)
    _label_axes(axes, labels, font, lying=lying, percent=all(_is_rate(table.columns[n]) for n in places))
    if bars <= 40 and len(series) <= {"line": 1, "bar": 2, "stacked": 99}[chart.kind]:
        _write_numbers(axes, series, font, kind=chart.kind, lying=lying)
    if len(series) > 1:
        legend = figure.legend(handles, names, loc="outside upper center", ncols=4, prop=font, frameon=False)
        for text in legend.get_texts():
            text.set_parse_math(False)
    if any(math.isnan(value) for values in series for value in values):
        figure.supxlabel("空缺处：不公开或没有数", fontproperties=font, x=0.99, ha="right")
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=DPI, metadata={"Software": None})
    return out.getvalue()


def _number(cell: Cell) -> float:
    if isinstance(cell, Rate):
        cell = cell.value
    return float(cell) if isinstance(cell, int | Decimal) else math.nan


def _column(table: Table, key: str, rows: Sequence[Row]) -> list[Cell]:
    place = next(n for n, c in enumerate(table.columns) if c.key == key)
    return [row.cells[place] for row in rows]


def _is_rate(column: Column) -> bool:
    return column.kind == "rate"


def _font(names: Sequence[str]) -> tuple[FontProperties, set[int]]:
    """Return the first font of ``names`` that is installed, and the characters it has."""
    from matplotlib import font_manager

    def first() -> str | None:
        known = {font.name for font in font_manager.fontManager.ttflist}
        return next((name for name in names if name in known), None)

    name = first()
    if name is None:
        # The list of fonts is kept on disk and does not see one that was installed since.
        known = {font.fname for font in font_manager.fontManager.ttflist}
        for path in sorted(set(font_manager.findSystemFonts()) - known) if names else ():
            try:
                font_manager.fontManager.addfont(path)
            except (RuntimeError, OSError, KeyError, ValueError):
                continue  # one file that is no font: the others may be
        name = first()
    if name is None:
        raise NoPicture("电脑上没有中文字体。请安装黑体（SimHei）、微软雅黑或思源黑体，再重新生成")
    font = font_manager.FontProperties(family=name, size=9)
    return font, set(font_manager.get_font(font_manager.findfont(font)).get_charmap())


def _drawable(text: str, has: set[int]) -> str:
    return "".join(c if ord(c) in has else "□" for c in text)


def _draw_lines(axes: Axes, series: Sequence[Sequence[float]]) -> list[Any]:
    return [
        axes.plot(
            range(len(values)),
            values,
            color=COLOURS[n % len(COLOURS)],
            linestyle=LINES[n % len(LINES)],
            marker=MARKERS[n % len(MARKERS)],
            markersize=5,
            markeredgecolor="black",
            markeredgewidth=0.4,
            linewidth=1.6,
        )[0]
        for n, values in enumerate(series)
    ]


def _draw_bars(axes: Axes, series: Sequence[Sequence[float]], *, stacked: bool, lying: bool) -> list[Any]:
    handles, below = [], [0.0] * len(series[0])
    size = 0.7 if stacked else 0.8 / len(series)
    for n, values in enumerate(series):
        shown = [0.0 if math.isnan(value) else value for value in values]
        places = [at if stacked else at - 0.4 + size * (n + 0.5) for at in range(len(values))]
        style: dict[str, Any] = {
            "color": COLOURS[n % len(COLOURS)],
            "hatch": HATCHES[n % len(HATCHES)],
            "edgecolor": "black",
            "linewidth": 0.5,
        }
        if lying:
            bars = axes.barh(places, shown, size, left=below if stacked else 0, **style)
        else:
            bars = axes.bar(places, shown, size, bottom=below if stacked else 0, **style)
        for bar in bars:
            bar.set_hatch_linewidth(0.6)
        handles.append(bars)
        below = [a + b for a, b in zip(below, shown, strict=True)]
    return handles


def _label_axes(axes: Axes, labels: Sequence[str], font: FontProperties, *, lying: bool, percent: bool) -> None:
    """Name what stands along one axis, keep the other one to whole numbers from 0 upwards."""
    from matplotlib.ticker import FormatStrFormatter, MaxNLocator

    names, numbers = (axes.yaxis, axes.xaxis) if lying else (axes.xaxis, axes.yaxis)
    crowded = not lying and sum(map(len, labels)) > 50
    names.set_ticks(range(len(labels)), labels=labels)
    for label in names.get_ticklabels():
        label.set(fontproperties=font, parse_math=False)
        if crowded:
            label.set(rotation=45, ha="right", rotation_mode="anchor")
    names.set_tick_params(length=0)
    numbers.set_major_locator(MaxNLocator(nbins=6, integer=True))
    numbers.set_major_formatter(FormatStrFormatter("%d%%" if percent else "%d"))
    numbers.set_tick_params(labelfontfamily=font.get_family()[0], labelsize=9, length=0)
    numbers.grid(True, color="#bbbbbb", linewidth=0.5)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    high = max(1.0, (axes.get_xlim() if lying else axes.get_ylim())[1] * 1.05)
    if lying:
        axes.set_xlim(0, high)
        axes.set_ylim(len(labels) - 0.4, -0.6)
    else:
        axes.set_ylim(0, high)


def _write_numbers(axes: Axes, series: Sequence[Sequence[float]], font: FontProperties, *, kind: str, lying: bool) -> None:
    """Write each number beside its bar or point; for bars that are stacked, the sum at their end."""
    small = font.copy()
    small.set_size(7.5)
    if kind == "stacked":
        series = [[sum(values) for values in zip(*series, strict=True)]]  # none where a part is hidden
    size = 0.8 / len(series)
    for n, values in enumerate(series):
        for at, value in enumerate(values):
            if math.isnan(value):
                continue
            along = at - 0.4 + size * (n + 0.5) if kind == "bar" else at
            axes.annotate(
                f"{value:g}" if value < 1_000_000 else f"{value:.0f}",
                (value, along) if lying else (along, value),
                (3, 0) if lying else (0, 4),
                textcoords="offset points",
                ha="left" if lying else "center",
                va="center" if lying else "bottom",
                fontproperties=small,
            )
