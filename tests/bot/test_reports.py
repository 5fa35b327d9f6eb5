import csv
import io
import json
from datetime import date, timedelta

from bot.ledger.counting import RULE
from bot.ledger.store import Store
from bot.reports.consultations import Report, Table, report
from bot.reports.formats import to_csv, to_json, to_table
from tests.bot.test_counting import DAY, said
from tests.conftest import NOW


def test_a_report_holds_what_was_counted_and_the_rule(store: Store) -> None:
    said(store, "A", DAY, "answer", "劳动与工资")
    said(store, "B", DAY + timedelta(days=40), "answer", "婚姻与彩礼")
    said(store, "B", DAY + timedelta(days=40), "command")
    made = report(store, date(2026, 1, 1), date(2026, 12, 31), now=NOW)
    data = json.loads(to_json(made))
    assert data == {
        "title": "法律咨询统计",
        "from": "2026-01-01",
        "to": "2026-12-31",
        "made_at": "2026-11-23T12:00:00+08:00",
        "rule": RULE,
        "total": {"turns": 3, "consultations": 2, "people": 2, "left_out": 1},
        "by_month": [
            {"month": "2026-05", "turns": 1, "consultations": 1, "people": 1},
            {"month": "2026-06", "turns": 2, "consultations": 1, "people": 1},
        ],
        "by_category": [
            {"category": "劳动与工资", "consultations": 1, "people": 1},
            {"category": "婚姻与彩礼", "consultations": 1, "people": 1},
        ],
    }


def a_report(cell: str) -> Report:
    table = Table("t", "表", (("name", "名称"), ("count", "数")), ((cell, 12),))
    return Report("报表", date(2026, 1, 1), date(2026, 1, 2), NOW, "规则", (table,))


def test_the_terminal_table_lines_up_under_wide_headings() -> None:
    lines = to_table(a_report("ab")).splitlines()
    assert lines[lines.index("【表】") + 1 :][:2] == ["名称  数", "ab    12"]


def test_no_cell_of_a_csv_starts_a_formula() -> None:
    for cell in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1"):
        rows = list(csv.reader(io.StringIO(to_csv(a_report(cell)).removeprefix("\ufeff"))))
        assert ["'" + cell, "12"] in rows
