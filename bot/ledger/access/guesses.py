"""Tries to log in, counted so that guessing is slow and nobody else is locked out by it.

After OWASP's "Slow Down Online Guessing Attacks with Device Cookies": a browser that has logged in to an account before is
counted by itself, so failures from elsewhere do not touch it; all others are counted by their address, and together.
"""

from datetime import datetime, timedelta

from bot.ledger.access.users import plain_name
from bot.ledger.clock import moment, stamp
from bot.ledger.database import Database
from bot.ledger.store import Store, insert

WAIT = timedelta(minutes=15)
"""How long an account waits for who failed too often, and within what time failures add up."""

TRIES = 5
"""How often one browser or one address may fail on one account within ``WAIT``."""

STRANGERS_TRIES, STRANGERS_WITHIN = 50, timedelta(hours=1)
"""How often all unknown browsers together may fail on one account: for guessing from many addresses."""

KEPT = timedelta(days=1)


def account_of(store: Store, name: str) -> str:
    """Return the keyed hash under which tries on a login name are counted; what is typed there may be a password."""
    return store.code_hash(f"account {plain_name(name)}")


def attempt(db: Database, *, account: str, source: str, known: bool, now: datetime) -> timedelta | None:
    """Count a try before it is looked at; return how long to wait instead where there were too many.

    Counting first means that tries at the same moment do not slip through together. ``account`` and ``source`` are hashes;
    the same holds for accounts that do not exist. ``known``: the source is a browser that had logged in before.
    """
    db.execute("delete from guesses where at < :old", {"old": stamp(now - KEPT)})
    values = {"account": account, "source": source}
    waits = [_wait(db, "account = :account and source = :source", values, TRIES, WAIT, now)]
    if not known:
        waits.append(_wait(db, "account = :account and known = 0", values, STRANGERS_TRIES, STRANGERS_WITHIN, now))
    if longest := max((wait for wait in waits if wait), default=None):
        return longest
    insert(db, "guesses", values | {"known": int(known), "at": stamp(now)})
    return None


def take_back(db: Database, *, account: str, source: str, at: datetime) -> None:
    """Take back the try that was counted ``at`` this moment, for it was right; earlier failures stay counted."""
    values = {"account": account, "source": source, "at": stamp(at)}
    db.execute("delete from guesses where account = :account and source = :source and at = :at", values)


def is_full(db: Database, *, account: str, source: str, now: datetime) -> bool:
    """Tell whether the next try of this source will have to wait."""
    values = {"account": account, "source": source}
    return _wait(db, "account = :account and source = :source", values, TRIES, WAIT, now) is not None


def succeeded(db: Database, *, account: str, source: str) -> None:
    """Forget the failures of who got in at last."""
    db.execute("delete from guesses where account = :account and source = :source", {"account": account, "source": source})


def forget(db: Database, *, account: str) -> None:
    """Forget all failures on an account."""
    db.execute("delete from guesses where account = :account", {"account": account})


def _wait(db: Database, where: str, values: dict[str, str], tries: int, within: timedelta, now: datetime) -> timedelta | None:
    """Return the rest of the wait after ``tries`` failures that were ``within`` each other."""
    sql = f"select at from guesses where {where} order by at desc limit :tries"
    rows = [moment(row["at"]) for row in db.query(sql, {**values, "tries": tries})]
    if len(rows) < tries or rows[0] - rows[-1] > within:
        return None
    rest = rows[0] + WAIT - now
    return rest if rest > timedelta() else None
