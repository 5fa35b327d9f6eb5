"""Which period a person chose, and that no address can ask for more than a report can bear."""

from datetime import date

import pytest

from bot.reports.period import Period, named, year
from bot.reports.picker import Unfit, chosen, code, earlier, later, parts

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("said", "period"),
    [
        ({}, Period(date(2026, 1, 1), TODAY)),
        ({"period": "2025"}, year(2025)),
        ({"period": "2025-Q2"}, named("2025-Q2")),
        ({"period": "2025-05"}, named("2025-05")),
        ({"period": "2025-01-01~2025-11-30"}, Period(date(2025, 1, 1), date(2025, 11, 30))),
        ({"year": "2025", "part": ""}, year(2025)),
        ({"year": "2025", "part": "Q4"}, named("2025-Q4")),
        ({"year": "2025", "part": "02"}, named("2025-02")),
        ({"from": "2025-03-05", "to": "2025-03-05"}, Period(date(2025, 3, 5), date(2025, 3, 5))),
        ({"from": "", "to": "2025-11-30"}, Period(date(2025, 1, 1), date(2025, 11, 30))),
        ({"from": "2026-03-01", "to": ""}, Period(date(2026, 3, 1), TODAY)),
        ({"from": "2026-03-01", "to": "2030-01-01"}, Period(date(2026, 3, 1), date(2026, 12, 31))),
    ],
)
def test_a_period_can_be_chosen_by_name_or_by_days(said: dict[str, str], period: Period) -> None:
    assert chosen(said, TODAY) == period
    assert chosen({"period": code(period)}, TODAY) == period


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ({"period": "0001-01-01~9999-12-31"}, "2000"),
        ({"from": "0001-01-01", "to": "9999-12-31"}, "2000"),
        ({"from": "2001-01-01", "to": "2026-01-01"}, "五年"),
        ({"from": "2027-01-01", "to": "2027-02-01"}, "2026"),
        ({"period": "2027"}, "2026"),
        ({"period": "1999"}, "2000"),
        ({"period": "0000"}, "看不懂"),
        ({"period": "2025-13"}, "看不懂"),
        ({"period": "²²²²"}, "看不懂"),
        ({"period": "9" * 5000}, "看不懂"),
        ({"period": "~"}, "起始日"),
        ({"year": "2025", "part": "<script>"}, "看不懂"),
        ({"from": "昨天"}, "起始日"),
        ({"to": "2025-02-30"}, "截止日"),
        ({"from": "2025-03-01", "to": "2025-02-01"}, "对调"),
    ],
)
def test_what_is_no_period_of_ours_is_refused_in_words(said: dict[str, str], word: str) -> None:
    with pytest.raises(Unfit, match=word):
        chosen(said, TODAY)


@pytest.mark.parametrize(
    ("period", "before", "after"),
    [
        ("2025", "2024", "2026"),
        ("2026", "2025", None),
        ("2000", None, "2001"),
        ("2025-Q4", "2025-Q3", "2026-Q1"),
        ("2025-12", "2025-11", "2026-01"),
        ("2026-11", "2026-10", None),
        ("2025-01-01~2025-01-10", "2024-12-22~2024-12-31", "2025-01-11~2025-01-20"),
        ("2026-11-01~2026-11-23", "2026-10-09~2026-10-31", "2026-11-24~2026-12-16"),
    ],
)
def test_a_period_has_neighbours_that_can_be_chosen(period: str, before: str | None, after: str | None) -> None:
    found = chosen({"period": period}, TODAY)
    names = [other and code(other) for other in (earlier(found), later(found, TODAY))]
    assert names == [before, after]
    for name in filter(None, names):
        chosen({"period": name}, TODAY)


def test_the_form_shows_what_was_chosen() -> None:
    assert parts(year(2025)) == (2025, "")
    assert parts(named("2025-Q2")) == (2025, "Q2")
    assert parts(named("2025-02")) == (2025, "02")
    assert parts(Period(date(2025, 1, 5), date(2025, 1, 9))) == (2025, "")
