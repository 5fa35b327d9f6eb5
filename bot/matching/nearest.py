"""The phrasings that come nearest to a question: by cosine all of them, letter by letter those of the likeliest entries."""

from collections.abc import Sequence

import numpy as np
from rapidfuzz import fuzz, process

from bot.matching.fields import Asked
from bot.matching.grams import Bags, Floats, Ints, Postings

COMPARED_ENTRIES, COMPARED_PHRASINGS = 20, 4
"""How many of the nearest phrasings of how many entries rapidfuzz compares letter by letter."""


class Nearest:
    """Every single phrasing, in a grid with one row an entry or topic, which is filled up with -1."""

    def __init__(self, single: Bags, idf: Floats, owners: Ints, rows: int, essences: Sequence[str]) -> None:
        """Take the phrasings' grams and how telling these are elsewhere, and whose each phrasing is, in ascending order."""
        self._grid = _grid(owners, rows)
        self._every = np.arange(rows)
        self._idf = idf
        self._essences = [*essences, ""]  # the last stands for what fills the grid up
        places = np.flatnonzero(self._grid.ravel() >= 0)
        self._empty = np.flatnonzero(self._grid.ravel() < 0)
        self._postings = Postings(
            places[single.document], single.gram, single.unit(idf), grams=len(single.vocabulary), documents=self._grid.size
        )

    def cosines(self, asked: Asked) -> Floats:
        """Return the cosine of a question with each phrasing, over the grams that are known; -1 where the grid has none."""
        weights = (1 + np.log(np.array(asked.times, np.float32))) * self._idf[asked.numbers]
        norm = float(np.sqrt((weights**2).sum()))
        scores = self._postings.scores(asked.numbers, (weights / norm if norm else weights).astype(np.float32))
        scores[self._empty] = -1
        return scores.reshape(self._grid.shape)

    def first(self, cosines: Floats) -> Ints:
        """Return the number of each row's nearest phrasing."""
        nearest: Ints = self._grid[self._every, cosines.argmax(axis=1)]
        return nearest

    def ratios(self, text: str, rows: Ints, cosines: Floats) -> list[Floats]:
        """Return rapidfuzz's ``ratio`` and ``partial_ratio`` with the nearest phrasings of each row, mean of three."""
        width = min(COMPARED_PHRASINGS, cosines.shape[1])
        columns = np.argpartition(-cosines[rows], width - 1, axis=1)[:, :width]
        numbers = np.take_along_axis(self._grid[rows], columns, axis=1)
        choices = [self._essences[n] for n in numbers.ravel().tolist()]
        found = []
        for scorer in (fuzz.ratio, fuzz.partial_ratio):
            likeness = process.cdist([text], choices, scorer=scorer)[0].reshape(numbers.shape) / 100
            found.append(greatest(likeness, 3).sum(axis=1) / 3)
        return found


def greatest(values: Floats, count: int) -> Floats:
    """Return the ``count`` greatest of each row, in any order."""
    count = min(count, values.shape[1])
    found: Floats = np.partition(values, -count, axis=1)[:, -count:]
    return found


def _grid(owners: Ints, count: int) -> Ints:
    """Return the numbers of each row's phrasings."""
    sizes = np.bincount(owners, minlength=count)
    grid = np.full((count, max(1, int(sizes.max(initial=1)))), -1)
    column = np.arange(len(owners)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    grid[owners, column] = np.arange(len(owners))
    return grid
