"""The FAQ as a workbook: there and back, and back with faults."""

import io
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from bot.faq import workbook
from bot.faq.entry import Entry
from bot.faq.library import Library
from bot.faq.reader import parse_entry
from bot.faq.writer import path_of, to_markdown, write_all
from tests.conftest import KNOWLEDGE, NOW


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*.md"))}


def apply(folder: Path, current: list[Entry], new: tuple[Entry, ...]) -> list[str]:
    return workbook.apply(folder, current, new, author="李", why="导入", now=NOW)


def changed(raw: bytes, **cells: object) -> bytes:
    """Return the workbook with some cells (``C2="…"``) changed."""
    book = load_workbook(io.BytesIO(raw))
    for place, value in cells.items():
        book[workbook.SHEET][place] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture
def entries(library: Library) -> list[Entry]:
    return list(library.current.entries.values())


def test_the_whole_faq_there_and_back_gives_identical_files(real_library: Library, tmp_path: Path) -> None:
    entries = list(real_library.current.entries.values())
    result = workbook.read(workbook.export(entries))
    assert (result.faults, result.marked) == ((), None)
    assert len(apply(tmp_path, [], result.entries)) == len(entries)
    assert files(tmp_path / "faq") == files(KNOWLEDGE / "faq")
    assert apply(tmp_path, entries, result.entries) == []


TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufeff"), min_size=1, max_size=30).filter(
    str.strip
)


@given(question=TEXT, phrasings=st.lists(TEXT, min_size=1, max_size=3), answer=TEXT)
@settings(max_examples=60, deadline=None)
def test_any_entry_survives_its_file(question: str, phrasings: list[str], answer: str) -> None:
    basis = ("《劳动法》第五十条",)
    entry = Entry(
        id="x", category="类别", question=question, phrasings=tuple(phrasings), basis=basis, status="draft", author="我",
        updated=datetime(2026, 11, 23).date(), answer=answer,
    )  # fmt: skip
    back, findings = parse_entry(path_of(entry, Path()), to_markdown(entry).encode())
    fences = any(line.strip() in {"---"} or line.startswith("##") for line in answer.splitlines())
    assert fences or (
        findings == () and back is not None and back.model_dump(exclude={"version"}) == entry.model_dump(exclude={"version"})
    )


def test_the_sheet_is_made_for_wps_and_excel(entries: list[Entry]) -> None:
    sheet = load_workbook(io.BytesIO(workbook.export(entries)))[workbook.SHEET]
    assert [c.value for c in sheet[1]] == [c.heading for c in workbook.COLUMNS]
    assert sheet.freeze_panes == "D2"
    formulas = [v.formula1 for v in sheet.data_validations.dataValidation]
    assert formulas == ['"草稿,已签发,已停用"', "=选项!$A$1:$A$2"]
    assert all(c.data_type == "s" for row in sheet.iter_rows(min_row=2) for c in row if c.value is not None)


def test_a_text_that_looks_like_a_formula_stays_a_text(entries: list[Entry]) -> None:
    entry = entries[0].model_copy(update={"answer": "=1+1 不是公式。"})
    sheet = load_workbook(io.BytesIO(workbook.export([entry])))[workbook.SHEET]
    assert (sheet["E2"].value, sheet["E2"].data_type) == ("=1+1 不是公式。", "s")


def test_an_edit_in_the_sheet_changes_that_entry_only(library: Library, knowledge: Path, entries: list[Entry]) -> None:
    before = files(knowledge)
    raw = changed(workbook.export(entries), C3="彩礼能退吗？", D3="退彩礼\r\n 彩礼要回来 \n\n")
    result = workbook.read(raw)
    said = apply(knowledge, entries, result.entries)
    after = files(knowledge)
    assert [line[0] for line in said] == ["改"]
    assert [name for name in after if after[name] != before[name]] == ["faq/婚姻/bride-price.md"]
    entry = library.refresh().entries["bride-price"]
    assert (entry.question, entry.phrasings) == ("彩礼能退吗？", ("退彩礼", "彩礼要回来"))


def test_a_new_row_is_a_new_file_and_a_new_category_moves_the_file(knowledge: Path, entries: list[Entry]) -> None:
    raw = changed(workbook.export(entries), A3="bride-price-two", B4="家庭")
    apply(knowledge, entries, workbook.read(raw).entries)
    names = set(files(knowledge))
    assert {"faq/婚姻/bride-price-two.md", "faq/婚姻/bride-price.md", "faq/家庭/divorce.md"} <= names
    assert "faq/婚姻/divorce.md" not in names


FAULTS = [
    ({"A2": "Bad Id"}, "编号", "不是条目编号"),
    ({"A2": None}, "编号", "缺少"),
    ({"A3": "wage"}, "编号", "已经有一行"),
    ({"B2": "../../外面"}, "类别", "不能做文件夹的名字"),
    ({"B2": ".git"}, "类别", "不能做文件夹的名字"),
    ({"C2": None}, "标准问题", "缺少"),
    ({"C2": "长" * 61}, "标准问题", "太长"),
    ({"C2": "=A1"}, "标准问题", "公式"),
    ({"D2": None}, "问法", "一条也没有"),
    ({"E2": None}, "答案", "缺少"),
    ({"G2": "劳动法第五十"}, "依据", "读不懂的依据"),
    ({"K2": "好了"}, "状态", "不是条目状态"),
    ({"K2": "已签发"}, "状态", "审核人"),
    ({"M2": "去年"}, "更新日期", "不是日期"),
    ({"M2": "2026-02-30"}, "更新日期", "不是日期"),
    ({"E2": "第一句。\n## 更多\n第二句。"}, "答案", "存不进文件"),
]


@pytest.mark.parametrize(("cells", "heading", "problem"), FAULTS)
def test_a_fault_is_marked_in_its_cell_and_said_in_words(
    entries: list[Entry], cells: dict[str, object], heading: str, problem: str
) -> None:
    result = workbook.read(changed(workbook.export(entries), **cells))
    assert any(heading in fault and problem in fault for fault in result.faults), result.faults
    assert result.marked
    sheet = load_workbook(io.BytesIO(result.marked))[workbook.SHEET]
    marked = [c for row in sheet.iter_rows(min_row=2) for c in row if c.comment]
    assert any(problem in c.comment.text and c.fill.fgColor.rgb.endswith("FFC7CE") for c in marked)


def test_what_people_type_for_dates_and_numbers_is_understood(entries: list[Entry]) -> None:
    raw = changed(workbook.export(entries), M2=datetime(2026, 5, 1), M3="2026年5月1日", M4="2026/5/1", D2=12348)
    result = workbook.read(raw)
    assert result.faults == ()
    assert {e.updated.isoformat() for e in result.entries} == {"2026-05-01"}
    assert result.entries[0].phrasings == ("12348",)


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def an_empty_book() -> bytes:
    out = io.BytesIO()
    Workbook().save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    "raw",
    [b"", b"no workbook", b"PK\x03\x04broken", zipped(a=b"x"), zipped(bomb=b"0" * (201 * 1024 * 1024)), an_empty_book()],
    ids=["empty", "text", "broken", "zip", "bomb", "other"],
)
def test_what_is_no_workbook_of_the_faq_is_refused_in_words(raw: bytes) -> None:
    with pytest.raises(workbook.WorkbookError):
        workbook.read(raw)


def test_external_entities_in_a_workbook_are_refused(entries: list[Entry]) -> None:
    raw = workbook.export(entries)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            data = old.read(part)
            if part.filename == "xl/workbook.xml":
                data = data.replace(b"<workbook", b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><workbook', 1)
            new.writestr(part, data)
    with pytest.raises(workbook.WorkbookError):
        workbook.read(out.getvalue())


def test_a_write_that_fails_leaves_every_file_as_it_was(knowledge: Path, entries: list[Entry]) -> None:
    before = files(knowledge)
    good = path_of(entries[0], knowledge)
    with pytest.raises(OSError):
        write_all({good: "new", knowledge / "hotlines.yaml" / "x.md": "cannot be"})
    assert files(knowledge) == before
    assert not list(knowledge.rglob("*.draft"))
