"""Consultations that a person held, from their register: one by one, or summed up where nobody asks for the rows."""

from datetime import date
from typing import Any

from bot.ledger.counting import Offline
from bot.ledger.database import Database

NOT_LEGAL, UNANSWERED = "非法律问题", "未解答"

_LEGAL = "day between :start and :end and voided_at is null and result <> :not_legal"
_SAID = "channel, category, village, answered_by, case when result = :unanswered then 0 else 1 end"


def held(db: Database, start: date, end: date) -> list[Offline]:
    """Return the consultations of a period, each with the number of its row."""
    sql = f"select number, coalesce(groups, ''), day, people, {_SAID} from offline where {_LEGAL} order by day, number"
    return [_of(f"offline {number}", *said) for number, *said in db.execute(sql, _values(start, end)).fetchall()]


def summed(db: Database, start: date, end: date) -> list[Offline]:
    """Return the consultations of a period by month and by what is told apart, each with how many people came."""
    sql = f"select min(day), sum(people), {_SAID} from offline where {_LEGAL} group by substr(day, 1, 7), {_SAID}"
    return [_of("", "", *said) for said in db.execute(sql, _values(start, end)).fetchall()]


def by_groups(db: Database, start: date, end: date) -> dict[tuple[str, str], int]:
    """Return how many people of each category were of which groups (several joined by 、), as far as that was entered."""
    sql = f"select category, groups, sum(people) from offline where {_LEGAL} and groups is not null group by category, groups"
    return {(category, groups): people for category, groups, people in db.execute(sql, _values(start, end)).fetchall()}


def by_adviser(db: Database, start: date, end: date) -> dict[str, int]:
    """Return how many people each adviser, by name, spoke to."""
    sql = f"select adviser, sum(people) from offline where {_LEGAL} and adviser is not null group by adviser"
    return dict(db.execute(sql, _values(start, end)).fetchall())


def _values(start: date, end: date) -> dict[str, Any]:
    return {"start": start.isoformat(), "end": end.isoformat(), "not_legal": NOT_LEGAL, "unanswered": UNANSWERED}


def _of(
    id_: str, groups: str, day: str, people: int, channel: str, category: str, village: str, by: str, answered: int
) -> Offline:
    return Offline(id_, date.fromisoformat(day), channel, category, village, by, groups, people, bool(answered))
