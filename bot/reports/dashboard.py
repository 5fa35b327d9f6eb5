"""What the first page of the reports shows: the main numbers beside earlier ones, and the charts."""

from dataclasses import dataclass, replace

from bot.ledger.counting import ANSWERERS, NOBODY
from bot.message import CHANNELS
from bot.reports.table import Cell, Chart, Report, Table


@dataclass(frozen=True)
class Beside:
    """An earlier number: ``name`` of its period, ``column`` in ``compared``, and how the number changed, in words."""

    name: str
    column: str
    cell: Cell
    change: Cell


@dataclass(frozen=True)
class Headline:
    """A main number. ``place``: its row in ``compared``, from 0."""

    item: str
    place: int
    cell: Cell
    others: tuple[Beside, ...]


def headlines(report: Report) -> list[Headline]:
    """Return the main numbers of a report, those of its table ``compared``."""
    table = report.table("compared")
    if table is None:
        return []
    earlier = [n for n, column in enumerate(table.columns) if column.key.startswith("other")]
    return [
        Headline(
            str(row.cells[0]),
            place,
            row.cells[1],
            tuple(Beside(table.columns[n].heading, table.columns[n].key, row.cells[n], row.cells[n + 1]) for n in earlier),
        )
        for place, row in enumerate(table.rows)
    ]


def pictures(report: Report) -> list[Table]:
    """Return the tables that the first page draws, each with the chart to draw, in the order of the page."""
    wanted = (
        ("by_month", "stacked", "各月咨询人次：按方式", "month", CHANNELS),
        ("by_month", "stacked", "各月咨询人次：由谁解答", "month", (*ANSWERERS[1:], NOBODY)),
        ("village_category", "bar", "各村（社区）咨询人次", "village", ("total",)),
        ("by_category", "bar", "各类别咨询人次", "category", ("consultations",)),
        ("by_category", "bar", "各类别答复率", "category", ("answered",)),
        ("unanswered", "bar", "没答上的问题", "topic", ("turns",)),
    )
    found = []
    for key, kind, title, labels, series in wanted:
        table = report.table(key)
        keys = [column.key for column in table.columns] if table else []
        drawn = tuple(name for name in series if name in keys)
        if table and drawn:
            without = "（不含涉及隐私的类别）" if key == "village_category" and report.audience == "public" else ""
            found.append(replace(table, chart=Chart(kind, title + without, labels, drawn)))  # type: ignore[arg-type]
    return found


def shown(table: Table) -> tuple[list[int], list[int]]:
    """Return the places of the columns and of the rows that a table's chart draws, so that its numbers can be printed."""
    keys = [column.key for column in table.columns]
    wanted = [table.chart.labels, *table.chart.series] if table.chart else keys
    return [keys.index(key) for key in wanted], [n for n, row in enumerate(table.rows) if not row.total]
