"""The registers as a workbook for WPS and Excel: an empty one to fill in, or one with what the ledger holds, laid out alike."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties

from bot.ledger.clock import local_time, moment
from bot.ledger.register.definitions import REGISTERS
from bot.ledger.register.fields import Field, Lists, Register, described
from bot.sheet import to_bytes

GUIDE, CHOICES, FINDINGS = "填写说明", "选项", "检查结果"
"""Sheets beside those of the registers."""
EXAMPLE = "示例"
NUMBER, ENTERED = "编号", ("录入时间", "录入人")
"""Columns after the fields that only an export has; an import knows a row that is there already by its number."""

_LAST_ROW = 20_000
_GUIDE_WIDTH, _LINE = 90, 16
_BOLD, _NOTE = Font(bold=True), Font(italic=True, color="FF7F7F7F")
_REQUIRED, _OPTIONAL = PatternFill("solid", fgColor="FFFCE4D6"), PatternFill("solid", fgColor="FFDDEBF7")
_WIDTHS = {"text": 22, "choice": 16, "choices": 20, "count": 12, "amount": 12, "date": 13, "time": 10}
_RULES = (
    "一本台账一张工作表，一件事一行。不要改第一行的栏目名和工作表的名字；列的先后可以换。",
    "橙色的栏目必须填。有下拉框的从下拉框里选。",
    f"灰色斜体的那一行是示例（日期前面写着「{EXAMPLE}」），导入时跳过，可以删。",
    "不要合并单元格，不要用公式，不要把行藏起来；有一处不对，整个文件就一行也不导入，另给一份标红的「-有错」文件。",
    "不要写身份证号、手机号；写了会被遮掉，或者不让导入。",
    "导出的表最后几列（编号、录入时间、录入人）不用填。要改已经记下的，在网页的台账里点「更正」，不要在表里改。",
)


def template(registers: Sequence[Register], lists: Lists) -> bytes:
    """Return a workbook to fill in: a sheet for each register, with an example row that is not imported."""
    return _book(lists, {register.key: None for register in registers})


def export(rows: Mapping[str, Sequence[Mapping[str, Any]]], lists: Lists) -> bytes:
    """Return a workbook with rows of the ledger, by the key of their register."""
    return _book(lists, rows)


def _book(lists: Lists, rows: Mapping[str, Sequence[Mapping[str, Any]] | None]) -> bytes:
    book = Workbook(write_only=True)
    registers = [REGISTERS[key] for key in rows]
    _guide(book, registers, lists)
    places: dict[tuple[str, ...], str] = {}
    for register in registers:
        _sheet(book, register, rows[register.key], lists, places)
    listing = book.create_sheet(CHOICES)
    listing.sheet_state = "hidden"
    columns = list(places)
    for n in range(max(map(len, columns), default=0)):
        listing.append([column[n] if n < len(column) else None for column in columns])
    return to_bytes(book)


def _guide(book: Workbook, registers: Sequence[Register], lists: Lists) -> None:
    sheet = book.create_sheet(GUIDE)
    for letter, width in zip("ABCD", (18, 18, 8, _GUIDE_WIDTH), strict=True):
        sheet.column_dimensions[letter].width = width
    _for_a4(sheet)
    for rule in _RULES:
        sheet.append([rule])
    sheet.append([])
    sheet.append([_cell(sheet, text, font=_BOLD) for text in ("台账", "栏目", "必填", "填什么")])
    row = len(_RULES) + 2
    for register in registers:
        for f in register.fields:
            row += 1
            line = (register.title, f.heading, "必填" if _needed(f) else "", described(register, f, lists))
            # Not left to the program that opens it: LibreOffice shows one line only.
            sheet.row_dimensions[row].height = _LINE * -(-2 * len(line[3]) // _GUIDE_WIDTH)
            sheet.append([_cell(sheet, text, wrap=True) for text in line])


def _sheet(
    book: Workbook,
    register: Register,
    rows: Sequence[Mapping[str, Any]] | None,
    lists: Lists,
    places: dict[tuple[str, ...], str],
) -> None:
    """Add the sheet of a register; ``places`` gathers where in the sheet of choices each list stands."""
    sheet = book.create_sheet(register.title)
    sheet.freeze_panes = "B2"
    _for_a4(sheet)
    for n, f in enumerate(register.fields, 1):
        letter = get_column_letter(n)
        sheet.column_dimensions[letter].width = max(_WIDTHS[f.kind], 2 * len(f.heading) + 2)
        allowed = f.allowed(lists)
        if f.kind == "choice" and allowed:
            column = get_column_letter(len(places) + 1)
            choice = DataValidation(
                type="list",
                formula1=places.setdefault(allowed, f"'{CHOICES}'!${column}$1:${column}${len(allowed)}"),
                allow_blank=True,
                showErrorMessage=True,
                errorTitle=f.heading,
                error="请从下拉框里选",
            )
            sheet.data_validations.append(choice)
            choice.add(f"{letter}2:{letter}{_LAST_ROW}")
    heads = [_cell(sheet, f.heading, font=_BOLD, fill=_REQUIRED if _needed(f) else _OPTIONAL) for f in register.fields]
    if rows is None:
        sheet.append(heads)
        sheet.append([_example(sheet, f, lists) for f in register.fields])
        return
    sheet.append([*heads, *(_cell(sheet, heading, font=_NOTE) for heading in (NUMBER, *ENTERED))])
    for row in rows:
        sheet.append([*_cells(sheet, register, row), row["number"], *_entered(sheet, row)])


def _for_a4(sheet: Any) -> None:
    sheet.page_setup.paperSize, sheet.page_setup.orientation = 9, "landscape"  # 9: A4
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToHeight = 0


def _cells(sheet: Any, register: Register, row: Mapping[str, Any]) -> Iterator[Any]:
    for f in register.fields:
        value = row[f.key]
        if value is not None and f.kind == "date":
            yield _cell(sheet, date.fromisoformat(value))
        else:
            yield _cell(sheet, value) if isinstance(value, str) else value


def _entered(sheet: Any, row: Mapping[str, Any]) -> tuple[Any, Any]:
    at = f"{local_time(moment(row['entered_at'])):%Y-%m-%d %H:%M}"
    return _cell(sheet, at), _cell(sheet, row["entered_by"])


def _example(sheet: Any, f: Field, lists: Lists) -> Any:
    value: Any = f.example
    if not value and f.listed and f.kind in {"choice", "choices"}:
        value = f.allowed(lists)[0]
    elif f.kind == "date" and value:
        value = f"{EXAMPLE} {value}" if f.key == "day" else date.fromisoformat(str(value))
    return _cell(sheet, value, font=_NOTE) if value != "" else None


def _needed(f: Field) -> bool:
    return f.required and f.only is None and f.default is None


def _cell(sheet: Any, value: Any, *, font: Font | None = None, fill: PatternFill | None = None, wrap: bool = False) -> Any:
    cell: Any = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"  # whatever it starts with: no cell of ours is a formula
    elif isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"
    if font:
        cell.font = font
    if fill:
        cell.fill = fill
    if wrap:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell
