"""What each role has to do now, and the week in a few lines."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.faq.counting import Counting
from bot.faq.library import Library
from bot.ledger import duties, tickets, turns, work
from bot.ledger.access.users import ADMIN, CLERK, JUSTICE, LAWYER, MINDER, READER
from bot.ledger.clock import stamp
from bot.ledger.register import records
from bot.ledger.register.definitions import REGISTERS
from bot.ledger.register.fields import Lists
from bot.ledger.store import Store
from bot.ledger.turns import Turn
from bot.ledger.work import Waiting
from bot.message import Reply
from bot.reports import todo, week
from bot.reports.annual import read_books
from bot.reports.known import Known
from bot.reports.misses import groups
from bot.reports.period import Period
from bot.reports.todo import Facts, Line
from tests.bot.test_misses import QUESTIONS, miss
from tests.conftest import NOW

TODAY = date(2026, 11, 23)


def ticket(store: Store, village: str | None, hours_ago: float) -> int:
    with store.writing() as db:
        opened = tickets.open_ticket(
            db, villager=f"v{hours_ago}", village=village, question="工钱不给", category=None, turn=None, because="asked",
            now=NOW - timedelta(hours=hours_ago),
        )  # fmt: skip
    return opened.number


def test_tickets_and_duties_are_counted_with_those_that_are_late(store: Store) -> None:
    ticket(store, "示例一村", 1)
    ticket(store, "示例二村", 25)
    answered = ticket(store, "示例一村", 30)
    with store.writing() as db:
        tickets.answer(db, answered, "可以。", adviser=1, now=NOW)
        first = duties.open_duty(db, kind="被打、怕被打", village=None, now=NOW - timedelta(minutes=20))
        duties.open_duty(db, kind="被打、怕被打", village=None, now=NOW - timedelta(minutes=5))
        assert work.waiting_duties(db, NOW) == Waiting(2, 1)
        duties.acknowledge(db, first, adviser=None, now=NOW)
        assert work.waiting_duties(db, NOW) == Waiting(2, 0)
        assert work.waiting_tickets(db, lambda _: True, NOW) == Waiting(2, 1)
        assert work.waiting_tickets(db, lambda one: one.village == "示例一村", NOW) == Waiting(1, 0)


def enter(store: Store, register: str, **row: object) -> None:
    with store.writing() as db:
        records.add(db, REGISTERS[register], row, by="示例", now=NOW)


def test_months_that_are_over_and_hold_rows_wait_to_be_closed(store: Store) -> None:
    for day in ("2025-10-31", "2025-11-01", "2026-09-02", "2026-10-30", "2026-11-02"):
        enter(store, "inspections", day=day, village="示例一村", rounds=1, found=0, prevented=0)
    with store.writing() as db:
        records.close_month(db, "2026-09", by="示例", now=NOW)
        assert work.months_to_close(db, TODAY) == ["2025-11", "2026-10"]


def test_villages_without_their_hours_are_named_after_the_twentieth(store: Store) -> None:
    common = {"manner": "到村", "kind": "坐班值班", "quantity": 1, "adviser": "示例"}
    enter(store, "services", day="2026-11-04", served="村（社区）", village="示例一村", hours=8.0, **common)
    enter(store, "services", day="2026-11-05", served="村（社区）", village="示例二村", hours=7.5, **common)
    enter(store, "services", day="2026-10-05", served="村（社区）", village="示例三村", hours=9.0, **common)
    villages = ["示例一村", "示例二村", "示例三村"]
    with store.reading() as db:
        assert work.short_of_hours(db, villages, 8, date(2026, 11, 21)) == ["示例二村", "示例三村"]
        assert work.short_of_hours(db, villages, 8, date(2026, 11, 20)) == []
        assert work.short_of_hours(db, villages, 8, date(2026, 12, 31)) == villages


@pytest.fixture
def found(real_library: Library) -> Facts:
    asked = [miss(text, n, kind="wrong" if n == 2 else "miss") for n, text in enumerate(QUESTIONS)]
    return Facts(
        today=TODAY, mine=Waiting(2, 1), tickets=Waiting(3, 1), villages=Counter({"示例一村": 2, "村子没说": 1}),
        duties=Waiting(1, 0), groups=groups(asked, real_library.current), handed_in=4, drafts=9, ending=2, ended=1, findings=5,
        hotlines=3, short=["示例一村", "示例二村"], months=["2026-09", "2026-10"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("role", "keys"),
    [
        (ADMIN, ["findings", "misses", "wrong", "hotlines", "months"]),
        (CLERK, ["hotlines", "hours", "months"]),
        (JUSTICE, ["tickets", "findings", "ending", "duties", "misses", "wrong", "sign", "hours", "months"]),
        (LAWYER, ["tickets", "findings", "ending", "misses", "wrong", "sign", "hours"]),
        (MINDER, ["tickets"]),
        (READER, []),
    ],
)
def test_each_role_sees_only_what_it_can_do_something_about_what_is_late_first(
    found: Facts, role: str, keys: list[str]
) -> None:
    assert [line.key for line in todo.lines(found, role, None, 8)] == keys


def test_a_line_says_how_many_and_how_many_of_them_are_late(found: Facts) -> None:
    made = {line.key: line for line in todo.lines(found, JUSTICE, None, 8)}
    assert made["tickets"] == Line("tickets", 2, "个群众提问等您答复，其中 1 个逾期", True)
    assert made["duties"] == Line("duties", 1, "个值班任务没有办结")
    assert made["misses"] == Line("misses", 2, "组没答上的问题等处理，最近七天有新问的 0 组")
    assert made["ending"] == Line("ending", 3, "条有效期不到30天，其中 1 条已经过期、不再回答", True)
    assert made["sign"] == Line("sign", 4, "条送来等审核签发")
    assert made["hours"] == Line("hours", 2, "个村这个月的顾问服务不足8小时：示例一村、示例二村")


def test_nothing_to_do_is_no_line_and_there_are_never_more_than_ten(found: Facts) -> None:
    none = replace(
        found, mine=Waiting(0, 0), duties=Waiting(0, 0), groups=[], handed_in=0, drafts=0, ending=0, ended=0, findings=0,
        hotlines=0, short=[], months=[],
    )  # fmt: skip
    assert todo.lines(none, JUSTICE, None, 8) == []
    december = replace(found, today=date(2026, 12, 1))
    assert [line.key for line in todo.lines(december, JUSTICE, None, 8)][-1] == "year"
    assert len(todo.lines(december, JUSTICE, None, 8)) == todo.MOST


def test_a_lawyer_of_one_village_hears_of_its_hours_alone(found: Facts) -> None:
    made = {line.key: line for line in todo.lines(found, LAWYER, "示例二村", 8)}
    assert made["hours"].text == "个村这个月的顾问服务不足8小时：示例二村"
    assert "hours" not in {line.key for line in todo.lines(found, LAWYER, "示例三村", 8)}


@pytest.mark.parametrize(
    ("today", "days", "urgent"),
    [
        (date(2026, 11, 30), None, False),
        (date(2026, 12, 1), 90, False),
        (date(2027, 2, 28), 1, True),
        (date(2027, 3, 1), 31, False),
        (date(2027, 3, 31), 1, True),
        (date(2027, 4, 1), None, False),
    ],
)
def test_the_annual_report_is_called_to_mind_from_december_until_it_is_public(
    today: date, days: int | None, urgent: bool
) -> None:
    line = todo.year_line(today)
    assert (line and line.number, bool(line and line.urgent)) == (days, urgent)
    assert line is None or "2026年度" in line.text


def ask(store: Store, n: int, text: str, category: str, decision: str = "answer", topic: str | None = None) -> None:
    turn = Turn(
        key=f"k{n}", received_at=stamp(NOW), day="2026-11-23", channel="公众号文字", villager=f"v{n}", kind="text", text=text,
        decision=decision, entry_id="e" if decision == "answer" else None, entry_version=None,
        category=category if decision == "answer" else None, score=1.0, offered=(), follows=None, reply=Reply("x"),
        latency_ms=1.0, topic=topic,
    )  # fmt: skip
    with store.writing() as db:
        turns.record(db, turn)


def test_the_note_of_the_week_has_numbers_and_no_villagers_words(store: Store, found: Facts) -> None:
    for n in range(3):
        ask(store, n, "张三欠我钱", "借贷与担保")
    ask(store, 3, "李四打我", "治安与刑事")
    ask(store, 4, "王五的无人机", "", "miss", "无人机")
    ask(store, 5, "王五的无人机", "", "miss", "beaten")
    known = Known(
        "示例镇", Lists({"村": ("示例一村",)}), Counting(sensitive=("治安与刑事",)), {"beaten": "被打了怎么办？", "e": "问？"}
    )
    books = read_books(store, known, week.week_of(TODAY), now=NOW)
    assert week.note(books, known, found, {"beaten": "治安与刑事", "e": "借贷与担保"}) == (
        "【示例镇普法问答】2026年11月23日小结\n"
        "咨询6人次（6人），答上4人次，占66.7%。\n"
        "问得多的：借贷与担保3。\n"
        "没答上的多是：无人机（1条）。\n"
        "\n"
        "要办的：\n"
        "1. 法律顾问、法律明白人：3个群众提问等答复，1个逾期（示例一村2个、村子没说1个）。\n"
        "2. 司法所：1个值班任务没有办结。\n"
        "3. 法律顾问、司法所：2组没答好的问题等处理，其中1组答非所问。\n"
        "4. 法律顾问、司法所：4条等审核签发。\n"
        "5. 法律顾问：3条快到有效期或者已过期，请复核。\n"
        "6. 法律顾问：示例一村、示例二村这个月服务不足8小时。\n"
        "7. 统计员：2026-09、2026-10还没有关账。\n"
        "8. 统计员：3个热线要核对。"
    )


def test_a_week_begins_on_monday() -> None:
    assert week.week_of(date(2026, 11, 25)) == Period(date(2026, 11, 23), date(2026, 11, 25))
    assert week.week_of(date(2026, 11, 25), before=True) == Period(date(2026, 11, 16), date(2026, 11, 22))
