"""All phrasings, ready to be compared with a question; built once per snapshot and never changed."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from rapidfuzz import fuzz, process

from bot.matching.grams import K1, Bags, Floats, Ints, Postings, grams
from bot.matching.normalise import essence

SHORTLIST = 80
"""Phrasings that rapidfuzz compares letter by letter, after all have been compared by their grams."""

SIGNALS = ("entry", "nearest", "near_three", "ratio", "partial", "answer")
"""How near a question is to an entry, each between 0 and 1:

entry: the question's telling grams that the entry's phrasings hold, as a whole (BM25)
nearest, near_three: the cosine with the nearest phrasing, and the mean of the three nearest
ratio, partial: rapidfuzz's ``ratio`` with the nearest phrasing, and ``partial_ratio``, mean of the three nearest
answer: the question's telling grams that the answer holds (BM25)
"""

WEIGHTS = np.array((0.32, 0.07, 0.08, 0.16, 0.12, 0.25), np.float32)
"""What each signal counts for; they add up to 1, so a score is between 0 and 1."""


class Phrased(Protocol):
    """What the index needs of an entry."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def question(self) -> str:
        """Its standard question."""

    @property
    def phrasings(self) -> Sequence[str]:
        """How villagers say it."""

    @property
    def answer(self) -> str:
        """What it answers."""


class Candidate(NamedTuple):
    """An entry that may be meant: its score between 0 and 1 and the phrasing that came closest."""

    id: str
    score: float
    phrasing: str


class Index:
    """Compares a question with every phrasing of every entry. Immutable, so any number of threads may ask."""

    def __init__(self, entries: Iterable[Phrased]) -> None:
        ordered = sorted(entries, key=lambda e: e.id)
        self._ids = [entry.id for entry in ordered]
        said = [
            (number, phrasing, text)
            for number, entry in enumerate(ordered)
            for phrasing in dict.fromkeys((entry.question, *entry.phrasings))
            if (text := essence(phrasing))
        ]
        self._owners = np.array([number for number, _, _ in said], np.int64)
        self._phrasings = [phrasing for _, phrasing, _ in said]
        self._essences = [text for _, _, text in said]
        phrasings = Bags.of(self._essences)
        wholes = phrasings.merged(self._owners, len(ordered))
        answers = Bags.of([essence(entry.answer) for entry in ordered])
        self._entry_field = _Field(wholes, wholes.bm25(wholes.rarity()))
        self._answer_field = _Field(answers, answers.bm25(answers.rarity()))
        self._phrasing_field = _Field(wholes, phrasings.unit(wholes.rarity()))

    def __len__(self) -> int:
        """Return the number of phrasings."""
        return len(self._phrasings)

    def rank(self, question: str, *, limit: int = 5) -> list[Candidate]:
        """Return the entries nearest to ``question``, best first; none for a question that says nothing."""
        signals, nearest = self.signals(question)
        scores = signals @ WEIGHTS
        best = np.argsort(-scores, kind="stable")[:limit]
        return [Candidate(self._ids[n], round(float(scores[n]), 4), self._phrasings[nearest[n]]) for n in best if scores[n] > 0]

    def signals(self, question: str) -> tuple[Floats, Sequence[int]]:
        """Return the signals (entries by ``SIGNALS``) and the number of each entry's nearest phrasing."""
        text = essence(question)
        query = Counter(grams(text))
        out = np.zeros((len(self._ids), len(SIGNALS)), np.float32)
        nearest = np.zeros(len(self._ids), np.int64)
        if not query or not self._ids:
            return out, nearest.tolist()
        out[:, 0] = self._entry_field.covered(query)
        out[:, 5] = self._answer_field.covered(query)
        cosines = self._phrasing_field.cosines(query)
        order = np.argsort(-cosines, kind="stable")
        out[:, 1], out[:, 2] = self._by_entry(cosines, order, nearest)
        short = order[:SHORTLIST]
        choices = [self._essences[n] for n in short]
        for column, scorer, part in ((3, fuzz.ratio, 0), (4, fuzz.partial_ratio, 1)):
            likeness = np.zeros_like(cosines)
            likeness[short] = process.cdist([text], choices, scorer=scorer)[0] / 100
            out[:, column] = self._by_entry(likeness, short[np.argsort(-likeness[short], kind="stable")])[part]
        return out, nearest.tolist()

    def _by_entry(self, values: Floats, order: Ints, nearest: Ints | None = None) -> tuple[Floats, Floats]:
        """Return for each entry its best value and the mean of its three best; ``order`` sorts the values, best first."""
        top = np.zeros((len(self._ids), 3), np.float32)
        seen = np.zeros(len(self._ids), np.int8)
        for n in order[:400].tolist():
            owner = self._owners[n]
            if seen[owner] < 3:
                if nearest is not None and not seen[owner]:
                    nearest[owner] = n
                top[owner, seen[owner]] = values[n]
                seen[owner] += 1
        return top[:, 0], top.mean(axis=1)


class _Field:
    """Documents of one kind and how telling their grams are."""

    def __init__(self, bags: Bags, postings: Postings) -> None:
        self._vocabulary = bags.vocabulary
        self._idf = bags.rarity()
        self._postings = postings
        self._unknown = float(self._idf.max(initial=0.0))

    def covered(self, query: Counter[str]) -> Floats:
        """Return the share of the query's weight that each document holds; an unknown gram weighs as much as a rare one."""
        known = [number for gram in query if (number := self._vocabulary.get(gram)) is not None]
        whole = float(self._idf[known].sum()) + self._unknown * (len(query) - len(known))
        scores = self._postings.scores(known, np.ones(len(known), np.float32))
        return scores / np.float32((K1 + 1) * whole) if whole else scores

    def cosines(self, query: Counter[str]) -> Floats:
        """Return the cosine of the query with each document, over the grams that are known."""
        known = [(number, n) for gram, n in query.items() if (number := self._vocabulary.get(gram)) is not None]
        numbers = [number for number, _ in known]
        weights = (1 + np.log(np.array([n for _, n in known], np.float32))) * self._idf[numbers]
        norm = float(np.sqrt((weights**2).sum()))
        return self._postings.scores(numbers, (weights / norm if norm else weights).astype(np.float32))
