"""The rows of the registers: nothing is changed without a trace, and a closed month not at all."""

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlite_utils import Database

from bot.ledger.clock import stamp
from bot.ledger.register import records
from bot.ledger.register.definitions import REGISTERS
from bot.ledger.register.fields import validated
from bot.ledger.register.records import MonthClosed, NotThere, Refused
from bot.ledger.store import Store
from tests.bot.test_fields import GOOD, LISTS, TODAY
from tests.conftest import NOW, PSEUDONYM_KEY

pytestmark = pytest.mark.both_ledgers

ACTIVITIES, DISPUTES, PEOPLE = REGISTERS["activities"], REGISTERS["disputes"], REGISTERS["people"]
LATER = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
YEAR = (date(2026, 1, 1), date(2026, 12, 31))


def row(key: str, **more: Any) -> dict[str, Any]:
    values, faults = validated(REGISTERS[key], GOOD[key] | more, LISTS, today=TODAY)
    assert faults == []
    return values


@pytest.fixture
def db(store: Store) -> Iterator[Database]:
    with store.writing() as opened:
        yield opened


def enter(db: Database, key: str, **more: Any) -> int:
    return records.add(db, REGISTERS[key], row(key, **more), by="示例文书", now=NOW)


@pytest.mark.parametrize("key", REGISTERS)
def test_a_row_of_every_register_is_kept_whole(db: Database, key: str) -> None:
    values = row(key)
    assert records.add(db, REGISTERS[key], values, by="示例文书", now=NOW) == 1
    meta = {"number": 1, "entered_at": stamp(NOW), "entered_by": "示例文书", "voided_at": None}
    assert records.rows(db, key, *YEAR) == [values | meta]


def test_rows_come_by_day_then_number_and_only_those_of_the_period(db: Database) -> None:
    for day in ("2026-05-02", "2026-05-01", "2026-05-02", "2025-12-31", "2026-01-01"):
        enter(db, "activities", 日期=day)
    found = records.rows(db, "activities", *YEAR)
    assert [(r["day"], r["number"]) for r in found] == [
        ("2026-01-01", 5), ("2026-05-01", 2), ("2026-05-02", 1), ("2026-05-02", 3),
    ]  # fmt: skip


def test_the_roster_holds_whoever_was_registered_earlier(db: Database) -> None:
    for day in ("2024-02-29", "2026-05-01", "2026-07-01"):
        enter(db, "people", 登记日期=day)
    found = records.rows(db, "people", date(2026, 1, 1), date(2026, 6, 30))
    assert [r["day"] for r in found] == ["2024-02-29", "2026-05-01"]


def test_a_correction_keeps_what_was_there_who_when_and_why(db: Database) -> None:
    number = enter(db, "activities", 参加人次=8)
    before = records.find(db, ACTIVITIES, number)
    changes = {"attendance": 80, "place": "示例广场", "topic": "讨薪"}
    records.correct(db, ACTIVITIES, number, changes, by="示例所长", reason="少写一个零 13800138000", now=LATER)
    assert before and records.find(db, ACTIVITIES, number) == before | {"attendance": 80, "place": "示例广场"}
    common = {"editor": "示例所长", "at": stamp(LATER), "reason": "少写一个零 [手机号]"}
    assert records.history(db, ACTIVITIES, number) == [
        {"field": "attendance", "old": "8", "new": "80", **common},
        {"field": "place", "old": None, "new": "示例广场", **common},
    ]
    with pytest.raises(Refused, match="本来就是这样"):
        records.correct(db, ACTIVITIES, number, {"attendance": 80}, by="示例所长", reason="再改", now=LATER)


def test_a_row_that_is_struck_out_stays_but_is_not_counted_or_changed(db: Database) -> None:
    number = enter(db, "activities")
    records.void(db, ACTIVITIES, number, by="示例所长", reason="记重了", now=LATER)
    assert records.rows(db, "activities", *YEAR) == []
    assert records.find(db, ACTIVITIES, number)["voided_at"] == stamp(LATER)
    assert records.history(db, ACTIVITIES, number) == [
        {
            "field": "voided_at", "old": None, "new": stamp(LATER), "editor": "示例所长", "at": stamp(LATER),
            "reason": "记重了",
        }
    ]  # fmt: skip
    assert records.counts(db, ACTIVITIES) == {"rows": 0, "voided": 1, "first": "2026-03-15", "last": "2026-03-15"}
    for change in (
        lambda: records.void(db, ACTIVITIES, number, by="x", reason="y", now=LATER),
        lambda: records.correct(db, ACTIVITIES, number, {"attendance": 1}, by="x", reason="y", now=LATER),
    ):
        with pytest.raises(NotThere, match="已经作废"):
            change()
    assert enter(db, "activities") == number + 1


def test_what_is_not_there_cannot_be_changed(db: Database) -> None:
    with pytest.raises(NotThere, match="普法活动没有第7号"):
        records.correct(db, ACTIVITIES, 7, {"attendance": 1}, by="x", reason="y", now=LATER)
    with pytest.raises(NotThere):
        records.void(db, ACTIVITIES, 7, by="x", reason="y", now=LATER)


def test_whoever_changes_says_their_name_and_why(db: Database) -> None:
    number = enter(db, "activities")
    for change, said in (
        (lambda: records.add(db, ACTIVITIES, row("activities"), by=" ", now=NOW), "--by"),
        (lambda: records.correct(db, ACTIVITIES, number, {"attendance": 1}, by="", reason="y", now=NOW), "--by"),
        (lambda: records.correct(db, ACTIVITIES, number, {"attendance": 1}, by="x", reason="\n", now=NOW), "--reason"),
        (lambda: records.void(db, ACTIVITIES, number, by="x", reason="", now=NOW), "--reason"),
        (lambda: records.close_month(db, "2026-05", by="", now=NOW), "--by"),
        (lambda: records.reopen_month(db, "2026-05", by="x", reason="", now=NOW), "--reason"),
    ):
        with pytest.raises(Refused, match=said):
            change()
    assert records.history(db, ACTIVITIES, number) == []


def test_a_closed_month_refuses_every_change_of_its_rows(db: Database) -> None:
    may, june = enter(db, "activities", 日期="2026-05-31"), enter(db, "activities", 日期="2026-06-01")
    records.close_month(db, "2026-05", by="示例文书", now=NOW)
    why = {"by": "示例文书", "reason": "改", "now": LATER}
    for change in (
        lambda: enter(db, "activities", 日期="2026-05-01"),
        lambda: enter(db, "inspections", 日期="2026-05-01"),
        lambda: records.add_all(
            db, ACTIVITIES, [row("activities"), row("activities", 日期="2026-05-09")], by="示例文书", now=NOW
        ),
        lambda: records.correct(db, ACTIVITIES, may, {"attendance": 3}, **why),
        lambda: records.correct(db, ACTIVITIES, may, {"day": "2026-06-01"}, **why),
        lambda: records.correct(db, ACTIVITIES, june, {"day": "2026-05-31"}, **why),
        lambda: records.void(db, ACTIVITIES, may, **why),
    ):
        with pytest.raises(MonthClosed, match="register reopen 2026-05") as e:
            change()
        assert e.value.month == "2026-05"
    assert [r["attendance"] for r in records.rows(db, "activities", *YEAR)] == [None, None]
    records.correct(db, ACTIVITIES, june, {"attendance": 3}, **why)
    records.reopen_month(db, "2026-05", by="示例所长", reason="补录", now=LATER)
    records.correct(db, ACTIVITIES, may, {"attendance": 4}, **why)
    assert [r["attendance"] for r in records.rows(db, "activities", *YEAR)] == [4, 3]


def test_how_a_dispute_of_a_closed_month_ends_is_entered_in_the_month_in_which_it_ends(db: Database) -> None:
    number = enter(db, "disputes", 受理日期="2026-05-20")
    records.close_month(db, "2026-05", by="示例文书", now=NOW)
    why = {"by": "示例文书", "reason": "办结", "now": LATER}
    with pytest.raises(MonthClosed):
        records.correct(db, DISPUTES, number, {"result": "成功", "closed_on": "2026-05-30"}, **why)
    with pytest.raises(MonthClosed):
        records.correct(db, DISPUTES, number, {"result": "成功", "closed_on": "2026-06-02", "body": "居调委会"}, **why)
    records.correct(db, DISPUTES, number, {"result": "成功", "closed_on": "2026-06-02"}, **why)
    records.correct(db, DISPUTES, number, {"followed_up": "是"}, **why)
    records.close_month(db, "2026-06", by="示例文书", now=NOW)
    for changes in ({"result": "在办", "closed_on": None}, {"closed_on": "2026-07-01"}, {"agreement": "口头"}):
        with pytest.raises(MonthClosed):
            records.correct(db, DISPUTES, number, changes, **why)
    assert records.find(db, DISPUTES, number)["closed_on"] == "2026-06-02"


def test_whoever_was_registered_in_a_closed_month_can_leave_later(db: Database) -> None:
    number = enter(db, "people", 登记日期="2026-01-10")
    records.close_month(db, "2026-01", by="示例文书", now=NOW)
    why = {"by": "示例文书", "reason": "退出", "now": LATER}
    records.correct(db, PEOPLE, number, {"left_on": "2026-06-01", "left_because": "外出务工"}, **why)
    with pytest.raises(MonthClosed):
        records.correct(db, PEOPLE, number, {"village": "示例二村"}, **why)
    with pytest.raises(MonthClosed):
        records.correct(db, PEOPLE, number, {"certificate": "1"}, **why)


def test_closing_and_reopening_is_kept_with_who_when_and_why(db: Database) -> None:
    records.close_month(db, "2026-02", by="示例文书", now=NOW)
    assert records.closed_months(db) == ("2026-02",)
    assert [records.is_closed(db, day) for day in (date(2026, 2, 28), "2026-03-01")] == [True, False]
    with pytest.raises(Refused, match="已经关账了"):
        records.close_month(db, "2026-02", by="示例文书", now=NOW)
    with pytest.raises(Refused, match="还没有到"):
        records.close_month(db, "2026-12", by="示例文书", now=NOW)
    records.reopen_month(db, "2026-02", by="示例所长", reason="漏了一条", now=LATER)
    with pytest.raises(Refused, match="没有关账"):
        records.reopen_month(db, "2026-02", by="示例所长", reason="漏了一条", now=LATER)
    assert (records.closed_months(db), records.is_closed(db, "2026-02-01")) == ((), False)
    assert records.month_events(db) == [
        {"month": "2026-02", "at": stamp(NOW), "editor": "示例文书", "what": "关账", "reason": None},
        {"month": "2026-02", "at": stamp(LATER), "editor": "示例所长", "what": "重开", "reason": "漏了一条"},
    ]


def test_the_month_of_the_last_evening_of_a_year_can_be_closed_by_the_towns_clock(db: Database) -> None:
    records.close_month(db, "2027-01", by="示例文书", now=datetime(2026, 12, 31, 16, 0, tzinfo=UTC))
    assert records.closed_months(db) == ("2027-01",)


def test_people_who_enter_at_once_get_numbers_of_their_own(database_url: str, store: Store) -> None:
    barrier, numbers = threading.Barrier(4), []

    def enter_some(name: str) -> None:
        own = Store(database_url, pseudonym_key=PSEUDONYM_KEY)
        barrier.wait()
        for _ in range(10):
            with own.writing() as db:
                numbers.append(records.add(db, ACTIVITIES, row("activities"), by=name, now=NOW))
        own.close()

    threads = [threading.Thread(target=enter_some, args=(f"示例{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(numbers) == list(range(1, 41))


def test_a_transaction_that_fails_leaves_no_row_and_no_trace(store: Store) -> None:
    def fail() -> None:
        with store.writing() as db:
            number = enter(db, "activities")
            records.correct(db, ACTIVITIES, number, {"attendance": 3}, by="x", reason="y", now=LATER)
            records.void(db, ACTIVITIES, 99, by="x", reason="y", now=LATER)

    with pytest.raises(NotThere):
        fail()
    tables = ("activities", "register_changes")
    assert [store.query(f"select * from {name}", {}) for name in tables] == [[], []]
