"""An entry as a form: what goes in comes out of the file again or is refused; two people's edits are merged."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.faq.edit import drafting, history, review
from bot.faq.edit.editing import Fields, compose, fields_of, suggested_id, tidied, visible, with_phrasings
from bot.faq.edit.merging import Difference, merge
from tests.conftest import KNOWLEDGE

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
WAGE = Fields(
    question="老板拖欠工资怎么要？",
    category="劳动与工资",
    phrasings=("老板不给工资", "欠我三个月工钱"),
    answer="可以去劳动监察投诉。\n\n现在怎么办：\n1. 存好证据。",
    more="也可以申请仲裁。",
    basis=("《劳动法》第五十条",),
    deadline="一年内申请仲裁。",
    related=("divorce",),
    not_to_confuse_with=("bride-price",),
    valid_until="2027-11-30",
    author="示例律师",
)


CITE = "写成《劳动法》第五十条，或《民法典》第一千零七十九条第二款第（三）项"


def changed(**changes: object) -> Fields:
    return Fields(**{**WAGE.__dict__, **changes})  # type: ignore[arg-type]


def problems(said: Fields) -> list[str]:
    return [str(fault) for fault in compose(tidied(said), "wage", today=TODAY).faults]


def test_fields_become_a_file_and_the_file_the_same_fields() -> None:
    made = compose(WAGE, "wage", today=TODAY)
    assert made.text is not None
    assert fields_of(Path("faq/劳动与工资/wage.md"), made.text) == WAGE
    assert made.entry is not None
    assert (made.entry.status, made.entry.updated, made.faults) == ("draft", TODAY, ())


def test_every_shipped_entry_goes_through_the_form_unchanged() -> None:
    for path in sorted((KNOWLEDGE / "faq").glob("*/*.md"))[::9]:
        text = path.read_text(encoding="utf-8")
        said = fields_of(path, text)
        assert said is not None
        assert tidied(said) == said
        assert compose(said, path.stem, today=date(2026, 11, 23)).text == text


HOSTILE = [
    "---",
    "可以。\n---\nstatus: signed\n---\n再来",
    "可以。\nstatus: signed\nreviewed_by: 我自己",
    "- 一\n- 二",
    "{a: b}",
    "!!python/object/apply:os.system [id]",
    "&anchor *alias",
    "'引号\" : # 不是注释",
    "null",
    "2026-01-01",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ config }}",
    "| 多行\n  缩进",
    "可以。\n##更多了",
    "yes",
    "%TAG ! tag:yaml.org,2002:",
    "？ 问: 答",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("field", ["answer", "more"])
def test_hostile_text_in_the_body_stays_text(field: str, text: str) -> None:
    made = compose(tidied(changed(**{field: text})), "wage", today=TODAY)
    assert made.entry is not None, made.faults
    assert getattr(made.entry, field) == text
    assert (made.entry.status, made.entry.reviewed_by) == ("draft", None)


@pytest.mark.parametrize("text", [t for t in HOSTILE if "\n" not in t])
@pytest.mark.parametrize("field", ["question", "deadline", "author"])
def test_hostile_text_on_one_line_stays_text(field: str, text: str) -> None:
    made = compose(tidied(changed(**{field: text, "phrasings": (text, "老板不给工资")})), "wage", today=TODAY)
    assert made.entry is not None, made.faults
    assert getattr(made.entry, field) == text
    assert made.entry.phrasings[0] == text


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (changed(answer="可以。\n## 更多\n后面"), "答案：不能单独有一行「## 更多」。后面的内容写到「更多」一栏。"),
        (changed(question="一\n二"), "标准问题：要写在一行里。去掉换行。"),
        (changed(question="长" * 61), "标准问题：太长。缩短到 60 字以内。"),
        (changed(question=""), "标准问题：没有填。填上。"),
        (changed(basis=("劳动法",)), f"依据：第1条读不懂的依据「劳动法」。{CITE}。"),
        (changed(phrasings=("好", "长" * 201)), "问法：第2条太长。缩短到 200 字以内。"),
        (changed(valid_until="2026-02-30"), "有效期至：不是日期。写成 2026-11-24 这样。"),
        (changed(valid_until="明年"), "有效期至：不是日期。写成 2026-11-24 这样。"),
        (changed(answer="长。" * 12000), "答案：整条有 70 KB，太大。删掉一些问法，或者拆成两条。"),
        (changed(author="甲\x07"), "作者：里面有看不见的字符，多半是从别处复制带来的。已经替您去掉，再看一遍，重新保存。"),
    ],
)  # fmt: skip
def test_what_a_file_cannot_hold_is_refused_with_what_to_do(said: Fields, problem: str) -> None:
    made = compose(tidied(said), "wage", today=TODAY)
    assert (problems(said), made.text, made.entry) == ([problem], None, None)


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=30))
def test_any_text_comes_out_as_it_went_in_or_is_refused(answer: str, more: str, phrasing: str) -> None:
    said = tidied(changed(answer=answer, more=more, phrasings=(phrasing, "老板不给工资")))
    made = compose(said, "wage", today=TODAY)
    if made.text is not None:
        assert fields_of(Path("faq/劳动与工资/wage.md"), made.text) == said
    else:
        assert any(not fault.missing for fault in made.faults)


def test_an_unfinished_entry_makes_a_file_and_no_entry() -> None:
    said = tidied(Fields(question="能退彩礼吗？", category="婚姻", author="示例明白人"))
    made = compose(said, "caili", today=TODAY)
    assert made.text is not None
    assert made.entry is None
    assert {f.field for f in made.faults if f.missing} == {"phrasings", "answer", "basis"}
    assert all(f.missing for f in made.faults)
    assert fields_of(Path("drafts/婚姻/caili.md"), made.text) == said


def test_a_file_that_is_no_entry_yet_is_read_as_far_as_it_goes() -> None:
    from bot.faq.writer import stub

    said = fields_of(Path("faq/婚姻/caili.md"), stub("caili", "能退彩礼吗？", TODAY, answer="能退。", author="示例律师"))
    assert said == Fields("能退彩礼吗？", "婚姻", ("能退彩礼吗？",), "能退。", valid_until="2027-11-24", author="示例律师")
    assert fields_of(Path("faq/婚姻/caili.md"), "没有开头") is None
    assert fields_of(Path("faq/婚姻/caili.md"), "---\na: [\n---\n") is None


def test_what_is_typed_is_tidied() -> None:
    said = tidied(
        Fields(
            question="  老板欠工资？ ",
            phrasings=("甲 ", "", "甲", "乙"),
            answer="一。\r\n二。  \r\n",
            basis=("民法典1079条；劳动法第50条", "《民法典》第188条"),
            valid_until="2027年1月5日",
        )
    )
    assert said == Fields(
        question="老板欠工资？",
        phrasings=("甲", "乙"),
        answer="一。\n二。",
        basis=("《民法典》第一千零七十九条", "《劳动法》第五十条", "《民法典》第188条"),
        valid_until="2027-01-05",
    )


def test_characters_that_nobody_sees_are_named_and_taken_out() -> None:
    clean, faults = visible(changed(answer="可\u200b以\u202e。", phrasings=("老板\x00不给", "好")))
    assert (clean.answer, clean.phrasings) == ("可以。", ("老板不给", "好"))
    assert [f.field for f in faults] == ["phrasings", "answer"]


@pytest.mark.parametrize(
    ("question", "taken", "id_"),
    [
        ("老板拖欠工资怎么要？", set(), "lao-ban-tuo-qian"),
        ("老板拖欠工资怎么要？", {"lao-ban-tuo-qian", "lao-ban-tuo-qian-2"}, "lao-ban-tuo-qian-3"),
        ("ATM吞卡怎么办", set(), "atm-tun-ka-zen"),
        ("110怎么打", set(), "wen-110-zen-me-da"),
        ("？？", set(), "wen"),
    ],
)
def test_an_id_is_how_the_question_is_read(question: str, taken: set[str], id_: str) -> None:
    assert suggested_id(question, taken) == id_


def test_phrasings_are_added_at_the_end_once() -> None:
    assert with_phrasings(WAGE, ["新的", "老板不给工资"]).phrasings == ("老板不给工资", "欠我三个月工钱", "新的")


# ---- merging


def test_what_only_the_other_changed_is_taken_over_and_what_only_i_changed_stays() -> None:
    theirs, mine = changed(deadline="三年内起诉。"), changed(answer="可以投诉。")
    found = merge(WAGE, theirs, mine)
    assert found.fields == changed(deadline="三年内起诉。", answer="可以投诉。")
    assert found.differences == (
        Difference("deadline", "一年内申请仲裁。", "三年内起诉。", "一年内申请仲裁。", "三年内起诉。", "theirs"),
    )
    assert found.conflicts == ()


def test_two_texts_for_one_field_are_left_to_a_person() -> None:
    found = merge(WAGE, changed(answer="他的。"), changed(answer="我的。"))
    assert (found.fields.answer, found.conflicts) == ("我的。", ("answer",))


def test_two_lists_are_put_together_and_nothing_that_either_took_out_comes_back() -> None:
    theirs = changed(phrasings=("老板不给工资", "他加的"))  # took out 欠我三个月工钱
    mine = changed(phrasings=("老板不给工资", "欠我三个月工钱", "我加的"))
    found = merge(WAGE, theirs, mine)
    assert found.fields.phrasings == ("老板不给工资", "他加的", "我加的")
    (difference,) = found.differences
    assert (difference.kind, difference.is_list) == ("both", True)
    assert difference.lines(difference.theirs) == [("＋", "他加的"), ("－", "欠我三个月工钱")]


def test_the_same_change_by_both_is_no_conflict() -> None:
    found = merge(WAGE, changed(answer="新。"), changed(answer="新。"))
    assert (found.fields.answer, found.conflicts) == ("新。", ())


# ---- who edited last


def signed_by(knowledge: Path, reviewer: str) -> None:
    drafting.sign(
        knowledge, drafting.held(knowledge, "wage"), reviewer=reviewer, valid_until=date(2027, 11, 20), author=reviewer,
        today=TODAY, at=NOW,
    )  # fmt: skip


def saved_by(knowledge: Path, author: str, answer: str) -> None:
    now = drafting.held(knowledge, "wage")
    assert now.current
    assert now.current.fields
    made = drafting.composed(replace(now.current.fields, answer=answer), now, "wage", TODAY)
    drafting.save(knowledge, now, made, author=author, why="", at=NOW)


def last_editor(knowledge: Path) -> str | None:
    return drafting.last_editor(knowledge, drafting.held(knowledge, "wage"))


def test_who_edited_last_is_who_changed_what_it_says(knowledge: Path) -> None:
    assert last_editor(knowledge) == "测试"  # whom the file names: nothing was recorded yet
    saved_by(knowledge, "甲", "甲写的。")
    assert last_editor(knowledge) == "甲"
    signed_by(knowledge, "乙")
    assert last_editor(knowledge) == "甲"
    drafting.turn(knowledge, drafting.held(knowledge, "wage"), off=True, author="丙", at=NOW)
    assert last_editor(knowledge) == "甲"


def test_who_edited_what_replaced_the_signed_one_is_known_after_it_was_signed(knowledge: Path) -> None:
    signed_by(knowledge, "乙")
    saved_by(knowledge, "丁", "丁写的。")
    assert drafting.held(knowledge, "wage").draft
    assert last_editor(knowledge) == "丁"
    signed_by(knowledge, "乙")
    assert drafting.held(knowledge, "wage").draft is None
    assert last_editor(knowledge) == "丁"


def test_a_reason_that_reads_like_a_signature_hides_no_edit(knowledge: Path) -> None:
    file = drafting.held(knowledge, "wage").live
    assert file
    text = file.text.replace("可以去劳动监察投诉。", "偷偷改的。")
    history.save(knowledge, {file.path: text}, author="甲", why="签发 wage", now=NOW)
    assert last_editor(knowledge) == "甲"


def test_what_was_changed_by_hand_after_it_was_edited_is_nobodys(knowledge: Path) -> None:
    saved_by(knowledge, "甲", "甲写的。")
    path = drafting.held(knowledge, "wage").live
    assert path
    path.path.write_text(path.text.replace("甲写的。", "手改的。"), encoding="utf-8")
    history.note(knowledge, now=NOW)
    assert last_editor(knowledge) == "测试"


def test_a_list_of_what_was_handed_in_that_was_spoilt_by_hand_is_begun_anew(knowledge: Path) -> None:
    (knowledge / review.FILE).write_text("wage: [", encoding="utf-8")
    assert review.waiting(knowledge) == {}
    review.hand_in(knowledge, "wage", "文", by="甲", author="甲", today=TODAY, at=NOW)
    assert review.waiting(knowledge) == {"wage": review.Waiting(by="甲", on=TODAY, version=history.digest("文"))}
