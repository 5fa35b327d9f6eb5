"""What people outside the clerk's office see of a public report when they may choose the days themselves."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date

from bot.reports.period import year
from bot.reports.table import Report, Table

TABLE = "village_category"


def for_readers(report: Report, sensitive: Collection[str]) -> Report:
    """Return a public report without the categories ``sensitive`` by village, unless it is of a whole year that is over.

    ``suppress.protect`` hides small numbers in one report; who can ask for the year until yesterday and until today would
    subtract the one from the other and have them. Of years that are over there is one report of this table, and no other.
    """
    if _is_over(report):
        return report
    return replace(report, tables=tuple(_without(t, sensitive) if t.key == TABLE else t for t in report.tables))


def is_closed(table: Table, column: str, sensitive: Collection[str]) -> bool:
    """Tell whether a column is of those of which readers get no more than what the table shows."""
    return table.key == TABLE and column in sensitive


def _is_over(report: Report) -> bool:
    period, today = report.period, report.made_at.date()
    return period == year(period.start.year) and period.end < date(today.year, 1, 1)


def _without(table: Table, sensitive: Collection[str]) -> Table:
    places = [n for n, column in enumerate(table.columns) if column.key not in sensitive]
    if len(places) == len(table.columns):
        return table
    names = "、".join(c.heading for c in table.columns if c.key in sensitive)
    return replace(
        table,
        columns=tuple(table.columns[n] for n in places),
        rows=tuple(replace(row, cells=tuple(row.cells[n] for n in places)) for row in table.rows),
        note=f"涉及隐私的类别（{names}）按村的数不在这里，只在过完的整年里列出：几份报表相减，会推出隐去的数。各村合计不含这些类别。",
    )
