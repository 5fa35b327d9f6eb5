"""The published line of changes of the knowledge folder, as rows that every machine reads; see ``bot.faq.edit.publish``."""

import base64
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from bot.ledger.clock import stamp
from bot.ledger.store import Database, first, insert


class Published(NamedTuple):
    """How far the line goes: the number of its last row, and the commit in which it ends."""

    number: int = 0
    head: str = ""


class Overtaken(Exception):
    """Somebody else continued the line first."""


def newest(db: Database) -> Published:
    """Return where the line ends; number 0 where nothing was published yet."""
    row = first(db, "select number, head from knowledge_packs order by number desc limit 1", {})
    return Published(row["number"], row["head"]) if row else Published()


def after(db: Database, number: int) -> Iterator[tuple[Published, bytes]]:
    """Yield the rows after a number, with what each adds as a git pack."""
    sql = "select number, head, pack from knowledge_packs where number > :number order by number limit 1"
    while row := first(db, sql, {"number": number}):
        number = row["number"]
        yield Published(number, row["head"]), base64.b64decode(row["pack"])


def put(db: Database, known: Published, head: str, pack: bytes, now: datetime) -> Published:
    """Continue the line from where it is known to end; return where it ends then. Raises Overtaken."""
    number = known.number + 1
    values = {"number": number, "since": number, "head": head, "parent": known.head, "pack": _text(pack), "at": stamp(now)}
    if newest(db) != known or not insert(db, "knowledge_packs", values, once="number"):
        raise Overtaken(known)
    return Published(number, head)


def join(db: Database, together: Callable[[Sequence[bytes]], bytes], *, more_than: int) -> int:
    """Join the rows of one change each into one row, where there are more than so many (at least 1); return how many."""
    (many,) = db.execute("select count(*) from knowledge_packs where since = number").fetchone()
    if many <= more_than:
        return 0
    rows = list(db.query("select * from knowledge_packs where since = number order by number"))
    pack = together([base64.b64decode(row["pack"]) for row in rows])
    db.execute("delete from knowledge_packs where since = number")
    joined = {**rows[-1], "since": rows[0]["number"], "parent": rows[0]["parent"], "pack": _text(pack)}
    insert(db, "knowledge_packs", joined)
    return len(rows)


def _text(pack: bytes) -> str:
    return base64.b64encode(pack).decode("ascii")
