"""What lies behind a number of a report, to be listed: consultation by consultation, and whether it comes to the number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from bot.ledger.facts import Facts
from bot.ledger.register.definitions import REGISTERS
from bot.ledger.store import Store
from bot.reports.annual import read_books
from bot.reports.known import Known
from bot.reports.lines import Order, order_of, register_rows, retries_of
from bot.reports.period import Period
from bot.reports.table import Cell, Column, Hidden, Rate, Report, Row, Table
from bot.reports.trace import cell_of, rows_behind

OWN_ROWS = {"consultations", "misses"}
"""Tables whose rows are themselves what others count."""

DERIVED = {"median", "short", "no_lecture"}
"""Columns that are worked out from rows without counting or summing them up."""

_BY_NAME = {"offline", "hours"}
"""Columns of ``advisers`` whose totals leave out rows with the name of nobody on the list, so no condition finds them."""

_ROUNDING = Decimal("0.1")


@dataclass(frozen=True)
class Group:
    """What is one line of the list: the ids of its rows, and for a consultation what it counts as."""

    ids: tuple[str, ...]
    said: Mapping[str, str]
    weight: int = 1


@dataclass(frozen=True)
class Behind:
    """What lies behind a cell. sums: what it comes to in one way or another, by name, the likeliest first."""

    table: Table
    row: Row
    column: Column
    cell: Cell
    period: Period
    source: str
    groups: tuple[Group, ...]
    sums: tuple[tuple[str, int | Decimal], ...]


def leads(table: Table, place: int, column: str) -> bool:
    """Tell whether a cell has rows behind it: the place of its row, from 0, and the key of its column."""
    row = table.rows[place]
    at = next((n for n, c in enumerate(table.columns) if c.key == column), None)
    if at is None or table.key in OWN_ROWS or table.columns[at].kind == "text" or column == "place":
        return False
    if table.key == "advisers" and row.total and column in _BY_NAME:
        return False
    cell = row.cells[at]
    if cell in {None, ""} or isinstance(cell, str | Hidden) or (isinstance(cell, Rate) and not cell.whole):
        return False
    return row.cells[0] is not None or bool(row.where)


def name_of(table: Table, place: int) -> str:
    """Return what ``trace`` calls a row: its first cell, or its first two, or else its number from 1."""
    names = [[_text(row.cells[0]), f"{_text(row.cells[0])} {_text(row.cells[1])}"] for row in table.rows]
    for name in names[place]:
        if sum(name in others for others in names) == 1:
            return name
    return str(place + 1)


def period_of(report: Report, column: Column) -> Period:
    """Return which period the numbers of a column are of: an earlier one where they stand beside those of the report."""
    which = column.where.get("period", "now")
    return report.period if which == "now" else report.period.others()[int(which)]


def behind(store: Store, known: Known, report: Report, table: str, row: str, column: str, *, now: datetime) -> Behind:
    """Find what lies behind a cell. Raises NoSuchCell."""
    found, line, place = cell_of(report, table, row, column)
    at, cell = found.columns[place], line.cells[place]
    where = {**line.where, **at.where}
    where.pop("period", "")
    period = period_of(report, at)
    source = where.pop("rows", found.source)
    if source == "consultations":
        groups, sums = _consultations(store, known, period, where, now)
    else:
        ids = rows_behind(store, known, period, source, where, now=now)
        groups = tuple(Group((id_,), {}) for id_ in ids)
        sums = _sums(store, source, ids, where, at)
    if order := order_of(store, source, period):
        groups = tuple(sorted(groups, key=lambda group: _first(group, order)))
    return Behind(found, line, at, cell, period, source, groups, sums)


def agreement(found: Behind) -> tuple[bool | None, str]:
    """Say whether the rows come to the number: true or false; None where it is neither a count nor a sum."""
    cell, many = found.cell, len(found.groups)
    if isinstance(cell, Rate):
        for name, part in (("分母", cell.whole), ("分子", cell.part)):
            if label := next((label for label, number in found.sums if number == part), ""):
                said = f"{cell} = {cell.part} ÷ {cell.whole}；{name} {part} 就是下面这些记录的{label}，一致。"
                return True, said
    elif isinstance(cell, int | Decimal):
        for label, number in found.sums:
            if number == cell:
                return True, f"下面这些记录的{label}是 {number}，与报表上的 {cell} 一致。"
            if isinstance(cell, Decimal) and abs(number - cell) <= _ROUNDING:
                return True, f"下面这些记录的{label}是 {number}，报表上是 {cell}，只差四舍五入的零头。"
    if found.column.key in DERIVED or "中位数" in _text(found.row.cells[0]):
        return None, f"报表上的 {cell} 由下面 {many} 条记录算出，本来就不等于条数（中位数，或者缺了几个月）。"
    sums = "，".join(f"{label} {number}" for label, number in found.sums)
    return False, (
        f"报表上是 {cell}，现在找到的记录是：{sums}，对不上。整年的逐条记录按保存期限删除以后会这样；"
        "不是这个原因的，请告诉管理员。"
    )


def _consultations(
    store: Store, known: Known, period: Period, where: Mapping[str, str], now: datetime
) -> tuple[tuple[Group, ...], tuple[tuple[str, int | Decimal], ...]]:
    facts = read_books(store, known, period, now=now, traced=True).count.consultations
    rest = {k: v for k, v in where.items() if k != "groups"}
    chosen = facts.where(rest)
    if group := where.get("groups"):
        names = facts.dimensions["groups"].names
        fits = [group in name.split("、") for name in names]
        chosen = chosen & [fits[int(code)] for code in facts.columns["groups"]]
    ids: dict[int, list[str]] = {}
    for fact, id_ in facts.ids or ():
        if chosen[fact]:
            ids.setdefault(fact, []).append(id_)
    part = Facts({}, {}, facts.weight[chosen], facts.person[chosen])
    sums = (("咨询人次", part.tally().get((), 0)), ("咨询人数", part.people().get((), 0)))
    said = {name: dimension.names for name, dimension in facts.dimensions.items()}
    groups = (
        Group(
            tuple(found),
            {name: names[int(facts.columns[name][fact])] for name, names in said.items()},
            int(facts.weight[fact]),
        )
        for fact, found in ids.items()
    )
    return tuple(groups), sums


def _sums(
    store: Store, source: str, ids: Sequence[str], where: Mapping[str, str], column: Column
) -> tuple[tuple[str, int | Decimal], ...]:
    count: tuple[str, int | Decimal] = ("条数", len(ids))
    if source == "turns":
        return (("重发次数", retries_of(store, ids)),) if "retries" in where else (count,)
    if source not in REGISTERS:
        return (count,)
    rows = register_rows(store, source, [int(id_.split(" ")[1]) for id_ in ids])
    found = {
        field.key: (f"「{field.heading}」合计", _sum(row[field.key] for row in rows))
        for field in REGISTERS[source].fields
        if field.kind in {"count", "amount"}
    }
    named = [key for key, value in where.items() if value == "*" and key in found] or [k for k in found if k == column.key]
    if named:
        return (found[named[0]],)
    return (count, *found.values())


def _sum(numbers: Iterable[float | None]) -> int | Decimal:
    whole = sum((Decimal(str(number or 0)) for number in numbers), Decimal(0))
    return int(whole) if whole == whole.to_integral_value() else whole.quantize(Decimal("0.01"))


def _first(group: Group, order: Order) -> tuple[str, str]:
    return min((order.get(id_, ("", id_)) for id_ in group.ids), default=("", ""))


def _text(cell: Cell) -> str:
    return str(cell).strip("　")


def part_of(found: Behind, start: int, length: int) -> Behind:
    """Return only some of its lines, for one page."""
    return replace(found, groups=found.groups[start : start + length])
