"""Rows of a register looked through: those of some days, of a village, of a kind, with a word in them; and what is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bot.ledger.database import Database
from bot.ledger.register.definitions import PENDING
from bot.ledger.register.fields import Register
from bot.ledger.store import first

NO_SUMS = {"satisfaction"}
"""Marks: adding them up tells nothing."""


@dataclass(frozen=True)
class Wanted:
    """Which rows: of the days ``start`` to ``end``, both included, with ``equal`` (field -> value) and ``word`` in a text.

    voided: also those that were struck out; they are never counted.
    """

    start: date
    end: date
    equal: Mapping[str, str] = field(default_factory=dict)
    word: str = ""
    voided: bool = False


def rows(db: Database, register: Register, wanted: Wanted, *, limit: int, offset: int = 0) -> list[dict[str, Any]]:
    """Return the rows that are wanted, the latest day first."""
    where, values = _where(register, wanted)
    sql = f"select * from {register.key} where {where} order by day desc, number desc limit :limit offset :offset"
    return list(db.query(sql, {**values, "limit": limit, "offset": offset}))


def totals(db: Database, register: Register, wanted: Wanted) -> dict[str, Any]:
    """Return of the rows that are wanted: ``all`` of them, the ``rows`` that stand, and the sum of each number of those."""
    where, values = _where(register, wanted)
    numbers = [f.key for f in register.fields if f.kind in {"count", "amount"} and f.key not in NO_SUMS]
    sums = "".join(f', sum(case when voided_at is null then {key} end) as "{key}"' for key in numbers)
    sql = f'select count(*) as "all", count(*) - count(voided_at) as "rows"{sums} from {register.key} where {where}'
    return first(db, sql, values) or {}


def serving(db: Database) -> int:
    """Return how many 法律明白人 the roster has now."""
    return int((first(db, "select count(*) as n from people where left_on is null and voided_at is null", {}) or {"n": 0})["n"])


def pending_since(db: Database, before: date, village: str | None = None) -> int:
    """Return how many disputes accepted before a day are still pending; of a village, or (None) of all."""
    where = "and village = :village" if village is not None else ""
    sql = f"select count(*) as n from disputes where result = :pending and day < :before and voided_at is null {where}"
    values = {"pending": PENDING, "before": before.isoformat(), "village": village}
    return int((first(db, sql, values) or {"n": 0})["n"])


def villages_without(db: Database, register: Register, villages: Sequence[str], month: str) -> list[str]:
    """Return the villages that have no row in a month (2026-05)."""
    sql = f"select distinct village from {register.key} where day like :month and voided_at is null"
    there = {row["village"] for row in db.query(sql, {"month": f"{month}-%"})}
    return [village for village in villages if village not in there]


def _where(register: Register, wanted: Wanted) -> tuple[str, dict[str, Any]]:
    values: dict[str, Any] = {"start": wanted.start.isoformat(), "end": wanted.end.isoformat()}
    parts = ["day >= :start", "day <= :end"]
    for key, value in wanted.equal.items():
        f = register.field(key)
        if f is None or f.key != key:
            raise KeyError(key)
        values[f"is_{key}"] = value
        parts.append(f"{key} = :is_{key}")
    if wanted.word:
        texts = [f.key for f in register.fields if f.kind == "text"]
        found = (f"lower({key}) like :word escape '!'" for key in texts)
        parts.append(f"({' or '.join(found) or '1 = 0'})")
        values["word"] = "%" + "".join(f"!{c}" if c in "!%_" else c for c in wanted.word.lower()) + "%"
    if not wanted.voided:
        parts.append("voided_at is null")
    return " and ".join(parts), values
