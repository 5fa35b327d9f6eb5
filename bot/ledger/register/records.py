"""The rows of the registers: entered, corrected with a reason, struck out, never deleted; and the closing of months."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from bot.ledger.clock import local_day, stamp
from bot.ledger.database import Database
from bot.ledger.register.fields import Register
from bot.ledger.store import first, insert, next_number
from bot.text import clean, mask

VOIDED = "voided_at"


class Refused(Exception):
    """The ledger does not take this; the message says why and what to do, in Chinese."""


class MonthClosed(Refused):
    """The day lies in a month that is closed."""

    def __init__(self, month: str) -> None:
        self.month, self.problem = month, f"{month} 已经关账，这个月的记录不能增加、更正、作废。"
        super().__init__(
            f"{self.problem}确实要改，先运行 python -m bot register reopen {month} --by 姓名 --reason 原因，改完再关账。"
        )


class NotThere(Refused):
    """The register has no such row, or it was struck out."""


def missing(register: Register, number: int) -> NotThere:
    """Return the error that says that a register has no such row."""
    return NotThere(f"{register.title}没有第{number}号。先看 python -m bot register show {register.title}。")


def add(db: Database, register: Register, values: Mapping[str, Any], *, by: str, now: datetime) -> int:
    """Enter a row that was validated and return its number. Raises MonthClosed."""
    return add_all(db, register, [values], by=by, now=now)[0]


def add_all(db: Database, register: Register, rows: Sequence[Mapping[str, Any]], *, by: str, now: datetime) -> list[int]:
    """Enter rows that were validated, in one transaction of the caller; return their numbers. Raises MonthClosed."""
    editor = _editor(by)
    _refuse_closed(db, {row["day"][:7] for row in rows})
    common = {"entered_at": stamp(now), "entered_by": editor}
    numbers = []
    for number, row in enumerate(rows, next_number(db, register.key)):
        insert(db, register.key, {"number": number} | {f.key: row.get(f.key) for f in register.fields} | common)
        numbers.append(number)
    return numbers


def correct(
    db: Database, register: Register, number: int, changes: Mapping[str, Any], *, by: str, reason: str, now: datetime
) -> None:
    """Change values of a row (key -> validated value); the old ones stay in ``register_changes``.

    What became known on a later day (how a dispute ended, when somebody left) belongs to the month of that day, so a
    closed month does not keep it out. Raises NotThere, MonthClosed, Refused where nothing changes.
    """
    editor, reason = _editor(by), _reason(reason)
    row = _there(db, register, number)
    changed = {key: value for key, value in changes.items() if value != row[key]}
    if not changed:
        raise Refused(f"{register.title}第{number}号本来就是这样，没有要改的。")
    _refuse_closed(db, _months(register, row, changed))
    sets = ", ".join(f"{key} = :{key}" for key in changed)
    db.execute(f"update {register.key} set {sets} where number = :number", {**changed, "number": number})
    for key, value in changed.items():
        _note(db, register, number, key, row[key], value, editor, reason, now)


def void(db: Database, register: Register, number: int, *, by: str, reason: str, now: datetime) -> None:
    """Strike a row out: it stays, but no table counts it. Raises NotThere, MonthClosed."""
    editor, reason = _editor(by), _reason(reason)
    row = _there(db, register, number)
    _refuse_closed(db, {row["day"][:7]})
    db.execute(f"update {register.key} set voided_at = :at where number = :number", {"at": stamp(now), "number": number})
    _note(db, register, number, VOIDED, None, stamp(now), editor, reason, now)


def rows(db: Database, key: str, start: date, end: date) -> list[dict[str, Any]]:
    """Return the rows of a register in the days ``start`` to ``end`` that are not struck out, by day and number.

    Of the roster (``people``): everybody registered until ``end``, for somebody registered earlier is still on it.
    """
    since = "" if key == "people" else "day >= :start and"
    sql = f"select * from {key} where {since} day <= :end and voided_at is null order by day, number"
    return list(db.query(sql, {"start": start.isoformat(), "end": end.isoformat()}))


def find(db: Database, register: Register, number: int) -> dict[str, Any] | None:
    """Return a row, also one that was struck out, or None."""
    return first(db, f"select * from {register.key} where number = :number", {"number": number})


def history(db: Database, register: Register, number: int) -> list[dict[str, Any]]:
    """Return every change of a row, oldest first: ``field`` (a key), ``old``, ``new``, ``editor``, ``at``, ``reason``."""
    sql = """
        select field, old, new, editor, at, reason from register_changes
        where register = :register and number = :number order by at, field"""
    return list(db.query(sql, {"register": register.key, "number": number}))


def counts(db: Database, register: Register, month: str = "") -> dict[str, Any]:
    """Return of a register, or of its rows of one month: ``rows`` that stand, ``voided`` ones, ``first`` and ``last`` day."""
    sql = f"""
        select count(*) - count(voided_at) as rows, count(voided_at) as voided, min(day) as first, max(day) as last
        from {register.key} where day like :month"""
    return first(db, sql, {"month": f"{month}%"}) or {}


def alike(db: Database, register: Register, days: Collection[str]) -> Counter[tuple[Any, ...]]:
    """Return how often each row (its values in the order of the fields) stands in the span of ``days``."""
    if not days:
        return Counter()
    keys = ", ".join(f.key for f in register.fields)
    sql = f"select {keys} from {register.key} where day >= :first and day <= :last and voided_at is null"
    return Counter(tuple(row) for row in db.execute(sql, {"first": min(days), "last": max(days)}))


def close_month(db: Database, month: str, *, by: str, now: datetime) -> None:
    """Close a month (2026-05): its rows can no longer be added, corrected or struck out. Raises Refused."""
    editor = _editor(by)
    if month > local_day(now).isoformat()[:7]:
        raise Refused(f"{month} 还没有到，不能关账。")
    if month in closed_months(db):
        raise Refused(f"{month} 已经关账了，不用再关。")
    insert(db, "closed_months", {"month": month, "closed_at": stamp(now), "closed_by": editor})
    insert(db, "month_events", {"month": month, "at": stamp(now), "editor": editor, "what": "关账", "reason": None})


def reopen_month(db: Database, month: str, *, by: str, reason: str, now: datetime) -> None:
    """Open a closed month again; who, when and why is kept. Raises Refused."""
    editor, reason = _editor(by), _reason(reason)
    if month not in closed_months(db):
        raise Refused(f"{month} 没有关账，不用重开。")
    db.execute("delete from closed_months where month = :month", {"month": month})
    insert(db, "month_events", {"month": month, "at": stamp(now), "editor": editor, "what": "重开", "reason": reason})


def closed_months(db: Database) -> tuple[str, ...]:
    """Return the months that are closed, in order."""
    return tuple(row[0] for row in db.execute("select month from closed_months order by month"))


def month_events(db: Database) -> list[dict[str, Any]]:
    """Return every closing and reopening, oldest first: ``month``, ``at``, ``editor``, ``what``, ``reason``."""
    return list(db.query("select month, at, editor, what, reason from month_events order by at, month"))


def is_closed(db: Database, day: date | str) -> bool:
    """Tell whether a day lies in a closed month."""
    return str(day)[:7] in closed_months(db)


def _months(register: Register, row: Mapping[str, Any], changed: Mapping[str, Any]) -> set[str]:
    """Return the months whose figures a correction touches."""
    both = (row, {**row, **changed})
    events = {f.event for f in register.fields if f.key in changed}
    if "" not in events:
        days = [version[event] for version in both for event in events]
        if any(days):
            return {day[:7] for day in days if day}
    return {version["day"][:7] for version in both}


def _refuse_closed(db: Database, months: set[str]) -> None:
    for month in closed_months(db):
        if month in months:
            raise MonthClosed(month)


def _there(db: Database, register: Register, number: int) -> dict[str, Any]:
    row = find(db, register, number)
    if row is None:
        raise missing(register, number)
    if row[VOIDED]:
        raise NotThere(f"{register.title}第{number}号已经作废，不能再改。要恢复就重新记一条。")
    return row


def _note(
    db: Database, register: Register, number: int, field: str, old: Any, new: Any, editor: str, reason: str, now: datetime
) -> None:
    texts = {"old": None if old is None else str(old), "new": None if new is None else str(new)}
    where = {"register": register.key, "number": number, "field": field}
    insert(db, "register_changes", {**where, **texts, "editor": editor, "at": stamp(now), "reason": reason})


def _editor(by: str) -> str:
    if not clean(by):
        raise Refused("写上经手人的姓名：--by 姓名。")
    return clean(by)[:40]


def _reason(reason: str) -> str:
    if not clean(reason):
        raise Refused("写上原因：--reason 原因。")
    return mask(clean(reason))[:400]
