"""What a report is made of: tables of typed cells, and figures with names. Plain data, for every format alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from bot.reports.period import Period

Kind = Literal["text", "count", "rate", "amount"]
"""``count``: a whole number; ``rate``: a Rate; ``amount``: a number with at most two decimals (hours, minutes, 万元)."""

Audience = Literal["public", "office"]
"""``public``: may leave the office, so small cells are hidden and nothing that a person wrote is in it; ``office``: not."""

UNKNOWN = "—"


@dataclass(frozen=True)
class Rate:
    """``part`` of ``whole``, as a percentage: one decimal, half up; — where ``whole`` is 0."""

    part: int
    whole: int

    @property
    def value(self) -> Decimal | None:
        """The percentage, ``Decimal("91.4")`` for 783 of 857; None where ``whole`` is 0."""
        if self.whole == 0:
            return None
        return (Decimal(self.part) * 100 / Decimal(self.whole)).quantize(Decimal("0.1"), ROUND_HALF_UP)

    def __str__(self) -> str:
        return UNKNOWN if self.value is None else f"{self.value}%"


@dataclass(frozen=True)
class Hidden:
    """A number that may not be shown; ``label`` says what is shown instead."""

    label: str

    def __str__(self) -> str:
        return self.label


SMALL, WITHHELD = Hidden("少于3"), Hidden("不公开")
"""A cell below three; a cell that is hidden so that one below three cannot be worked out."""

Cell = str | int | Decimal | Rate | Hidden | None
"""None: nothing is known; never 0 in its place."""


@dataclass(frozen=True)
class Column:
    """A column. ``where``: what its cells count, beside what their row counts; ``rows`` names another source."""

    key: str
    heading: str
    kind: Kind = "count"
    where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """A row: one cell for each column. ``total``: it sums the rows above it."""

    cells: tuple[Cell, ...]
    where: Mapping[str, str] = field(default_factory=dict)
    total: bool = False


@dataclass(frozen=True)
class Chart:
    """A picture of a table: one line or one bar for each of ``series`` (column keys), over the column ``labels``.

    Rows that are totals are left out. ``stacked`` bars sum up to something, ``bar`` ones stand side by side.
    """

    kind: Literal["line", "bar", "stacked"]
    title: str
    labels: str
    series: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table of a report.

    key: its name in JSON and on the command line. source: whose rows its cells count, ``consultations`` or a register.
    note: what the reader must know to read it, printed under it after the counting rule. office: never leaves the office.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    source: str = "consultations"
    note: str = ""
    chart: Chart | None = None
    office: bool = False

    def column(self, key: str) -> tuple[Cell, ...]:
        """Return the cells of a column, top down."""
        place = next(n for n, c in enumerate(self.columns) if c.key == key)
        return tuple(row.cells[place] for row in self.rows)


@dataclass(frozen=True)
class Report:
    """A report of a period.

    made_at: when it was counted, in the town's time: the data is cut off there. rule: the counting rule in words.
    figures: the numbers that sentences are made of, by their Chinese names; None where nothing is known.
    """

    title: str
    town: str
    period: Period
    made_at: datetime
    rule: str
    audience: Audience
    tables: tuple[Table, ...]
    figures: Mapping[str, Cell] = field(default_factory=dict)

    def table(self, key: str) -> Table | None:
        """Return the table with this key."""
        return next((t for t in self.tables if t.key == key), None)


def rounded(number: int, place: int) -> str:
    """Return ``number`` floored to a multiple of ``place``, with 余 where that took something away: 2897, 100 → 2800余."""
    floored = number - number % place
    return f"{floored}余" if floored != number and floored else str(number)


def sum_row(name: str, columns: Sequence[Column], rows: Sequence[Row], *, texts: int = 1) -> Row:
    """Return the total row of ``rows``: the sum of each column of numbers after the first ``texts`` columns."""
    cells: list[Cell] = [name, *[""] * (texts - 1)]
    for place, column in list(enumerate(columns))[texts:]:
        numbers = [cell for row in rows if isinstance(cell := row.cells[place], (int, Decimal))]
        cells.append(sum(numbers, Decimal(0) if column.kind == "amount" else 0) if column.kind in {"count", "amount"} else "")
    return Row(tuple(cells), total=True)
