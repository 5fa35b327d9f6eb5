from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.faq.reader import entry_files, parse_entry, read_entry
from tests.conftest import ENTRY

PATH = Path("knowledge/faq/劳动与工资/wage.md")
GOOD = ENTRY.format(id="wage", question="工资怎么要？", phrasings="  - 老板不给工资\n  - 欠薪", answer="可以要。\n\n第二段。")


def test_an_entry_is_read_whole() -> None:
    entry, findings = parse_entry(PATH, (GOOD + "\n## 更多\n\n后面的话\n").encode())
    assert findings == ()
    assert entry is not None
    assert entry.model_dump(exclude={"version"}, exclude_none=True, mode="json") == {
        "id": "wage",
        "category": "劳动与工资",
        "question": "工资怎么要？",
        "phrasings": ["老板不给工资", "欠薪"],
        "basis": ["《劳动法》第五十条"],
        "related": [],
        "not_to_confuse_with": [],
        "status": "draft",
        "author": "测试",
        "updated": "2026-11-23",
        "valid_until": "2027-11-30",
        "answer": "可以要。\n\n第二段。",
        "more": "后面的话",
    }


def test_notepads_line_ends_and_bom_make_no_difference() -> None:
    plain = parse_entry(PATH, GOOD.encode()).entry
    windows = parse_entry(PATH, b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()).entry
    assert plain == windows


def test_every_change_changes_the_version() -> None:
    one = parse_entry(PATH, GOOD.encode()).entry
    two = parse_entry(PATH, GOOD.replace("第二段", "第三段").encode()).entry
    assert one and two and one.version != two.version


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "problem"),
    [
        ("id: wage", "id: other", 2, "id", "文件名"),
        ("id: wage", "id: Wage_1", 2, "id", "不是条目编号"),
        ("question: 工资怎么要？", "question:", 2, "question", "缺少"),
        ("question: 工资怎么要？", "question: " + "长" * 61, 3, "question", "太长"),
        ("question: 工资", "question：工资", 4, "", "写法不对"),
        ("  - 欠薪", "  - 12348", 6, "phrasings", "第2条应当是文字"),
        ("  - 欠薪", "  - ''", 6, "phrasings", "第2条是空的"),
        ("  - 老板不给工资\n  - 欠薪", "  []", 4, "phrasings", "一条也没有"),
        ("  - 老板不给工资\n  - 欠薪", "  欠薪", 4, "phrasings", "应当是一列"),
        ("《劳动法》第五十条", "劳动法50条", 8, "basis", "读不懂的依据"),
        ("status: draft", "status: 草稿", 9, "status", "不是条目状态"),
        ("status: draft", "status: signed", 9, "status", "审核人"),
        ("updated: 2026-11-23", "updated: 2026-02-30", 11, "updated", "日期"),
        ("updated: 2026-11-23", "updated: 去年", 11, "updated", "日期"),
        ("author: 测试", "author: 测试\nnotes: 随便", 11, "notes", "没有这一项"),
        ("author: 测试", "author: 测试\nid: wage", 11, "id", "两次"),
        ("author: 测试", "author: 测试\nanswer: 可以", 11, "answer", "不写在开头"),
        ("可以要。\n\n第二段。", "", 14, "answer", "是空的"),
        ("---\nid", "id", 1, "", "开头没有"),
        ("author: 测试", "author: [测试", 11, "", "写法不对"),
    ],
)
def test_a_fault_is_reported_with_line_field_and_remedy(old: str, new: str, line: int, field: str, problem: str) -> None:
    assert old in GOOD
    entry, findings = parse_entry(PATH, GOOD.replace(old, new, 1).encode())
    assert entry is None
    assert any(f.field == field and problem in f.problem and f.remedy for f in findings), findings
    if not (field == "question" and problem == "缺少"):
        assert line in {f.line for f in findings if f.field == field}, findings


def test_a_file_saved_in_gbk_is_reported_with_what_to_do() -> None:
    _, (finding,) = parse_entry(PATH, GOOD.encode("gbk"))
    assert (finding.line, "UTF-8" in finding.remedy) == (3, True)


def test_a_file_cut_in_the_middle_of_saving_is_no_entry() -> None:
    whole = GOOD.encode()
    assert all(parse_entry(PATH, whole[:n]).findings for n in range(whole.index(b"\n---\n") + 4))


@given(st.binary(max_size=300))
def test_no_bytes_raise(raw: bytes) -> None:
    parse_entry(PATH, raw)


@given(st.text(max_size=200))
def test_no_front_matter_raises(text: str) -> None:
    parse_entry(PATH, f"---\n{text}\n---\n答案".encode("utf-8", "surrogatepass"))


def test_a_yaml_bomb_and_deep_nesting_are_findings_not_crashes() -> None:
    bomb = "a: &a [x,x]\n" + "".join(f"{c}: &{c} [*{p},*{p}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True))
    assert parse_entry(PATH, f"---\n{bomb}---\nx".encode()).findings
    assert parse_entry(PATH, f"---\nid: {'[' * 5000}\n---\nx".encode()).findings


def test_editors_own_files_are_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "faq" / "类别"
    folder.mkdir(parents=True)
    for name in ("b.md", "a.md", "~$a.md", ".a.md.swp", "a.md~", "说明.txt"):
        (folder / name).write_text("x")
    assert [p.name for p in entry_files(tmp_path)] == ["a.md", "b.md"]


def test_an_unreadable_file_is_a_finding(tmp_path: Path) -> None:
    folder = tmp_path / "faq"
    folder.mkdir()
    assert read_entry(folder).findings[0].remedy
