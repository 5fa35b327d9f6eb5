"""A ledger in another database: moved there, backed up from there into a file, or restored from one. All of it or nothing.

Every row is read back and compared before it counts.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.ledger.database import Database
from bot.ledger.keeping.purge import DRAFT
from bot.ledger.store import Store

OWN = {"migrations", "turn_keys"}
"""Tables that each database fills by itself."""


class MoveError(Exception):
    """The ledger was not moved; the message says why and what to do, in Chinese."""


@dataclass
class _Sum:
    """What rows come to, in whatever order they come."""

    rows: int = 0
    digest: int = 0

    def add(self, row: tuple[Any, ...]) -> None:
        self.rows += 1
        self.digest = (self.digest + int.from_bytes(hashlib.blake2b(repr(row).encode(), digest_size=16).digest())) % (1 << 128)


def move(source: Store, target: Store) -> dict[str, int]:
    """Copy every table of ``source`` into ``target``, which must be empty; return the rows of each.

    Nobody writes to ``source`` meanwhile. Raises MoveError, StoreError; then ``target`` is empty as before.
    """
    _expect(source, target)
    with source.writing() as old, target.writing() as new:
        full = [name for name in _tables(target, new) if new.execute(f"select 1 from {name} limit 1").fetchone()]
        if full:
            raise MoveError(f"新的数据库里已经有记录（{'、'.join(full)}）。换一个空的数据库，再搬。什么也没有改。")
        return _copy(source, old, target, new)


def replace(source: Store, target: Store) -> dict[str, int]:
    """Put the rows of ``source`` in place of those of ``target``; return each table's number. Raises MoveError, StoreError."""
    _expect(source, target)
    with source.snapshot() as old, target.writing() as new:
        for name in _tables(target, new):
            new.execute(f"delete from {name}")
        return _copy(source, old, target, new)


@contextmanager
def as_file(store: Store, folder: Path) -> Iterator[Path]:
    """Lend a file of SQLite that holds what the ledger holds at this moment; people go on writing to the ledger.

    That is the ledger itself where it is a file. Raises MoveError, StoreError, OSError.
    """
    if store.is_file:
        yield store.path
        return
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=DRAFT, dir=folder, ignore_cleanup_errors=True) as place:
        copy = Store(f"sqlite:///{Path(place, 'copy.db')}", pseudonym_key="")
        try:
            with store.snapshot() as old, copy.writing() as new:
                _copy(store, old, copy, new)
            copy.settle()
        finally:
            copy.close()
        yield copy.path


def _tables(store: Store, db: Database) -> list[str]:
    return [name for name in store.tables(db) if name not in OWN]


def _expect(source: Store, target: Store) -> None:
    (days,) = source.query("select min(day) as first, max(day) as last from turns", {})
    if days["first"]:
        target.expect(date.fromisoformat(days["first"]), date.fromisoformat(days["last"]))


def _copy(source: Store, old: Database, target: Store, new: Database) -> dict[str, int]:
    tables = _tables(target, new)
    if strange := set(_tables(source, old)) - set(tables):
        raise MoveError(f"原来的台账里有不认识的表：{'、'.join(sorted(strange))}。先把程序更新到一样新，再搬。")
    found: dict[str, int] = {}
    for name in tables:
        names = [column[0] for column in old.execute(f"select * from {name} limit 0").description]
        sent, arrived = _Sum(), _Sum()
        new.many(name, names, _noted(_rows(old, name, names), sent))
        for row in _rows(new, name, names):
            arrived.add(row)
        if sent != arrived:
            raise MoveError(f"{name} 搬过去以后对不上：{sent.rows} 行，到了 {arrived.rows} 行。没有搬，原来的没有动。")
        found[name] = sent.rows
    return found


def _rows(db: Database, table: str, names: list[str]) -> Iterator[tuple[Any, ...]]:
    yield from db.each(f"select {', '.join(names)} from {table}")


def _noted(rows: Iterator[tuple[Any, ...]], into: _Sum) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        into.add(row)
        yield row
