"""Connections to PostgreSQL: how statements are written, how long is waited, and the pool that a process has."""

import hashlib
import re
import select
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import lru_cache
from typing import Any

import psycopg
from psycopg.adapt import Dumper
from psycopg.types.string import StrDumperUnknown
from psycopg_pool import ConnectionPool

WAIT_SECONDS = 2
"""How long a message waits for a connection, a lock or the network; well inside the five seconds that WeChat waits for us."""

PREPARED = 400
"""How many statements a connection keeps prepared: about ten for each of the towns that are asked most."""

MOST_CONNECTIONS = 20
"""Of one process; more threads than that wait for each other, up to ``WAIT_SECONDS``."""

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

    schema, mark = "", b""
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
        if isinstance(query, str):
            query = self.mark + translated(query)
        return super().execute(query, params or None, **more)

    def see(self, schema: str) -> None:
        """From now on see the tables of ``schema``.

        Its name is in every statement, so that each town has its prepared statements to itself: what was prepared for
        another would be parsed and planned anew each time, which costs more than to run it.
        """
        super().execute(f"set search_path to {schema}".encode(), prepare=False)
        self.schema, self.mark = schema, f"/*{schema}*/ ".encode()

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
        self.execute(f"select pg_advisory_xact_lock({lock(self.schema, name)})")


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


def lock(*names: str) -> int:
    """Return the number under which PostgreSQL keeps a lock of that name."""
    return int.from_bytes(hashlib.blake2b("/".join(names).encode(), digest_size=8).digest(), signed=True)


_pools: dict[str, tuple[ConnectionPool[Connection], int]] = {}
_pools_lock = threading.Lock()


def shared(url: str) -> ConnectionPool[Connection]:
    """Return the pool of this process for an address."""
    with _pools_lock:
        pool, users = _pools.get(url) or (_pool(url), 0)
        _pools[url] = pool, users + 1
        return pool


def release(url: str) -> None:
    """Give up a pool that ``shared`` returned; the last who does closes it."""
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
    db.prepared_max = PREPARED
