"""Whose business a ticket is in the console: the rules of WeChat, and a 法律明白人 only what is of their own village."""

from datetime import datetime

from bot.ledger import advisers, tickets
from bot.ledger.access.users import ADMIN, JUSTICE, LAWYER, MINDER, User
from bot.ledger.advisers import TESTER, Adviser
from bot.ledger.database import Database
from bot.ledger.tickets import Ticket

SEE = (ADMIN, JUSTICE, LAWYER, MINDER)
ANSWER = (JUSTICE, LAWYER, MINDER)


def adviser_of(db: Database, who: User) -> Adviser | None:
    """Return who a person is among the advisers; None for who may not answer, or no longer."""
    found = advisers.find(db, who.adviser) if who.role in ANSWER else None
    return found if found and found.removed_at is None and found.role != TESTER else None


def may_see(who: User, adviser: Adviser | None, ticket: Ticket) -> bool:
    """Tell whether a person may read a ticket."""
    if who.role == ADMIN:
        return True
    if adviser is None:
        return who.role == MINDER and who.looks_after(ticket.village)
    passed = ticket.assigned == adviser.number
    return tickets.may(adviser, ticket) and (passed or who.looks_after(ticket.village))


def has_to(who: User, adviser: Adviser | None, ticket: Ticket, now: datetime) -> bool:
    """Tell whether a ticket waits for this person."""
    return adviser is not None and may_see(who, adviser, ticket) and tickets.sees(adviser, ticket, now)


def others(db: Database, adviser: Adviser | None) -> list[Adviser]:
    """Return to whom this adviser may pass a ticket on."""
    return [one for one in advisers.everybody(db) if one.role != TESTER and (adviser is None or one.number != adviser.number)]
