"""The counting rule on scripted days."""

import itertools
from datetime import date, datetime, timedelta

import pytest

from bot.ledger import counting
from bot.ledger.clock import CHINA, local_day, stamp
from bot.ledger.store import Store
from bot.ledger.turns import Turn, record
from bot.message import Reply

_numbers = itertools.count()


def said(
    store: Store,
    who: str,
    when: datetime,
    decision: str,
    category: str | None = None,
    *,
    kind: str = "text",
    follows: str | None = None,
    channel: str = "公众号文字",
    adviser: int | None = None,
) -> str:
    key = f"k{next(_numbers)}"
    turn = Turn(
        key=key, received_at=stamp(when), day=local_day(when).isoformat(), channel=channel, villager=who, kind=kind,
        text="…", decision=decision, entry_id=None, entry_version=None, category=category, score=None, offered=(),
        follows=follows, reply=Reply("…"), latency_ms=1.0, adviser=adviser,
    )  # fmt: skip
    with store.writing() as db:
        record(db, turn)
    return key


DAY = datetime(2026, 5, 20, 9, 0, tzinfo=CHINA)
ALL = (date(2026, 1, 1), date(2026, 12, 31))


def counted(store: Store) -> tuple[int, int, int]:
    count = counting.total(store, *ALL)
    return count.turns, count.consultations, count.people


def test_thirty_messages_of_a_day_give_the_three_numbers(store: Store) -> None:
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
    assert counting.total(store, *ALL) == counting.Count(turns=30, left_out=9, consultations=5, people=4)
    assert counting.by_category(store, *ALL) == [
        {"category": "劳动与工资", "consultations": 2, "people": 2},
        {"category": "离婚与子女抚养", "consultations": 1, "people": 1},
        {"category": "邻里与物权", "consultations": 1, "people": 1},
        {"category": "未归类", "consultations": 1, "people": 1},
    ]


def test_a_day_is_a_day_in_the_town_not_in_greenwich(store: Store) -> None:
    said(store, "A", datetime(2026, 5, 20, 23, 59, 59, tzinfo=CHINA), "answer", "劳动与工资")
    said(store, "A", datetime(2026, 5, 21, 0, 0, 0, tzinfo=CHINA), "answer", "劳动与工资")
    said(store, "A", datetime(2026, 5, 21, 7, 59, 0, tzinfo=CHINA), "answer", "劳动与工资")
    assert counted(store) == (3, 2, 1)


def test_a_choice_settled_after_midnight_counts_once(store: Store) -> None:
    choose = said(store, "A", datetime(2026, 5, 20, 23, 59, tzinfo=CHINA), "choose")
    said(store, "A", datetime(2026, 5, 21, 0, 1, tzinfo=CHINA), "answer", "劳动与工资", follows=choose)
    assert counted(store) == (2, 1, 1)


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
    assert counting.by_month(store, date(2026, 1, 1), date(2028, 12, 31)) == [
        {"month": month, "turns": 1, "consultations": 1, "people": 1}
    ]


def test_the_period_includes_both_its_days_and_nothing_else(store: Store) -> None:
    for day in (19, 20, 21, 22):
        said(store, "A", DAY.replace(day=day), "answer", "劳动与工资")
    count = counting.total(store, date(2026, 5, 20), date(2026, 5, 21))
    assert (count.turns, count.consultations, count.people) == (2, 2, 1)


def test_a_month_of_greetings_has_turns_and_no_consultation(store: Store) -> None:
    said(store, "A", DAY, "command")
    assert counting.by_month(store, *ALL) == [{"month": "2026-05", "turns": 1, "consultations": 0, "people": 0}]


def test_an_empty_ledger_counts_nothing(store: Store) -> None:
    assert counting.total(store, *ALL) == counting.Count(0, 0, 0, 0)
    assert counting.by_month(store, *ALL) == counting.by_category(store, *ALL) == []


def test_categories_and_months_add_up_to_the_total(store: Store) -> None:
    categories = ["劳动与工资", "婚姻与彩礼", None]
    for n in range(200):
        category = categories[n % 3]
        said(store, f"v{n % 17}", DAY + timedelta(hours=7 * n), "answer" if category else "miss", category)
    total = counting.total(store, *ALL).consultations
    assert sum(r["consultations"] for r in counting.by_category(store, *ALL)) == total
    assert sum(r["consultations"] for r in counting.by_month(store, *ALL)) == total


def test_what_an_adviser_enters_for_somebody_counts_and_what_they_try_out_does_not(store: Store) -> None:
    said(store, "somebody", DAY, "logged", "劳动与工资", channel="电话", adviser=1)
    said(store, "another", DAY, "answer", "劳动与工资", channel="代问", adviser=1)
    said(store, "adviser", DAY, "answer", "劳动与工资", adviser=1)
    said(store, "villager", DAY, "read", "劳动与工资")
    assert counted(store) == (4, 2, 2)
    assert counting.total(store, *ALL).left_out == 2


def test_an_answer_that_was_rejected_counts_as_what_was_chosen_instead(store: Store) -> None:
    first = said(store, "A", DAY, "answer", "劳动与工资")
    again = said(store, "A", DAY + timedelta(minutes=1), "choose", follows=first)
    assert counting.by_category(store, *ALL) == [{"category": "未归类", "consultations": 1, "people": 1}]
    said(store, "A", DAY + timedelta(minutes=2), "answer", "婚姻与彩礼", follows=again)
    assert counting.by_category(store, *ALL) == [{"category": "婚姻与彩礼", "consultations": 1, "people": 1}]
