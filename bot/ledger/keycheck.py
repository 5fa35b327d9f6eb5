"""Whether the ledger was kept with the PSEUDONYM_KEY that is in force: with another, nobody is known again.

The ledger keeps a few digits of a keyed hash, from which no key follows.
"""

from datetime import datetime

from bot.ledger.clock import stamp
from bot.ledger.store import Store, first, insert, keyed

_NAME = "pseudonyms"


def digits(pseudonym_key: str) -> str:
    """Return what tells one PSEUDONYM_KEY from another, for a ledger that need not be opened."""
    return keyed(pseudonym_key.encode(), "message", "backup")[:8]


def digits_of(store: Store) -> str:
    """Return what tells one PSEUDONYM_KEY from another."""
    return store.message_key("backup")[:8]


def fits(store: Store, now: datetime) -> bool:
    """Tell whether the key is the one with which the ledger was kept; a new one takes the first it sees. Raises StoreError."""
    with store.reading() as db:
        row = first(db, "select digits from key_checks where name = :name", {"name": _NAME})
    if row is None:
        with store.writing() as db:
            values = {"name": _NAME, "digits": digits_of(store), "at": stamp(now)}
            insert(db, "key_checks", values, once="name")
            row = first(db, "select digits from key_checks where name = :name", {"name": _NAME})
    return row is not None and row["digits"] == digits_of(store)


def accept(store: Store, now: datetime) -> None:
    """Take the key in force for the right one from now on. Raises StoreError."""
    with store.writing() as db:
        db.execute("delete from key_checks where name = :name", {"name": _NAME})
        insert(db, "key_checks", {"name": _NAME, "digits": digits_of(store), "at": stamp(now)})
