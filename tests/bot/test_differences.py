"""What a change changed, side by side."""

from bot.faq.edit.differences import MOST_LINES, Line, Part, Piece, compared
from tests.conftest import ENTRY

NAME = "faq/婚姻/divorce.md"


def entry(question: str = "离婚怎么办？", phrasings: tuple[str, ...] = ("想离婚", "离婚"), answer: str = "可以起诉。") -> str:
    lines = "\n".join(f"  - {p}" for p in phrasings)
    return ENTRY.format(id="divorce", question=question, phrasings=lines, answer=answer)


def shown(parts: tuple[Part, ...]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return headings with their lines, [-gone-] and {+new+} marked, … for skipped ones."""

    def text(pieces: tuple[Piece, ...] | None) -> str:
        signs = {"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}"}
        return "".join(signs[p.kind].format(p.text) for p in pieces or ())

    def both(line: Line) -> tuple[str, str]:
        return (f"…{line.skipped}", "") if line.skipped else (text(line.old), text(line.new))

    return [(part.heading, [both(line) for line in part.lines]) for part in parts]


def test_only_fields_that_changed_are_shown_with_the_changed_words_marked() -> None:
    new = entry(question="离婚找谁？", answer="可以直接起诉。\n先调解。")
    assert shown(compared(NAME, entry(), new)) == [
        ("标准问题", [("离婚[-怎么办-]？", "离婚{+找谁+}？")]),
        ("答案", [("可以起诉。", "可以{+直接+}起诉。"), ("", "{+先调解。+}")]),
    ]


def test_of_a_list_only_what_came_and_went_is_shown() -> None:
    old = entry(phrasings=("一", "二", "三", "四"))
    new = entry(phrasings=("一", "二", "五", "四", "六"))
    assert shown(compared(NAME, old, new)) == [("问法", [("…2", ""), ("[-三-]", "{+五+}"), ("…1", ""), ("", "{+六+}")])]


def test_lines_without_common_words_are_shown_as_replaced() -> None:
    assert shown(compared("a.yaml", "甲乙丙丁戊\n", "一二丙四五\n")) == [("全文", [("[-甲乙丙丁戊-]", "{+一二丙四五+}")])]


def test_long_unchanged_stretches_are_skipped() -> None:
    old = "".join(f"第{n}行\n" for n in range(20))
    new = old.replace("第10行", "第十行")
    assert shown(compared("a.yaml", old, new)) == [
        ("全文", [("…8", ""), ("第8行", "第8行"), ("第9行", "第9行"), ("第[-10-]行", "第{+十+}行"),
                ("第11行", "第11行"), ("第12行", "第12行"), ("…7", "")]),
    ]  # fmt: skip


def test_a_new_file_and_one_that_is_gone_are_shown_whole() -> None:
    assert [heading for heading, _ in shown(compared(NAME, None, entry()))] == [
        "标准问题", "类别", "问法", "答案", "依据", "有效期至", "作者", "状态",
    ]  # fmt: skip
    assert shown(compared("a.yaml", "a: 1\n", None)) == [("全文", [("[-a: 1-]", "")])]


def test_an_entry_that_cannot_be_made_out_is_compared_line_by_line() -> None:
    assert shown(compared(NAME, "坏了\n", "坏了吗\n")) == [("全文", [("坏了", "坏了{+吗+}")])]


def test_the_same_twice_differs_in_nothing() -> None:
    assert compared(NAME, entry(), entry()) == ()
    assert compared("a.yaml", None, None) == ()


def test_what_is_too_long_is_said_to_differ_and_not_compared() -> None:
    assert compared("a.yaml", "一\n", "一\n" * (MOST_LINES + 1)) == (Part("全文", ()),)
    long = "字" * 4000
    assert shown(compared("a.yaml", long, long + "尾")) == [("全文", [(f"[-{long}-]", f"{{+{long}尾+}}")])]


def test_signing_is_a_difference() -> None:
    new = entry().replace("status: draft", "status: signed\nreviewed_by: 李\nreviewed_on: 2026-11-24")
    assert shown(compared(NAME, entry(), new)) == [
        ("状态", [("[-草稿-]", "{+已签发+}")]), ("审核人", [("", "{+李+}")]), ("审核日期", [("", "{+2026-11-24+}")]),
    ]  # fmt: skip
