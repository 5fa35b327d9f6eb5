"""The whole FAQ as a workbook for WPS and Excel, there and back without loss."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet
from pydantic import ValidationError

from bot.faq.edit import history
from bot.faq.edit.texts import is_name
from bot.faq.entry import Entry
from bot.faq.reader import in_words, parse_entry
from bot.faq.writer import path_of, to_markdown
from bot.sheet import WorkbookError as WorkbookError
from bot.sheet import mark, open_book, to_bytes

SHEET = "常见问题"

_STATUS = {"draft": "草稿", "signed": "已签发", "withdrawn": "已停用"}
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True)
class Column:
    """One column: the entry's field, its Chinese heading, its width, and how a value becomes a cell and back."""

    field: str
    heading: str
    width: int
    to_cell: Callable[[Any], Any] = lambda value: value
    of_cell: Callable[[str], Any] = lambda text: text or None


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _day(text: str) -> date | str | None:
    if not text:
        return None
    found = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", text)
    try:
        return date(*map(int, found.groups())) if found else text
    except ValueError:
        return text


def _status(text: str) -> str:
    return {chinese: status for status, chinese in _STATUS.items()}.get(text, text)


def _column(field: str, heading: str, width: int) -> Column:
    if field in {"phrasings", "basis", "related", "not_to_confuse_with"}:
        return Column(field, heading, width, "\n".join, _lines)
    if field in {"updated", "reviewed_on", "valid_until"}:
        return Column(field, heading, width, lambda value: value.isoformat() if value else None, _day)
    if field == "status":
        return Column(field, heading, width, _STATUS.__getitem__, _status)
    return Column(field, heading, width)


COLUMNS = tuple(
    _column(*row)
    for row in (
        ("id", "编号", 26),
        ("category", "类别", 18),
        ("question", "标准问题", 32),
        ("phrasings", "问法（每行一条）", 44),
        ("answer", "答案", 60),
        ("more", "更多", 40),
        ("basis", "依据（每行一条）", 36),
        ("deadline", "期限", 32),
        ("related", "相关条目（每行一个编号）", 26),
        ("not_to_confuse_with", "不要弄混（每行一个编号）", 26),
        ("status", "状态", 10),
        ("author", "作者", 16),
        ("updated", "更新日期", 12),
        ("reviewed_by", "审核人", 12),
        ("reviewed_on", "审核日期", 12),
        ("valid_until", "有效期至", 12),
    )
)


def export(entries: Sequence[Entry]) -> bytes:
    """Return a workbook with one row an entry, in the order of category and id."""
    book = Workbook(write_only=False)
    book.remove(book.worksheets[0])
    sheet: Worksheet = book.create_sheet(SHEET)
    for number, column in enumerate(COLUMNS, 1):
        cell: Any = sheet.cell(1, number, column.heading)
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="DDEBF7")
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    ordered = sorted(entries, key=lambda e: (e.category, e.id))
    for row, entry in enumerate(ordered, 2):
        for number, column in enumerate(COLUMNS, 1):
            value = getattr(entry, column.field)
            text = column.to_cell(value) if value not in (None, "", ()) else None
            cell = sheet.cell(row, number)
            if text is not None:
                # As text whatever it starts with: no cell of ours is a formula or a number.
                cell.value = _ILLEGAL.sub("", text)
                cell.data_type = "s"
            cell.number_format = "@"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "D2"
    sheet.auto_filter.ref = sheet.dimensions
    _choices(sheet, "状态", list(_STATUS.values()))
    _choices(sheet, "类别", list(dict.fromkeys(e.category for e in ordered)), book)
    return to_bytes(book)


@dataclass(frozen=True)
class Import:
    """What reading a workbook gave: the entries, or the workbook with every bad cell marked, and the faults in words."""

    entries: tuple[Entry, ...]
    faults: tuple[str, ...]
    marked: bytes | None


def read(raw: bytes) -> Import:
    """Read a workbook of the FAQ. Raises WorkbookError where the file is no such workbook at all."""
    book = open_book(raw)
    if SHEET not in book.sheetnames:
        raise WorkbookError(f"没有名叫「{SHEET}」的工作表。请用导出的表来改，不要改工作表的名字。")
    sheet = book[SHEET]
    headings = {str(cell.value).strip(): n for n, cell in enumerate(sheet[1], 1) if cell.value is not None}
    if missing := [c.heading for c in COLUMNS if c.heading not in headings]:
        raise WorkbookError(f"缺这些列：{'、'.join(missing)}。请用导出的表来改，不要改第一行。")
    entries: dict[str, Entry] = {}
    faults: list[str] = []
    # Only the rows that are there: a sheet may claim a million.
    for row in sorted({row for row, _ in sheet._cells if row > 1}):
        cells = {c.field: sheet.cell(row, headings[c.heading]) for c in COLUMNS}
        if all(cell.value is None for cell in cells.values()):
            continue
        found = _entry(cells)
        if isinstance(found, Entry):
            if found.id not in entries:
                entries[found.id] = found
                continue
            found = [("id", f"编号 {found.id} 在上面已经有一行", "删掉一行，或者换一个编号")]
        for field, problem, remedy in found:
            cell = cells.get(field, cells["id"])
            heading = next(c.heading for c in COLUMNS if c.field == (field if field in cells else "id"))
            faults.append(f"第{row}行「{heading}」：{problem}。{remedy}。")
            mark(cell, f"{problem}。{remedy}。")
    if not entries and not faults:
        raise WorkbookError("表里一行条目也没有。")
    return Import(tuple(entries.values()), tuple(faults), to_bytes(book) if faults else None)


def apply(folder: Path, current: Sequence[Entry], new: Sequence[Entry], *, author: str, why: str, now: datetime) -> list[str]:
    """Save the entries that differ from ``current`` as one change of the folder; return a line for each.

    An entry that moved to another category leaves its old place; entries that the workbook does not name stay.
    Raises what ``history.save`` raises.
    """
    there = {e.id: e for e in current}
    texts, gone, said = {}, [], []
    for entry in new:
        old = there.get(entry.id)
        if old and to_markdown(old) == to_markdown(entry) and old.category == entry.category:
            continue
        texts[path_of(entry, folder)] = to_markdown(entry)
        if old and old.category != entry.category:
            gone.append(path_of(old, folder))
        said.append(f"{'改' if old else '增'} {entry.category}/{entry.id}.md　{entry.question}")
    if texts:
        history.save(folder, texts, remove=gone, author=author, why=why, now=now)
    return said


def _entry(cells: dict[str, Cell | MergedCell]) -> Entry | list[tuple[str, str, str]]:
    """Return the entry of a row, or (field, problem, remedy) for each cell that is at fault."""
    faults, fields = [], {}
    for column in COLUMNS:
        cell = cells[column.field]
        if cell.data_type == "f":
            faults.append((column.field, "是公式", "改成文字：先把单元格格式设为文本，再填"))
            continue
        fields[column.field] = column.of_cell(_text(cell.value))
    if faults:
        return faults
    fields = {name: value for name, value in fields.items() if value is not None}
    fields.setdefault("more", "")
    try:
        entry = Entry.model_validate(fields)
    except ValidationError as e:
        return [in_words(details) for details in e.errors()]
    if not is_name(entry.category):
        return [("category", "不能做文件夹的名字", "只用文字，不用 / \\ : * ? 这些符号，不用点开头")]
    # Through the file and back: what a file cannot hold must not come in by a workbook.
    back = parse_entry(path_of(entry, Path()), to_markdown(entry).encode())
    if back.entry is None or back.entry.model_dump(exclude={"version"}) != entry.model_dump(exclude={"version"}):
        return [("answer", "这样的内容存不进文件（比如单独一行「## 更多」）", "去掉这样的行")]
    return back.entry


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n").strip()


def _choices(sheet: Worksheet, heading: str, values: list[str], book: Workbook | None = None) -> None:
    letter = get_column_letter(next(n for n, c in enumerate(COLUMNS, 1) if c.heading == heading))
    formula = '"' + ",".join(values) + '"'
    if book is not None:  # too long for a formula: a sheet of its own
        listing = book.create_sheet("选项")
        for n, value in enumerate(values, 1):
            listing.cell(n, 1, value)
        listing.sheet_state = "hidden"
        formula = f"=选项!$A$1:$A${max(1, len(values))}"
    choice = DataValidation(type="list", formula1=formula, allow_blank=False, showErrorMessage=heading == "状态")
    choice.errorTitle, choice.error = heading, "请从下拉框里选"
    sheet.add_data_validation(choice)
    choice.add(f"{letter}2:{letter}5000")
