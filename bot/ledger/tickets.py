"""Tickets: questions that wait for a person, each with a number that only its sender can use."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from bot.ledger.advisers import Adviser
from bot.ledger.clock import moment, stamp
from bot.ledger.database import Database
from bot.ledger.store import first, insert, next_number

DUE = timedelta(hours=24)
"""Written questions are answered within a day (domain rule for online consultation)."""

LONGEST_ANSWER = 400
"""Characters: with the question and the closing line it fits one WeChat text."""

Because = Literal["asked", "missed", "useless"]
"""Why a person is needed: the villager asked for one, the bot had no answer twice, or its answer was of no use."""


@dataclass(frozen=True)
class Ticket:
    """One row of ``tickets``; ``turn`` is the key of the turn that asked, ``assigned`` the adviser it was passed to."""

    number: int
    villager: str
    village: str | None
    question: str | None
    category: str | None
    turn: str | None
    because: str
    opened_at: str
    due_at: str
    assigned: int | None
    answer: str | None
    answered_by: int | None
    answered_at: str | None
    delivered_at: str | None
    closed_at: str | None

    @property
    def state(self) -> str:
        """What became of it; it changes when somebody answers, the villager reads the answer, or it is closed."""
        return f"{self.answered_at or ''} {self.delivered_at or ''} {self.closed_at or ''}"

    @property
    def is_gone(self) -> bool:
        """Tell whether nobody is left to answer: the villager had everything deleted, or its time is over."""
        return self.question is None and self.turn is None


@dataclass(frozen=True)
class Event:
    """One row of ``ticket_events``; ``what`` is a word and, behind a colon, what belongs to it."""

    at: str
    adviser: int | None
    what: str


_COLUMNS = ", ".join(Ticket.__annotations__)


def may(adviser: Adviser, ticket: Ticket) -> bool:
    """Tell whether a ticket is this adviser's business: of their village, passed to them, or they are the town's."""
    return ticket.assigned == adviser.number or adviser.looks_after(ticket.village)


def sees(adviser: Adviser, ticket: Ticket, now: datetime) -> bool:
    """Tell whether a ticket is in the adviser's list: theirs while nobody else has it; all that are late rise to the town."""
    if ticket.assigned is not None and ticket.assigned != adviser.number:
        return adviser.role == "司法所" and now > moment(ticket.due_at)
    return may(adviser, ticket)


def open_ticket(
    db: Database,
    *,
    villager: str,
    village: str | None,
    question: str | None,
    category: str | None,
    turn: str | None,
    because: Because,
    now: datetime,
) -> Ticket:
    """Open a ticket; a question that has an open one keeps that."""
    if turn is not None:
        sql = f"select {_COLUMNS} from tickets where villager = :villager and turn = :turn and closed_at is null"
        if row := first(db, sql, {"villager": villager, "turn": turn}):
            return Ticket(**row)
    number = next_number(db, "tickets")
    values = {
        "number": number,
        "villager": villager,
        "village": village,
        "question": question,
        "category": category,
        "turn": turn,
        "because": because,
        "opened_at": stamp(now),
        "due_at": stamp(now + DUE),
    }
    insert(db, "tickets", values)
    note(db, number, "opened", now)
    return _get(db, number)


def find(db: Database, number: int) -> Ticket | None:
    """Return the ticket, or None."""
    row = first(db, f"select {_COLUMNS} from tickets where number = :number", {"number": number})
    return Ticket(**row) if row else None


def of_villager(db: Database, villager: str) -> list[Ticket]:
    """Return the tickets of a villager, newest first."""
    sql = f"select {_COLUMNS} from tickets where villager = :villager order by number desc"
    return [Ticket(**row) for row in db.query(sql, {"villager": villager})]


def undelivered(db: Database, villager: str) -> Ticket | None:
    """Return the villager's oldest answer that they have not seen."""
    sql = (
        f"select {_COLUMNS} from tickets where villager = :villager and answer is not null and delivered_at is null"
        " order by answered_at limit 1"
    )
    row = first(db, sql, {"villager": villager})
    return Ticket(**row) if row else None


class Opened(NamedTuple):
    """A ticket of a period, without a word of what was asked."""

    number: int
    opened_at: str
    answered_at: str | None
    answered_by: int | None


def opened_between(db: Database, start: str, end: str) -> list[Opened]:
    """Return the tickets opened from the stamp ``start`` until before ``end``."""
    sql = f"select {', '.join(Opened._fields)} from tickets where opened_at >= :start and opened_at < :end order by number"
    return [Opened(*row) for row in db.execute(sql, {"start": start, "end": end}).fetchall()]


def waiting(db: Database) -> list[Ticket]:
    """Return the open tickets, the one due first first."""
    sql = f"select {_COLUMNS} from tickets where closed_at is null and answer is null order by due_at, number"
    return [Ticket(**row) for row in db.query(sql)]


def everything(db: Database) -> list[Ticket]:
    """Return all tickets: those that wait first, the one due first first; then the others, newest first."""
    sql = (
        f"select {_COLUMNS} from tickets order by case when closed_at is null and answer is null then 0 else 1 end,"
        " case when closed_at is null and answer is null then due_at end, number desc"
    )
    return [Ticket(**row) for row in db.query(sql)]


def history(db: Database, number: int) -> list[Event]:
    """Return what happened to a ticket, oldest first."""
    sql = "select at, adviser, what from ticket_events where ticket = :number order by at"
    return [Event(**row) for row in db.query(sql, {"number": number})]


def others(db: Database, ticket: Ticket) -> int:
    """Return how many other tickets the same villager has."""
    sql = "select count(*) from tickets where villager = :villager and number <> :number"
    found: int = db.execute(sql, {"villager": ticket.villager, "number": ticket.number}).fetchone()[0]
    return found


def answer(db: Database, number: int, text: str, *, adviser: int, now: datetime) -> Ticket:
    """Answer a ticket, or correct its answer; the villager gets the last one."""
    values = {"number": number, "text": text, "adviser": adviser, "now": stamp(now)}
    db.execute(
        "update tickets set answer = :text, answered_by = :adviser, answered_at = :now, delivered_at = null, closed_at = null"
        " where number = :number",
        values,
    )
    note(db, number, f"answered: {text}", now, adviser)
    return _get(db, number)


def deliver(db: Database, number: int, now: datetime) -> None:
    """Note that the villager has got the answer; that closes the ticket."""
    values = {"number": number, "now": stamp(now)}
    db.execute("update tickets set delivered_at = :now, closed_at = coalesce(closed_at, :now) where number = :number", values)
    note(db, number, "delivered", now)


def assign(db: Database, number: int, *, to: int, adviser: int | None, now: datetime) -> None:
    """Pass a ticket on to another adviser."""
    db.execute("update tickets set assigned = :to where number = :number", {"number": number, "to": to})
    note(db, number, f"passed to {to}", now, adviser)


def close(db: Database, number: int, *, adviser: int, now: datetime, reason: str = "") -> None:
    """Close a ticket without an answer, or one whose answer was not fetched; ``reason`` holds no word of the villager."""
    db.execute("update tickets set closed_at = :now where number = :number", {"number": number, "now": stamp(now)})
    note(db, number, f"closed: {reason}" if reason else "closed", now, adviser)


def set_village(db: Database, villager: str, village: str) -> None:
    """Give the villager's open tickets their village."""
    db.execute(
        "update tickets set village = :village where villager = :villager and closed_at is null",
        {"villager": villager, "village": village},
    )


def forget(db: Database, villager: str, name: str, now: datetime) -> None:
    """Cut the tickets of ``villager`` loose from them, drop every word, close those that are open."""
    values = {"villager": villager, "name": name, "now": stamp(now)}
    db.execute(
        "update ticket_events set what = 'words removed' where what like 'answered: %'"
        " and ticket in (select number from tickets where villager = :villager)",
        values,
    )
    db.execute(
        "update tickets set villager = :name, question = null, answer = null, turn = null,"
        " closed_at = coalesce(closed_at, :now) where villager = :villager",
        values,
    )


def note(db: Database, number: int, what: str, now: datetime, adviser: int | None = None) -> None:
    """Add to a ticket's history."""
    insert(db, "ticket_events", {"ticket": number, "at": stamp(now), "adviser": adviser, "what": what})


def _get(db: Database, number: int) -> Ticket:
    found = find(db, number)
    if found is None:
        raise LookupError(number)
    return found
