"""SQLite as the ledger's database: one file, readers beside one writer."""

import queue
import sqlite3
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from bot.ledger import whereabouts
from bot.ledger.group import Group, Locked
from bot.ledger.whereabouts import Place, place_of

PREFIX = "sqlite:///"

BUSY_SECONDS = 1.5
"""How long a write waits for another thread, and then for another process: well inside the five seconds of WeChat."""

OPEN_SECONDS = 5.0
"""How long opening waits for another process that holds the whole file."""


class Connection(Database):
    """One connection to the file."""

    def execute(self, sql: str, parameters: Any = None) -> sqlite3.Cursor:
        """Run one statement; outside a transaction it counts at once."""
        # Without the checks of sqlite-utils, which cost more than a small statement does.
        return self.conn.execute(sql) if parameters is None else self.conn.execute(sql, parameters)

    def query(self, sql: str, params: Any = None) -> Generator[dict[str, Any], None, None]:
        """Return the rows of a reading statement as dictionaries."""
        cursor = self.execute(sql, params)
        names = [column[0] for column in cursor.description]
        return (dict(zip(names, row, strict=True)) for row in cursor)

    def each(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a reading statement one by one."""
        yield from self.execute(sql)

    def many(self, table: str, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Insert many rows."""
        # By place: a million rows by name take a fifth longer.
        marks = ", ".join("?" for _ in names)
        self.conn.executemany(f"insert into {table} ({', '.join(names)}) values ({marks})", rows)

    def alone(self, name: str) -> None:
        """Do nothing: whoever writes to the file is alone."""

    def conclude(self) -> None:
        """Do nothing: it is no way to the file."""


class Sqlite:
    """A pool of connections to one file. Safe to share between threads."""

    errors: tuple[type[Exception], ...] = (sqlite3.Error,)

    def __init__(self, url: str, *, durability: str = "full") -> None:
        self.path = Path(url.removeprefix(PREFIX))
        self._durability = durability
        self._place: Place | None = None
        self._log, self._log_path = Place(0, 0), whereabouts.log_of(self.path)
        self._idle: queue.LifoQueue[Connection] = queue.LifoQueue()
        self._group = Group(partial(self.lent, writes=True), BUSY_SECONDS)

    @contextmanager
    def writing(self, about: str) -> Iterator[Connection]:
        """Lend a connection for a transaction; one that is ``about`` one villager is short, and committed with others."""
        try:
            with self._group.together() if about else self._group.alone() as db:
                yield db
        except Locked as e:
            raise sqlite3.OperationalError(str(e)) from e

    @contextmanager
    def lent(self, about: str = "", *, writes: bool = False) -> Iterator[Connection]:
        """Lend a connection; one that saw an exception is not used again."""
        if writes:
            self._stay()
        try:
            db = self._idle.get_nowait()
        except queue.Empty:
            self._stay()  # to open what was taken away would make a new, empty file
            db = self._open()
        try:
            yield db
        except BaseException:
            db.close()
            raise
        self._idle.put(db)
        if self._place is None:
            self._place = place_of(self.path)
        # What was written to a file that was taken away meanwhile is not in the ledger, and what was read is not of it.
        self._stay()
        if writes:
            self._log = place_of(self._log_path)

    def find_again(self) -> str:
        """Go on with the file where it was taken away or replaced, as far as that is safe; return what was done, or ''.

        Raises sqlite3.Error, OSError.
        """
        if self._place is None or place_of(self.path) == self._place:
            return ""
        if self.path.exists():
            whereabouts.refuse_mixture(self.path, self._log)
            done = "台账文件换成了另一个，改用新的"
        else:
            try:
                db = self._idle.get_nowait()
            except queue.Empty:  # not a new one: that would be a new, empty file
                raise sqlite3.OperationalError(f"台账文件 {self.path} 被删掉或移走了，连接都在用，稍后再放回去") from None
            try:
                whereabouts.put_back(db.conn, self.path)
            finally:
                self._idle.put(db)
            done = "台账文件被删掉或移走了，已经照内存里抓着的那一份放回原处，一行没少"
        self.close()
        return done

    def _stay(self) -> None:
        if self._place is None:
            return
        if place_of(self.path) != self._place:
            raise sqlite3.OperationalError(f"台账文件 {self.path} 被删掉、移走或换掉了")

    def prepare(self) -> None:
        """Let readers and the writer not wait for each other; the file remembers it."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as e:
            raise sqlite3.OperationalError(f"建不了文件夹 {self.path.parent}：{e.strerror}") from e
        end = time.monotonic() + OPEN_SECONDS
        while True:
            try:
                with self.lent() as db:
                    db.enable_wal()
                return
            except sqlite3.OperationalError as e:
                # Changing the mode does not wait for another process that is just opening the new file.
                if "locked" not in str(e) or time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def migrated(self, db: Connection) -> None:
        """Do nothing: the numbered steps make the whole schema."""

    def tables(self, db: Connection) -> list[str]:
        """Return the names of the tables, sorted."""
        return [row[0] for row in db.execute("select name from sqlite_master where type = 'table' order by name")]

    def expect(self, db: Connection, start: date, end: date) -> None:
        """Do nothing: one table holds the turns of all days."""

    def settle(self, *, compact: bool) -> bool:
        """Write the log into the file and empty it, so that nothing that was removed is left in it.

        ``compact`` writes the whole file anew: while it does, nobody can write. Returns False where a reader was in the way.
        """
        with self.lent() as db:
            if compact:
                db.execute("vacuum")
            for _ in range(20):
                busy = db.execute("pragma wal_checkpoint(truncate)").fetchone()[0]
                if not busy:
                    return True
                time.sleep(0.1)
        return False

    def close(self) -> None:
        """Close every idle connection; call it when no request is running."""
        while not self._idle.empty():
            self._idle.get_nowait().close()
        self._place = None

    def _open(self) -> Connection:
        # Handed from thread to thread by the pool, used by one at a time.
        connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS, check_same_thread=False, isolation_level=None)
        db = Connection(connection)
        # In WAL mode, "normal" keeps what a killed process wrote, but a power cut may take the last transactions.
        db.execute(f"pragma synchronous = {self._durability}")
        db.execute("pragma secure_delete = on")  # what is deleted is overwritten, not only no longer found
        # Every 16 MB and not every 4: a page that many messages changed is written into the file once for all of them.
        db.execute("pragma wal_autocheckpoint = 4000")
        return db
