"""Workbooks of .xlsx: opened with care, written, and marked where a cell is at fault."""

import io
import warnings
import zipfile
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED = 200 * 1024 * 1024
"""A workbook is a zip file; what it unpacks to is looked at before it is unpacked."""

MAX_TAGS = 4_000_000
"""Each tag becomes an object; so many take some hundred megabytes and half a minute, and no register comes near."""

RED = "FFFFC7CE"
_MARKED_BY = "检查"


class WorkbookError(Exception):
    """The file cannot be used as a workbook; the message says why and what to do."""


def open_book(raw: bytes) -> Workbook:
    """Open a workbook; raises WorkbookError where it is none, is broken, or unpacks to too much."""
    if len(raw) > MAX_BYTES:
        raise WorkbookError(f"文件有{len(raw) // 1024 // 1024} MB，太大。")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MAX_UNPACKED:
                raise WorkbookError("文件解开后太大，不像是一张表。")
            if sum(_tags(archive, part) for part in archive.infolist()) > MAX_TAGS:
                raise WorkbookError("里面的格子太多，不像是一张表。请把空白的行和列删掉，只留填了的。")
            if any(b"<!DOCTYPE" in _head(archive, part) for part in archive.infolist()):
                raise WorkbookError("里面有表格不该有的内容（文档类型声明），为了安全不打开。")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # parts that openpyxl leaves out, such as what WPS adds
            return load_workbook(io.BytesIO(raw))
    except WorkbookError:
        raise
    except Exception as e:  # openpyxl lets through whatever a broken part causes
        raise WorkbookError("打不开，不是 .xlsx 表格或者文件坏了。请在 WPS 或 Excel 里另存为 .xlsx 再试。") from e


def _head(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    # Entities are declared here; which parser openpyxl takes, and what that one allows, depends on what is installed.
    with archive.open(part) as opened:
        return opened.read(4096)


def _tags(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    found = 0
    with archive.open(part) as opened:
        while block := opened.read(1 << 20):
            found += block.count(b"<")
    return found


def to_bytes(book: Workbook) -> bytes:
    """Return the file of a workbook."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def mark(cell: Cell | MergedCell, message: str) -> None:
    """Paint a cell red and write what is wrong with it into its comment, below what is there of this check."""
    if isinstance(cell, MergedCell):  # has no comment of its own
        sheet: Any = cell.parent
        whole = next(area for area in sheet.merged_cells.ranges if cell.coordinate in area)
        cell = sheet.cell(whole.min_row, whole.min_col)
    said = f"{cell.comment.text}\n" if is_marked(cell) and cell.comment else ""
    cell.fill = PatternFill("solid", fgColor=RED)
    cell.comment = Comment(f"{said}{message}", _MARKED_BY)


def unmark(cell: Cell | MergedCell) -> None:
    """Take back what ``mark`` did."""
    if is_marked(cell):
        cell.fill, cell.comment = PatternFill(), None


def is_marked(cell: Cell | MergedCell) -> bool:
    """Tell whether ``mark`` marked this cell."""
    return cell.comment is not None and cell.comment.author == _MARKED_BY
