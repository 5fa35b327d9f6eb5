"""Rows looked through, forms taken once, uploads kept for an hour."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.ledger import uploads
from bot.ledger.register import browse, forms, records
from bot.ledger.register.browse import Wanted
from bot.ledger.register.definitions import REGISTERS
from bot.ledger.register.forms import Sent
from bot.ledger.register.intake import CellFault
from bot.ledger.store import Store
from tests.conftest import NOW

OFFLINE, SERVICES, DISPUTES = REGISTERS["offline"], REGISTERS["services"], REGISTERS["disputes"]
YEAR = (date(2026, 1, 1), date(2026, 12, 31))
BASE = {
    "day": "2026-11-02", "village": "示例一村", "channel": "来访", "category": "婚姻", "people": 1, "answered_by": "司法所",
    "result": "已解答",
}  # fmt: skip


def add(store: Store, **values: Any) -> int:
    with store.writing() as db:
        return records.add(db, OFFLINE, {**BASE, **values}, by="示例", now=NOW)


def found(store: Store, **wanted: Any) -> list[int]:
    with store.reading() as db:
        return [row["number"] for row in browse.rows(db, OFFLINE, Wanted(*YEAR, **wanted), limit=10)]


def test_rows_are_found_by_village_kind_and_word_the_latest_first(store: Store) -> None:
    add(store, summary="涨价100%")
    add(store, day="2026-11-03", village="示例二村", summary="涨价1000")
    add(store, day="2026-11-01", channel="电话", remark="A_B!")
    add(store, day="2025-12-31")
    assert found(store) == [2, 1, 3]
    assert found(store, equal={"village": "示例二村"}) == [2]
    assert found(store, equal={"channel": "电话", "village": "示例二村"}) == []
    assert found(store, word="100%") == [1]
    assert found(store, word="a_b!") == [3]
    with pytest.raises(KeyError), store.reading() as db:
        browse.rows(db, OFFLINE, Wanted(*YEAR, equal={"1=1 --": "x"}), limit=1)


def test_totals_count_and_add_up_what_stands(store: Store) -> None:
    add(store, minutes=10, people=2, satisfaction=5)
    number = add(store, minutes=99)
    with store.writing() as db:
        records.void(db, OFFLINE, number, by="示例", reason="重了", now=NOW)
    with store.reading() as db:
        wanted = Wanted(*YEAR, voided=True)
        assert browse.totals(db, OFFLINE, wanted) == {"all": 2, "rows": 1, "people": 2, "minutes": 10}
        assert [row["number"] for row in browse.rows(db, OFFLINE, wanted, limit=10)] == [2, 1]
    assert found(store) == [1]


def test_what_is_missing_is_named(store: Store) -> None:
    add(store)
    with store.writing() as db:
        dispute = {
            "village": "示例一村",
            "type": "邻里",
            "source": "主动调解",
            "body": "村调委会",
            "hard": "否",
            "result": "在办",
        }
        for day in ("2026-09-01", "2026-11-01"):
            records.add(db, DISPUTES, {"day": day, **dispute}, by="示例", now=NOW)
        assert browse.villages_without(db, OFFLINE, ["示例一村", "示例二村"], "2026-11") == ["示例二村"]
        assert browse.pending_since(db, date(2026, 10, 1)) == 1
        assert browse.pending_since(db, date(2026, 10, 1), "示例二村") == 0


def test_a_form_is_taken_once_and_tells_whose_row_it_is_and_what_they_choose(store: Store) -> None:
    for category in ("婚姻", "劳动与工资", "婚姻"):
        number = add(store, category=category)
        with store.writing() as db:
            forms.note(
                db, OFFLINE, number, person=7, token=f"t{number}", what=forms.ENTERED, now=NOW + timedelta(minutes=number)
            )
    with store.writing() as db:
        forms.note(db, OFFLINE, 1, person=8, token="t1", what=forms.CORRECTED, now=NOW)
        assert forms.sent(db, 7, "t1") == Sent("offline", 1, "录入")
        assert forms.sent(db, 8, "t2") is None
        assert [forms.is_theirs(db, OFFLINE, 1, person) for person in (7, 8)] == [True, False]
        assert not forms.is_theirs(db, SERVICES, 1, 7)
        assert forms.lately(db, OFFLINE, "category", 7) == ("婚姻", "劳动与工资")
        assert forms.lately(db, OFFLINE, "category", 8) == ()


def test_an_upload_is_its_senders_for_an_hour(tmp_path: Path) -> None:
    folder, fault = tmp_path / "uploads", CellFault("排查", 3, 2, "村", "没有", "改")
    made = uploads.of(7, "C:\\表\\排查.xlsx", NOW, faults=(fault,), rows=(("矛盾纠纷排查", 2),), notes=("一",))
    token = uploads.keep(folder, made, b"book", now=NOW)
    assert made.name == "排查.xlsx"
    assert uploads.kept(folder, token, 7, now=NOW + timedelta(minutes=59)) == made
    assert uploads.book_of(folder, token) == b"book"
    assert uploads.kept(folder, token, 8, now=NOW) is None
    assert uploads.kept(folder, f"../uploads/{token}", 7, now=NOW) is None
    assert uploads.kept(folder, token, 7, now=NOW + timedelta(hours=1)) is None
    uploads.sweep(folder, NOW + timedelta(hours=2))
    assert list(folder.iterdir()) == []
