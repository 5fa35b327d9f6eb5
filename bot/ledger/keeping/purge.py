"""Delete what is due: in small transactions, so that messages are recorded meanwhile; what is gone is gone from the file."""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from bot.ledger import upgrade
from bot.ledger.access import audit
from bot.ledger.clock import local_day, local_time, moment, stamp
from bot.ledger.database import Database
from bot.ledger.keeping.due import Kind, kinds
from bot.ledger.keeping.retention import Periods
from bot.ledger.store import Store, StoreError, insert, stranger

BATCH = 500
"""How many rows one transaction touches, so that messages are recorded meanwhile."""

PAUSE = 0.05
"""Seconds between two transactions: whoever waits to write polls, and must find the door open."""

TRIES = 10
"""How often a transaction is tried before the purge gives up for now."""

DAILY_AT = timedelta(hours=3, minutes=30)
"""When the server deletes what is due, on the town's clock."""

BEFORE, DRAFT = "before-restore-", ".bot-draft-"
"""How the names of copies begin that lie beside the ledger: its state before a restore, and what is being made."""

COPIES_LAST = timedelta(days=30)
"""They hold what the ledger held, so they cannot stay for ever."""

ABANDONED = timedelta(hours=1)
"""After this long, a day that was begun and not finished may be begun again."""


@dataclass(frozen=True)
class Removed:
    """What was removed of a kind, or would be: how many, and the days (or months) of the oldest and the newest."""

    name: str
    number: int
    oldest: str | None = None
    newest: str | None = None


def purge(store: Store, periods: Periods, *, now: datetime, dry_run: bool = False) -> list[Removed]:
    """Remove what is due, or only count it; return what was found of every kind. What was begun and broken off is finished."""
    found = []
    for kind in kinds(periods, now):
        (row,) = store.query(
            f"select count(*) as number, min({kind.at}) as oldest, max({kind.at}) as newest from {kind.table} where {kind.due}",
            kind.values,
        )
        number = row["number"]
        if number and not dry_run:
            if kind.before:
                kind.before(store)
            number = _remove(store, kind)
        found.append(Removed(kind.name, number, _day(row["oldest"]), _day(row["newest"])))
    copies = stale_copies(store.path.parent, now)
    days = sorted(_made(path).isoformat() for path in copies)
    if not dry_run:
        for path in copies:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        store.settle()
    return [*found, Removed("恢复前自动留的备份", len(copies), *((days[0], days[-1]) if days else ()))]


def stale_copies(folder: Path, now: datetime) -> list[Path]:
    """Return the copies of the ledger that restoring or upgrading made beside it, or a break-off left, when they are old."""
    found = [path for begins in (BEFORE, upgrade.COPY, DRAFT) for path in folder.glob(f"{begins}*")]
    return [path for path in found if local_day(now) - _made(path) > COPIES_LAST]


def daily(store: Store, purge: Callable[[], list[Removed]], *, now: datetime) -> list[Removed] | None:
    """Do the day's ``purge``, unless this or another process has done it; None where there is nothing to do.

    A day begins at ``DAILY_AT``; a day that was missed is made up for with the next.
    """
    day = (local_time(now) - DAILY_AT).date().isoformat()
    if store.query("select 1 from purges where day = :day and finished_at is not null", {"day": day}):
        return None
    with store.writing() as db:
        if not _claim(db, day, now):
            return None
    removed = purge()
    with store.writing() as db:
        audit.note(db, who=audit.SYSTEM, what="清理", about=summary(removed), now=now)
        db.execute("update purges set finished_at = :now where day = :day", {"now": stamp(now), "day": day})
        db.execute("delete from purges where day < :day", {"day": day})
    return removed


def summary(removed: list[Removed]) -> str:
    """Return in one line what was removed; numbers only."""
    return "，".join(f"{r.name} {r.number}" for r in removed if r.number) or "没有到期的"


def _remove(store: Store, kind: Kind) -> int:
    number, since = 0, ""
    find = (
        f"select {kind.key} as key, {kind.at} as at from {kind.table}"
        f" where ({kind.due}) and {kind.at} >= :since order by {kind.at} limit :batch"
    )
    while True:
        # Found while others write; what a row is due for is asked once more when it is its turn.
        rows = store.query(find, kind.values | {"since": since, "batch": BATCH})
        number += _patiently(partial(_touch, store, kind, rows))
        if len(rows) < BATCH:
            return number
        since = rows[-1]["at"]
        time.sleep(PAUSE)


def _touch(store: Store, kind: Kind, rows: list[dict[str, Any]]) -> int:
    """Do what is due to these rows, in one transaction; return to how many it was done."""
    number = 0
    with store.writing() as db:
        for row in rows:
            values = kind.values | {"key": row["key"], "name": stranger()}
            if db.execute(f"{kind.how} where {kind.key} = :key and ({kind.due})", values).rowcount:
                number += 1
                for statement in kind.also:
                    db.execute(statement, values)
    return number


def _patiently(step: Callable[[], int]) -> int:
    """Do one step, and again where messages left it no room: nobody waits for the purge."""
    for _ in range(TRIES - 1):
        try:
            return step()
        except StoreError:
            time.sleep(PAUSE)
    return step()


def _made(path: Path) -> date:
    return local_day(datetime.fromtimestamp(path.stat().st_mtime, UTC))


def _claim(db: Database, day: str, now: datetime) -> bool:
    if insert(db, "purges", {"day": day, "started_at": stamp(now)}, once="day"):
        return True
    values = {"day": day, "now": stamp(now), "old": stamp(now - ABANDONED)}
    sql = "update purges set started_at = :now where day = :day and finished_at is null and started_at < :old"
    return bool(db.execute(sql, values).rowcount)


def _day(at: str | None) -> str | None:
    return local_day(moment(at)).isoformat() if at and at.endswith("Z") else at or None
