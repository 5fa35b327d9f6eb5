"""The consultation report of a period: plain data, every figure counted from the ledger."""

from dataclasses import dataclass
from datetime import date, datetime

from bot.ledger import counting
from bot.ledger.clock import CHINA
from bot.ledger.store import Store


@dataclass(frozen=True)
class Table:
    """A table: its name, its columns as (key, heading), and rows of text and whole numbers."""

    key: str
    title: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str | int, ...], ...]


@dataclass(frozen=True)
class Report:
    """A report of the days ``start`` to ``end``, both included."""

    title: str
    start: date
    end: date
    made_at: datetime
    rule: str
    tables: tuple[Table, ...]


def report(store: Store, start: date, end: date, *, now: datetime) -> Report:
    """Count the period's turns, consultations and people: in all, by month, by category."""
    count = counting.total(store, start, end)
    three = (("turns", "消息条数"), ("consultations", "咨询人次"), ("people", "咨询人数"))
    return Report(
        "法律咨询统计",
        start,
        end,
        now.astimezone(CHINA),
        counting.RULE,
        (
            Table(
                "total",
                "合计",
                (*three, ("left_out", "不计入咨询的消息")),
                ((count.turns, count.consultations, count.people, count.left_out),),
            ),
            _table("by_month", "按月", (("month", "月份"), *three), counting.by_month(store, start, end)),
            _table("by_category", "按类别", (("category", "类别"), *three[1:]), counting.by_category(store, start, end)),
        ),
    )


def _table(key: str, title: str, columns: tuple[tuple[str, str], ...], rows: list[dict[str, str | int]]) -> Table:
    return Table(key, title, columns, tuple(tuple(row[name] for name, _ in columns) for row in rows))
