"""Facts: what is counted, one element each, by dimensions such as month, channel and village."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt


class Dimension:
    """The names that facts may have in one respect, each with a small number."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self._codes = {name: code for code, name in enumerate(names)}

    def code(self, name: str) -> int:
        """Return the number of ``name``, 0 for one that it does not have."""
        return self._codes.get(name, 0)

    def find(self, name: str) -> int | None:
        """Return the number of ``name``, or None."""
        return self._codes.get(name)


@dataclass(frozen=True)
class Facts:
    """Facts by dimension. weight: how many each counts for; person: whose it is, or a number of its own.

    ids: (fact, id of a row behind it), where they were asked for.
    """

    columns: Mapping[str, npt.NDArray[Any]]
    dimensions: Mapping[str, Dimension]
    weight: npt.NDArray[np.int64]
    person: npt.NDArray[np.int64]
    ids: Sequence[tuple[int, str]] | None = None

    @classmethod
    def of(
        cls,
        day: npt.NDArray[np.int32],
        columns: Mapping[str, npt.NDArray[Any]],
        dimensions: Mapping[str, Dimension],
        *,
        weight: npt.NDArray[np.int64],
        person: npt.NDArray[np.int64],
        ids: Sequence[tuple[int, str]] | None = None,
    ) -> "Facts":
        """Make facts, with the dimension ``month`` (2026-05) of their days (``date.toordinal``)."""
        low, high = (int(day.min()), int(day.max())) if len(day) else (1, 0)
        names = [f"{date.fromordinal(d):%Y-%m}" for d in range(low, high + 1)]
        months = Dimension(*dict.fromkeys(names))
        code = np.array([months.code(name) for name in names], np.int16)
        return cls({**columns, "month": code[day - low]}, {**dimensions, "month": months}, weight, person, ids)

    def names(self, dimension: str) -> list[str]:
        """Return the names that occur in a dimension, in its order."""
        found = np.unique(self.columns[dimension])
        return [self.dimensions[dimension].names[code] for code in found]

    def tally(self, *dimensions: str) -> dict[tuple[str, ...], int]:
        """Return how many facts there are for each combination of names that occurs."""
        code, shape = self._joint(dimensions)
        sums = np.bincount(code, weights=self.weight, minlength=1)
        return {self._named(dimensions, shape, int(c)): round(float(sums[c])) for c in np.flatnonzero(sums)}

    def people(self, *dimensions: str) -> dict[tuple[str, ...], int]:
        """Return how many different people there are for each combination of names that occurs; at ``()`` in all."""
        code, shape = self._joint(dimensions)
        if not len(code):
            return {}
        order = np.lexsort((self.person, code))
        joint, person = code[order], self.person[order]
        new = np.ones(len(order), bool)
        new[1:] = (joint[1:] != joint[:-1]) | (person[1:] != person[:-1])
        # One who is known counts once, an entry at the door for as many as came.
        each = np.where(person[new] < 0, self.weight[order][new], 1)
        sums = np.bincount(joint[new], weights=each)
        return {self._named(dimensions, shape, int(c)): round(float(sums[c])) for c in np.flatnonzero(sums)}

    def where(self, where: Mapping[str, str]) -> npt.NDArray[np.bool_]:
        """Return which facts have all these names."""
        chosen = np.ones(len(self.weight), bool)
        for dimension, name in where.items():
            code = self.dimensions[dimension].find(name)
            chosen &= self.columns[dimension] == (-1 if code is None else code)
        return chosen

    def rows(self, where: Mapping[str, str]) -> list[str]:
        """Return the ids of the rows behind the facts that have all these names. Facts must know their ids."""
        chosen = self.where(where)
        return [id_ for fact, id_ in self.ids or () if chosen[fact]]

    def _joint(self, dimensions: Sequence[str]) -> tuple[npt.NDArray[np.int64], tuple[int, ...]]:
        shape = tuple(max(1, len(self.dimensions[name].names)) for name in dimensions)
        code = np.zeros(len(self.weight), np.int64)
        for name, size in zip(dimensions, shape, strict=True):
            code = code * size + self.columns[name]
        return code, shape

    def _named(self, dimensions: Sequence[str], shape: tuple[int, ...], code: int) -> tuple[str, ...]:
        found = []
        for name, size in zip(reversed(dimensions), reversed(shape), strict=True):
            code, place = divmod(code, size)
            found.append(self.dimensions[name].names[place])
        return tuple(reversed(found))
