"""Readers of a published table who try to find a hidden number, by what is printed and by knowing the rule."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from bot.reports.suppress import OTHERS, protect
from bot.reports.table import SMALL, WITHHELD, Cell, Column, Hidden, Row, Table

SENSITIVE = ("婚姻家庭", "家庭暴力")


def a_table(columns: dict[str, Sequence[int]]) -> Table:
    """A table of villages with these columns, their sums in the column and in the row of totals."""
    lines = list(zip(*columns.values(), strict=True))
    rows = [Row((f"示例{n}村", *line, sum(line)), {"village": f"示例{n}村"}) for n, line in enumerate(lines, 1)]
    sums = [sum(column) for column in columns.values()]
    heads = (Column("village", "村（社区）", "text"), *(Column(name, name) for name in columns), Column("total", "合计"))
    return Table("village_category", "村 × 类别", heads, (*rows, Row(("合计", *sums, sum(sums)), total=True)), note="说明。")


def published(numbers: Sequence[int], others: Sequence[int] | None = None) -> list[Cell]:
    table = a_table({"土地": others or [9] * len(numbers), "家庭暴力": numbers})
    return list(protect(table, SENSITIVE).column("家庭暴力"))[:-1]


CASES = {
    "nobody asked": ((0, 0, 0), (0, 0, 0)),
    "no small cell": ((3, 8, 4), (3, 8, 4)),
    "a small one and one to hide it behind": ((1, 8, 5), (SMALL, WITHHELD, 5)),
    "several small ones": ((0, 2, 8, 1, 5), (SMALL, SMALL, WITHHELD, SMALL, 5)),
    "only small ones": ((0, 1, 2), (SMALL, SMALL, SMALL)),
    "all are 2": ((2, 2, 2), (WITHHELD, WITHHELD, WITHHELD)),
    "nothing large enough to hide it behind": ((0, 0, 3), (WITHHELD, WITHHELD, WITHHELD)),
    "three others go as well": ((0, 4, 9, 9), (WITHHELD, WITHHELD, WITHHELD, WITHHELD)),
    "two villages": ((1, 9), (SMALL, WITHHELD)),
    "two villages, both 2": ((2, 2), (WITHHELD, WITHHELD)),
}


@pytest.mark.parametrize(("numbers", "shown"), CASES.values(), ids=CASES)
def test_small_cells_are_hidden_with_what_would_tell_them(numbers: tuple[int, ...], shown: tuple[Cell, ...]) -> None:
    assert published(numbers) == list(shown)


def test_the_village_that_asked_least_besides_is_the_one_to_hide_behind() -> None:
    assert published((1, 8, 5, 7), (2, 7, 4, 4)) == [SMALL, 8, WITHHELD, 7]


def test_totals_of_rows_leave_the_sensitive_columns_out_and_those_of_columns_stay() -> None:
    table = a_table({"土地": (5, 7, 1), "家庭暴力": (1, 6, 0), "工资": (0, 2, 4)})
    found = protect(table, SENSITIVE)
    assert [row.cells for row in found.rows] == [
        ("示例1村", 5, SMALL, 0, 5),
        ("示例2村", 7, WITHHELD, 2, 9),
        ("示例3村", 1, SMALL, 4, 5),
        ("合计", 13, 7, 6, 19),
    ]
    assert [c.heading for c in found.columns] == ["村（社区）", "土地", "家庭暴力", "工资", OTHERS]
    assert found.note.startswith("说明。涉及隐私的类别（家庭暴力）里")
    assert (found.rows[0].where, found.rows[-1].total) == ({"village": "示例1村"}, True)


def test_a_table_without_a_sensitive_column_stays_as_it_is() -> None:
    table = a_table({"土地": (1, 2), "工资": (0, 9)})
    assert protect(table, SENSITIVE) is table


@pytest.mark.parametrize(("number", "shown"), [(0, [0, 0]), (1, [SMALL, SMALL]), (2, [SMALL, SMALL]), (3, [3, 3])])
def test_the_only_village_has_its_total_hidden_too(number: int, shown: list[Cell]) -> None:
    found = protect(a_table({"土地": (9,), "家庭暴力": (number,)}), SENSITIVE)
    assert list(found.column("家庭暴力")) == shown


def test_a_cell_that_is_no_number_is_refused() -> None:
    table = a_table({"家庭暴力": (1, 6)})
    with pytest.raises(TypeError):
        protect(replace(table, rows=(Row(("示例1村", None, 5)), *table.rows[1:])), SENSITIVE)


NUMBERS = st.one_of(st.integers(0, 3), st.integers(0, 9), st.integers(0, 40))


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Up to 12 villages by up to 6 categories, the last one or two of them sensitive."""
    villages, sensitive = draw(st.integers(2, 12)), draw(st.integers(1, 2))
    names = [f"类别{n}" for n in range(draw(st.integers(0, 4)))] + list(SENSITIVE[:sensitive])
    return a_table({name: draw(st.lists(NUMBERS, min_size=villages, max_size=villages)) for name in names})


def least_and_most(table: Table) -> dict[tuple[int, int], tuple[int, int]]:
    """All that a reader can work out: for each hidden cell (row, column) its least and its largest number.

    Unknown are all cells but the names; what is printed bounds them, every row adds up to its total (without the sensitive
    columns), every column to its own, and the whole table to what the town got in all, which the reader knows.
    """
    inner, (total,) = [r for r in table.rows if not r.total], [r for r in table.rows if r.total]
    places = [n for n, c in enumerate(table.columns) if c.key not in {"village", "total"}]
    open_ = [n for n in places if table.columns[n].key not in SENSITIVE]
    unknown = list(product(range(len(inner)), places))
    low, high = np.zeros(len(unknown)), np.full(len(unknown), np.inf)
    equations: list[tuple[list[bool], int]] = []
    for x, (r, n) in enumerate(unknown):
        cell = inner[r].cells[n]
        if cell == SMALL:
            high[x] = 2
        elif cell == WITHHELD:
            low[x] = 3 if SMALL in table.column(table.columns[n].key) else 0
        else:
            low[x] = high[x] = number(cell)
    equations += [([r == row and n in open_ for r, n in unknown], number(inner[row].cells[-1])) for row in range(len(inner))]
    equations += [([n == place for _, n in unknown], number(total.cells[place])) for place in places]
    equations.append(([True] * len(unknown), sum(number(total.cells[n]) for n in places)))
    matrix, sums = np.array([e for e, _ in equations], float), np.array([s for _, s in equations], float)

    def extreme(x: int, sign: int) -> int:
        aim = np.zeros(len(unknown))
        aim[x] = sign
        found = milp(aim, integrality=1, bounds=Bounds(low, high), constraints=LinearConstraint(matrix, sums, sums))
        assert found.success, "what is visible fits no table"
        return round(sign * found.fun)

    hidden = [x for x, (r, n) in enumerate(unknown) if isinstance(inner[r].cells[n], Hidden)]
    return {unknown[x]: (extreme(x, 1), extreme(x, -1)) for x in hidden}


def number(cell: Any) -> int:
    assert isinstance(cell, int)
    return cell


@settings(max_examples=60, deadline=None)
@given(tables())
def test_no_hidden_number_can_be_worked_out_from_what_is_visible(table: Table) -> None:
    found = protect(table, SENSITIVE)
    for (r, n), (least, most) in least_and_most(found).items():
        assert least < most, (found.rows, r, n)
        assert least <= number(table.rows[r].cells[n]) <= most


@settings(max_examples=300, deadline=None)
@given(tables())
def test_every_small_number_is_hidden_and_every_visible_one_is_true(table: Table) -> None:
    found = protect(table, SENSITIVE)
    for before, after in zip(table.rows, found.rows, strict=True):
        for column, was, shown in zip(table.columns, before.cells, after.cells, strict=True):
            if column.key == "total":
                assert shown == sum(
                    number(c) for c, k in zip(before.cells, table.columns, strict=True) if k.key.startswith("类别")
                )
            elif isinstance(shown, Hidden):
                assert column.key in SENSITIVE and not before.total
                assert shown == WITHHELD or number(was) < 3
            else:
                assert shown == was
                if column.key in SENSITIVE and not before.total and number(table.rows[-1].cells[found.columns.index(column)]):
                    assert number(was) >= 3


def outputs(villages: int, largest: int) -> Iterator[tuple[tuple[int, ...], tuple[Cell, ...]]]:
    for numbers in product(range(largest + 1), repeat=villages):
        yield numbers, (*published(numbers), sum(numbers))


@pytest.mark.parametrize(("villages", "largest"), [(2, 30), (3, 10), (4, 8)])
def test_who_knows_the_rule_cannot_work_out_a_hidden_number_either(villages: int, largest: int) -> None:
    """Of all columns that are published alike, a hidden cell is not the same number in each."""
    alike = defaultdict(list)
    for numbers, shown in outputs(villages, largest):
        alike[shown].append(numbers)
    for shown, columns in alike.items():
        # Of the largest ones not all that look alike have been listed.
        if max(map(max, columns)) > largest - 2 and len(columns) == 1:
            continue
        for n in range(villages):
            assert not isinstance(shown[n], Hidden) or len({numbers[n] for numbers in columns}) > 1, (shown, columns)
