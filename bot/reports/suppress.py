"""Small cells of a table of villages by categories are hidden, so that no question leads to the person who asked it."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from bot.reports.table import SMALL, WITHHELD, Cell, Hidden, Table

LEAST = 3
"""Numbers under it are small."""

OTHERS = "合计（不含涉及隐私的类别）"


def protect(table: Table, sensitive: Collection[str]) -> Table:
    """Hide small cells in the columns ``sensitive`` (keys) of a table of villages with a column and a row of totals.

    The sums of the rows, in the column ``total``, no longer count the sensitive columns; so each of these is bound by its own
    total only, which stays. In each of them on its own:

    - where nobody asked (total 0), or no cell is small, everything stays;
    - a cell under 3 becomes 少于3 (it is 0, 1 or 2);
    - and where there are cells of 3 and more, one of them becomes 不公开 (it is 3 or more): that of the village with the
      fewest consultations in the other categories, the first of several. So the small ones cannot be had by subtraction;
    - where these hidden cells add up to 4 or less, and where every cell is 2, all become 不公开 (any number);
    - the only village of a table has its total hidden with it, there being nothing to hide it behind.

    Then every hidden cell may be at least two numbers, also for a reader who knows this rule and all totals of the town. What
    is hidden besides depends only on what the reader knows anyhow: which cells are small, and sums. To hide more only where it
    is needed, or the smallest other cell, would tell that it was needed, or that no other cell is smaller, and with that often
    the number. Not covered: another report of the same villages by other days, which may be subtracted from this one.

    Raises TypeError where a cell of such a column is no whole number.
    """
    places = [n for n, column in enumerate(table.columns) if column.key in sensitive]
    if not places:
        return table
    counted = [n for n, c in enumerate(table.columns) if c.kind == "count" and c.key != "total" and n not in places]
    others = [sum(_number(row.cells[n]) for n in counted) for row in table.rows]
    inner = [r for r, row in enumerate(table.rows) if not row.total]
    new: dict[int, list[Cell]] = {n: list(others) for n, column in enumerate(table.columns) if column.key == "total"}
    for n in places:
        new[n] = [row.cells[n] for row in table.rows]
        hidden = _hidden([_number(new[n][r]) for r in inner], [others[r] for r in inner])
        for r, cell in zip(inner, hidden, strict=True):
            new[n][r] = cell
        if len(hidden) == 1 and isinstance(hidden[0], Hidden):
            new[n] = hidden * len(table.rows)
    rows = [
        replace(row, cells=tuple(new[n][r] if n in new else cell for n, cell in enumerate(row.cells)))
        for r, row in enumerate(table.rows)
    ]
    columns = [replace(c, heading=OTHERS) if c.key == "total" else c for c in table.columns]
    note = table.note + _note([table.columns[n].heading for n in places])
    return replace(table, columns=tuple(columns), rows=tuple(rows), note=note)


def _hidden(numbers: Sequence[int], others: Sequence[int]) -> list[Cell]:
    """Return a column with its small cells hidden; ``others``: what each village asked besides."""
    small = [number < LEAST for number in numbers]
    if not any(numbers) or not any(small):
        return list(numbers)
    found: list[Cell] = [SMALL if number < LEAST else number for number in numbers]
    if len(numbers) == 1:
        return found
    everything: list[Cell] = [WITHHELD] * len(numbers)
    if all(small):
        return everything if sum(numbers) == (LEAST - 1) * len(numbers) else found
    cover = min((n for n, is_small in enumerate(small) if not is_small), key=lambda n: (others[n], n))
    found[cover] = WITHHELD
    unseen = numbers[cover] + sum(number for number in numbers if number < LEAST)
    return everything if unseen < LEAST + 2 else found


def _number(cell: Cell) -> int:
    if not isinstance(cell, int):
        raise TypeError(f"{cell!r} is no whole number")
    return cell


def _note(names: Sequence[str]) -> str:
    return (
        f"涉及隐私的类别（{'、'.join(names)}）里，不到{LEAST}的数写成「{SMALL}」，另有数写成「{WITHHELD}」，免得推算出来；"
        "各村合计不含这些类别，这些类别全镇的合计照写。"
    )
