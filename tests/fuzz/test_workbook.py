"""Workbooks that somebody uploads, broken or built to do harm: refused in words, or faults in words; never a long wait."""

import functools
import io
import time
import warnings
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from bot.faq import workbook
from bot.faq.lists import read_lists
from bot.ledger.register import intake, sheets
from bot.ledger.register.definitions import REGISTERS
from bot.ledger.register.fields import Lists
from bot.sheet import MAX_AREA, WorkbookError, open_book
from tests.fuzz.world import FAULT, TODAY, broken, knowledge, library, tries

SECONDS = 3.0


@functools.cache
def lists() -> Lists:
    found, _ = read_lists(knowledge())
    assert found
    return found


@functools.cache
def faq() -> bytes:
    return workbook.export(list(library().current.entries.values()))


@functools.cache
def registers() -> bytes:
    book = load_workbook(io.BytesIO(sheets.template([REGISTERS["activities"], REGISTERS["disputes"]], lists())))
    for sheet in book.worksheets[1:3]:
        for column in range(1, sheet.max_column + 1):
            sheet.cell(3, column, sheet.cell(2, column).value)
        sheet.cell(3, 1, "2026-05-01")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(raw: bytes) -> None:
    """Read a file in both ways in which it may come in."""
    began = time.monotonic()
    for way in (_as_faq, _as_registers):
        try:
            faults = way(raw)
        except WorkbookError as e:
            faults = [e]
        assert all(5 < len(str(fault)) < 2000 for fault in faults)
    assert time.monotonic() - began < SECONDS


def _as_faq(raw: bytes) -> Any:
    found = workbook.read(raw)
    assert found.entries or found.faults
    return found.faults


def _as_registers(raw: bytes) -> Any:
    found = intake.read(raw, lists(), today=TODAY)
    if found.faults:
        intake.marked(found.book, found.faults)
    return found.faults


def altered(raw: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """Return a workbook with its parts changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, change(part.filename, old.read(part)))
    return out.getvalue()


def into(part: str, old: bytes, new: bytes) -> bytes:
    """Return the FAQ's workbook with something put into one part."""

    def change(name: str, data: bytes) -> bytes:
        if name != part:
            return data
        assert old in data
        return data.replace(old, new, 1)

    return altered(faq(), change)


SHEET = "xl/worksheets/sheet1.xml"
BOOKS = st.sampled_from([faq, registers])


@given(raw=st.binary(max_size=300), book=BOOKS, faults=st.lists(FAULT, min_size=1, max_size=3))
@tries(12)
def test_a_broken_file_is_refused_in_words(raw: bytes, book: Callable[[], bytes], faults: list[Any]) -> None:
    read(raw)
    read(broken(book(), faults))


@given(book=BOOKS, part=st.integers(0, 12), faults=st.lists(FAULT, min_size=1, max_size=3))
@tries(15)
def test_a_broken_part_is_refused_or_its_faults_are_named(book: Callable[[], bytes], part: int, faults: list[Any]) -> None:
    with zipfile.ZipFile(io.BytesIO(book())) as archive:
        names = archive.namelist()
    chosen = names[part % len(names)]
    read(altered(book(), lambda name, data: broken(data, faults) if name == chosen else data))


FORMULAS = ["=1+1", '=HYPERLINK("http://x")', "+1", "-1", "@x", "=cmd|'/c calc'!A1", "#REF!", "是", "2026-02-30", "９", "1e400"]
CELL = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40),
    st.sampled_from(FORMULAS),
    st.integers(-10, 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.one_of(st.booleans(), st.none(), st.dates(), st.datetimes(), st.times(), st.timedeltas()),
)


@given(book=BOOKS, cells=st.lists(st.tuples(st.integers(1, 6), st.integers(1, 20), CELL), min_size=1, max_size=12))
@tries(12)
def test_any_cells_are_taken_or_their_faults_are_named(book: Callable[[], bytes], cells: list[tuple[int, int, Any]]) -> None:
    made = load_workbook(io.BytesIO(book()))
    for sheet in made.worksheets[:3]:
        for row, column, value in cells:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                sheet.cell(row, column).value = value
    out = io.BytesIO()
    made.save(out)
    read(out.getvalue())


def test_a_formula_is_a_fault_and_never_computed_or_kept() -> None:
    made = load_workbook(io.BytesIO(faq()))
    made[workbook.SHEET]["E2"] = "=cmd|'/c calc'!A1"
    out = io.BytesIO()
    made.save(out)
    found = workbook.read(out.getvalue())
    assert any("公式" in fault for fault in found.faults)


ROWS = b"</sheetData>"
WHOLE = b"A1:XFD1048576"
HOSTILE = {
    "merged": (SHEET, ROWS, ROWS + b'<mergeCells><mergeCell ref="' + WHOLE + b'"/></mergeCells>'),
    "merged twice over": (SHEET, ROWS, ROWS + b"<mergeCells>" + b'<mergeCell ref="A1:Z9999"/>' * 30 + b"</mergeCells>"),
    "merged with a decoy": (SHEET, ROWS, ROWS + b"<mergeCells><mergeCell x='ref=\"A1\"' ref='" + WHOLE + b"'/></mergeCells>"),
    "merged in absolute words": (SHEET, ROWS, ROWS + b'<mergeCells><mergeCell ref="$A$1:$XFD$1048576"/></mergeCells>'),
    "merged in disguise": (SHEET, ROWS, ROWS + b'<mergeCells><mergeCell ref="A1&#58;XFD1048576"/></mergeCells>'),
    "merged columns": (SHEET, ROWS, ROWS + b'<mergeCells><mergeCell ref="A:XFD"/></mergeCells>'),
    "a link over all": (SHEET, ROWS, ROWS + b'<hyperlinks><hyperlink display="a>b" ref="' + WHOLE + b'"/></hyperlinks>'),
    "entities": ("xl/workbook.xml", b"<workbook", b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><workbook'),
    "a file of the machine": ("xl/workbook.xml", b"<workbook", b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><workbook'),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_workbook_built_to_do_harm_is_refused_at_once(name: str) -> None:
    began = time.monotonic()
    with pytest.raises(WorkbookError):
        open_book(into(*HOSTILE[name]))
    assert time.monotonic() - began < 1


def test_two_bytes_a_character_hide_nothing() -> None:
    raw = into(SHEET, ROWS, ROWS + b'<mergeCells><mergeCell ref="' + WHOLE + b'"/></mergeCells>')
    hidden = altered(raw, lambda name, data: data.decode().encode("utf-16") if name == SHEET else data)
    with pytest.raises(WorkbookError):
        open_book(hidden)


def test_what_is_declared_far_down_is_not_read_either() -> None:
    text = b"<!--" + b"x" * 5000 + b'--><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    for part, tag in (("xl/sharedStrings.xml", b"<sst"), (SHEET, b"<worksheet"), ("xl/workbook.xml", b"<workbook")):
        if part == "xl/sharedStrings.xml":
            raw = altered(faq(), lambda name, data: data.replace(b"</t>", b"&e;</t>", 1).replace(b"<sst", text + b"<sst", 1)
                          if name == "xl/sharedStrings.xml" else data)  # fmt: skip
        else:
            raw = into(part, tag, text + tag)
        try:
            book = open_book(raw)
        except WorkbookError:
            continue
        assert "root:" not in str([[c.value for c in row] for sheet in book for row in sheet.iter_rows()])


def test_rows_and_columns_far_out_cost_nothing() -> None:
    read(into(SHEET, b'<row r="2"', b'<row r="99999999999999"'))
    read(into(SHEET, b"<sheetData>", b'<cols><col min="1" max="100000000" width="5"/></cols><sheetData>'))


def test_what_people_merge_is_still_opened() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet
    sheet["A1"] = "标题"
    sheet.merge_cells("A1:P1")
    sheet.merge_cells("A3:A5000")
    out = io.BytesIO()
    book.save(out)
    assert len(open_book(out.getvalue()).worksheets) == 1 and MAX_AREA > 5016
