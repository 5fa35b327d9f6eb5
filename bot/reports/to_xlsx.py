"""A report as a workbook for Excel and WPS: one sheet a table and one for the rules, real numbers, ready to print on A4."""

import io
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.chart import BarChart, LineChart
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooter, HeaderFooterItem
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from bot.reports.table import SMALL, WITHHELD, Cell, Column, Hidden, Rate, Report, Table
from bot.reports.to_text import AUDIENCES, days, shown, width
from bot.reports.xlsx_charts import CM, WIDE, chart_of
from bot.text import strip_illegal

RULES = "统计规则"
TITLE_ROW, HEADINGS_ROW = 1, 2

_MAX_TEXT = 32_767  # in UTF-16 units; so much holds a cell of Excel
_MAX_NAME = 31
_LINE, _HIGHEST = 15.5, 409  # points; no row of Excel is higher
_STRETCH = 1.2  # some fonts that stand in for the one below are so much wider
_SIDE, _ENDS, _INCH = 0.6, 0.8, 2.54  # margins left and right, above and below, in inches; cm of an inch

_FONT = "宋体"  # Excel and WPS have it on every computer in the country
_PLAIN, _BOLD, _BIG = Font(_FONT, 11), Font(_FONT, 11, bold=True), Font(_FONT, 14, bold=True)
_WARNING = Font(_FONT, 11, bold=True, color="C00000")
_FILL = PatternFill("solid", fgColor="DDEBF7")
_THIN, _MEDIUM = Side(style="thin", color="808080"), Side(style="medium")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_TOTAL_BOX = Border(left=_THIN, right=_THIN, top=_MEDIUM, bottom=_THIN)
_HEADING = Alignment(horizontal="center", vertical="center", wrap_text=True)
_LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True, indent=1)
_RIGHT = Alignment(horizontal="right", vertical="center")
_TOP = Alignment(horizontal="left", vertical="top", wrap_text=True)


def to_xlsx(report: Report) -> bytes:
    """Return the report as a workbook. Texts stay texts whatever they start with; no cell holds a formula."""
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.title, book.properties.creator = _text(report.title), _text(report.town)
    _rules(book.create_sheet(RULES), report)
    taken = {RULES}
    for table in report.tables:
        name = sheet_name(table.title, taken)
        taken.add(name)
        _fill(book.create_sheet(name), table, report)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sheet_name(title: str, taken: set[str]) -> str:
    r"""Return a name for a sheet: at most 31 characters, none of ``[]:*?/\``, and unlike those ``taken`` in any case."""
    clean = re.sub(r"[\[\]:*?/\\']+|[\x00-\x1f]+", " ", strip_illegal(title)).strip().strip(" '") or "表"
    lowered, number = {name.casefold() for name in taken}, 1
    name = _clipped(clean, _MAX_NAME)
    while name.casefold() in lowered:
        number += 1
        name = _clipped(clean, _MAX_NAME - len(f" {number}")) + f" {number}"
    return name


def _fill(sheet: Worksheet, table: Table, report: Report) -> None:
    """Fill the sheet of a table: its title, headings, rows, note, chart, and how all that is printed."""
    wide = len(table.columns) > WIDE
    lines, most = (3, 20) if wide else (2, 50)
    widths = [_width(c, [row.cells[n] for row in table.rows], lines, most) for n, c in enumerate(table.columns)]
    last = HEADINGS_ROW + len(table.rows)
    _put(sheet, TITLE_ROW, 1, table.title, _BIG)
    sheet.row_dimensions[TITLE_ROW].height = 24
    _headings(sheet, table.columns, widths)
    _cells(sheet, table, widths)
    if table.note:
        _note(sheet, last + 1, f"说明：{table.note}", widths)
    if chart := chart_of(sheet, table, HEADINGS_ROW, widths):
        chart.anchor = f"A{last + 5}"
        sheet.add_chart(chart)
        if _too_high(sheet, last + 4, chart, widths):
            sheet.row_breaks.append(Break(id=last + 3))
    if table.rows and not any(row.total for row in table.rows):
        sheet.auto_filter.ref = f"A{HEADINGS_ROW}:{get_column_letter(len(widths))}{last}"
    sheet.freeze_panes = f"{'B' if wide else 'A'}{HEADINGS_ROW + 1}"
    sheet.print_title_rows = f"{TITLE_ROW}:{HEADINGS_ROW}"
    _print_setup(sheet, report, wide=wide)


def _headings(sheet: Worksheet, columns: Sequence[Column], widths: Sequence[float]) -> None:
    for n, (column, wide) in enumerate(zip(columns, widths, strict=True), 1):
        cell = _put(sheet, HEADINGS_ROW, n, column.heading, _BOLD)
        cell.fill, cell.border, cell.alignment = _FILL, _BOX, _HEADING
        sheet.column_dimensions[get_column_letter(n)].width = wide
    lines = max(_lines(column.heading, wide) for column, wide in zip(columns, widths, strict=True))
    sheet.row_dimensions[HEADINGS_ROW].height = _LINE * lines + 5


def _cells(sheet: Worksheet, table: Table, widths: Sequence[float]) -> None:
    places = [max((_places(row.cells[n]) for row in table.rows), default=0) for n in range(len(table.columns))]
    charted = table.chart.series if table.chart else ()
    for r, row in enumerate(table.rows, HEADINGS_ROW + 1):
        for n, (column, value) in enumerate(zip(table.columns, row.cells, strict=True), 1):
            # A chart draws a text as 0, and an empty cell not at all.
            unknown = column.key in charted and (value is None or (isinstance(value, Rate) and value.value is None))
            cell = _put(sheet, r, n, None if unknown else _plain(value), _BOLD if row.total else _PLAIN)
            cell.border = _TOTAL_BOX if row.total else _BOX
            cell.number_format = _number_format(value, places[n - 1])
            cell.alignment = _LEFT if column.kind == "text" else _RIGHT
        lines = max(_lines(shown(value), wide) for value, wide in zip(row.cells, widths, strict=True))
        sheet.row_dimensions[r].height = min(_LINE * lines + 3, _HIGHEST)


def _too_high(sheet: Worksheet, rows: int, chart: BarChart | LineChart, widths: Sequence[float]) -> bool:
    """Say whether the first ``rows`` and the chart under them do not fit on one page."""
    wide, high = (29.7, 21.0) if len(widths) > WIDE else (21.0, 29.7)
    scale = min(1.0, (wide - 2 * _SIDE * _INCH) / max(sum(widths) * CM, chart.width))
    heights = (sheet.row_dimensions[row].height or _LINE for row in range(1, rows + 1))
    return (sum(heights) * _INCH / 72 + chart.height) * scale > high - 2 * _ENDS * _INCH


def _rules(sheet: Worksheet, report: Report) -> None:
    """Fill the sheet that says what was counted, when, how, and for whom."""
    reading = ["「—」是没有数据，不是0。", "百分比由两个数算出，四舍五入到一位小数；分母为0的不算。"]
    hidden = {cell for table in report.tables for row in table.rows for cell in row.cells if isinstance(cell, Hidden)}
    if hidden:
        reading.append(f"涉及隐私的类别里，「{SMALL}」是0、1或2；「{WITHHELD}」的不写出来，免得由合计推算出小的数。")
    lines = (
        ("镇", report.town),
        ("统计期间", days(report)),
        ("数据截至", f"{report.made_at:%Y-%m-%d %H:%M}（北京时间），也是生成时间"),
        ("使用范围", AUDIENCES[report.audience]),
        ("统计规则", report.rule),
        ("怎么看", "\n".join(reading)),
        *(("各表" if n == 0 else "", table.title) for n, table in enumerate(report.tables)),
    )
    _put(sheet, TITLE_ROW, 1, report.title, _BIG)
    sheet.row_dimensions[TITLE_ROW].height = 24
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 12, 84
    for row, (name, text) in enumerate(lines, HEADINGS_ROW):
        key = _put(sheet, row, 1, name, _BOLD)
        key.fill, key.border, key.alignment = _FILL, _BOX, _TOP
        value = _put(sheet, row, 2, text, _WARNING if name == "使用范围" and report.audience == "office" else _PLAIN)
        value.border, value.alignment = _BOX, _TOP
        sheet.row_dimensions[row].height = min(_LINE * _lines(text, 84) + 5, _HIGHEST)
    _print_setup(sheet, report, wide=False)


def _note(sheet: Worksheet, row: int, text: str, widths: Sequence[float]) -> None:
    """Put a text under the table, over as many columns as make its lines readable."""
    columns = _note_columns(widths)
    wide = sum(widths[:columns]) + 13 * max(0, columns - len(widths))
    _put(sheet, row, 1, text, _PLAIN).alignment = _TOP
    sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=columns)
    sheet.row_dimensions[row].height = min(_LINE * _lines(text, wide) + 5, _HIGHEST)


def _note_columns(widths: Sequence[float]) -> int:
    """How many columns a note runs over: those of the table up to 110 digits, and more (of 13) where these are under 60."""
    wide, columns = 0.0, 0
    while wide < 60 or (columns < len(widths) and wide + widths[columns] <= 110):
        wide += widths[columns] if columns < len(widths) else 13
        columns += 1
    return columns


def _put(sheet: Worksheet, row: int, column: int, value: str | int | Decimal | None, font: Font) -> Any:
    cell: Any = sheet.cell(row, column)
    cell.font = font
    cell.value = (_text(value) or None) if isinstance(value, str) else value
    if isinstance(cell.value, str):
        cell.data_type = "s"
    return cell


def _plain(cell: Cell) -> str | int | Decimal:
    """Return what the cell of a sheet holds: a number where there is one, else a text."""
    if isinstance(cell, Rate) and cell.value is not None:
        return cell.value / 100
    return cell if isinstance(cell, int | Decimal) else shown(cell)


def _number_format(cell: Cell, places: int) -> str:
    """``places``: the decimals of the other cells in its column, under which it stands."""
    match cell:
        case Rate():
            return "0.0%"
        case Decimal() if places:
            return "#,##0." + "0" * places
        case int() | Decimal():
            return "#,##0"
    return "@"


def _places(cell: Cell) -> int:
    exponent = cell.normalize().as_tuple().exponent if isinstance(cell, Decimal) else 0
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _width(column: Column, cells: Sequence[Cell], lines: int, most: int) -> float:
    """Return the width of a column: of its widest cell, ``most`` digits at most, and of its heading in so many ``lines``."""
    texts = [f"{c:,}" if isinstance(c, int | Decimal) else shown(c) for c in cells]
    widest = max((width(line) for text in texts for line in text[:200].splitlines()), default=0)
    heading = min(width(column.heading), max(24 // lines, width(column.heading) // lines + 3))
    return min(max(widest, heading, 6), most) * _STRETCH + 3


def _lines(text: str, wide: float) -> int:
    """Return how many lines a text takes in a column."""
    return sum(max(1, -int(-width(line) * _STRETCH // (wide - 2.5))) for line in text.split("\n"))


def _text(text: str) -> str:
    return _clipped(strip_illegal(text), _MAX_TEXT)


def _clipped(text: str, units: int) -> str:
    """Cut a text to ``units`` of UTF-16, in which Excel counts."""
    return text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore").rstrip()


def _print_setup(sheet: Worksheet, report: Report, *, wide: bool) -> None:
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.orientation = "landscape" if wide else "portrait"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins = PageMargins(_SIDE, _SIDE, _ENDS, _ENDS, header=0.4, footer=0.4)
    sheet.print_options.horizontalCentered = True
    header = _text(f"{report.town}　{report.title}").replace("\n", " ")
    # An ampersand starts a command in headers, and 255 characters is all they hold.
    top, foot = HeaderFooterItem(), HeaderFooterItem()
    top.center.text = _clipped(header, 100).replace("&", "&&")
    foot.center.text = "第 &P 页 共 &N 页"
    sheet.HeaderFooter = HeaderFooter(oddHeader=top, oddFooter=foot)
