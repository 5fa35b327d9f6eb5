"""PostgreSQL as the ledger's database: many processes and machines on one, each town in a schema of its own.

The statements are the same as for SQLite; what differs is here: how they are written, who waits for whom, and the table
of turns, which is split by month.
"""

import hashlib
import re
import select
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import psycopg
from psycopg.adapt import Dumper
from psycopg.types.string import StrDumperUnknown
from psycopg_pool import ConnectionPool, PoolTimeout

PREFIX = "postgresql://"

WAIT_SECONDS = 2
"""How long a message waits for a connection, a lock or the network; well inside the five seconds that WeChat waits for us."""

SILENT_SECONDS = 5
"""After how long the server ends a message's transaction of which nothing is heard: its machine is cut off, and others wait."""

MOST_CONNECTIONS = 20
"""Of one process; more threads than that wait for each other, up to ``WAIT_SECONDS``."""

AHEAD = 3
"""For how many months to come the parts of ``turns`` are made."""

_UNDER_WAY = (psycopg.pq.TransactionStatus.INTRANS, psycopg.pq.TransactionStatus.INERROR)
_NAMED = re.compile(r"'(?:[^']|'')*'|::|:([a-zA-Z_]\w*)")
_TEXT = re.compile(r"(\w) text\b(?! collate)")


class _Truth(Dumper):
    """Writes True and False as SQLite keeps them."""

    oid = psycopg.adapters.types["int4"].oid

    def dump(self, obj: Any) -> bytes:
        return b"1" if obj else b"0"


class _Text(StrDumperUnknown):
    """Leaves out what PostgreSQL cannot keep in a text: NUL and half characters."""

    def dump(self, obj: str) -> bytes:
        return obj.replace("\0", "").encode("utf-8", "replace")


class Connection(psycopg.Connection[tuple[Any, ...]]):
    """A connection that knows whose tables it sees, and until when an answer is waited for; 0: however long."""

    schema = ""
    until = 0.0
    last: ExitStack | None = None

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for the server. Raises OperationalError where it has not answered in time, though the network is there."""
        if self.until and timeout is None:
            timeout = max(0.0, self.until - time.monotonic())
        return super().wait(gen, interval, timeout)

    def query(self, sql: str, params: Any = None) -> Iterator[dict[str, Any]]:
        """Yield the rows of a reading statement as dictionaries."""
        cursor = self.execute(sql, params)
        names = [column.name for column in cursor.description or ()]
        for row in cursor:
            yield dict(zip(names, row, strict=True))

    def execute(self, query: Any, params: Any = None, **more: Any) -> psycopg.Cursor[tuple[Any, ...]]:
        """Run one statement with its ``:named`` parameters and return its cursor."""
        return super().execute(translated(query) if isinstance(query, str) else query, params or None, **more)

    def each(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a reading statement one by one; the server keeps those that wait."""
        with self.cursor(name="each") as cursor:
            cursor.itersize = 5_000
            cursor.execute(translated(sql))
            yield from cursor

    def many(self, table: str, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Insert many rows."""
        with self.cursor() as cursor, cursor.copy(f"copy {table} ({', '.join(names)}) from stdin".encode()) as copy:
            for row in rows:
                copy.write_row(row)

    def conclude(self) -> None:
        """Until the transaction ends, send statements without waiting for each: one journey for all, and for the commit."""
        self.last = ExitStack()
        self.last.enter_context(self.pipeline())

    def alone(self, name: str) -> None:
        """Until the transaction ends, let nobody else of the town pass who asks for ``name``."""
        self.execute(f"select pg_advisory_xact_lock({_lock(self.schema, name)})")


@lru_cache(4096)
def translated(sql: str) -> bytes:
    """Return a statement with ``:name`` as psycopg writes it, and texts ordered by code point as in SQLite."""

    def mark(match: re.Match[str]) -> str:
        return f"%({match[1]})s" if match[1] else match[0]

    named = _NAMED.sub(mark, sql.replace("%", "%%")) if ":" in sql else sql
    if named == sql.replace("%", "%%"):
        named = sql  # without parameters psycopg takes a statement as it is
    if named.lstrip()[:12].lower() in {"create table", "alter table "}:
        named = _TEXT.sub(r'\1 text collate "C"', named)
    return named.encode()


class Postgres:
    """The tables of one town, over a pool of connections that all towns of the process share."""

    errors: tuple[type[Exception], ...] = (psycopg.Error, PoolTimeout)

    def __init__(self, url: str, *, schema: str = "public", place: Path | None = None) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,50}", schema):
            raise ValueError(schema)
        self.path = (place or Path("instance")) / "postgresql"
        self._schema, self._url = schema, url
        self._pool = _shared(url)
        self._closed = False

    @contextmanager
    def lent(self, about: str = "") -> Iterator[Connection]:
        """Lend a connection, ``about`` one villager for no longer than they wait; one that saw an exception is not used again."""
        end = time.monotonic() + WAIT_SECONDS
        db = self._borrowed(end)
        try:
            db.until = end if about else 0.0
            if db.schema != self._schema:
                db.execute(f"set search_path to {self._schema}")
                db.schema = self._schema
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
        town = _lock(self._schema)
        limits = ""
        if about:
            wait, silent = f"set local statement_timeout = '{WAIT_SECONDS}s'", f"'{SILENT_SECONDS}s'"
            limits = f"{wait}; set local idle_in_transaction_session_timeout = {silent}; "
            locks = f"select pg_advisory_xact_lock_shared({town}); select pg_advisory_xact_lock({_lock(self._schema, about)})"
        else:
            locks = f"select pg_advisory_xact_lock({town})"
        db.execute(f"begin; {limits}{locks}", prepare=False)

    def prepare(self) -> None:
        """Make the town's schema, where it is not there."""
        with self._pool.connection(WAIT_SECONDS) as db:
            db.execute(f"begin; select pg_advisory_xact_lock({_lock(self._schema)})", prepare=False)
            db.execute(f"create schema if not exists {self._schema}")
            db.execute("commit")

    def migrated(self, db: Connection) -> None:
        """Split the turns by month, where they are not, and make the parts of the months to come."""
        kind = db.execute("select relkind from pg_class where oid = to_regclass('turns')").fetchone()
        if kind and kind[0] != "p":
            _split(db)
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
            _release(self._url)


def is_whole(db: Connection) -> bool:
    """Tell whether an idle connection can be used, as far as can be seen without asking the server."""
    if db.closed:
        return False
    if not _has_come(db.fileno()):
        return True
    try:  # a notice, or the end
        ConnectionPool.check_connection(db)
    except psycopg.Error:
        return False
    return True


def _has_come(socket: int) -> bool:
    """Tell whether there is something to read."""
    if not hasattr(select, "poll"):  # Windows
        return bool(select.select([socket], [], [], 0)[0])
    waiting = select.poll()
    waiting.register(socket, select.POLLIN)
    return bool(waiting.poll(0))


def ensure_months(db: Connection, start: date, end: date) -> None:
    """Make the parts of ``turns`` for the months from ``start`` to ``end``; rows that waited in the common part move there.

    Call it in a transaction about nobody.
    """
    month = start.replace(day=1)
    while month <= end:
        following = (month + timedelta(days=31)).replace(day=1)
        name = f"turns_{month:%Y_%m}"
        if db.execute(f"select to_regclass('{name}')").fetchone() == (None,):
            days = f"from ('{month:%Y-%m}-01') to ('{following:%Y-%m}-01')"
            within = f"day >= '{month:%Y-%m}-01' and day < '{following:%Y-%m}-01'"
            db.execute(f"create table {name} (like turns including defaults including constraints)")
            db.execute(f"insert into {name} select * from only turns_other where {within}")
            db.execute("alter table turns_other disable trigger user")
            db.execute(f"delete from turns_other where {within}")
            db.execute("alter table turns_other enable trigger user")
            db.execute(f"alter table turns attach partition {name} for values {days}")
        month = following


def _split(db: Connection) -> None:
    """Make ``turns`` a table of parts by month.

    A key of a table of parts is only unique with its day; that a message has one turn is for ``turn_keys`` to see to.
    """
    indexes = db.execute(
        "select indexdef from pg_indexes"
        " where schemaname = current_schema() and tablename = 'turns' and indexname <> 'turns_pkey'"
    ).fetchall()
    db.execute("alter table turns rename to turns_whole")
    db.execute("create table turns (like turns_whole including defaults including constraints) partition by range (day)")
    db.execute("create table turns_other partition of turns default")
    db.execute("create table turn_keys (key text primary key, day text not null)")
    for name, body, when in (
        ("turn_comes", "insert into turn_keys (key, day) values (new.key, new.day); return new;", "before insert"),
        ("turn_goes", "delete from turn_keys where key = old.key; return old;", "after delete"),
        (
            "turn_turns",
            "update turn_keys set key = new.key, day = new.day where key = old.key; return new;",
            "before update of key, day",
        ),
    ):
        db.execute(
            f"create function {name}() returns trigger language plpgsql set search_path from current as $$ begin {body} end $$"
        )
        db.execute(f"create trigger {name} {when} on turns for each row execute function {name}()")
    db.execute("insert into turns select * from turns_whole")
    db.execute("drop table turns_whole")
    db.execute("alter table turns add primary key (key, day)")
    for (definition,) in indexes:
        db.execute(definition)


def _lock(*names: str) -> int:
    """Return the number under which PostgreSQL keeps a lock of that name."""
    return int.from_bytes(hashlib.blake2b("/".join(names).encode(), digest_size=8).digest(), signed=True)


_pools: dict[str, tuple[ConnectionPool[Connection], int]] = {}
_pools_lock = threading.Lock()


def _shared(url: str) -> ConnectionPool[Connection]:
    with _pools_lock:
        pool, users = _pools.get(url) or (_pool(url), 0)
        _pools[url] = pool, users + 1
        return pool


def _release(url: str) -> None:
    with _pools_lock:
        pool, users = _pools.pop(url)
        if users > 1:
            _pools[url] = pool, users - 1
            return
    pool.close()


def _pool(url: str) -> ConnectionPool[Connection]:
    options = (
        f"-c lock_timeout={WAIT_SECONDS}s -c idle_in_transaction_session_timeout=60s"
        # So that the server, too, finds out when we are cut off, and lets go of our locks.
        " -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"
    )
    return ConnectionPool(
        url,
        connection_class=Connection,
        kwargs={
            "autocommit": True,
            "connect_timeout": WAIT_SECONDS,
            "options": options,
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "tcp_user_timeout": WAIT_SECONDS * 1000,
            "application_name": "fazhi-bot",
        },
        min_size=1,
        max_size=MOST_CONNECTIONS,
        timeout=WAIT_SECONDS,
        max_idle=120,
        reconnect_timeout=0,  # who needs a connection tries; waiting longer each time would keep us away when it is back
        configure=_configure,
        open=True,
    )


def _configure(db: Connection) -> None:
    db.adapters.register_dumper(bool, _Truth)
    db.adapters.register_dumper(str, _Text)
