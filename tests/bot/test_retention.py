"""What is kept how long, and that what is gone is gone, while the figures stay."""

import sqlite3
import threading
import time
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.faq.retention import read_periods
from bot.ledger import counted, counting, duties, tickets, turns, villagers
from bot.ledger.access import audit
from bot.ledger.clock import CHINA, local_day, stamp
from bot.ledger.keeping import due, purge
from bot.ledger.keeping.retention import LIMITS, Periods
from bot.ledger.register import records
from bot.ledger.register.definitions import REGISTERS
from bot.ledger.store import Store, insert
from bot.ledger.turns import Turn
from bot.ledger.villagers import Villager
from bot.message import Reply
from tests.bot.conftest import Run
from tests.conftest import KNOWLEDGE, NOW, PSEUDONYM_KEY

pytestmark = pytest.mark.both_ledgers

WORDS = "包工头欠我三个月工钱"
TODAY = local_day(NOW)


def asked(store: Store, key: str, when: datetime, who: str = "v1", **more: Any) -> None:
    turn = Turn(
        key=key, received_at=stamp(when), day=local_day(when).isoformat(), channel="公众号文字", villager=who, kind="text",
        text=WORDS, decision="answer", entry_id="wage", entry_version="1", category="劳动与工资", score=0.9, offered=(),
        follows=None, reply=Reply(f"您说{WORDS}"), latency_ms=1.0, remark=f"没用，{WORDS}",
    )  # fmt: skip
    with store.writing() as db:
        turns.record(db, replace(turn, **more))


def removed(found: list[purge.Removed]) -> dict[str, tuple[int, str | None, str | None]]:
    return {r.name: (r.number, r.oldest, r.newest) for r in found if r.number}


def day(days_ago: int) -> str:
    return (TODAY - timedelta(days=days_ago)).isoformat()


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("rows_years", 1, "统计法实施条例第二十二条"),
        ("log_months", 5, "网络安全法第二十三条"),
        ("counted_years", 9, "汇总资料至少10年"),
        ("registers_years", 9, "统计法实施条例"),
        ("text_days", 181, "个人信息保护法第十七条"),
        ("text_days", 0, "不能少于1天"),
        ("tickets_days", 91, "不能多于90天"),
        ("tickets_days", "永久", "不能是永久"),
        ("duties_years", 0, "至少1年"),
        ("villagers_days", True, "应当是整数"),
        ("log_months", "一年", "应当是整数"),
        ("rows_years", "", "是空的"),
    ],
)
def test_a_period_that_the_law_forbids_is_a_finding_that_names_the_rule_and_is_not_used(
    tmp_path: Path, name: str, value: object, rule: str
) -> None:
    path = tmp_path / "retention.yaml"
    path.write_text(f"# 保存多久\n{name}: {str(value).lower() if value is True else value}\n", encoding="utf-8")
    periods, (finding,) = read_periods(path)
    assert (finding.line, finding.field, finding.severity) == (2, name, "error")
    assert rule in finding.problem
    assert periods == replace(Periods(), **({name: None} if LIMITS[name].ever else {}))
    if isinstance(value, int):
        with pytest.raises(ValueError, match=name):
            Periods(**{name: value})


def test_periods_within_the_law_are_used(tmp_path: Path) -> None:
    path = tmp_path / "retention.yaml"
    path.write_text("text_days: 30\nrows_years: 永久\nlog_months: 6\nregisters_years: 10\n", encoding="utf-8")
    assert read_periods(path) == (Periods(text_days=30, rows_years=None, log_months=6, registers_years=10), [])


@pytest.mark.parametrize("text", ["- 一\n", "text_days: [\n", "row_years: 9\n", "text_days: 10\nrow_years: 9\nlog_month: 36\n"])
def test_a_file_that_cannot_be_understood_deletes_nothing_that_may_be_kept(tmp_path: Path, text: str) -> None:
    path = tmp_path / "retention.yaml"
    path.write_text(text, encoding="utf-8")
    periods, findings = read_periods(path)
    assert findings
    assert (periods.rows_years, periods.log_months, periods.counted_years, periods.registers_years) == (None,) * 4


def test_the_shipped_file_says_the_defaults_and_a_folder_without_one_has_them() -> None:
    assert read_periods(KNOWLEDGE / "retention.yaml") == (Periods(), [])
    assert read_periods(KNOWLEDGE / "none.yaml") == (Periods(), [])
    shipped = (KNOWLEDGE / "retention.yaml").read_text(encoding="utf-8")
    assert all(f"\n{name}: " in shipped for name in LIMITS)


def test_words_are_gone_after_their_days_and_the_rest_of_the_row_stays(store: Store) -> None:
    asked(store, "k1", NOW - timedelta(days=181))
    asked(store, "k2", NOW - timedelta(days=180))
    before = {row["key"]: row for row in store.query("select * from turns", {})}
    assert removed(purge.purge(store, Periods(), now=NOW)) == {"咨询原话、评价和回复原文": (1, day(181), day(181))}
    after = {row["key"]: row for row in store.query("select * from turns", {})}
    assert after["k2"] == before["k2"]
    assert after["k1"] == before["k1"] | {"text": None, "remark": None, "reply": after["k1"]["reply"]}
    with store.reading() as db:
        assert turns.reply_to(db, "k1") == Reply("")


def test_a_shorter_period_deletes_earlier(store: Store) -> None:
    asked(store, "k1", NOW - timedelta(days=8))
    assert removed(purge.purge(store, Periods(text_days=7), now=NOW)) == {"咨询原话、评价和回复原文": (1, day(8), day(8))}


def ticket(
    store: Store, who: str, opened: datetime, *, answered: bool = False, delivered: bool = False, closed: bool = False
) -> int:
    with store.writing() as db:
        made = tickets.open_ticket(
            db, villager=who, village="示例一村", question=WORDS, category="劳动与工资", turn=f"turn of {who}", because="asked",
            now=opened,
        )  # fmt: skip
        if answered:
            tickets.answer(db, made.number, f"您说{WORDS}，可以去投诉", adviser=1, now=opened + timedelta(hours=1))
        if delivered:
            tickets.deliver(db, made.number, opened + timedelta(hours=2))
        if closed:
            tickets.close(db, made.number, adviser=1, now=opened + timedelta(hours=3))
        return made.number


def test_a_closed_ticket_leads_to_nobody_after_its_days_and_an_open_one_is_never_touched(store: Store) -> None:
    old, older = NOW - timedelta(days=91), NOW - timedelta(days=400)
    done = ticket(store, "v1", old, answered=True, delivered=True)
    dropped = ticket(store, "v2", old, closed=True)
    waiting = ticket(store, "v3", older)
    unfetched = ticket(store, "v4", NOW - timedelta(days=181), answered=True)
    fresh = ticket(store, "v5", NOW - timedelta(days=89), answered=True, delivered=True)
    maybe = ticket(store, "v6", NOW - timedelta(days=179), answered=True)
    before = {row["number"]: row for row in store.query("select * from tickets", {})}
    events = store.query("select * from ticket_events where ticket in (:a, :b, :c)", {"a": waiting, "b": fresh, "c": maybe})
    purge.purge(store, Periods(), now=NOW)
    after = {row["number"]: row for row in store.query("select * from tickets", {})}
    for number in (waiting, fresh, maybe):
        assert after[number] == before[number]
    gone = {"question": None, "answer": None, "turn": None}
    for number in (done, dropped, unfetched):
        closed = before[number]["closed_at"] or stamp(NOW)
        assert after[number] == before[number] | gone | {"villager": after[number]["villager"], "closed_at": closed}
    assert len({row["villager"] for row in after.values()} - {f"v{n}" for n in range(1, 7)}) == 3
    said = [
        row["what"] for row in store.query("select what from ticket_events where ticket = :n order by at, what", {"n": done})
    ]
    assert said == ["opened", "words removed", "delivered", "identity removed"]
    assert events == store.query(
        "select * from ticket_events where ticket in (:a, :b, :c)", {"a": waiting, "b": fresh, "c": maybe}
    )
    assert removed(purge.purge(store, Periods(), now=NOW)) == {}


def test_who_does_not_come_back_is_forgotten_and_who_withdrew_stays_known_as_that(store: Store) -> None:
    long_ago = NOW - timedelta(days=181)
    with store.writing() as db:
        for who in ("gone", "seen", "fresh"):
            villagers.save(db, Villager(who), now=long_ago, village="示例一村", state="{}", noticed_at=stamp(long_ago))
        villagers.save(db, villagers.find(db, "fresh"), now=NOW, state="{}")
        villagers.withdraw(db, "withdrawn", long_ago)
        villagers.save(db, villagers.find(db, "withdrawn"), now=long_ago, state='{"back": "menu"}')
    asked(store, "k1", NOW - timedelta(days=10), who="seen")
    purge.purge(store, Periods(), now=NOW)
    kept = store.query("select villager, village, state, withdrawn_at from villagers order by villager", {})
    assert kept == [
        {"villager": "fresh", "village": "示例一村", "state": "{}", "withdrawn_at": None},
        {"villager": "seen", "village": "示例一村", "state": "{}", "withdrawn_at": None},
        {"villager": "withdrawn", "village": None, "state": None, "withdrawn_at": stamp(long_ago)},
    ]


def test_nonces_outcomes_of_alarms_and_old_log_entries_go(store: Store) -> None:
    with store.writing() as db:
        insert(db, "nonces", {"nonce": "n1", "message": "m", "seen_at": stamp(NOW - timedelta(minutes=16))})
        insert(db, "nonces", {"nonce": "n2", "message": "m", "seen_at": stamp(NOW - timedelta(minutes=14))})
        for n, years in enumerate((3, 1), 1):
            duties.open_duty(db, kind="孩子受伤害或走失", village=None, now=NOW - timedelta(days=366 * years))
            duties.finish(db, n, WORDS, adviser=1, now=NOW)
        duties.open_duty(db, kind="挨打", village=None, now=NOW - timedelta(days=366 * 3))
        audit.note(db, who="a", what="备份", about="", now=datetime(2025, 11, 22, 23, 59, tzinfo=CHINA))
        audit.note(db, who="b", what="备份", about="", now=datetime(2025, 11, 23, 0, 0, tzinfo=CHINA))
    purge.purge(store, Periods(), now=NOW)
    assert store.query("select nonce from nonces", {}) == [{"nonce": "n2"}]
    outcomes = store.query("select outcome from duties order by number", {})
    assert [row["outcome"] for row in outcomes] == ["已办结", WORDS, None]
    assert store.query("select who from security_log", {}) == [{"who": "b"}]


def test_six_months_before_the_last_of_august_is_the_last_of_february(store: Store) -> None:
    with store.writing() as db:
        for at in (datetime(2026, 2, 27, 23, 59, tzinfo=CHINA), datetime(2026, 2, 28, 0, 0, tzinfo=CHINA)):
            audit.note(db, who=f"{at:%d}", what="备份", about="", now=at)
    purge.purge(store, Periods(log_months=6), now=datetime(2026, 8, 31, 12, tzinfo=CHINA))
    assert store.query("select who from security_log", {}) == [{"who": "28"}]


def figures(store: Store, now: datetime) -> list[object]:
    """What reports of the closed months are made of; the one place here that knows how counting is called."""
    found = counting.count(store, date(2022, 1, 1), date(2026, 10, 31), rule=counting.Rule(), now=now)
    facts = found.consultations
    by = [facts.tally(name) for name in ("month", "category", "village", "channel", "answered_by", "outcome")]
    more = (found.turns, found.left_out, found.answers, found.verdicts, found.topics, found.crises, found.retries)
    return [*by, facts.tally("month", "category"), facts.people("month"), *more]


def three_years(store: Store) -> None:
    """Turns from 2022 on, of every sort that counting tells apart, some of them by the same people."""
    sorts: list[dict[str, Any]] = [
        {}, {"decision": "miss", "category": None, "topic": "社保"}, {"decision": "choose", "category": None},
        {"decision": "command"}, {"decision": "crisis"}, {"adviser": 1}, {"verdict": "helped", "village": "示例一村"},
        {"answered_by": "法律顾问", "category": "婚姻"}, {"channel": "网页"}, {"kind": "image", "decision": "media"},
    ]  # fmt: skip
    for n in range(240):
        when = datetime(2022, 1, 3, 9, tzinfo=CHINA) + timedelta(days=7 * n, minutes=n)
        asked(store, f"k{n}", when, who=f"{n % 30:032x}", **sorts[n % len(sorts)])
    asked(store, "again", datetime(2022, 1, 3, 10, tzinfo=CHINA), who=f"{0:032x}", follows="k0")
    with store.writing() as db:
        turns.came_again(db, "k5")


@pytest.mark.parametrize("counted_before", [False, True], ids=["never counted", "counted and kept"])
def test_published_figures_stay_the_same_when_words_and_whole_years_are_deleted(store: Store, counted_before: bool) -> None:
    three_years(store)
    published = figures(store, NOW)
    if not counted_before:
        with store.writing() as db:
            db.execute("delete from counted")
    found = removed(purge.purge(store, Periods(), now=NOW))
    assert found["整年的消息记录（先把统计封存）"] == (53, "2022-01-03", "2022-12-26")
    assert store.query("select count(*) as n, min(day) as day from turns", {}) == [{"n": 188, "day": "2023-01-02"}]
    assert figures(store, NOW) == published
    later = NOW + timedelta(days=366 * 2)
    purge.purge(store, Periods(), now=later)
    assert store.query("select min(day) as day, count(text) as texts from turns", {}) == [{"day": "2025-01-06", "texts": 0}]
    assert figures(store, later) == published
    assert store.query("select count(*) as n from counted where sealed_at is not null", {}) == [{"n": 36}]


def test_a_year_is_deleted_only_when_all_of_it_is_old_enough(store: Store) -> None:
    asked(store, "k1", datetime(2022, 1, 1, 0, 0, tzinfo=CHINA))
    asked(store, "k2", datetime(2022, 12, 31, 23, 59, tzinfo=CHINA))
    asked(store, "k3", datetime(2023, 1, 1, 0, 0, tzinfo=CHINA))

    def left(now: datetime) -> list[str]:
        purge.purge(store, Periods(), now=now)
        return [row["key"] for row in store.query("select key from turns order by key", {})]

    assert left(datetime(2025, 12, 31, 23, 59, tzinfo=CHINA)) == ["k1", "k2", "k3"]
    assert left(datetime(2026, 1, 1, 0, 0, tzinfo=CHINA)) == ["k3"]
    assert left(NOW) == ["k3"]


def test_years_kept_for_ever_are_not_sealed_and_counted_months_go_only_after_theirs(store: Store) -> None:
    asked(store, "k1", datetime(2015, 6, 1, tzinfo=CHINA))
    purge.purge(store, Periods(rows_years=None), now=NOW)
    assert store.query("select key from turns", {}) == [{"key": "k1"}]
    assert store.query("select month from counted", {}) == []
    counted.seal(store, 2015, now=NOW)
    counted.seal(store, 2016, now=NOW)
    found = removed(purge.purge(store, Periods(rows_years=None, counted_years=10), now=NOW))
    assert found == {"封存的月统计": (12, "2015-01", "2015-12")}
    assert store.query("select min(month) as month from counted", {}) == [{"month": "2016-01"}]


def test_registers_are_kept_for_ever_unless_the_town_says_otherwise(store: Store) -> None:
    entered = {"by": "示例统计员", "now": NOW}
    inspection = {"village": "示例一村", "rounds": 1, "found": 0, "prevented": 0}
    person = {"name": "示例人员", "village": "示例一村", "kind": "其他"}
    with store.writing() as db:
        for on in ("2015-12-31", "2016-01-01"):
            records.add(db, REGISTERS["inspections"], inspection | {"day": on}, **entered)
        records.correct(db, REGISTERS["inspections"], 1, {"found": 1}, reason="漏记", **entered)
        records.add(db, REGISTERS["people"], person | {"day": "2014-01-01"}, **entered)
        records.add(db, REGISTERS["people"], person | {"day": "2014-01-01", "left_on": "2015-06-30"}, **entered)
        records.add(db, REGISTERS["people"], person | {"day": "2014-01-01", "left_on": "2020-06-30"}, **entered)
    assert removed(purge.purge(store, Periods(), now=NOW)) == {}
    found = removed(purge.purge(store, Periods(registers_years=10), now=NOW))
    assert found == {
        "台账：法律明白人名册": (1, "2014-01-01", "2014-01-01"),
        "台账：矛盾纠纷排查": (1, "2015-12-31", "2015-12-31"),
    }
    assert store.query("select day from inspections", {}) == [{"day": "2016-01-01"}]
    assert store.query("select number from people order by number", {}) == [{"number": 1}, {"number": 3}]
    assert store.query("select * from register_changes", {}) == []


def test_counting_what_is_due_changes_nothing_and_finds_what_purging_then_removes(store: Store, database: Path) -> None:
    three_years(store)
    ticket(store, "v1", NOW - timedelta(days=100), closed=True)
    dump = sqlite3.connect(database)
    before = list(dump.iterdump())
    expected = purge.purge(store, Periods(), now=NOW, dry_run=True)
    assert list(dump.iterdump()) == before
    dump.close()
    assert purge.purge(store, Periods(), now=NOW) == expected
    assert removed(purge.purge(store, Periods(), now=NOW)) == {}


def test_what_is_purged_is_gone_from_the_bytes_of_the_file_and_its_log(store: Store, database: Path) -> None:
    for n in range(300):
        old = n % 3 > 0
        when = NOW - timedelta(days=190 if old else 10)
        words = {"text": f"旧话{n}" * 20, "reply": Reply(f"旧话{n}" * (n % 90))} if old else {}
        asked(store, f"k{n}", when, who=f"{n % 40:032x}", remark=None, **words)
        if old:
            with store.writing() as db:
                known = villagers.find(db, f"old{n % 40}")
                villagers.save(db, known, now=when, state=f"旧话{n}" * (n % 50))
    ticket(store, "旧话的人", NOW - timedelta(days=100), answered=True, delivered=True)
    assert b"".join(p.read_bytes() for p in database.parent.iterdir()).count("旧话".encode()) > 300
    purge.purge(store, Periods(), now=NOW)
    raw = {p.name: p.read_bytes() for p in database.parent.iterdir()}
    assert [name for name, data in raw.items() if "旧话".encode() in data] == []
    assert any(WORDS.encode() in data for data in raw.values())


def test_a_purge_in_small_steps_that_is_broken_off_is_finished_by_the_next(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purge, "BATCH", 20)
    monkeypatch.setattr(purge, "PAUSE", 0)
    three_years(store)
    published = figures(store, NOW)
    words, year = (r.number for r in purge.purge(store, Periods(), now=NOW, dry_run=True) if r.number)
    names = iter(range(words + 25))

    def fails_at_last() -> str:
        return str(next(names))

    monkeypatch.setattr(purge, "stranger", fails_at_last)
    with pytest.raises(StopIteration):
        purge.purge(store, Periods(), now=NOW)
    assert store.query("select count(*) as n, count(text) as texts from turns", {}) == [{"n": 241 - 20, "texts": 241 - words}]
    assert figures(store, NOW) == published
    monkeypatch.undo()
    found = removed(purge.purge(store, Periods(), now=NOW))
    assert [(name, number) for name, (number, *_) in found.items()] == [("整年的消息记录（先把统计封存）", year - 20)]
    assert figures(store, NOW) == published


def test_messages_are_recorded_while_much_is_purged(store: Store, database_url: str) -> None:
    old = stamp(NOW - timedelta(days=200))
    with store.writing() as db:
        for n in range(9000):
            db.execute(
                "insert into turns (key, received_at, day, channel, villager, kind, text, decision, reply, latency_ms)"
                " values (:key, :at, :day, '网页', 'v', 'text', '旧话', 'miss', '{}', 1)",
                {"key": f"old{n}", "at": old, "day": old[:10]},
            )
    other = Store(database_url, pseudonym_key=PSEUDONYM_KEY)
    found: list[purge.Removed] = []
    worker = threading.Thread(target=lambda: found.extend(purge.purge(other, Periods(), now=NOW)))
    worker.start()
    longest, n = 0.0, 0
    while worker.is_alive():
        began = time.perf_counter()
        asked(store, f"new{n}", NOW)
        longest, n = max(longest, time.perf_counter() - began), n + 1
    worker.join()
    other.close()
    assert found[0].number == 9000
    assert n > 5 and longest < 1.5


def test_a_day_is_purged_once_whoever_comes_first_and_a_missed_one_is_made_up_for(store: Store) -> None:
    done: list[datetime] = []

    def at(*moment: int) -> None:
        now = datetime(2026, 11, *moment, tzinfo=CHINA)

        def run() -> list[purge.Removed]:
            done.append(now)
            return [purge.Removed("安全日志", 2)]

        purge.daily(store, run, now=now)

    for moment in ((23, 3, 29), (23, 3, 30), (23, 3, 31), (24, 3, 29), (26, 8, 0), (26, 23, 0), (27, 3, 30)):
        at(*moment)
    assert [f"{moment:%d %H:%M}" for moment in done] == ["23 03:29", "23 03:30", "26 08:00", "27 03:30"]
    assert store.query("select day from purges", {}) == [{"day": "2026-11-27"}]
    with store.reading() as db:
        assert {(e.who, e.what, e.about) for e in audit.entries(db)} == {("系统", "清理", "安全日志 2")}


def test_a_purge_that_failed_is_tried_again_after_an_hour(store: Store) -> None:
    def fails() -> list[purge.Removed]:
        raise sqlite3.OperationalError("disk full")

    with pytest.raises(sqlite3.OperationalError):
        purge.daily(store, fails, now=NOW)
    assert purge.daily(store, list, now=NOW + timedelta(minutes=59)) is None
    assert purge.daily(store, list, now=NOW + timedelta(minutes=61)) == []


def test_of_several_that_purge_at_once_one_does(store: Store, database_url: str) -> None:
    barrier, done = threading.Barrier(4), []

    def run() -> list[purge.Removed]:
        done.append(1)
        return []

    def work() -> None:
        mine = Store(database_url, pseudonym_key=PSEUDONYM_KEY)
        barrier.wait()
        purge.daily(mine, run, now=NOW)
        mine.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    assert done == [1]


def test_the_log_is_read_by_days_of_the_town_and_another_state_of_it_is_taken_in(store: Store) -> None:
    with store.writing() as db:
        for n in range(60):
            audit.note(db, who=str(n), what="备份", about="", now=datetime(2026, 11, 1 + n // 3, 0, n % 60, tzinfo=CHINA))
        assert [e.who for e in audit.entries(db)] == [str(n) for n in range(10, 60)]
        assert [e.who for e in audit.entries(db, date(2026, 11, 2), date(2026, 11, 2))] == ["3", "4", "5"]
        earlier = audit.entries(db, limit=None)
        db.execute("delete from security_log where number > 30")
        audit.adopt(db, [*earlier, audit.Entry(1, stamp(NOW), "late", "恢复", "")])
        assert [e.who for e in audit.entries(db, limit=None)] == [*map(str, range(60)), "late"]
        assert [e.number for e in audit.entries(db, limit=None)] == list(range(1, 62))


def test_the_command_says_what_was_removed_and_the_log_who_did_it(run: Run, store: Store) -> None:
    asked(store, "k1", datetime(2024, 5, 6, tzinfo=CHINA))
    status, out = run("purge", "--dry-run")
    assert status == 0 and "只是数一数" in out
    (line,) = [line for line in out.splitlines() if line.startswith("咨询原话")]
    assert line.split() == ["咨询原话、评价和回复原文", "1", "2024-05-06", "2024-05-06"]
    assert store.query("select text from turns", {}) == [{"text": WORDS}]
    status, out = run("purge", "--compact")
    assert status == 0 and line.split() in [one.split() for one in out.splitlines()]
    assert store.query("select text from turns", {}) == [{"text": None}]
    status, out = run("log")
    assert status == 0 and len(out.splitlines()) == 2
    assert "清理" in out and "咨询原话、评价和回复原文 1" in out
    assert run("log", "--to", "2020-01-01") == (0, "安全日志里没有记录。\n")


def test_a_wrong_file_is_a_finding_of_check_and_of_purge(run: Run, knowledge: Path) -> None:
    (knowledge / "retention.yaml").write_text("rows_years: 1\n", encoding="utf-8")
    for command in ("purge", "check"):
        status, out = run(command)
        assert status == 1 and "retention.yaml 第1行 rows_years" in out and "统计法实施条例" in out


def test_what_is_done_with_advisers_is_in_the_log(run: Run) -> None:
    run("adviser", "add", "示例顾问", "--village", "示例一村")
    run("adviser", "code", "示例顾问")
    run("adviser", "remove", "示例顾问")
    out = run("log")[1]
    assert [what in out for what in ("登记顾问", "重新发绑定编号", "停用顾问")] == [True] * 3
    assert "1号 示例顾问，法律顾问，示例一村" in out


def test_every_kind_of_what_is_due_names_rows_that_are_there(store: Store) -> None:
    every = Periods(counted_years=10, registers_years=10)
    found = due.kinds(every, NOW)
    assert len(found) == len({kind.name for kind in found}) == 16
    assert [r.number for r in purge.purge(store, every, now=NOW)] == [0] * 17
