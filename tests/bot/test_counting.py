"""The counting rule on scripted days."""

import itertools
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.ledger import counted, counting
from bot.ledger.clock import CHINA, local_day, stamp
from bot.ledger.counting import Count, Offline, Rule
from bot.ledger.store import Store
from bot.ledger.turns import Turn, came_again, forget, judge, record
from bot.message import Reply

_numbers = itertools.count()


def turn(
    who: str,
    when: datetime,
    decision: str,
    category: str | None = None,
    *,
    kind: str = "text",
    follows: str | None = None,
    channel: str = "公众号文字",
    adviser: int | None = None,
    village: str | None = None,
    answered_by: str = "机器人",
    topic: str | None = None,
) -> Turn:
    return Turn(
        key=f"k{next(_numbers)}", received_at=stamp(when), day=local_day(when).isoformat(), channel=channel, villager=who,
        kind=kind, text="…", decision=decision, entry_id=None, entry_version=None, category=category, score=None, offered=(),
        follows=follows, reply=Reply("…"), latency_ms=1.0, adviser=adviser, village=village, answered_by=answered_by,
        topic=topic,
    )  # fmt: skip


def said(store: Store, *args: object, **kwargs: object) -> str:
    made = turn(*args, **kwargs)  # type: ignore[arg-type]
    with store.writing() as db:
        record(db, made)
    return made.key


DAY = datetime(2026, 5, 20, 9, 0, tzinfo=CHINA)
LATER = datetime(2030, 1, 1, tzinfo=CHINA)
ALL = (date(2026, 1, 1), date(2026, 12, 31))


def count(
    store: Store,
    start: date = ALL[0],
    end: date = ALL[1],
    *,
    rule: Rule | None = None,
    now: datetime = LATER,
    offline: Sequence[Offline] = (),
) -> Count:
    return counting.count(store, start, end, rule=rule or Rule(), now=now, offline=offline)


def numbers(found: Count) -> tuple[int, int, int]:
    facts = found.consultations
    return sum(found.turns.values()), facts.tally().get((), 0), facts.people().get((), 0)


def thirty(store: Store) -> None:
    for n in range(6):  # A asks six times about wages: one
        said(store, "A", DAY + timedelta(minutes=n), "answer", "劳动与工资")
    for n in range(4):  # and about divorce: one more
        said(store, "A", DAY + timedelta(hours=1, minutes=n), "answer", "离婚与子女抚养")
    for n in range(5):  # B gets no answer to anything: one, unclassified
        said(store, "B", DAY + timedelta(minutes=n), "miss")
    for n in range(3):  # C misses, then finds it: one
        said(store, "C", DAY + timedelta(minutes=n), "miss")
    said(store, "C", DAY + timedelta(minutes=9), "answer", "邻里与物权")
    choose = said(store, "D", DAY, "choose")  # D chooses: one
    said(store, "D", DAY + timedelta(minutes=1), "answer", "劳动与工资", follows=choose)
    for n in range(5):  # greetings, commands, pictures: none
        said(store, "E", DAY + timedelta(minutes=n), "command")
    said(store, "F", DAY, "event", kind="subscribe")
    said(store, "F", DAY, "media", kind="image")
    said(store, "F", DAY, "empty")
    said(store, "F", DAY, "answer", "劳动与工资", kind="click")


def test_thirty_messages_of_a_day_give_the_three_numbers(store: Store) -> None:
    thirty(store)
    found = count(store)
    assert numbers(found) == (30, 5, 4)
    assert found.consultations.tally("category") == {
        ("未归类",): 1,
        ("劳动与工资",): 2,
        ("离婚与子女抚养",): 1,
        ("邻里与物权",): 1,
    }
    assert found.consultations.people("category")["劳动与工资",] == 2


def test_every_message_that_does_not_count_has_its_reason(store: Store) -> None:
    thirty(store)
    said(store, "T", DAY, "answer", "劳动与工资", adviser=1)
    said(store, "T", DAY, "crisis")
    assert count(store).left_out == {
        "问候和命令": 5, "关注、扫码等": 1, "图片、语音没听懂等": 1, "空消息": 1, "点按钮": 1, "后来重新选过": 1,
        "顾问和测试人员": 1, "急事（只计次数）": 1,
    }  # fmt: skip
    assert count(store).crises == 1


def test_a_message_that_came_again_is_counted_apart(store: Store) -> None:
    key = said(store, "A", DAY, "answer", "劳动与工资")
    with store.writing() as db:
        came_again(db, key)
        came_again(db, key)
    found = count(store)
    assert (numbers(found), found.retries) == ((1, 1, 1), 2)


def test_a_day_is_a_day_in_the_town_not_in_greenwich(store: Store) -> None:
    said(store, "A", datetime(2026, 5, 20, 23, 59, 59, tzinfo=CHINA), "answer", "劳动与工资")
    said(store, "A", datetime(2026, 5, 21, 0, 0, 0, tzinfo=CHINA), "answer", "劳动与工资")
    said(store, "A", datetime(2026, 5, 21, 7, 59, 0, tzinfo=CHINA), "answer", "劳动与工资")
    assert numbers(count(store)) == (3, 2, 1)


def test_a_choice_settled_after_midnight_counts_once(store: Store) -> None:
    choose = said(store, "A", datetime(2026, 5, 20, 23, 59, tzinfo=CHINA), "choose")
    said(store, "A", datetime(2026, 5, 21, 0, 1, tzinfo=CHINA), "answer", "劳动与工资", follows=choose)
    assert numbers(count(store)) == (2, 1, 1)
    assert numbers(count(store, date(2026, 5, 20), date(2026, 5, 20))) == (1, 0, 0)


@pytest.mark.parametrize(
    ("when", "month"),
    [
        (datetime(2028, 2, 29, 12, tzinfo=CHINA), "2028-02"),
        (datetime(2026, 12, 31, 23, 59, tzinfo=CHINA), "2026-12"),
        (datetime(2027, 1, 1, 0, 0, tzinfo=CHINA), "2027-01"),
    ],
)
def test_months_are_those_of_the_town(store: Store, when: datetime, month: str) -> None:
    said(store, "A", when, "answer", "劳动与工资")
    found = count(store, date(2026, 1, 1), date(2028, 12, 31))
    assert (found.consultations.tally("month"), found.turns) == ({(month,): 1}, {month: 1})


def test_the_period_includes_both_its_days_and_nothing_else(store: Store) -> None:
    for day in (19, 20, 21, 22):
        said(store, "A", DAY.replace(day=day), "answer", "劳动与工资")
    assert numbers(count(store, date(2026, 5, 20), date(2026, 5, 21))) == (2, 2, 1)


def test_an_empty_ledger_counts_nothing(store: Store) -> None:
    found = count(store)
    assert numbers(found) == (0, 0, 0)
    assert (found.left_out, found.topics, found.consultations.tally("village", "category")) == ({}, {}, {})


def test_who_answered_is_the_person_where_there_was_one(store: Store) -> None:
    said(store, "A", DAY, "answer", "劳动与工资")
    said(store, "B", DAY, "miss", answered_by="法律顾问")
    said(store, "C", DAY, "miss")
    said(store, "D", DAY, "choose")
    said(store, "E", DAY, "answer", "劳动与工资", answered_by="法律明白人")
    said(store, "E", DAY, "answer", "劳动与工资")
    assert count(store).consultations.tally("answered_by", "outcome") == {
        ("机器人", "已答"): 1, ("法律顾问", "已答"): 1, ("未解答", "未答"): 1, ("未解答", "待选"): 1, ("法律明白人", "已答"): 1,
    }  # fmt: skip


def test_what_a_person_asks_for_a_villager_counts_and_what_they_try_does_not(store: Store) -> None:
    said(store, "somebody", DAY, "answer", "劳动与工资", channel="代问", adviser=1)
    said(store, "adviser", DAY, "answer", "劳动与工资", adviser=1)
    assert count(store).consultations.tally("channel") == {("代问",): 1}


def test_consultations_at_the_door_count_as_many_people_as_came(store: Store) -> None:
    row = Offline("offline 1", DAY.date(), "来访", "劳动与工资", "示例一村", "法律顾问", "农民工、妇女", 3, True)
    said(store, "A", DAY, "answer", "劳动与工资")
    found = count(store, offline=[row, row])
    assert numbers(found)[1:] == (7, 7)  # nobody is known by name: each entry is people of its own
    assert found.consultations.tally("channel") == {("来访",): 6, ("公众号文字",): 1}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Rule(), 4),
        (Rule(window="周"), 3),
        (Rule(window="月"), 2),
        (Rule(window="条"), 5),
        (Rule(outcomes=("已答",)), 4),
        (Rule(channels=("网页",)), 1),
    ],
)
def test_the_rule_is_the_towns(store: Store, rule: Rule, expected: int) -> None:
    monday = datetime(2026, 5, 18, 9, tzinfo=CHINA)
    said(store, "A", monday, "answer", "劳动与工资")
    said(store, "A", monday, "answer", "劳动与工资", channel="网页")
    said(store, "A", monday + timedelta(days=6), "answer", "劳动与工资")
    said(store, "A", monday + timedelta(days=7), "answer", "劳动与工资")
    said(store, "A", datetime(2026, 6, 1, tzinfo=CHINA), "answer", "劳动与工资")
    found = count(store, rule=rule)
    assert found.consultations.tally()[()] == expected
    assert {"天": "同一天", "周": "同一周", "月": "同一个月", "条": "每条问题"}[rule.window] in str(rule)


def test_what_a_miss_was_about_and_what_was_said_of_answers(store: Store) -> None:
    said(store, "A", DAY, "miss", topic="彩票纠纷")
    said(store, "B", DAY, "miss", topic="彩票纠纷")
    said(store, "B", DAY, "miss")
    first = said(store, "C", DAY, "answer", "劳动与工资")
    with store.writing() as db:
        judge(db, first, "wrong")
    said(store, "C", DAY, "answer", "婚姻与彩礼", follows=first)
    found = count(store)
    assert found.topics == {"彩票纠纷": 2, "未归类": 1}
    assert (found.answers, found.verdicts) == (2, {"有用": 0, "没用": 0, "答非所问": 1})


def test_a_finished_month_is_kept_and_read_again_after_a_change(store: Store) -> None:
    key = said(store, "A", DAY, "answer", "劳动与工资")
    before = numbers(count(store))
    assert store.query("select month, data is not null as there from counted where month = '2026-05'", {}) == [
        {"month": "2026-05", "there": 1}
    ]
    said(store, "B", DAY, "answer", "劳动与工资")
    assert (before, numbers(count(store))) == ((1, 1, 1), (2, 2, 2))
    with store.writing() as db:
        judge(db, key, "helped")
    assert count(store).verdicts["有用"] == 1
    with store.writing() as db:
        forget(db, "A", "nobody")
    assert store.query("select data from counted where month = '2026-05'", {}) == [{"data": None}]
    assert numbers(count(store)) == (2, 2, 2)


def test_the_month_that_goes_on_is_not_kept(store: Store) -> None:
    said(store, "A", DAY, "answer", "劳动与工资")
    assert numbers(count(store, now=DAY)) == (1, 1, 1)
    assert store.query("select month from counted where month >= '2026-05'", {}) == []


def test_a_sealed_year_counts_the_same_without_its_turns_and_names_nobody(store: Store) -> None:
    thirty(store)
    said(store, "A", DAY - timedelta(days=120), "answer", "劳动与工资", village="示例一村")
    before = count(store)
    counted.seal(store, 2026, now=LATER)
    with store.writing() as db:
        db.execute("delete from turns")
    after = count(store)
    assert numbers(after) == numbers(before)
    for dimensions in (("month",), ("category", "village"), ("channel", "answered_by")):
        assert after.consultations.tally(*dimensions) == before.consultations.tally(*dimensions)
        assert after.consultations.people(*dimensions) == before.consultations.people(*dimensions)
    assert (after.left_out, after.sealed) == (before.left_out, (2026,))
    assert not set(after.consultations.person.tolist()) & set(before.consultations.person.tolist())


def test_a_year_that_goes_on_cannot_be_sealed(store: Store) -> None:
    with pytest.raises(ValueError, match="2026"):
        counted.seal(store, 2026, now=DAY)


MOMENTS = st.integers(0, 60 * 24 * 70).map(lambda minutes: DAY + timedelta(minutes=minutes))
TURNS = st.lists(
    st.tuples(
        st.sampled_from("ABCDE"),
        MOMENTS,
        st.sampled_from(["answer", "choose", "miss", "command", "crisis"]),
        st.sampled_from(["劳动与工资", "婚姻与彩礼", None]),
        st.sampled_from(["公众号文字", "公众号语音", "网页"]),
        st.sampled_from(["示例一村", "示例二村", None]),
    ),
    max_size=40,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TURNS)
def test_counting_agrees_with_a_slow_and_obvious_count_and_all_tables_sum_up(
    tmp_path_factory: pytest.TempPathFactory, messages: list[tuple[str, datetime, str, str | None, str, str | None]]
) -> None:
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('counting') / 'bot.db'}", pseudonym_key="k")
    try:
        with store.writing() as db:
            for who, when, decision, category, channel, village in messages:
                classified = category if decision == "answer" else None
                record(db, turn(who, when, decision, classified, channel=channel, village=village))
        found = count(store)
        expected = set()
        for who, when, decision, category, _, _ in messages:
            if decision in {"answer", "choose", "miss"}:
                expected.add((who, local_day(when), category if decision == "answer" and category else ""))
        expected = {
            (who, day, category)
            for who, day, category in expected
            if category or not any(o[:2] == (who, day) and o[2] for o in expected)
        }
        assert numbers(found) == (len(messages), len(expected), len({who for who, _, _ in expected}))
        for dimensions in (("month", "channel", "answered_by"), ("village", "category"), ("category", "outcome"), ("month",)):
            assert sum(found.consultations.tally(*dimensions).values()) == len(expected)
        counts = sum(found.left_out.values()) + sum(d in {"answer", "choose", "miss"} for _, _, d, *_ in messages)
        assert counts == len(messages)
        assert numbers(count(store)) == numbers(found)  # from what was kept
    finally:
        store.close()


def test_finished_months_are_counted_in_quiet_hours(store: Store) -> None:
    said(store, "A", DAY, "answer", "劳动与工资")
    said(store, "A", DAY + timedelta(days=60), "answer", "劳动与工资")
    today = date(2026, 7, 25)
    assert counted.keep_finished(store, today) == 2  # May and June; July goes on
    assert counted.keep_finished(store, today) == 0
    kept = store.query("select month from counted where data is not null order by month", {})
    assert [row["month"] for row in kept] == ["2026-05", "2026-06"]
    assert numbers(count(store)) == (2, 2, 1)
