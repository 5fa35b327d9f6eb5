"""The database behind the dialogue: connections, transactions, the schema, and the names under which people are kept."""

import hashlib
import hmac
import queue
import secrets
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from bot.ledger.migrations import MIGRATIONS

BUSY_SECONDS = 2.0
"""How long a write waits for another process; well inside the five seconds that WeChat waits for us."""

StoreError = sqlite3.Error
"""What the store raises when the database cannot be read or written."""


class Store:
    """A pool of connections to one database. Safe to share between threads; migrates the schema when it opens.

    Raises StoreError when the database cannot be opened.
    """

    def __init__(self, url: str, *, pseudonym_key: str) -> None:
        self.path = Path(url.removeprefix("sqlite:///"))
        self._secret = pseudonym_key.encode()
        self._idle: queue.LifoQueue[Database] = queue.LifoQueue()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._migrate()

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
    def reading(self) -> Iterator[Database]:
        """Lend a connection for reading."""
        try:
            db = self._idle.get_nowait()
        except queue.Empty:
            db = self._open()
        try:
            yield db
        except BaseException:
            db.close()
            raise
        self._idle.put(db)

    @contextmanager
    def writing(self) -> Iterator[Database]:
        """Lend a connection for one transaction: committed at the end, undone by any exception."""
        with self.reading() as db:
            # Immediate: wait for the other writer now, not fail half-way through.
            db.execute("begin immediate")
            try:
                yield db
                db.execute("commit")
            except BaseException:
                db.rollback()
                raise

    def close(self) -> None:
        """Close every idle connection; call it when no request is running."""
        while not self._idle.empty():
            self._idle.get_nowait().close()

    def _keyed(self, kind: str, value: str) -> str:
        message = f"{kind}\0{value}".encode("utf-8", "surrogatepass")
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()[:32]

    def _open(self) -> Database:
        # Handed from thread to thread by the pool, used by one at a time.
        connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS, check_same_thread=False)
        db = Database(connection)
        db.execute("pragma synchronous = normal")
        db.execute("pragma secure_delete = on")  # what is deleted is overwritten, not only no longer found
        return db

    def _use_wal(self) -> None:
        """Let readers and the writer not wait for each other; the file remembers it."""
        for last in (False,) * 50 + (True,):
            try:
                with self.reading() as db:
                    db.enable_wal()
                return
            except sqlite3.OperationalError:
                # Changing the mode does not wait for another process that is just opening the new file.
                if last:
                    raise
                time.sleep(0.1)

    def _migrate(self) -> None:
        self._use_wal()
        with self.writing() as db:
            db.execute("create table if not exists migrations (number integer primary key, name text not null)")
            done = {row[0] for row in db.execute("select number from migrations")}
            for number, step in enumerate(MIGRATIONS, 1):
                if number not in done:
                    step(db.execute)
                    db.execute(
                        "insert into migrations (number, name) values (:number, :name)",
                        {"number": number, "name": step.__name__},
                    )


def stranger() -> str:
    """Return a new name that belongs to nobody and cannot be computed again."""
    return secrets.token_hex(16)


def insert(db: Database, table: str, values: Mapping[str, Any], *, once: str = "") -> bool:
    """Insert one row; with ``once`` (a unique column) do nothing where it is there already. Tell whether it was inserted."""
    names, marks = ", ".join(values), ", ".join(f":{name}" for name in values)
    conflict = f" on conflict ({once}) do nothing" if once else ""
    return bool(db.execute(f"insert into {table} ({names}) values ({marks}){conflict}", dict(values)).rowcount)


def first(db: Database, sql: str, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the first row of a query as a dictionary, or None."""
    return next(iter(db.query(sql, dict(values))), None)
