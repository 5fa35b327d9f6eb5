"""Alarms that the law wants reported: they wait for the town's duty officer. Never who wrote, never what was written."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.ledger.clock import stamp
from bot.ledger.database import Database
from bot.ledger.store import first, insert, next_number

ACKNOWLEDGE = timedelta(minutes=15)


@dataclass(frozen=True)
class Duty:
    """One row of ``duties``."""

    number: int
    kind: str
    village: str | None
    opened_at: str
    acknowledge_by: str
    acknowledged_at: str | None
    acknowledged_by: int | None
    outcome: str | None


_COLUMNS = ", ".join(Duty.__annotations__)


def open_duty(db: Database, *, kind: str, village: str | None, now: datetime) -> int:
    """Open a task and return its number."""
    number = next_number(db, "duties")
    values = {
        "number": number,
        "kind": kind,
        "village": village,
        "opened_at": stamp(now),
        "acknowledge_by": stamp(now + ACKNOWLEDGE),
    }
    insert(db, "duties", values)
    return number


def unfinished(db: Database) -> list[Duty]:
    """Return the tasks without an outcome, oldest first."""
    return [Duty(**row) for row in db.query(f"select {_COLUMNS} from duties where outcome is null order by number")]


def finished(db: Database, limit: int) -> list[Duty]:
    """Return the last tasks with an outcome, newest first."""
    sql = f"select {_COLUMNS} from duties where outcome is not null order by number desc limit :limit"
    return [Duty(**row) for row in db.query(sql, {"limit": limit})]


def find(db: Database, number: int) -> Duty | None:
    """Return the task, or None."""
    row = first(db, f"select {_COLUMNS} from duties where number = :number", {"number": number})
    return Duty(**row) if row else None


def acknowledge(db: Database, number: int, *, adviser: int | None, now: datetime) -> None:
    """Note who took the task on and when; the first one stays."""
    db.execute(
        "update duties set acknowledged_at = :now, acknowledged_by = :adviser"
        " where number = :number and acknowledged_at is null",
        {"number": number, "adviser": adviser, "now": stamp(now)},
    )


def finish(db: Database, number: int, outcome: str, *, adviser: int | None, now: datetime) -> None:
    """Note what came of the task."""
    acknowledge(db, number, adviser=adviser, now=now)
    db.execute("update duties set outcome = :outcome where number = :number", {"number": number, "outcome": outcome})
