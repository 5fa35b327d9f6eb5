"""A classifier learned from the phrasings themselves when the index is built: which grams speak for which entry."""

import itertools
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bot.matching.fields import Asked
from bot.matching.grams import Bags, Floats, Grams, Ints, Tokens, characters_and_pairs
from bot.matching.neighbours import Near
from bot.matching.roles import roles

Halves = NDArray[np.float16]
"""Weights as they are kept: half the memory, and no answer differs."""

MOST_ENTRIES = 1000
"""Beyond this the table of grams by entries grows too large; the other signals carry on without this one."""

EPOCHS, RATE = 2, 2.0
VERSION = "2"
"""Changed with everything that changes what is learned from the same texts."""

SHARED = 0.2
"""What part of a phrasing counts for the entry's neighbours: who is asked about one is often meant by the other."""

ANSWER_WEIGHT = 0.3
"""What a sentence of the answer counts, next to a phrasing."""


def grams_and_roles(text: str) -> list[str]:
    """Return what is learned from: characters, pairs, and who does what to whom."""
    return characters_and_pairs(text) + roles(text)


class Learned:
    """Multinomial logistic regression over TF-IDF of grams, by stochastic gradient descent; the same every time."""

    def __init__(self, ids: Sequence[str], vocabulary: dict[str, int], idf: Floats, weights: Halves, grams: Grams) -> None:
        self.ids = tuple(ids)
        self.vocabulary = vocabulary
        self.idf = idf
        self.weights = weights
        self._table = np.asarray(weights)  # a plain view: a file that is read in place is slow to index
        self._grams = grams

    @classmethod
    def train(
        cls,
        ids: Sequence[str],
        texts: Sequence[str],
        owners: Ints,
        importance: Floats,
        neighbours: Sequence[Near],
        *,
        grams: Grams = grams_and_roles,
        epochs: int = EPOCHS,
        rate: float = RATE,
        least: int = 1,
    ) -> "Learned":
        """Learn which of ``texts`` (each worth its ``importance``) belong to which of ``ids``.

        Grams in fewer than ``least`` texts are left out: they tell one text from the others, and nothing else.
        """
        bags = Bags.of(texts, Tokens(grams)).common(least)
        frequency = np.bincount(bags.gram, minlength=len(bags.vocabulary))
        idf = (np.log((1 + len(texts)) / (1 + frequency)) + 1).astype(np.float32)
        values = bags.unit(idf)
        starts = np.searchsorted(bags.document, np.arange(len(texts) + 1)).tolist()
        spans = [slice(one, two) for one, two in itertools.pairwise(starts)]
        rows = [(bags.gram[span], values[span]) for span in spans]
        targets = np.eye(len(ids), dtype=np.float32) * np.float32(1 - SHARED if neighbours else 1)
        for entry, near in enumerate(neighbours):
            if len(near.entries):
                targets[entry, near.entries] += SHARED * near.shares
            else:
                targets[entry, entry] = 1
        weights = np.zeros((len(bags.vocabulary), len(ids)), np.float32)
        for epoch in range(epochs):
            step = rate * (1 - epoch / epochs)
            # Shuffled by what the texts say: one text more or less leaves the order of the others as it was.
            shuffled = np.argsort([zlib.crc32(f"{epoch}{text}".encode()) for text in texts], kind="stable")
            for n in shuffled.tolist():
                gram, value = rows[n]
                scores = value @ weights[gram]
                likely = np.exp(scores - scores.max())
                likely /= likely.sum()
                likely -= targets[owners[n]]
                weights[gram] -= (value * np.float32(step * importance[n]))[:, None] * likely
        return cls(ids, bags.vocabulary, idf, weights.astype(np.float16), grams)

    def scores(self, text: str) -> Floats:
        """Return what speaks for each entry of ``ids``."""
        asked = Asked.of(self._grams(text), self.vocabulary)
        values = (1 + np.log(np.array(asked.times, np.float32))) * self.idf[asked.numbers]
        norm = float(np.sqrt((values**2).sum()))
        return (
            np.asarray((values / norm) @ self._table[asked.numbers].astype(np.float32))
            if norm
            else np.zeros(len(self.ids), np.float32)
        )
