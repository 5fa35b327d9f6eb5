"""The chart of a table as a chart of Excel, which follows the cells when somebody changes them."""

from collections.abc import Sequence
from itertools import takewhile
from typing import Any

from openpyxl.chart import BarChart, LineChart, Reference, Series
from openpyxl.chart.axis import ChartLines
from openpyxl.chart.data_source import AxDataSource, StrRef
from openpyxl.chart.series import SeriesLabel
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import CharacterProperties, Paragraph, ParagraphProperties
from openpyxl.worksheet.worksheet import Worksheet

from bot.reports.charts import COLOURS
from bot.reports.table import Chart, Column, Hidden, Rate, Table
from bot.reports.to_text import shown, width

CM = 0.19
"""How wide a digit of a column is."""

WIDE = 8
"""Tables of more columns are printed across the page."""


def chart_of(sheet: Worksheet, table: Table, headings_row: int, widths: Sequence[float]) -> BarChart | LineChart | None:
    """Return ``table.chart`` over the cells of ``sheet``, about as wide as the table; None where there is nothing to draw.

    It covers the rows above the first total. A column with hidden numbers is left out: Excel would draw them as 0.
    """
    rows = list(takewhile(lambda row: not row.total, table.rows))
    places = {column.key: n for n, column in enumerate(table.columns)}
    wanted = [places[key] for key in table.chart.series] if table.chart else []
    series = [n for n in wanted if not any(isinstance(row.cells[n], Hidden) for row in rows)]
    if table.chart is None or not rows or not series:
        return None
    names = [shown(row.cells[places[table.chart.labels]]) for row in rows]
    chart = _drawn(table.chart, names)
    first, last = headings_row + 1, headings_row + len(rows)
    labels = Reference(sheet, places[table.chart.labels] + 1, first, max_row=last)
    for place, n in enumerate(series):
        one: Any = Series(Reference(sheet, n + 1, first, max_row=last))
        one.tx = SeriesLabel(strRef=StrRef(f=str(Reference(sheet, n + 1, headings_row))))
        one.cat = AxDataSource(strRef=StrRef(f=str(labels)))
        _colour(one, table.chart, COLOURS[place % len(COLOURS)].lstrip("#"))
        chart.series.append(one)
    values = [row.cells[n] for row in rows for n in series]
    if all(cell is None or (isinstance(cell, Rate) and cell.part <= cell.whole) for cell in values):
        chart.y_axis.scaling.max = 1
    _axes(chart, table.columns[places[table.chart.labels]].heading, [table.columns[n] for n in series])
    if len(series) == 1:
        chart.legend = None
    elif chart.legend:
        chart.legend.position, chart.legend.overlay = "b", False
    chart.width = round(min(max(sum(widths) * CM, 16), 26))
    # No higher than the page, below the headings.
    chart.height = min(max(9, round(0.6 * len(rows)) + 4), 14 if len(widths) > WIDE else 20) if _lies(chart) else 9
    return chart


def _drawn(chart: Chart, names: Sequence[str]) -> BarChart | LineChart:
    drawn: BarChart | LineChart = LineChart() if chart.kind == "line" else BarChart()
    if isinstance(drawn, BarChart):
        # Names that find no room side by side stand one below the other.
        drawn.type = "bar" if chart.kind == "bar" and sum(map(width, names)) > 90 else "col"
        drawn.grouping = "stacked" if chart.kind == "stacked" else "clustered"
        drawn.overlap, drawn.gapWidth = (100, 60) if chart.kind == "stacked" else (0, 60)
    drawn.title = chart.title
    return drawn


def _lies(chart: BarChart | LineChart) -> bool:
    return isinstance(chart, BarChart) and chart.type == "bar"


def _axes(chart: Any, labels: str, series: Sequence[Column]) -> None:
    rates = all(column.kind == "rate" for column in series)
    chart.x_axis.title = labels
    chart.y_axis.title = series[0].heading if len(series) == 1 else "百分比" if rates else "数量"
    chart.y_axis.numFmt = "0%" if rates else "#,##0"
    # Not said, Excel puts titles over the picture.
    chart.title.overlay = chart.x_axis.title.overlay = chart.y_axis.title.overlay = False
    chart.y_axis.majorGridlines = ChartLines(spPr=GraphicalProperties(ln=LineProperties(solidFill="D9D9D9")))
    chart.y_axis.scaling.min = 0
    # Not said, Excel leaves both axes away.
    chart.x_axis.delete = chart.y_axis.delete = False
    if _lies(chart):
        chart.x_axis.scaling.orientation, chart.x_axis.tickLblSkip = "maxMin", 1
        chart.x_axis.txPr = RichText(p=[Paragraph(pPr=ParagraphProperties(defRPr=CharacterProperties(sz=800)))])
        chart.y_axis.crosses = "max"


def _colour(one: Any, chart: Chart, colour: str) -> None:
    if chart.kind == "line":
        one.graphicalProperties.line.solidFill = colour
        one.marker.symbol, one.smooth = "circle", False
        one.marker.graphicalProperties.solidFill = colour
    else:
        one.graphicalProperties.solidFill = colour
