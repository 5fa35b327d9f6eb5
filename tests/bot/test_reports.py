"""The report of a period: every table sums up, every cell leads to its rows, every figure is computed."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.ledger import advisers, tickets
from bot.ledger.clock import CHINA
from bot.ledger.register import records
from bot.ledger.register.definitions import REGISTERS
from bot.ledger.store import Store
from bot.ledger.turns import answered_by, came_again, judge, record
from bot.reports import annual
from bot.reports.compared import change
from bot.reports.known import Known, read_known
from bot.reports.period import Period, named, year
from bot.reports.table import SMALL, WITHHELD, Rate, Report, rounded
from bot.reports.trace import NoSuchCell, trace
from tests.bot.test_counting import turn
from tests.conftest import KNOWLEDGE

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=CHINA)
YEAR = year(2025)
VILLAGES = [f"示例{n}村" for n in "一二三四五六七八九十"]


@pytest.fixture(scope="module")
def known() -> Known:
    found, findings = read_known(KNOWLEDGE)
    assert findings == []
    return found


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Two years with something of everything."""
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('reports') / 'bot.db'}", pseudonym_key="k")
    fill(store)
    yield store
    store.close()


def fill(store: Store) -> None:
    categories = ["劳动与工资", "婚姻与彩礼", "治安与刑事", "土地征收与补偿"]
    with store.writing() as db:
        advisers.add(db, name="示例顾问一", role="法律顾问", village="示例一村")
        advisers.add(db, name="示例明白人", role="法律明白人", village="示例二村")
        for n in range(400):
            when = datetime(2024, 1, 3, 9, tzinfo=CHINA) + timedelta(days=n * 2 - n % 3, hours=n % 11)
            decision = ("answer", "answer", "answer", "choose", "miss", "command", "crisis")[n % 7]
            made = turn(
                f"v{n % 60}", when, decision, categories[n * n % 4] if decision == "answer" else None,
                channel=("公众号文字", "公众号语音", "网页")[n % 3], village=VILLAGES[n * 7 % 10] if n % 5 else None,
                topic=("彩票纠纷", "wage-arrears-company", None)[n % 3] if decision == "miss" else None,
                adviser=1 if n % 41 == 40 else None,
            )  # fmt: skip
            record(db, made)
            if decision == "answer" and n % 4 == 0:
                judge(db, made.key, ("helped", "useless", "wrong")[n % 3])
            if n % 50 == 0:
                came_again(db, made.key)
            if decision == "miss" and n % 2:
                opened = tickets.open_ticket(
                    db, villager=f"v{n % 60}", village=VILLAGES[n % 10], question="…", category=None, turn=made.key,
                    because="missed", now=when,
                )  # fmt: skip
                if n % 3:
                    tickets.answer(db, opened.number, "…", adviser=1 + n % 2, now=when + timedelta(hours=n % 40))
                    answered_by(db, made.key, ("法律顾问", "法律明白人")[n % 2])
        rows = {
            "offline": lambda n: {
                "village": VILLAGES[n % 10], "channel": ("来访", "电话", "微信群")[n % 3], "category": categories[n % 4],
                "groups": ("农民", "农民工、妇女", None)[n % 3], "people": 1 + n % 3,
                "answered_by": ("法律顾问", "司法所")[n % 2], "adviser": "示例顾问一",
                "result": ("已解答", "未解答", "非法律问题")[n % 5 % 3],
            },
            "services": lambda n: {
                "served": ("村（社区）", "镇政府")[n % 4 == 3],
                "village": None if n % 4 == 3 else VILLAGES[n % 10], "adviser": "示例顾问一", "manner": "到村",
                "hours": (7.5, 8.0, 2.25)[n % 3], "quantity": 1 + n % 2,
                "kind": ("坐班值班", "法治讲座", "合同审查")[n % 3], "attendance": 40 if n % 3 == 1 else None,
            },
            "people": lambda n: {
                "name": f"示例人员{n}", "village": VILLAGES[n % 10], "kind": "村干部",
                "left_on": "2025-08-01" if n == 3 else None,
            },
            "trainings": lambda n: {"topic": "民法典", "hours": 4.0, "attendance": 60 + n, "everybody": "是"},
            "activities": lambda n: {
                "topic": "宪法", "form": ("法治宣传活动", "法治课堂", "横幅标语")[n % 3],
                "setting": ("乡村", "学校", None)[n % 3],
                "times": 1, "attendance": n * 3, "leaflets": n * 50, "banners": n % 4, "led": n, "consulted": n % 5,
            },
            "disputes": lambda n: {
                "village": VILLAGES[n % 10], "type": ("邻里", "婚姻家庭", "山林土地")[n % 3], "source": "主动调解",
                "body": "村调委会", "parties": 2 + n % 2, "amount": 0.5 * (n % 4), "hard": "否",
                "result": ("成功", "成功", "不成", "在办")[n % 4],
            },
            "inspections": lambda n: {"village": VILLAGES[n % 10], "rounds": 2, "found": n % 3, "prevented": n % 2},
        }  # fmt: skip
        for key, row in rows.items():
            for n in range(8 if key == "trainings" else 40):
                day = date(2024, 2, 1) + timedelta(days=n * 16)
                records.add(db, REGISTERS[key], {"day": day.isoformat(), **row(n)}, by="示例统计员", now=NOW)


@pytest.fixture(scope="module")
def office(ledger: Store, known: Known) -> Report:
    return annual.report(ledger, known, YEAR, now=NOW, audience="office")


@pytest.fixture(scope="module")
def public(ledger: Store, known: Known) -> Report:
    return annual.report(ledger, known, YEAR, now=NOW)


NOT_SUMS = {"people"}  # one person may ask in several months or categories


def test_totals_equal_the_sums_of_what_stands_above_them(office: Report) -> None:
    checked = 0
    for table in office.tables:
        totals = [row for row in table.rows if row.total]
        for place, column in enumerate(table.columns):
            overlapping = table.key == "category_group" and column.key not in {"total", "未说明"}
            if not totals or column.kind not in {"count", "amount"} or column.key in NOT_SUMS | {"median"} or overlapping:
                continue
            parts = [cell for row in table.rows if not row.total and isinstance(cell := row.cells[place], (int, Decimal))]
            whole = totals[0].cells[place]
            assert whole in {sum(parts), None}, (table.key, column.key)
            checked += 1
    assert checked > 60


def test_parts_of_a_row_add_up_to_its_total(office: Report) -> None:
    by_month = office.table("by_month")
    assert by_month
    for row in by_month.rows:
        cells = dict(zip([c.heading for c in by_month.columns], row.cells, strict=True))
        whole = cells["咨询人次"]
        channels = ("公众号文字", "公众号语音", "网页", "来访", "电话", "微信群", "代问")
        assert sum(cells.get(c, 0) for c in channels) == whole  # type: ignore[misc]
        assert sum(v for k, v in cells.items() if "解答" in k) == whole  # type: ignore[misc]
    disputes = office.table("disputes")
    assert disputes
    for row in disputes.rows:
        assert row.cells[1] == sum(row.cells[2:5])  # type: ignore[arg-type]


def test_the_same_number_is_the_same_in_every_table(office: Report) -> None:
    whole = office.table("total").rows[0].cells[1]  # type: ignore[union-attr]
    for key, column in (
        ("by_month", "consultations"), ("month_channel", "total"), ("by_category", "consultations"),
        ("village_category", "total"), ("category_group", "total"), ("compared", "now"), ("quality", "number"),
    ):  # fmt: skip
        table = office.table(key)
        assert table
        row = {"compared": 1, "quality": 0}.get(key, -1)
        assert table.column(column)[row] == whole, key
    assert office.figures["咨询人次"] == whole
    parts = ("线上人次", "来访人次", "电话人次", "微信群人次", "代问人次")
    assert sum(office.figures[name] for name in parts) == whole  # type: ignore[misc]


def test_every_cell_that_counts_rows_leads_to_them(ledger: Store, known: Known, office: Report) -> None:
    """What counts rows finds as many; a sum, a rate or a median finds the rows it was made of."""
    checked = 0
    for table in office.tables:
        if table.key in {"consultations", "misses"}:  # each row is its own
            continue
        for number, row in [*enumerate(table.rows, 1)][:3] + [*enumerate(table.rows, 1)][-1:]:
            for column, cell in zip(table.columns, row.cells, strict=True):
                if column.kind == "text" or cell in {None, ""} or row.cells[0] in {"其余话题", None} or column.key == "place":
                    continue
                found = trace(ledger, known, office, table.key, str(number), column.key, now=NOW)
                where = (table.key, row.cells[0], column.key)
                if cell in {0, Decimal(0)} or (isinstance(cell, Rate) and cell.whole == 0):
                    continue
                assert found.ids or column.key in {"short", "no_lecture"}, where  # what is missing has no rows
                assert len(set(found.ids)) == len(found.ids), where
                if column.key == "turns" or where[2] in {"left_out", "crises", "accepted", "settled", "failed", "pending"}:
                    assert len(found.ids) == cell, where
                checked += 1
    assert checked > 150


def test_a_cell_that_is_not_there_says_which_are(ledger: Store, known: Known, office: Report) -> None:
    for table, row, column, word in (
        ("nothing", "1", "x", "by_month"), ("by_month", "2025-05", "x", "公众号文字"), ("by_month", "某月", "turns", "2025-01"),
    ):  # fmt: skip
        with pytest.raises(NoSuchCell, match=word):
            trace(ledger, known, office, table, row, column, now=NOW)


def test_nothing_that_a_person_wrote_or_is_called_leaves_the_office(public: Report, office: Report) -> None:
    assert {t.key for t in office.tables} - {t.key for t in public.tables} == {"advisers", "consultations", "misses"}
    said = str([table.rows for table in public.tables])
    assert "示例顾问一" not in said
    assert "v1" not in said
    assert "…" not in said


def test_small_numbers_of_a_village_on_a_sensitive_topic_are_hidden_outside(public: Report, office: Report) -> None:
    shown, kept = public.table("village_category"), office.table("village_category")
    assert shown
    assert kept
    for row, real in zip(shown.column("治安与刑事")[:-1], kept.column("治安与刑事")[:-1], strict=True):
        assert row in ({real, WITHHELD} if real >= 3 else {SMALL, WITHHELD})  # type: ignore[operator]
    assert SMALL in shown.column("治安与刑事")


def test_what_nobody_entered_is_unknown_and_never_zero(ledger: Store, known: Known) -> None:
    empty = annual.report(ledger, known, year(2020), now=NOW)
    for name, figure in empty.figures.items():
        if name not in {"年份", "期间", "全期", "镇名", "村数", "条目数"}:
            assert figure is None, name
    compared = empty.table("compared")
    assert compared
    assert set(compared.column("now")) == {None}


def test_a_report_of_some_days_is_cut_off_there(ledger: Store, known: Known, office: Report) -> None:
    part = annual.report(ledger, known, Period(date(2025, 1, 1), date(2025, 7, 19)), now=NOW)
    rest = annual.report(ledger, known, Period(date(2025, 7, 20), date(2025, 12, 31)), now=NOW)
    for name in ("消息条数", "咨询人次", "受理纠纷", "排查次数"):
        assert part.figures[name] + rest.figures[name] == office.figures[name], name  # type: ignore[operator]
    assert part.figures["期间"] == "2025年1月1日至7月19日"


def test_the_rule_is_part_of_the_report(public: Report, known: Known) -> None:
    assert public.rule == str(known.counting.rule)
    assert "同一人、同一类别、同一天" in public.rule


def test_months_under_eight_hours_and_quarters_without_a_lecture_are_flagged(known: Known, store: Store) -> None:
    with store.writing() as db:
        for month in range(1, 13):
            row = {
                "day": f"2025-{month:02}-10", "served": "村（社区）", "village": "示例一村", "adviser": "示例顾问一",
                "manner": "到村", "kind": "法治讲座" if month < 7 else "坐班值班", "quantity": 1,
                "hours": 7.5 if month == 5 else 8.0,
            }  # fmt: skip
            records.add(db, REGISTERS["services"], row, by="示例统计员", now=NOW)
    made = annual.report(store, known, YEAR, now=NOW)
    services, hours = made.table("services"), made.table("hours")
    assert services
    assert hours
    first = dict(zip([c.key for c in services.columns], services.rows[0].cells, strict=True))
    assert (first["village"], first["hours"], first["short"], first["no_lecture"]) == ("示例一村", Decimal("95.50"), 1, 2)
    assert hours.rows[0].cells[-1] == "5月"
    assert made.figures["不足8小时"] == 1 + 11 * 12


def test_what_was_settled_after_the_period_was_pending_in_it(known: Known, store: Store) -> None:
    row = {
        "day": "2025-12-20", "village": "示例一村", "type": "邻里", "source": "主动调解", "body": "村调委会", "hard": "否",
        "result": "成功", "closed_on": "2026-01-05",
    }  # fmt: skip
    with store.writing() as db:
        records.add(db, REGISTERS["disputes"], row, by="示例统计员", now=NOW)
    then, later = (annual.report(store, known, period, now=NOW).figures for period in (YEAR, Period(YEAR.start, NOW.date())))
    assert (then["受理纠纷"], then["调解成功"], later["受理纠纷"], later["调解成功"]) == (1, 0, 1, 1)


def test_the_month_that_goes_on_is_not_flagged(known: Known, store: Store) -> None:
    row = {
        "day": "2026-03-02", "served": "村（社区）", "village": "示例一村", "adviser": "示例顾问一", "manner": "到村",
        "kind": "坐班值班", "quantity": 1, "hours": 2.0,
    }  # fmt: skip
    with store.writing() as db:
        records.add(db, REGISTERS["services"], row, by="示例统计员", now=NOW)
    made = annual.report(store, known, Period(date(2026, 3, 1), date(2026, 3, 31)), now=NOW)
    services = made.table("services")
    assert services
    assert set(services.column("short")) == {0}


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(783, 857, "91.4%"), (2784, 2872, "96.9%"), (0, 0, "—"), (1, 8, "12.5%"), (1, 16, "6.3%"), (0, 5, "0.0%"),
     (5, 5, "100.0%")],
)  # fmt: skip
def test_rates_are_computed_half_up_to_one_decimal(part: int, whole: int, shown: str) -> None:
    assert str(Rate(part, whole)) == shown


@pytest.mark.parametrize(
    ("number", "place", "shown"),
    [(2897, 100, "2800余"), (200, 100, "200"), (216, 100, "200余"), (10400, 1000, "10000余"), (48, 100, "48"), (0, 100, "0")],
)
def test_yu_is_said_only_where_something_was_taken_off(number: int, place: int, shown: str) -> None:
    assert rounded(number, place) == shown


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [(112, 100, "增长12.0%"), (96, 100, "下降4.0%"), (5, 5, "持平"), (5, 0, "—"), (None, 5, "—"), (1, 3, "下降66.7%"),
     (Rate(9, 10), Rate(8, 10), "提高10.0个百分点"), (Rate(8, 10), Rate(9, 10), "降低10.0个百分点"),
     (Rate(0, 0), Rate(1, 1), "—")],
)  # fmt: skip
def test_change_is_said_in_words(now: int | Rate | None, before: int | Rate | None, said: str) -> None:
    assert change(now, before) == said


@pytest.mark.parametrize(
    ("period", "name", "before", "year_before"),
    [
        (named("2026"), "2026年", named("2025"), named("2025")),
        (named("2026年5月"), "2026年5月", named("2026-04"), named("2025-05")),
        (named("2026-Q1"), "2026年第1季度", named("2025第4季度"), named("2025-Q1")),
        (Period(date(2024, 2, 29), date(2024, 2, 29)), "2024年2月29日", Period(date(2024, 2, 28), date(2024, 2, 28)),
         Period(date(2023, 2, 28), date(2023, 2, 28))),
        (named("2025-02"), "2025年2月", named("2025-01"), named("2024-02")),
        (Period(date(2026, 1, 1), date(2026, 11, 30)), "2026年1月1日至11月30日",
         Period(date(2025, 2, 1), date(2025, 12, 31)), Period(date(2025, 1, 1), date(2025, 11, 30))),
    ],
)  # fmt: skip
def test_periods_know_their_names_and_what_they_are_compared_with(
    period: Period, name: str, before: Period, year_before: Period
) -> None:
    assert (str(period), period.before(), period.year_before()) == (name, before, year_before)


@pytest.mark.parametrize("text", ["", "去年", "2026-13", "2026-5季度", "26-05", "2026-05-01"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        named(text)


def test_a_report_that_counts_kept_months_says_the_same_as_the_first(ledger: Store, known: Known, public: Report) -> None:
    again = annual.report(ledger, known, YEAR, now=NOW)
    assert again == public


def test_the_knowledge_folder_may_be_gone(ledger: Store, tmp_path: Path) -> None:
    known, findings = read_known(tmp_path)
    assert findings
    assert annual.report(ledger, known, YEAR, now=NOW).figures["咨询人次"]
