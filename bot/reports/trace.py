"""From a cell of a table to the rows of the ledger that it counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.ledger import counted
from bot.ledger.clock import local_day, months
from bot.ledger.counted import Kind
from bot.ledger.counting import UNCLASSIFIED, Rule, reason
from bot.ledger.register.offline import NOT_LEGAL
from bot.ledger.store import Store
from bot.reports.annual import Books, read_books
from bot.reports.known import Known
from bot.reports.period import Period
from bot.reports.registers import matching
from bot.reports.table import Cell, Report, Row, Table

Where = Mapping[str, str]


class NoSuchCell(Exception):
    """There is no such table, row or column; the message says which there are."""


@dataclass(frozen=True)
class Trace:
    """What a cell says, whose rows it counts, and their ids: keys of turns, numbers of tickets and of register rows."""

    cell: Cell
    source: str
    ids: tuple[str, ...]


def trace(store: Store, known: Known, report: Report, table: str, row: str, column: str, *, now: datetime) -> Trace:
    """Return the rows behind a cell; ``row`` is the text of its first cell (or its number from 1), ``column`` a key or heading.

    Raises NoSuchCell.
    """
    found, line, place = cell_of(report, table, row, column)
    where = {**line.where, **found.columns[place].where}
    period = report.period
    if (which := where.pop("period", "now")) != "now":
        period = period.others()[int(which)]
    source = where.pop("rows", found.source)
    return Trace(line.cells[place], source, tuple(rows_behind(store, known, period, source, where, now=now)))


def rows_behind(store: Store, known: Known, period: Period, source: str, where: Where, *, now: datetime) -> list[str]:
    """Return the ids of the rows of ``source`` that fulfil ``where``."""
    rule = known.counting.rule
    if source == "turns":
        return _turns(store, period, rule, where, now)
    books = read_books(store, known, period, now=now, traced=source in {"consultations", "offline"})
    if source == "consultations":
        return _consultations(books, where)
    if source == "tickets":
        roles = {person.number: person.role for person in books.advisers}
        tickets = [
            {
                "number": ticket.number, "day": "", "by": ticket.by, "role": roles.get(ticket.by or 0, ""),
                "answered_at": ticket.hours is not None, "in_time": "是" if ticket.in_time else "否",
            }
            for ticket in books.tickets
        ]  # fmt: skip
        only = {k: v for k, v in where.items() if k in {"by", "answered_at", "in_time", "role"}}
        answered = [t for t in tickets if t["answered_at"] or not ({"by", "role"} & only.keys())]
        return [f"tickets {ticket['number']}" for ticket in matching(answered, only)]
    rows = [dict(row) for row in books.registers[source]]
    if source == "offline":
        rows = [row | {"counts": "否" if row["result"] == NOT_LEGAL else "是"} for row in rows]
    if source == "people":
        rows = [_standing(row, period) for row in rows]
    known_fields = set(rows[0]) if rows else set()
    only = {k: v for k, v in where.items() if k in known_fields or k == "month"}
    return [f"{source} {row['number']}" for row in matching(rows, only)]


def cell_of(report: Report, key: str, row: str, column: str) -> tuple[Table, Row, int]:
    """Return the table and the row of a cell, and the place of its column. Raises NoSuchCell."""
    table = next((t for t in report.tables if key in {t.key, t.title}), None)
    if table is None:
        raise NoSuchCell(f"没有叫「{key}」的表。有：{'、'.join(f'{t.key}（{t.title}）' for t in report.tables)}")
    place = next((n for n, c in enumerate(table.columns) if column in {c.key, c.heading}), None)
    if place is None:
        raise NoSuchCell(f"「{table.title}」没有「{column}」这一列。有：{'、'.join(c.heading for c in table.columns)}")
    found = [r for r in table.rows if row.strip("　") in _names(r)]
    if not found and len(row) < 7 and row.isdecimal() and 1 <= int(row) <= len(table.rows):
        found = [table.rows[int(row) - 1]]
    if not found:
        names = "、".join(str(r.cells[0]).strip("　") for r in table.rows[:40])
        raise NoSuchCell(f"「{table.title}」没有「{row}」这一行，可以写行的名字或第几行。有：{names}")
    return table, found[0], place


def _names(row: Row) -> set[str]:
    """Return what a row may be called: its first cell, or its first two."""
    first, second = (str(cell).strip("　") for cell in row.cells[:2])
    return {first, f"{first} {second}"}


def _consultations(books: Books, where: Where) -> list[str]:
    facts = books.count.consultations
    if group := where.get("groups"):
        names = [n for n in facts.dimensions["groups"].names if group in n.split("、")]
        rest = {k: v for k, v in where.items() if k != "groups"}
        return [id_ for name in names for id_ in facts.rows(rest | {"groups": name})]
    return facts.rows(where)


def _turns(store: Store, period: Period, rule: Rule, where: Where, now: datetime) -> list[str]:
    """Return the keys of the turns of a period of a kind: ``month``, ``reason`` (* for any), or a field of ``Kind``."""
    found = []
    for first, last in months(period.start, period.end):
        if "month" in where and where["month"] != f"{first:%Y-%m}":
            continue
        start, end = max(first, period.start), min(last, period.end, local_day(now))
        found += [key for key, kind, again in counted.each(store, start, end) if _is(kind, again, where, rule)]
    return found


def _is(kind: Kind, retries: int, where: Where, rule: Rule) -> bool:
    """Tell whether a turn is what a cell counts; answers and misses are counted as ``counting`` counts them."""
    why = reason(kind, rule)
    said = {"reason": why, "retries": str(retries or ""), "decision": kind.decision, "verdict": kind.verdict}
    if "topic" in where:
        said["topic"] = (kind.topic or UNCLASSIFIED) if kind.decision == "miss" and not why else ""
    if where.get("decision") == "answer" and reason(kind._replace(superseded=""), rule):
        return False
    return all(bool(said[k]) if v == "*" else said[k] == v for k, v in where.items() if k in said)


def _standing(row: dict[str, object], period: Period) -> dict[str, object]:
    start, end, left = period.start.isoformat(), period.end.isoformat(), str(row["left_on"] or "")
    return row | {
        "serving": "是" if not left or left > end else "否",
        "joined": "是" if start <= str(row["day"]) <= end else "否",
        "left": "是" if left and start <= left <= end else "否",
    }
