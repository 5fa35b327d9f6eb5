"""Behind each number of a report stand rows that come to it, listed as people read them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.ledger import tickets
from bot.ledger.clock import CHINA
from bot.ledger.store import Store
from bot.ledger.turns import came_again, record
from bot.reports import annual
from bot.reports.behind import agreement, behind, leads, name_of, part_of
from bot.reports.known import Known, read_known
from bot.reports.lines import GONE, lines
from bot.reports.outward import for_readers, is_closed
from bot.reports.period import named, year
from bot.reports.table import Hidden, Report
from bot.reports.trace import NoSuchCell, cell_of
from tests.bot.test_counting import turn
from tests.bot.test_reports import NOW, YEAR, fill
from tests.conftest import KNOWLEDGE


@pytest.fixture(scope="module")
def known() -> Known:
    return read_known(KNOWLEDGE)[0]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('behind') / 'bot.db'}", pseudonym_key="k")
    fill(store)
    yield store
    store.close()


@pytest.fixture(scope="module")
def office(ledger: Store, known: Known) -> Report:
    return annual.report(ledger, known, YEAR, now=NOW, audience="office")


def test_every_number_comes_to_what_stands_behind_it(ledger: Store, known: Known, office: Report) -> None:
    wrong, unsure, checked = [], set(), 0
    for table in office.tables:
        for place in {0, len(table.rows) - 2, len(table.rows) - 1} & set(range(len(table.rows))):
            for column in table.columns:
                if not leads(table, place, column.key):
                    continue
                found = behind(ledger, known, office, table.key, name_of(table, place), column.key, now=NOW)
                assert (found.row, found.column) == (table.rows[place], column)
                agrees, said = agreement(found)
                checked += 1
                if agrees is None:
                    unsure.add(column.key if column.key != "number" else str(table.rows[place].cells[0]))
                elif not agrees:
                    wrong.append((table.key, table.rows[place].cells[:2], column.key, said))
    assert wrong == []
    assert unsure <= {"median", "short", "no_lecture", "　从转人工到答复（小时，中位数）"}
    assert checked > 300


def test_texts_what_is_unknown_and_what_is_hidden_lead_nowhere(ledger: Store, known: Known, office: Report) -> None:
    public = annual.report(ledger, known, YEAR, now=NOW)
    table = public.table("village_category")
    assert table
    hidden = [
        (place, column.key)
        for place, row in enumerate(table.rows)
        for column, cell in zip(table.columns, row.cells, strict=True)
        if isinstance(cell, Hidden)
    ]
    assert hidden
    assert not any(leads(table, *cell) for cell in hidden)
    consultations, empty = office.table("consultations"), annual.report(ledger, known, year(2020), now=NOW).table("compared")
    assert consultations
    assert empty
    assert not leads(table, 0, "village")
    assert not leads(table, 0, "nothing")
    assert not leads(consultations, 0, "people")
    assert not leads(empty, 0, "now")


def test_a_number_that_no_longer_has_its_rows_says_so(known: Known, store: Store) -> None:
    with store.writing() as db:
        record(db, turn("v1", datetime(2025, 5, 1, 9, tzinfo=CHINA), "answer", "劳动与工资"))
        record(db, turn("v2", datetime(2025, 5, 2, 9, tzinfo=CHINA), "answer", "劳动与工资"))
    report = annual.report(store, known, YEAR, now=NOW, audience="office")
    with store.writing() as db:
        db.execute("delete from turns where villager = 'v2'")
    found = behind(store, known, report, "total", "1", "consultations", now=NOW)
    agrees, said = agreement(found)
    assert (agrees, len(found.groups)) == (False, 1)
    assert "报表上是 2" in said
    assert "对不上" in said


def test_consultations_are_listed_by_time_with_all_that_was_asked_in_them(known: Known, store: Store) -> None:
    morning = datetime(2025, 5, 2, 9, tzinfo=CHINA)
    asked = [
        turn("v1", morning + timedelta(hours=3), "answer", "劳动与工资", village="示例二村"),
        turn("v1", morning, "answer", "劳动与工资", village="示例二村"),
        turn("v2", morning - timedelta(days=1), "miss", None, topic="彩票"),
    ]
    with store.writing() as db:
        for number, one in enumerate(asked):
            record(db, one)
            db.execute("update turns set text = :text where key = :key", {"text": f"问题{number}", "key": one.key})
        db.execute("update turns set text = null where villager = 'v2'")
    report = annual.report(store, known, named("2025-05"), now=NOW, audience="office")
    found = lines(store, behind(store, known, report, "total", "1", "consultations", now=NOW))
    assert found.rows == (
        ("2025-05-01 09:00", "公众号文字", "未说明", "未归类", GONE, "未解答", "未答", 1),
        ("2025-05-02 09:00", "公众号文字", "示例二村", "劳动与工资", "问题1；问题0", "机器人", "已答", 1),
    )
    assert found.refs == (None, None)


def test_an_emergency_is_counted_and_never_shown(known: Known, store: Store) -> None:
    with store.writing() as db:
        one = turn("v1", datetime(2025, 5, 1, 9, tzinfo=CHINA), "crisis", None)
        record(db, one)
        came_again(db, one.key)
        db.execute("update turns set text = '不想活了'")
    report = annual.report(store, known, YEAR, now=NOW, audience="office")
    found = behind(store, known, report, "total", "1", "crises", now=NOW)
    assert agreement(found)[0]
    assert "不想活了" not in str(lines(store, found))


def test_rows_of_a_register_name_their_number_and_people_nobody(ledger: Store, known: Known, office: Report) -> None:
    found = behind(ledger, known, office, "disputes", "邻里", "accepted", now=NOW)
    listed = lines(ledger, part_of(found, 0, 3))
    assert len(listed.rows) == 3
    assert [ref and ref[0] for ref in listed.refs] == ["disputes"] * 3
    assert listed.headings[:4] == ("编号", "受理日期", "村", "纠纷类型")
    assert {row[3] for row in listed.rows} == {"邻里"}
    waiting = lines(ledger, behind(ledger, known, office, "quality", "转人工的问题", "number", now=NOW))
    assert waiting.headings[0] == "编号"
    assert "v1" not in str(waiting.rows)  # whose question it is stays out


def test_the_number_of_another_period_leads_into_that_period(ledger: Store, known: Known, office: Report) -> None:
    found = behind(ledger, known, office, "compared", "咨询人次", "other0", now=NOW)
    assert found.period == year(2024)
    assert agreement(found)[0]


def test_a_ticket_that_was_forgotten_is_listed_without_a_word(known: Known, store: Store) -> None:
    when = datetime(2025, 5, 1, 9, tzinfo=CHINA)
    with store.writing() as db:
        tickets.open_ticket(
            db, villager="v1", village="示例一村", question="问", category=None, turn=None, because="asked", now=when
        )
        tickets.forget(db, "v1", "nobody", when)
    report = annual.report(store, known, YEAR, now=NOW, audience="office")
    found = lines(store, behind(store, known, report, "quality", "转人工的问题", "number", now=NOW))
    assert found.rows == ((1, "2025-05-01 09:00", "示例一村", "—", GONE, "群众要求", "还没有答复", ""),)


@pytest.mark.parametrize("row", ["²", "9" * 5000, "0", "-1", "１２３４５６７", "\0", "<script>"])
def test_a_row_that_is_none_is_refused(office: Report, row: str) -> None:
    with pytest.raises(NoSuchCell):
        cell_of(office, "by_month", row, "turns")


def test_readers_see_sensitive_categories_by_village_only_of_years_that_are_over(
    ledger: Store, known: Known, tmp_path: Path
) -> None:
    sensitive = known.counting.sensitive
    whole = annual.report(ledger, known, YEAR, now=NOW)
    assert for_readers(whole, sensitive) == whole
    for period in (named("2025-Q2"), named("2025-05"), year(NOW.year)):
        report = annual.report(ledger, known, period, now=NOW)
        table, full = for_readers(report, sensitive).table("village_category"), report.table("village_category")
        assert table
        assert full
        kept = [column.key for column in full.columns if column.key not in sensitive]
        assert [column.key for column in table.columns] == kept
        assert table.column("total") == full.column("total")
        assert "少于3" not in str(table.rows)
        if len(kept) < len(full.columns):
            assert "整年" in table.note
    assert is_closed(whole.tables[6], "治安与刑事", sensitive) == (whole.tables[6].key == "village_category")
