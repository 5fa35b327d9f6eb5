"""Everything that is kept of a villager, forgotten in one go."""

from datetime import datetime

from bot.ledger import advisers, tickets, turns, villagers
from bot.ledger.database import Database
from bot.ledger.store import stranger


def forget(db: Database, who: str, now: datetime, *, leaves: bool) -> str:
    """Cut everything of ``who`` loose from them and return the new, random name; who ``leaves`` is no adviser any more."""
    name = stranger()
    turns.forget(db, who, name)
    tickets.forget(db, who, name, now)
    if leaves:
        advisers.unbind(db, who)
    villagers.forget(db, who)
    return name
