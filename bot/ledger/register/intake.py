"""A workbook of registers read: every row that can be entered, and every cell that cannot, with what to do."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.styles import Font
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

from bot.ledger.register.definitions import REGISTERS, named
from bot.ledger.register.fields import Lists, Register, validated
from bot.ledger.register.sheets import CHOICES, ENTERED, EXAMPLE, FINDINGS, GUIDE, NUMBER
from bot.ledger.register.values import folded, plain
from bot.sheet import WorkbookError, mark, open_book, to_bytes, unmark

_HEAD_WITHIN = 10
"""The headings stand in one of the first rows: people put a title above them."""
_DAYS_1904 = 1462
_MERGED = ("是合并的单元格", "取消合并，每一行都填上")

Cells = Mapping[int, Mapping[int, Cell]]
"""The cells of a sheet that hold something, by row and column."""


@dataclass(frozen=True)
class CellFault:
    """What is wrong in a workbook and what to do. ``row`` 0: the whole sheet; ``column`` 0: the whole row."""

    sheet: str
    row: int
    column: int
    heading: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        where = f"「{self.sheet}」" + (f"第{self.row}行" if self.row else "") + (f"「{self.heading}」" if self.heading else "")
        return f"{where}：{self.problem}。{self.remedy}。"


@dataclass(frozen=True)
class Line:
    """A row that was validated; ``number`` where it says which row of the ledger it is."""

    register: Register
    sheet: str
    row: int
    columns: Mapping[str, int]
    values: Mapping[str, Any]
    number: int | None = None

    def fault(self, heading: str, problem: str, remedy: str) -> CellFault:
        """Return a fault of one of its cells, or of the whole row where there is no such column."""
        return CellFault(self.sheet, self.row, self.columns.get(heading, 0), heading, problem, remedy)


@dataclass(frozen=True)
class Intake:
    """What reading a workbook gave; ``notes``: what the reader passed over or took for something."""

    lines: tuple[Line, ...]
    faults: tuple[CellFault, ...]
    notes: tuple[str, ...]
    book: Workbook


def read(raw: bytes, lists: Lists, *, today: date) -> Intake:
    """Read the registers in a workbook. Raises WorkbookError where it is no workbook or holds no row at all."""
    book = open_book(raw)
    lines: list[Line] = []
    faults: list[CellFault] = []
    notes: list[str] = []
    for sheet in book.worksheets:
        if sheet.title in {GUIDE, CHOICES, FINDINGS}:
            continue
        for found in _sheet(sheet, lists, today, mac=book.epoch == CALENDAR_MAC_1904):
            if isinstance(found, Line):
                lines.append(found)
            elif isinstance(found, CellFault):
                faults.append(found)
            else:
                notes.append(found)
    if not lines and not faults:
        raise WorkbookError("\n".join([*notes, "表里一行要导入的也没有。"]))
    return Intake(tuple(lines), tuple(faults), tuple(notes), book)


def marked(book: Workbook, faults: Sequence[CellFault]) -> bytes:
    """Return the workbook with every cell at fault painted and commented, and the faults listed on a sheet in front."""
    if FINDINGS in book.sheetnames:
        del book[FINDINGS]
    for fault in faults:
        if fault.sheet in book.sheetnames:
            cell = book[fault.sheet].cell(max(fault.row, 1), max(fault.column, 1))
            mark(cell, f"{fault.problem}。{fault.remedy}。")
    listing: Worksheet = book.create_sheet(FINDINGS, 0)
    listing.append(["工作表", "行", "栏目", "问题", "怎么改"])
    for fault in faults:
        listing.append([fault.sheet, fault.row or None, fault.heading, fault.problem, fault.remedy])
    for row in listing.iter_rows():
        for cell in row:
            if isinstance(cell.value, str):
                cell.data_type = "s"
    for letter, width in zip("ABCDE", (18, 8, 20, 44, 70), strict=True):
        listing.column_dimensions[letter].width = width
        listing[f"{letter}1"].font = Font(bold=True)
    book.active = 0
    return to_bytes(book)


def _sheet(sheet: Worksheet, lists: Lists, today: date, *, mac: bool) -> Iterator[Line | CellFault | str]:
    cells = _cells(sheet)
    if not cells:
        return
    register, head = _recognised(sheet.title, cells)
    if register is None or head == 0:
        titles = "、".join(r.title for r in REGISTERS.values())
        remedy = f"工作表的名字写成其中一个：{titles}；栏目名照模板写；不是台账的表删掉"
        yield CellFault(sheet.title, 0, 0, "", "认不出是哪本台账", remedy)
        return
    if named(sheet.title) is None:
        yield f"工作表「{sheet.title}」按「{register.title}」读。"
    if sheet.sheet_state != "visible":
        yield CellFault(sheet.title, 0, 0, "", "工作表是藏起来的", "取消隐藏，看清楚再导入；不要的删掉")
    columns, faults = _columns(sheet.title, register, cells, head)
    yield from faults
    if any(fault.row == 0 for fault in faults):
        return
    rows = {row: there for row, there in cells.items() if row > head and there.keys() & set(columns.values())}
    merged, last = set(), max(cells)
    for area in sheet.merged_cells.ranges:
        if area.max_row > head:
            merged |= {row for row in range(area.min_row, min(area.max_row, last) + 1) if row > head}
            yield CellFault(sheet.title, area.min_row, area.min_col, "", *_MERGED)
    skipped = []
    for row, there in sorted(rows.items()):
        first = there.get(columns.get(register.fields[0].heading, 0))
        if first is not None and plain(first.value).startswith(EXAMPLE):
            skipped.append(str(row))
        elif row in sheet.row_dimensions and sheet.row_dimensions[row].hidden:
            yield CellFault(sheet.title, row, 0, "", "这一行藏起来了", "取消隐藏或筛选，看清楚再导入；不要的删掉")
        elif row not in merged:
            yield from _line(sheet.title, register, row, there, columns, lists, today, mac=mac)
    if skipped:
        yield f"「{sheet.title}」第{'、'.join(skipped)}行是示例，没有导入。"


def _line(
    title: str,
    register: Register,
    row: int,
    there: Mapping[int, Cell],
    columns: Mapping[str, int],
    lists: Lists,
    today: date,
    *,
    mac: bool,
) -> Iterator[Line | CellFault]:
    said: dict[str, Any] = {}
    bad: dict[str, tuple[str, str]] = {}
    for heading, column in columns.items():
        cell = there.get(column)
        if cell is None or heading in ENTERED:
            continue
        if cell.data_type == "f":
            bad[heading] = ("是公式", "复制这一格，再用「选择性粘贴」粘成数值")
        elif cell.data_type == "e":
            bad[heading] = (f"是 {cell.value}，公式算错了", "填上真的数")
        else:
            said[heading] = cell.value
            f = register.field(heading)
            if mac and f and f.kind == "date" and isinstance(cell.value, int | float):
                said[heading] = cell.value + _DAYS_1904
    number = plain(said.pop(NUMBER, None))
    if number and not number.isdecimal():
        bad[NUMBER] = (f"「{number}」不是编号", "编号由程序给，清空它")
    values, faults = validated(register, said, lists, today=today)
    line = Line(register, title, row, columns, values, int(number) if number.isdecimal() else None)
    for fault in faults:
        bad.setdefault(fault.field, (fault.problem, fault.remedy))
    if bad:
        yield from (line.fault(heading, *words) for heading, words in bad.items())
    else:
        yield line


def _cells(sheet: Worksheet) -> Cells:
    """Return what the sheet holds; going over all rows that it says to have would make a million empty cells."""
    found: dict[int, dict[int, Cell]] = defaultdict(dict)
    for (row, column), cell in sheet._cells.items():
        unmark(cell)
        if not isinstance(cell, MergedCell) and cell.value is not None and (cell.data_type != "s" or plain(cell.value)):
            found[row][column] = cell
    return found


def _recognised(title: str, cells: Cells) -> tuple[Register | None, int]:
    """Return the register of a sheet, by its name or else by its headings, and the row of the headings (0: none)."""
    rows = sorted(cells)[:_HEAD_WITHIN]

    def headings(register: Register) -> tuple[int, int]:
        """Return how many cells of its best row are headings of the register, and that row."""
        return max((sum(_heading(register, cell) is not None for cell in cells[row].values()), -row) for row in rows)

    register = named(title)
    if register is not None:
        hits, row = headings(register)
        return register, -row if hits >= 2 else 0
    ranked = sorted(((*headings(r), r.key) for r in REGISTERS.values()), reverse=True)
    (hits, row, key), (next_hits, _, _) = ranked[:2]
    return (REGISTERS[key], -row) if hits >= 4 and hits > next_hits else (None, 0)


def _heading(register: Register, cell: Cell) -> str | None:
    word = plain(cell.value)
    if folded(word) in {NUMBER, *ENTERED}:
        return folded(word)
    f = register.field(word) if cell.data_type == "s" else None
    return f.heading if f else None


def _columns(title: str, register: Register, cells: Cells, head: int) -> tuple[dict[str, int], list[CellFault]]:
    """Return the column of each heading, and the faults of the headings; one with row 0 makes the sheet unreadable."""
    columns: dict[str, int] = {}
    faults: list[CellFault] = []
    for column, cell in sorted(cells[head].items()):
        heading = _heading(register, cell)
        word = plain(cell.value)
        if heading is None:
            faults.append(
                CellFault(title, head, column, word[:20], f"「{register.title}」没有这一栏", "照模板写栏目名，或者删掉这一列")
            )
        elif heading in columns:
            faults.append(CellFault(title, head, column, word[:20], "这一栏有两列", "只留一列"))
        else:
            columns[heading] = column
    nameless: dict[int, int] = {}
    for row in sorted(cells):
        if row > head:
            for column in cells[row].keys() - cells[head].keys():
                nameless.setdefault(column, row)
    faults += [
        CellFault(title, row, column, "", "这一列第一行没有栏目名", "补上栏目名，或者删掉这一格")
        for column, row in sorted(nameless.items())
    ]
    needed = [f.heading for f in register.fields if f.required and f.default is None and f.only is None]
    if missing := [heading for heading in needed if heading not in columns]:
        faults.append(CellFault(title, 0, 0, "", f"缺这些栏目：{'、'.join(missing)}", "照模板补上这些列"))
    return columns, faults
