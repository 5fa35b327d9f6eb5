"""PostgreSQL as the ledger's database: many processes and machines on one, each town in a schema of its own.

The statements are the same as for SQLite; what differs is here, in how they are written and sent, who waits for whom, and
the table of turns, which is split by month.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from pathlib import Path

import psycopg
from psycopg_pool import PoolTimeout

from bot.ledger.postgres_months import ensure_months, split
from bot.ledger.postgres_pool import WAIT_SECONDS, Connection, is_whole, lock, release, shared

PREFIX = "postgresql://"

SILENT_SECONDS = 5
"""After how long the server ends a message's transaction of which nothing is heard: its machine is cut off, and others wait."""

AHEAD = 3
"""For how many months to come the parts of ``turns`` are made."""

_UNDER_WAY = (psycopg.pq.TransactionStatus.INTRANS, psycopg.pq.TransactionStatus.INERROR)


class Postgres:
    """The tables of one town, over a pool of connections that all towns of the process share."""

    errors: tuple[type[Exception], ...] = (psycopg.Error, PoolTimeout)

    def __init__(self, url: str, *, schema: str = "public", place: Path | None = None) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,50}", schema):
            raise ValueError(schema)
        self.path = (place or Path("instance")) / "postgresql"
        self._schema, self._url = schema, url
        self._pool = shared(url)
        self._closed = False

    @contextmanager
    def lent(self, about: str = "") -> Iterator[Connection]:
        """Lend a connection, ``about`` one villager for as long as they wait; one that saw an exception is not used again."""
        end = time.monotonic() + WAIT_SECONDS
        db = self._borrowed(end)
        try:
            db.until = end if about else 0.0
            if db.schema != self._schema:
                db.see(self._schema)
            yield db
        except BaseException:
            db.close()
            raise
        finally:
            self._pool.putconn(db)

    def _borrowed(self, end: float) -> Connection:
        while True:
            db = self._pool.getconn(end - time.monotonic())
            if is_whole(db):
                return db
            # The server was restarted: every connection of before is dead, and each is found out at once.
            db.close()
            self._pool.putconn(db)

    @contextmanager
    def writing(self, about: str) -> Iterator[Connection]:
        """Lend a connection for a transaction."""
        with self.lent(about) as db:
            db.last = None
            self._begin(db, about)
            try:
                yield db
                db.execute("commit")
                if db.last:
                    db.last.close()
            except BaseException:
                if db.last:
                    with suppress(psycopg.Error):
                        db.last.close()
                if db.info.transaction_status in _UNDER_WAY:  # else there is nobody to tell
                    db.rollback()
                raise

    def _begin(self, db: Connection, about: str) -> None:
        """Begin a transaction that writes. Those about one villager wait for each other; one about nobody waits for all."""
        town = lock(self._schema)
        limits = ""
        if about:
            wait, silent = f"set local statement_timeout = '{WAIT_SECONDS}s'", f"'{SILENT_SECONDS}s'"
            limits = f"{wait}; set local idle_in_transaction_session_timeout = {silent}; "
            locks = f"select pg_advisory_xact_lock_shared({town}); select pg_advisory_xact_lock({lock(self._schema, about)})"
        else:
            locks = f"select pg_advisory_xact_lock({town})"
        db.execute(f"begin; {limits}{locks}", prepare=False)

    def prepare(self) -> None:
        """Make the town's schema, where it is not there."""
        with self._pool.connection(WAIT_SECONDS) as db:
            db.execute(f"begin; select pg_advisory_xact_lock({lock(self._schema)})", prepare=False)
            db.execute(f"create schema if not exists {self._schema}")
            db.execute("commit")

    def migrated(self, db: Connection) -> None:
        """Split the turns by month, where they are not, and make the parts of the months to come."""
        kind = db.execute("select relkind from pg_class where oid = to_regclass('turns')").fetchone()
        if kind and kind[0] != "p":
            split(db)
        (today,) = db.execute("select current_date").fetchone() or (date.min,)
        self.expect(db, today, today + timedelta(days=31 * AHEAD))

    def tables(self, db: Connection) -> list[str]:
        """Return the names of the tables, sorted; the parts of one are not named."""
        sql = (
            "select relname from pg_class where relnamespace = current_schema()::regnamespace"
            " and relkind in ('r', 'p') and not relispartition order by relname"
        )
        return [row[0] for row in db.execute(sql)]

    def expect(self, db: Connection, start: date, end: date) -> None:
        """Make the parts of ``turns`` for the months from ``start`` to ``end``."""
        ensure_months(db, start, end)

    def settle(self, *, compact: bool) -> bool:
        """Let PostgreSQL give back the room of what was removed; ``compact`` also in the files."""
        with self.lent() as db:
            for table in ("turns", "villagers", "tickets", "ticket_events"):
                db.execute(f"vacuum {'full ' if compact else ''}{table}")
        return True

    def close(self) -> None:
        """Give up the pool; the last town of the process closes it."""
        if not self._closed:
            self._closed = True
            release(self._url)
