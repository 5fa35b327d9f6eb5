"""Workbooks of .xlsx: opened with care, written, and marked where a cell is at fault."""

import io
import re
import warnings
import zipfile
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils import column_index_from_string

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED = 200 * 1024 * 1024
"""A workbook is a zip file; what it unpacks to is looked at before it is unpacked."""

MAX_TAGS = 4_000_000
"""Each tag becomes an object; so many take some hundred megabytes and half a minute, and no register comes near."""

MAX_AREA = 500_000
"""openpyxl makes an object of every cell of a merged area or of a link: a few bytes can ask for billions."""

_AREA = re.compile(rb"<(?:\w+:)?(?:mergeCell|hyperlink)\b[^<]*")
_REF = re.compile(rb"\bref\s*=\s*[\"']([^\"'<]*)")
_CORNERS = re.compile(rb"([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})")

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
            if any(_is_odd(_head(archive, part)) for part in archive.infolist()):
                raise WorkbookError("里面有表格不该有的内容（文档类型声明），为了安全不打开。")
            tags, cells = map(sum, zip(*(_sizes(archive, part) for part in archive.infolist()), strict=True))
            if tags > MAX_TAGS:
                raise WorkbookError("里面的格子太多，不像是一张表。请把空白的行和列删掉，只留填了的。")
            if cells > MAX_AREA:
                raise WorkbookError("合并的格子（或者一个链接占的格子）太多。请取消合并、去掉链接再试。")
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


def _is_odd(head: bytes) -> bool:
    # Every program writes UTF-8; what is looked for below would be hidden by two bytes a character.
    return b"<!DOCTYPE" in head or head.startswith((b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<"))


def _sizes(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> tuple[int, int]:
    """Return how many tags a part has, and how many cells its merged areas and links cover."""
    data = archive.read(part)
    return data.count(b"<"), sum(_area(ref) for tag in _AREA.findall(data) for ref in _REF.findall(tag))


def _area(ref: bytes) -> int:
    """Return of how many cells an area consists; too many where it is written as no program writes it."""
    if b":" not in ref and b"&" not in ref:
        return 1
    found = _CORNERS.fullmatch(ref)
    if found is None:
        return MAX_AREA + 1
    left, top, right, bottom = (column_index_from_string(one.decode()) if one.isalpha() else int(one) for one in found.groups())
    return (abs(right - left) + 1) * (abs(bottom - top) + 1)


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
