"""The security log: who did what with the ledger itself. Entries are added, and purged when they are old; nothing else."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.ledger.clock import CHINA, stamp
from bot.ledger.database import Database
from bot.ledger.store import first, insert, next_number

SYSTEM = "系统"
"""Who does what the server does by itself."""

LAST = 50


@dataclass(frozen=True)
class Entry:
    """One row of ``security_log``. ``who``: a login name of the operating system; ``about`` holds nothing of villagers."""

    number: int
    at: str
    who: str
    what: str
    about: str


_COLUMNS = ", ".join(Entry.__annotations__)


def note(db: Database, *, who: str, what: str, about: str, now: datetime) -> None:
    """Add an entry."""
    number = next_number(db, "security_log")
    insert(db, "security_log", {"number": number, "at": stamp(now), "who": who, "what": what, "about": about})


def note_view(db: Database, *, who: str, what: str, about: str, now: datetime) -> None:
    """Add an entry for looking at something, unless the same person looked at the same on the same day of the town."""
    start = stamp(datetime.combine(now.astimezone(CHINA).date(), time(), CHINA))
    values = {"who": who, "what": what, "about": about, "start": start}
    sql = "select 1 from security_log where at >= :start and who = :who and what = :what and about = :about"
    if first(db, sql, values) is None:
        note(db, who=who, what=what, about=about, now=now)


def entries(db: Database, start: date | None = None, end: date | None = None, *, limit: int | None = LAST) -> list[Entry]:
    """Return the last ``limit`` entries (None: all) of the town's days ``start`` to ``end``, both included, oldest first."""
    first = stamp(datetime.combine(start or date(1900, 1, 1), time(), CHINA))
    beyond = stamp(datetime.combine((end or date(9000, 1, 1)) + timedelta(days=1), time(), CHINA))
    sql = f"select {_COLUMNS} from security_log where at >= :first and at < :beyond order by number desc"
    values: dict[str, str | int] = {"first": first, "beyond": beyond}
    if limit is not None:
        sql, values = f"{sql} limit :limit", values | {"limit": limit}
    return [Entry(**row) for row in db.query(sql, values)][::-1]


def adopt(db: Database, others: list[Entry]) -> None:
    """Take in the entries of another state of the ledger, in order of time, so that a restored log forgets nothing."""
    texts = {(e.at, e.who, e.what, e.about) for e in (*others, *entries(db, limit=None))}
    db.execute("delete from security_log")
    for number, (at, who, what, about) in enumerate(sorted(texts), 1):
        insert(db, "security_log", {"number": number, "at": at, "who": who, "what": what, "about": about})
