"""Which questions were not answered well, how they are grouped, and what is noted of what was done."""

import itertools
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from bot.dialogue.respond import respond
from bot.faq.library import Library
from bot.ledger import advisers, misses, turns
from bot.ledger.clock import stamp
from bot.ledger.misses import Action, Miss
from bot.ledger.store import Store
from bot.matching.likeness import grouped
from bot.message import WECHAT_TEXT, Incoming, Reply
from bot.reports.misses import Group, Said, find, groups, only, suggestions
from tests.conftest import NOW

pytestmark = pytest.mark.both_ledgers

Say = Callable[..., Reply]
SINCE = date(2026, 6, 1)


@pytest.fixture
def say(store: Store, library: Library) -> Say:
    numbers = itertools.count()

    def say(text: str, who: str = "oA") -> Reply:
        n = next(numbers)
        message = Incoming(f"{who}|{n}", who, WECHAT_TEXT, "text", text)
        return respond(message, store=store, library=library, now=NOW + timedelta(seconds=n))

    return say


def load(store: Store) -> list[Miss]:
    with store.reading() as db:
        return misses.load(db, SINCE)


def told(store: Store) -> list[tuple[str, str, str | None, str | None]]:
    return [(m.kind, m.text, m.entry_id, m.remark) for m in load(store)]


def test_what_had_no_answer_what_was_rejected_and_what_was_of_no_use_are_misses(say: Say, store: Store) -> None:
    say("月亮上能不能种水稻呢朋友")
    say("老板不给工资", "oB")
    say("0", "oB")
    say("老公不肯离婚", "oC")
    say("没用 看不懂", "oC")
    say("没结婚彩礼要退吗", "oD")
    say("有用", "oD")
    assert told(store) == [
        ("miss", "月亮上能不能种水稻呢朋友", None, None),
        ("wrong", "老板不给工资", "wage", None),
        ("useless", "老公不肯离婚", "divorce", "看不懂"),
    ]


def test_of_an_entry_chosen_from_a_list_the_words_are_those_that_were_typed(say: Say, store: Store) -> None:
    offered = say("离婚彩礼")
    assert len(offered.options) > 2
    say("1")
    say("没用")
    ((kind, text, entry_id, _),) = told(store)
    assert (kind, text) == ("useless", "离婚彩礼")
    assert entry_id in {"wage", "divorce", "bride-price"}


def test_which_entry_was_taken_instead_is_known(say: Say, store: Store) -> None:
    say("老板不给工资")
    offered = say("0")
    second = offered.options[0].label
    say("1")
    (miss,) = load(store)
    assert (miss.kind, miss.entry_id) == ("wrong", "wage")
    assert {"divorce": "对方不同意离婚怎么办？", "bride-price": "退婚彩礼能要回来吗？"}[str(miss.chosen)] == second


def test_what_advisers_try_is_no_miss(say: Say, store: Store) -> None:
    with store.writing() as db:
        number = advisers.add(db, name="示例", role="法律顾问", village=None).number
        advisers.set_code(db, number, "hash", NOW)
        advisers.bind(db, "hash", store.pseudonym("oA"), NOW)
    say("月亮上能不能种水稻呢朋友")
    assert load(store) == []


def test_what_was_deleted_and_what_is_too_old_is_not_there(say: Say, store: Store) -> None:
    say("月亮上能不能种水稻呢朋友")
    with store.reading() as db:
        assert misses.load(db, date(2026, 11, 24)) == []
        assert len(misses.load(db, date(2026, 11, 23))) == 1
    say("删除我的记录")
    assert load(store) == []


def test_an_action_is_kept_with_who_and_what_and_can_be_taken_back(say: Say, store: Store) -> None:
    say("月亮上能不能种水稻呢朋友")
    say("火星上能不能盖房子呢朋友", "oB")
    first, second = load(store)
    with store.writing() as db:
        assert misses.settle(db, [first], who="示例", what="归到条目以外", about="话题「太空」", now=NOW) == 1
        assert misses.settle(db, [second], who="示例", what="不是法律问题", about="", now=NOW) == 2
    with store.reading() as db:
        assert misses.actions(db, 1) == [Action(2, stamp(NOW), "示例", "不是法律问题", "", 1)]
        assert misses.action(db, 1) == Action(1, stamp(NOW), "示例", "归到条目以外", "话题「太空」", 1)
        assert misses.action(db, 3) is None
    assert [m.action for m in load(store)] == [1, 2]
    with store.writing() as db:
        assert misses.put_back(db, 1) == 1
        assert misses.put_back(db, 1) == 0
    assert [m.action for m in load(store)] == [None, 2]


def test_what_was_done_with_turns_that_are_gone_is_forgotten_with_them(say: Say, store: Store) -> None:
    say("月亮上能不能种水稻呢朋友")
    say("火星上能不能盖房子呢朋友", "oB")
    first, second = load(store)
    with store.writing() as db:
        misses.settle(db, [first], who="示例", what="不是法律问题", about="", now=NOW)
        db.execute("delete from turns where key = :key", {"key": first.key})
        misses.settle(db, [second], who="示例", what="不是法律问题", about="", now=NOW)
    with store.reading() as db:
        assert [a.questions for a in misses.actions(db, 5)] == [1, 0]


def test_a_person_who_answered_since_is_seen(say: Say, store: Store) -> None:
    say("月亮上能不能种水稻呢朋友")
    with store.writing() as db:
        turns.answered_by(db, load(store)[0].key, "法律顾问")
    assert [m.by_person for m in load(store)] == [True]


def test_the_id_of_a_question_tells_nothing_of_its_key(say: Say, store: Store) -> None:
    say("月亮上能不能种水稻呢朋友")
    (miss,) = load(store)
    assert len(miss.id) == 16 and miss.id not in miss.key


QUESTIONS = [
    "老板欠我三个月工钱不给",
    "我的工钱老板三个月没给了",
    "村口快递柜超时收费合理吗",
    "老板拖欠工钱三个月了",
    "快递柜超时就收费，合理不",
    "老板欠我三个月工钱，不给！",
]


def test_questions_about_the_same_thing_stand_together(real_library: Library) -> None:
    assert grouped(QUESTIONS, real_library.current.index) == [[0, 1, 3, 5], [2, 4]]


def test_a_later_question_moves_no_earlier_one(real_library: Library) -> None:
    index = real_library.current.index
    before = grouped(QUESTIONS[:4], index)
    after = grouped(QUESTIONS, index)
    assert [[n for n in group if n < 4] for group in after if group[0] < 4] == before


def test_questions_that_say_nothing_are_one_group_and_no_question_is_none(library: Library) -> None:
    assert grouped(["怎么办", "你好", "工资不给", "？"], library.current.index) == [[0, 1, 3], [2]]
    assert grouped([], library.current.index) == []


def miss(text: str, n: int, **more: object) -> Miss:
    said: dict[str, object] = {
        "key": f"k{n}", "day": f"2026-11-{n + 1:02}", "at": f"2026-11-{n + 1:02}T01:00:00.000Z", "text": text, "kind": "miss",
        "village": "示例一村", "entry_id": None, "remark": None, "by_person": False, "action": None,
    }  # fmt: skip
    return Miss(**said | more)  # type: ignore[arg-type]


def test_the_largest_group_is_first_and_says_what_was_put_most_often(real_library: Library) -> None:
    found = groups([miss(text, n) for n, text in enumerate(QUESTIONS)], real_library.current)
    assert [len(group.misses) for group in found] == [4, 2]
    assert found[0].said[0] == Said(miss("", 0).id, QUESTIONS[0], 2)
    assert [said.times for said in found[0].said] == [2, 1, 1]
    assert found[0].villages == [("示例一村", 4)]
    assert (found[0].since(date(2026, 11, 4)), found[1].since(date(2026, 11, 6))) == (2, 0)


def test_a_group_that_was_dealt_with_is_gone_until_somebody_asks_again(real_library: Library) -> None:
    done = [miss(text, n, action=7) for n, text in enumerate(QUESTIONS[:4])]
    assert groups(done, real_library.current) == []
    again = [*done, miss(QUESTIONS[5], 5)]
    (group,) = groups(again, real_library.current)
    assert ([m.key for m in group.misses], [m.key for m in group.before]) == (["k5"], ["k0", "k1", "k3"])
    assert group.id == done[0].id
    assert find([group], done[1].id) == group == find([group], again[-1].id)
    assert find([group], "nobody") is None


def test_only_what_is_wanted_of_groups_is_left(real_library: Library) -> None:
    found = groups(
        [miss(text, n, kind="wrong" if n == 3 else "miss") for n, text in enumerate(QUESTIONS)], real_library.current
    )
    (left,) = only(found, lambda m: m.kind == "wrong")
    assert [m.key for m in left.misses] == ["k3"]


def test_what_villagers_took_instead_is_suggested_first(real_library: Library) -> None:
    said = (miss("老板欠我三个月工钱不给", 0, kind="wrong", entry_id="wage-arrears", chosen="labor-arbitration"),)
    found = suggestions(Group(said), real_library.current)
    assert [(s.entry.id, s.taken, s.rejected) for s in found[:2]] == [("labor-arbitration", 1, 0), ("wage-arrears", 0, 1)]
    assert found[1].score > 0.5
