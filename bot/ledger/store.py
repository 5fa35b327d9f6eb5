"""The database behind the dialogue: each turn once, the last turn of a villager, and forgetting one."""

import hashlib
import hmac
import json
import queue
import secrets
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from bot.ledger.clock import stamp
from bot.ledger.migrations import MIGRATIONS
from bot.message import Option, Reply

BUSY_SECONDS = 2.0
"""How long a write waits for another process; well inside the five seconds that WeChat waits for us."""

NONCE_LIFE = timedelta(minutes=15)

StoreError = sqlite3.Error
"""What the store raises when the database cannot be read or written."""


class Replayed(Exception):
    """A signature that was already used for another message."""


@dataclass(frozen=True)
class Turn:
    """One row of ``turns``."""

    key: str
    received_at: str
    day: str
    channel: str
    villager: str
    kind: str
    text: str | None
    decision: str
    entry_id: str | None
    entry_version: str | None
    category: str | None
    score: float | None
    offered: tuple[str, ...]
    follows: str | None
    reply: Reply
    latency_ms: float


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

    def reply_to(self, message_key: str) -> Reply | None:
        """Return the reply that this message already got, or None."""
        with self._connection() as db:
            row = db.execute("select reply from turns where key = :key", {"key": message_key}).fetchone()
        return _reply(row[0]) if row else None

    def last_offer(self, villager: str, *, since: datetime) -> tuple[str, tuple[str, ...], str | None] | None:
        """Return key, offered entry ids and entry id of the villager's last turn that offered or answered something."""
        with self._connection() as db:
            row = db.execute(
                "select key, offered, entry_id from turns where villager = :villager and received_at >= :since"
                " and (offered is not null or entry_id is not null) order by received_at desc limit 1",
                {"villager": villager, "since": stamp(since)},
            ).fetchone()
        return (row[0], tuple(json.loads(row[1] or "[]")), row[2]) if row else None

    def claim_nonce(self, nonce: str, message_key: str, now: datetime) -> None:
        """Bind ``nonce`` to this message. Raises Replayed if it is bound to another one."""
        with self._writing() as db:
            db.execute("delete from nonces where seen_at < :old", {"old": stamp(now - NONCE_LIFE)})
            db.execute(
                "insert into nonces (nonce, message, seen_at) values (:nonce, :message, :now) on conflict (nonce) do nothing",
                {"nonce": nonce, "message": message_key, "now": stamp(now)},
            )
            row = db.execute("select message from nonces where nonce = :nonce", {"nonce": nonce}).fetchone()
        if row[0] != message_key:
            raise Replayed

    def record(self, turn: Turn) -> Reply:
        """Write the turn and return its reply; if the message has a turn already, return that one's reply instead."""
        values: dict[str, Any] = asdict(turn) | {
            "offered": json.dumps(turn.offered) if turn.offered else None,
            "reply": json.dumps(asdict(turn.reply), ensure_ascii=False),
        }
        names = ", ".join(values)
        marks = ", ".join(f":{name}" for name in values)
        with self._writing() as db:
            done = db.execute(f"insert into turns ({names}) values ({marks}) on conflict (key) do nothing", values)
            if done.rowcount:
                return turn.reply
            row = db.execute("select reply from turns where key = :key", {"key": turn.key}).fetchone()
        return _reply(row[0])

    def forget(self, villager: str) -> str:
        """Cut everything of this villager loose from them and drop their words; return the new, random name.

        Counts stay as they were: the rows of one villager keep one name, but nobody can compute it any more.
        """
        stranger = secrets.token_hex(16)
        with self._writing() as db:
            db.execute(
                "update turns set villager = :stranger, text = null, reply = :silence where villager = :villager",
                {"stranger": stranger, "villager": villager, "silence": json.dumps(asdict(Reply("")))},
            )
        return stranger

    def query(self, sql: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the rows of a reading query as dictionaries."""
        with self._connection() as db:
            return list(db.query(sql, dict(values)))

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
        return db

    @contextmanager
    def _connection(self) -> Iterator[Database]:
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
    def _writing(self) -> Iterator[Database]:
        with self._connection() as db:
            # Immediate: wait for the other writer now, not fail half-way through.
            db.execute("begin immediate")
            try:
                yield db
                db.execute("commit")
            except BaseException:
                db.rollback()
                raise

    def _use_wal(self) -> None:
        """Let readers and the writer not wait for each other; the file remembers it."""
        for last in (False,) * 50 + (True,):
            try:
                with self._connection() as db:
                    db.enable_wal()
                return
            except sqlite3.OperationalError:
                # Changing the mode does not wait for another process that is just opening the new file.
                if last:
                    raise
                time.sleep(0.1)

    def _migrate(self) -> None:
        self._use_wal()
        with self._writing() as db:
            db.execute("create table if not exists migrations (number integer primary key, name text not null)")
            done = {row[0] for row in db.execute("select number from migrations")}
            for number, step in enumerate(MIGRATIONS, 1):
                if number not in done:
                    step(db.execute)
                    db.execute(
                        "insert into migrations (number, name) values (:number, :name)",
                        {"number": number, "name": step.__name__},
                    )


def questions_asked(store: Store) -> list[str]:
    """Return the masked texts of all questions in the ledger, newest first."""
    rows = store.query(
        "select text from turns where decision in ('answer', 'choose', 'miss') and kind in ('text', 'voice')"
        " and text is not null order by received_at desc",
        {},
    )
    return [row["text"] for row in rows]


def _reply(stored: str) -> Reply:
    data = json.loads(stored)
    return Reply(data["text"], tuple(Option(**option) for option in data["options"]), data["tail"])
