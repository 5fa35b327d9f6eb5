"""The database behind the dialogue: connections, transactions, the schema, and the names under which people are kept."""

import hmac
import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from bot.ledger import upgrade
from bot.ledger.database import Database, StoreError
from bot.ledger.migrations import MIGRATIONS
from bot.ledger.sqlite import Sqlite
from bot.ledger.upgrade import NewerLedger, NoCopy

__all__ = ["Database", "Store", "StoreError", "first", "insert", "next_number", "stranger"]


class Store:
    """A pool of connections to one town's database. Safe to share between threads; migrates the schema when it opens.

    ``url``: ``sqlite:///path`` or ``postgresql://…``; ``schema``: the town's in PostgreSQL; ``place``: its folder on this
    machine then.
    durability: ``full`` has every transaction on the disk before it counts, ``normal`` leaves the last ones to a power cut.
    Raises StoreError when the database cannot be opened; with ``later``, only ``opened`` says so, and ``open`` tries again.
    """

    def __init__(
        self,
        url: str,
        *,
        pseudonym_key: str,
        schema: str = "public",
        place: Path | None = None,
        durability: str = "full",
        later: bool = False,
    ) -> None:
        self.url = url
        self._secret = pseudonym_key.encode()
        self._engine = _engine(url, schema, place, durability)
        self.opened, self.problem = False, ""
        self.path = self._engine.path
        """The file; of PostgreSQL, the folder in which this machine keeps what belongs to it."""
        try:
            self.open()
        except (NewerLedger, NoCopy):
            self.close()
            raise
        except StoreError as e:
            self.problem = str(e)
            if not later:
                self.close()
                raise
        except BaseException:
            self.close()
            raise

    def open(self) -> None:
        """Bring the schema up to date, also of what could not be opened before or was replaced. Raises StoreError."""
        self.opened = False
        self._migrate()
        self.opened = True

    def find_again(self) -> str:
        """Go on with a file that was taken away or replaced; return what was done, '' for nothing. Raises StoreError."""
        if not isinstance(self._engine, Sqlite):
            return ""
        try:
            return self._engine.find_again()
        except (OSError, sqlite3.Error) as e:
            raise StoreError(str(e)) from e

    @property
    def is_file(self) -> bool:
        """Whether the database is a file of this machine."""
        return isinstance(self._engine, Sqlite)

    def pseudonym(self, sender: str) -> str:
        """Return the name under which ``sender`` is kept: a keyed hash (HMAC-SHA-256, RFC 2104), 32 hex digits."""
        return self._keyed("villager", sender)

    def message_key(self, key: str) -> str:
        """Return the keyed hash under which the message ``key`` is kept."""
        return self._keyed("message", key)

    def code_hash(self, code: str) -> str:
        """Return the keyed hash of a code with which an adviser binds their WeChat."""
        return self._keyed("code", code)

    def query(self, sql: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the rows of a reading query as dictionaries."""
        with self.reading() as db:
            return list(db.query(sql, dict(values)))

    @contextmanager
    def reading(self, about: str = "") -> Iterator[Database]:
        """Lend a connection for reading; ``about`` one villager, who waits, only for some seconds. Raises StoreError."""
        try:
            with self._engine.lent(about) as db:
                yield db
        except self._engine.errors as e:
            raise StoreError(f"{type(e).__name__}: {e}") from e

    @contextmanager
    def writing(self, about: str = "") -> Iterator[Database]:
        """Lend a connection for one transaction: committed at the end, undone by any exception. Raises StoreError.

        Transactions wait for each other; in PostgreSQL those that name the one villager they are ``about`` do so only
        where it is the same, and in SQLite they must be short, for several are committed at once.
        """
        try:
            with self._engine.writing(about) as db:
                yield db
        except self._engine.errors as e:
            raise StoreError(f"{type(e).__name__}: {e}") from e

    @contextmanager
    def snapshot(self) -> Iterator[Database]:
        """Lend a connection that sees everything as it is now, while others write. Raises StoreError."""
        with self.reading() as db:
            db.execute("begin" if self.is_file else "begin isolation level repeatable read read only")
            try:
                yield db
            finally:
                db.rollback()

    def settle(self, *, compact: bool = False) -> bool:
        """See to it that what was removed is gone from the disk; return False where a reader was in the way."""
        try:
            done: bool = self._engine.settle(compact=compact)
            return done
        except self._engine.errors as e:
            raise StoreError(f"{type(e).__name__}: {e}") from e

    def tables(self, db: Database) -> list[str]:
        """Return the names of the tables, sorted."""
        found: list[str] = self._engine.tables(db)
        return found

    def expect(self, start: date, end: date) -> None:
        """Make room for the turns of the days from ``start`` to ``end``, where the database keeps months apart."""
        with self.writing() as db:
            self._engine.expect(db, start, end)

    def close(self) -> None:
        """Close every idle connection; call it when no request is running."""
        self._engine.close()

    def _keyed(self, kind: str, value: str) -> str:
        return keyed(self._secret, kind, value)

    def _migrate(self) -> None:
        try:
            self._engine.prepare()
        except self._engine.errors as e:
            raise StoreError(f"{type(e).__name__}: {e}") from e
        with self.writing() as db:
            db.execute("create table if not exists migrations (number integer primary key, name text not null)")
            done = {row["number"]: row["name"] for row in db.query("select number, name from migrations")}
            upgrade.before(done, [step.__name__ for step in MIGRATIONS], file=self.path if self.is_file else None)
            for number, step in enumerate(MIGRATIONS, 1):
                if number not in done:
                    step(db.execute)
                    db.execute(
                        "insert into migrations (number, name) values (:number, :name)",
                        {"number": number, "name": step.__name__},
                    )
            self._engine.migrated(db)


def _engine(url: str, schema: str, place: Path | None, durability: str) -> Any:
    if url.startswith("sqlite:"):
        return Sqlite(url, durability=durability)
    from bot.ledger.postgres import Postgres  # a town on SQLite does without its driver

    return Postgres(url, schema=schema, place=place)


def keyed(secret: bytes, kind: str, value: str) -> str:
    """Return a keyed hash (HMAC-SHA-256, RFC 2104), 32 hex digits."""
    message = f"{kind}\0{value}".encode("utf-8", "surrogatepass")
    return hmac.digest(secret, message, "sha256").hex()[:32]


def stranger() -> str:
    """Return a new name that belongs to nobody and cannot be computed again."""
    return secrets.token_hex(16)


def insert(db: Database, table: str, values: Mapping[str, Any], *, once: str = "") -> bool:
    """Insert one row; with ``once`` (a unique column) do nothing where it is there already. Tell whether it was inserted."""
    return bool(db.execute(_inserting(table, tuple(values), once), dict(values)).rowcount)


@lru_cache(256)
def _inserting(table: str, names: tuple[str, ...], once: str) -> str:
    conflict = f" on conflict ({once}) do nothing" if once else ""
    return f"insert into {table} ({', '.join(names)}) values ({', '.join(f':{name}' for name in names)}){conflict}"


def next_number(db: Database, table: str) -> int:
    """Return the number of the table's next row; nobody else gets one until the transaction ends."""
    db.alone(table)
    number: int = db.execute(f"select coalesce(max(number), 0) + 1 from {table}").fetchone()[0]
    return number


def first(db: Database, sql: str, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the first row of a query as a dictionary, or None."""
    return next(iter(db.query(sql, dict(values))), None)
