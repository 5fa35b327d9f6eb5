"""What waits in the ledger, and for whom: tickets, duty tasks, months to close, villages without their adviser's hours."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from bot.ledger import duties, tickets
from bot.ledger.clock import moment
from bot.ledger.database import Database
from bot.ledger.register import records
from bot.ledger.register.definitions import REGISTERS
from bot.ledger.tickets import Ticket

REMIND_FROM = 20
"""From this day of the month on, villages whose adviser has not done their hours are named."""

VILLAGE = "村（社区）"


class Waiting(NamedTuple):
    """How many wait, and how many of them past their time."""

    number: int
    late: int


def waiting_tickets(db: Database, mine: Callable[[Ticket], bool], now: datetime) -> Waiting:
    """Count the tickets without an answer that are ``mine``."""
    found = [ticket for ticket in tickets.waiting(db) if mine(ticket)]
    return Waiting(len(found), sum(now > moment(ticket.due_at) for ticket in found))


def waiting_duties(db: Database, now: datetime) -> Waiting:
    """Count the duty tasks without an outcome; late: nobody took them on in time."""
    found = duties.unfinished(db)
    late = sum(duty.acknowledged_at is None and now > moment(duty.acknowledge_by) for duty in found)
    return Waiting(len(found), late)


def months_to_close(db: Database, today: date) -> list[str]:
    """Return the months of the last year that are over, hold rows of a register, and are not closed."""
    this, earliest = f"{today:%Y-%m}", f"{today.year - 1}-{today:%m}"
    held: set[str] = set()
    for key in REGISTERS:
        sql = f"select distinct substr(day, 1, 7) as month from {key} where day >= :first and day < :this and voided_at is null"
        held |= {row["month"] for row in db.query(sql, {"first": f"{earliest}-01", "this": f"{this}-01"})}
    return sorted(held - set(records.closed_months(db)))


def short_of_hours(db: Database, villages: Sequence[str], least: float, today: date) -> list[str]:
    """Return the villages whose adviser has fewer hours than ``least`` this month; none before day ``REMIND_FROM``."""
    if today.day <= REMIND_FROM:
        return []
    first = today.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    done = dict.fromkeys(villages, 0.0)
    for row in records.rows(db, "services", first, last):
        if row["served"] == VILLAGE and row["village"] in done:
            done[row["village"]] += float(row["hours"] or 0)
    return [village for village, hours in done.items() if hours < least]
