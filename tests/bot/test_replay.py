"""Which questions change their answer; what an edit does to what is served; the checks of one entry."""

import threading
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.faq.check import Folder, check
from bot.faq.edit.entry_check import Checked, check_one, cited
from bot.faq.edit.replay import Occupied, Replay, Said, Swap, Trials, replay, with_entry
from bot.faq.entry import Entry
from bot.faq.library import Library

TODAY = date(2026, 11, 24)


def edited(entry: Entry, **changes: object) -> Entry:
    return Entry.model_validate({**entry.model_dump(), **changes})


def test_questions_that_get_another_answer_are_listed_those_asked_most_first() -> None:
    before = {"甲": Said("wage", "答工资", "wage"), "乙": Said("miss", "没答上"), "丙": Said("divorce", "答离婚", "divorce")}
    after = {**before, "乙": Said("wage", "答工资", "wage"), "丙": Said("wage", "答工资", "wage")}
    told: list[tuple[int, int]] = []
    found = replay(
        ["甲", "丙", "乙", "乙", "甲"], before.__getitem__, after.__getitem__, edited="wage",
        tell=lambda done, of: told.append((done, of)),
    )  # fmt: skip
    assert found == Replay(5, 2, 2, (Swap("乙", 2, "没答上", "答工资"), Swap("丙", 1, "答离婚", "答工资")))
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_nothing_asked_nothing_changed() -> None:
    assert replay([], lambda q: Said(q, q), lambda q: Said(q, q)) == Replay(0, 0, 0, ())


def test_a_new_phrasing_is_found_after_the_edit_and_not_before(library: Library) -> None:
    base = library.current
    entry = edited(base.entries["wage"], phrasings=("老板不给工资", "包工头卷款跑路找不着人"))
    after = with_entry(base, entry)
    question = "包工头卷款跑路找不着人"
    assert after.index.ranking(question).confidence == 1.0
    assert base.index.ranking(question).confidence < 1.0
    assert base.entries["wage"].phrasings == ("老板不给工资", "欠我三个月工钱")


def test_learning_anew_gives_what_is_served_once_the_edit_is_saved_and_settled(library: Library, knowledge: Path) -> None:
    path = knowledge / "faq" / "劳动与工资" / "wage.md"
    text = path.read_text(encoding="utf-8").replace("  - 欠我三个月工钱", "  - 欠我三个月工钱\n  - 包工头卷款跑路找不着人")
    entry = edited(library.current.entries["wage"], phrasings=("老板不给工资", "欠我三个月工钱", "包工头卷款跑路找不着人"))
    before = with_entry(library.current, entry, learn=True)
    path.write_text(text, encoding="utf-8")
    library.refresh()
    library.settle()
    for question in ("包工头跑路", "三个月工钱", "他不签字"):
        assert before.index.ranking(question) == library.current.index.ranking(question)


def test_an_edit_that_matching_does_not_see_keeps_the_index(library: Library) -> None:
    entry = edited(library.current.entries["wage"], deadline="一年内申请仲裁。")
    after = with_entry(library.current, entry)
    assert after.index is library.current.index
    assert after.entries["wage"].deadline == "一年内申请仲裁。"


def test_the_same_edit_is_built_once(library: Library) -> None:
    trials = Trials()
    entry = edited(library.current.entries["wage"], phrasings=("老板不给工资", "新说法一"))
    first = trials.snapshot(library.current, entry)
    assert trials.snapshot(library.current, entry).index is first.index
    other = edited(entry, phrasings=("老板不给工资", "新说法二"))
    assert trials.snapshot(library.current, other).index is not first.index


def test_what_was_tried_long_ago_is_let_go(library: Library) -> None:
    now = [0.0]
    trials = Trials(clock=lambda: now[0])
    entry = edited(library.current.entries["wage"], phrasings=("老板不给工资", "新说法一"))
    first = trials.snapshot(library.current, entry)
    now[0] = 599
    trials.forget_old()
    assert trials.snapshot(library.current, entry).index is first.index
    now[0] = 1300
    trials.forget_old()
    assert trials.snapshot(library.current, entry).index is not first.index


def test_one_edit_is_tried_at_a_time(library: Library) -> None:
    trials = Trials(patience=0.05)
    entry = edited(library.current.entries["wage"], phrasings=("老板不给工资", "新说法一"))
    trials._lock.acquire()
    with pytest.raises(Occupied):
        trials.snapshot(library.current, entry)
    trials._lock.release()
    waiting = Trials(patience=5)
    waiting._lock.acquire()
    threading.Timer(0.05, waiting._lock.release).start()
    assert waiting.snapshot(library.current, entry).entries["wage"] == entry


# ---- the checks of one entry


def found(library: Library, entry: Entry) -> list[tuple[str, str]]:
    return [(f.field, f.problem) for f in check_one(library.folder, library.current, entry, TODAY)]


def test_a_good_entry_has_no_finding(library: Library) -> None:
    assert found(library, library.current.entries["wage"]) == []


@pytest.mark.parametrize(
    ("changes", "field", "problem"),
    [
        ({"basis": ("《劳动法》第一百零八条",)}, "basis", "只有107条"),
        ({"basis": ("《月球法》第一条",)}, "basis", "法律登记表里没有这部法"),
        ({"answer": "说" * 50 + "。"}, "answer", "第一句不是一句话的答案"),
        ({"answer": "可以。" + "说很多话。" * 200}, "answer", "超过微信的2048"),
        ({"related": ("nobody",)}, "related", "没有编号是 nobody"),
        ({"valid_until": date(2026, 11, 1)}, "valid_until", "已过"),
        ({"phrasings": ("老板不给工资", "老板，不给工资！")}, "phrasings", "「老板，不给工资！」和「老板不给工资」一样"),
        ({"phrasings": ("请问怎么办",)}, "phrasings", "没有内容"),
        ({"phrasings": ("老公不肯离婚",)}, "phrasings", "和「对方不同意离婚怎么办？」这一条的「老公不肯离婚」一样"),
        ({"phrasings": ("没结婚彩礼要退回来吗", "没结婚彩礼要退")}, "phrasings", "几乎一样"),
        ({"basis": ("《民法典》第一百八十八条",)}, "deadline", "这条没有写期限"),
    ],
)
def test_a_fault_is_found_beside_its_field(library: Library, changes: dict[str, object], field: str, problem: str) -> None:
    faults = found(library, edited(library.current.entries["wage"], **changes))
    assert [f for f, p in faults if problem in p] == [field], faults


def test_one_entry_is_checked_as_the_whole_folder_is(library: Library, knowledge: Path) -> None:
    path = knowledge / "faq" / "劳动与工资" / "wage.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("第五十条", "第五百条").replace("可以去", "很" * 46 + "可以去"), encoding="utf-8")
    snapshot = library.refresh()
    whole = [(f.field, f.line) for f in check(knowledge, snapshot, TODAY) if f.path.stem == "wage"]
    assert whole
    assert [(f.field, f.line) for f in check_one(knowledge, snapshot, snapshot.entries["wage"], TODAY)] == whole


def test_findings_of_all_entries_follow_what_changes(library: Library, knowledge: Path) -> None:
    checked = Checked()
    assert {i: len(of) for i, of in checked.findings(knowledge, library.current, TODAY).items()} == {
        "wage": 0,
        "divorce": 0,
        "bride-price": 0,
    }
    path = knowledge / "faq" / "劳动与工资" / "wage.md"
    path.write_text(path.read_text(encoding="utf-8").replace("第五十条", "第五百条"), encoding="utf-8")
    (knowledge / "faq" / "婚姻" / "divorce.md").write_text("坏了", encoding="utf-8")
    after = checked.findings(knowledge, library.refresh(), TODAY)
    assert [f.field for f in after["wage"]] == ["basis"]
    assert [f.problem for f in after["divorce"]] == ["开头没有用两行 --- 框起来的项目"]
    assert after["bride-price"] == ()
    later = checked.findings(knowledge, library.current, date(2027, 12, 1))
    assert {f.field for f in later["bride-price"]} == {"valid_until"}


def test_a_citation_is_looked_up_as_it_is_typed(library: Library) -> None:
    folder = Folder(library.folder, library.current, TODAY)
    right = cited(folder, "民法典1079条第二款")
    assert (right.proper, right.problem) == ("《民法典》第一千零七十九条第二款", "")
    assert right.text.startswith("人民法院审理离婚案件，应当进行调解")
    assert cited(folder, "随便写的").problem == "读不懂"
    assert cited(folder, "《婚姻法》第三十二条").problem == "已在2021-01-01废止"
    assert cited(replace(folder, today=date(2020, 1, 1)), "《民法典》第一条").problem == "2021-01-01才施行"
