"""What has to be done before a report is published: until when, by whom, and that no tick is ever forgotten."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.ledger.checklist import ITEMS, Tick, due_days, history, standing, tick, wants_attention
from bot.ledger.store import Store

NOW = datetime(2026, 1, 10, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(("year", "day"), [(2025, date(2026, 2, 28)), (2027, date(2028, 2, 29)), (2099, date(2100, 2, 28))])
def test_a_report_goes_upward_before_march_and_public_before_april(year: int, day: date) -> None:
    assert due_days(year) == {"upward": day, "public": date(year + 1, 3, 31)}


def test_a_tick_says_who_and_when_and_stays_known_when_it_is_taken_away(store: Store) -> None:
    with store.writing() as db:
        assert tick(db, 2025, "signed", done=True, by="a", now=NOW)
        assert not tick(db, 2025, "signed", done=True, by="b", now=NOW + timedelta(minutes=1))
        assert tick(db, 2025, "signed", done=False, by="b", now=NOW + timedelta(minutes=2))
        assert not tick(db, 2025, "upward", done=False, by="b", now=NOW)
        assert tick(db, 2024, "signed", done=True, by="c", now=NOW)
    with store.reading() as db:
        assert history(db, 2025) == [
            Tick("signed", True, "a", "2026-01-10T04:00:00.000Z"),
            Tick("signed", False, "b", "2026-01-10T04:02:00.000Z"),
        ]
        assert {year: standing(db, year)["signed"].done for year in (2024, 2025)} == {2024: True, 2025: False}


def test_what_is_no_line_is_refused(store: Store) -> None:
    with store.writing() as db, pytest.raises(ValueError, match="nothing"):
        tick(db, 2025, "nothing", done=True, by="a", now=NOW)


def test_what_is_open_is_worth_a_reminder_from_december(store: Store) -> None:
    with store.writing() as db:
        tick(db, 2025, "numbers", done=True, by="a", now=NOW)
        assert wants_attention(db, 2025, date(2025, 11, 30)) == []
        assert wants_attention(db, 2025, date(2025, 12, 1)) == list(ITEMS[1:])
