"""What a report puts into a Word document: tables, captions, notes, pictures, as elements with their own formatting.

Nothing here depends on the styles of the template: a clerk may bring one that has none of ours.
"""

import io
import math
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.parts.document import DocumentPart
from docx.shared import Cm

from bot.reports.charts import WIDTH_CM
from bot.reports.table import UNKNOWN, Cell, Column, Table
from bot.text import strip_illegal

PORTRAIT, LANDSCAPE = 8845, 12756
"""Width of the type area in twips: A4 less the margins of GB/T 9704, upright (156 mm) and lying (225 mm)."""

_LAYOUTS = ((PORTRAIT, 21), (PORTRAIT, 18), (LANDSCAPE, 21), (LANDSCAPE, 18), (LANDSCAPE, 15))
"""Widths and sizes of letters (half points: 五号, 小五, 六号) to try in this order."""

MARK, END = "\ufdd0", "\ufdd1"
"""Characters that are none (Unicode, noncharacters): they mark in the filled template where a table or picture goes."""

_BROKEN = re.compile(r"[\t\n\r\u0085\u2028\u2029]+")
_NO_INDENT = '<w:ind w:firstLineChars="0" w:firstLine="0"/>'
_PADDING = 57  # twips left and right of a cell's text, 1 mm
_SONG = '<w:rFonts w:hint="eastAsia" w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="仿宋_GB2312"/>'
_HEI = '<w:rFonts w:hint="eastAsia" w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="黑体"/>'


@dataclass(frozen=True)
class Layout:
    """How a table fits on the page: ``widths`` of its columns in twips, ``size`` of its letters in half points."""

    page: int
    size: int
    widths: tuple[int, ...]

    @property
    def lying(self) -> bool:
        """Whether the table needs a page of its own that lies on its side."""
        return self.page == LANDSCAPE


def text_of(cell: Cell) -> str:
    """Return what is printed for a cell or a figure: in one line, without what XML forbids; — for None."""
    if cell is None:
        return UNKNOWN
    text = f"{cell:f}" if isinstance(cell, Decimal) else strip_illegal(str(cell))
    return _BROKEN.sub(" ", text).replace(MARK, "").replace(END, "")


def layout(table: Table) -> Layout:
    """Return the largest letters with which the table fits upright; lying only where 小五 does not fit upright."""
    columns = [_widths(table, n) for n in range(len(table.columns))]
    for page, size in _LAYOUTS:
        unit = size * 5  # half a Chinese character
        least = [low * unit + 2 * _PADDING + unit for low, _ in columns]
        if sum(least) <= page:
            break
    wish = [(high - low) * unit for low, high in columns]
    share = min(1.0, max(0, page - sum(least)) / (sum(wish) or 1))
    widths = [a + b * share for a, b in zip(least, wish, strict=True)]
    whole = [int(width * page / sum(widths)) for width in widths]
    whole[-1] += page - sum(whole)
    return Layout(page, size, tuple(whole))


def table_xml(table: Table, fits: Layout, *, noted: bool) -> Any:
    """Return the table: bordered, its heading repeated on every page, no row broken over two, totals bold.

    noted: a note follows, which stays on the page of the last row.
    """
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in fits.widths)
    borders = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    margins = "".join(f'<w:{side} w:w="{_PADDING}" w:type="dxa"/>' for side in ("left", "right"))
    head = [_cell(text_of(c.heading), width, fits.size, bold=True, follow=True) for c, width in _across(table, fits)]
    # A short table stays whole; a long one keeps its first and its last rows together, so that none stands alone.
    short, last = len(table.rows) <= 20, len(table.rows) - 1
    body = []
    for n, row in enumerate(table.rows):
        follow = noted if n == last else short or n < 2 or n == last - 1
        cells = []
        for at, (column, width) in enumerate(_across(table, fits)):
            longest = _longest(table, at)
            beside = None
            if column.kind != "text":
                beside = max(0, (width - 2 * _PADDING - longest * fits.size * 5) // 2)
            side = "right" if beside is not None else "center" if at and longest <= 16 else "left"
            text = text_of(row.cells[at])
            cells.append(_cell(text, width, fits.size, bold=row.total, follow=follow, side=side, beside=beside or 0))
        body.append(f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{''.join(cells)}</w:tr>")
    return parse_xml(
        f"<w:tbl {nsdecls('w')}><w:tblPr>"
        f'<w:tblW w:w="{fits.page}" w:type="dxa"/><w:jc w:val="center"/><w:tblBorders>{borders}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar>{margins}</w:tblCellMar><w:tblLook w:val="0420"/>'
        f"<w:tblCaption w:val={quoteattr(text_of(table.title))}/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>"
        f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{''.join(head)}</w:tr>{''.join(body)}</w:tbl>"
    )


def caption_xml(text: str, *, below: bool = False) -> Any:
    """Return the line above a table, or ``below`` a picture."""
    keep = "" if below else "<w:keepNext/>"
    space = "0" if below else "240"
    return parse_xml(
        f'<w:p {nsdecls("w")}><w:pPr>{keep}<w:snapToGrid w:val="0"/>'
        f'<w:spacing w:before="{space}" w:after="120" w:line="240" w:lineRule="auto"/>{_NO_INDENT}<w:jc w:val="center"/>'
        f"</w:pPr>{_run(text_of(text), 24, _HEI)}</w:p>"
    )


def note_xml(text: str, *, follow: bool = False) -> Any:
    """Return a small line under a table; ``follow``: it stays on the page of the next one."""
    return parse_xml(
        f'<w:p {nsdecls("w")}><w:pPr>{"<w:keepNext/>" if follow else ""}<w:keepLines/><w:snapToGrid w:val="0"/>'
        f'<w:spacing w:before="60" w:after="60" w:line="240" w:lineRule="auto"/>{_NO_INDENT}<w:jc w:val="left"/>'
        f"</w:pPr>{_run(text_of(text), 18, _SONG)}</w:p>"
    )


def picture_xml(part: DocumentPart, png: bytes, title: str) -> Any:
    """Return a paragraph that holds the picture; its height is not fixed, which would cut the picture to one line."""
    paragraph = parse_xml(
        f'<w:p {nsdecls("w")}><w:pPr><w:keepNext/><w:snapToGrid w:val="0"/>'
        f'<w:spacing w:before="240" w:after="60" w:line="240" w:lineRule="auto"/>{_NO_INDENT}<w:jc w:val="center"/></w:pPr>'
        "<w:r><w:drawing/></w:r></w:p>"
    )
    inline = part.new_pic_inline(io.BytesIO(png), Cm(WIDTH_CM))
    inline.docPr.set("descr", text_of(title))
    paragraph[-1][-1].append(inline)
    return paragraph


def _across(table: Table, fits: Layout) -> list[tuple[Column, int]]:
    return list(zip(table.columns, fits.widths, strict=True))


def _cell(
    text: str, width: int, size: int, *, bold: bool = False, follow: bool = False, side: str = "center", beside: int = 0
) -> str:
    """Numbers stand in the middle of their column and yet end in one line: ``beside`` twips from the right."""
    indent = f'<w:ind w:firstLineChars="0" w:firstLine="0" w:right="{beside}"/>' if beside else _NO_INDENT
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>'
        f'<w:p><w:pPr>{"<w:keepNext/>" if follow else ""}<w:snapToGrid w:val="0"/>'
        f'<w:spacing w:before="30" w:after="30" w:line="240" w:lineRule="auto"/>{indent}<w:jc w:val="{side}"/></w:pPr>'
        f"{_run(text, size, _SONG, bold=bold)}</w:p></w:tc>"
    )


def _run(text: str, size: int, fonts: str, *, bold: bool = False) -> str:
    weight = "<w:b/><w:bCs/>" if bold else ""
    return (
        f'<w:r><w:rPr>{fonts}{weight}<w:sz w:val="{size}"/><w:szCs w:val="{size}"/></w:rPr>'
        f'<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'
    )


def _widths(table: Table, place: int) -> tuple[int, int]:
    """Return the least and the wished width of a column, in halves of a Chinese character.

    Numbers are never broken; a heading may take four lines, of two characters at least; a text six characters a line.
    """
    heading, longest = _width(text_of(table.columns[place].heading)), _longest(table, place)
    quarter = max(-(-heading // 8) * 2, min(heading, 4))
    if table.columns[place].kind == "text":
        return max(quarter, min(longest, 12)), max(min(heading, 8), min(longest, 44))
    return max(quarter, longest), max(heading, longest)


def _longest(table: Table, place: int) -> int:
    return max((_width(text_of(row.cells[place])) for row in table.rows), default=0)


def _width(text: str) -> int:
    # Digits are half as wide as a Chinese character; a quarter more for bold ones, and where Times New Roman is missing.
    halves = sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1.25 for c in text)
    return math.ceil(halves)
