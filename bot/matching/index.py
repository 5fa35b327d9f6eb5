"""All entries, ready to be compared with a question; built once per snapshot and never changed."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from rapidfuzz import fuzz, process

from bot.matching.fields import Field, Language
from bot.matching.grams import Bags, Floats, Ints, characters, characters_and_pairs, pairs, sound_pairs
from bot.matching.learned import ANSWER_WEIGHT, MOST_ENTRIES, Learned
from bot.matching.lexicon import Lexicon
from bot.matching.model import FEATURES, SIGNALS, Model
from bot.matching.neighbours import Near, around, linked
from bot.matching.normalise import essence

COMPARED_ENTRIES, COMPARED_PHRASINGS = 40, 4
"""How many of the nearest phrasings of how many entries rapidfuzz compares letter by letter."""


class Phrased(Protocol):
    """What the index needs of an entry."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def category(self) -> str:
        """Its category."""

    @property
    def question(self) -> str:
        """Its standard question."""

    @property
    def phrasings(self) -> Sequence[str]:
        """How villagers say it."""

    @property
    def answer(self) -> str:
        """What it answers."""

    @property
    def related(self) -> Sequence[str]:
        """What is asked next."""

    @property
    def not_to_confuse_with(self) -> Sequence[str]:
        """What it must not be mistaken for."""


class Candidate(NamedTuple):
    """An entry that may be meant: how likely it is the right one (0 to 1), and the phrasing that came closest."""

    id: str
    score: float
    phrasing: str


@dataclass(frozen=True)
class Ranking:
    """The candidates, best first, and how sure it is that the first is right; empty for a question that says nothing."""

    candidates: tuple[Candidate, ...]
    confidence: float


class Index:
    """Compares a question with every entry. Immutable, so any number of threads may ask."""

    def __init__(
        self,
        entries: Iterable[Phrased],
        lexicon: Lexicon | None = None,
        model: Model | None = None,
        previous: "Index | None" = None,
    ) -> None:
        """Prepare everything; with a ``previous`` index, what that learned from the phrasings is taken over for the moment."""
        ordered = sorted(entries, key=lambda e: e.id)
        self.lexicon: Lexicon = lexicon or Lexicon()
        self.model: Model = model or Model()
        known: Mapping[str, str] = previous.essences if previous and previous.lexicon == self.lexicon else {}
        self._weights = self.model.weights()
        self.ids = [entry.id for entry in ordered]
        said = [
            (number, phrasing, text)
            for number, entry in enumerate(ordered)
            for phrasing in dict.fromkeys((entry.question, *entry.phrasings))
            if (text := known.get(phrasing) or self.essence(phrasing))
        ]
        self.essences: Mapping[str, str] = {phrasing: text for _, phrasing, text in said}
        owners = np.array([number for number, _, _ in said], np.int64)
        self._owners = owners
        self._phrasings = [phrasing for _, phrasing, _ in said]
        self._essences = [text for _, _, text in said]
        self._exact = {text: number for number, (_, _, text) in reversed(list(enumerate(said)))}
        answers = [self.essence(entry.answer) for entry in ordered]
        count = len(ordered)
        vocabulary: dict[str, int] = {}
        answered = Bags.of(answers, characters_and_pairs, vocabulary)
        single = Bags.of(self._essences, characters_and_pairs, vocabulary)
        whole = single.merged(owners, count)
        sounds = Bags.of(self._essences, sound_pairs).merged(owners, count)
        self._fields = (
            Field.bm25(whole.only(1), characters),
            Field.bm25(whole.only(2), pairs),
            Field.bm25(sounds, sound_pairs),
            Field.bm25(answered.only(1), characters),
            Field.bm25(answered.only(2), pairs),
        )
        self._single = Field.unit(single, characters_and_pairs, whole.rarity())
        self._grid = _grid(owners, count)
        place = {id_: n for n, id_ in enumerate(self.ids)}
        links = linked([[place[i] for i in (*e.related, *e.not_to_confuse_with) if i in place] for e in ordered])
        near = around(links, whole)
        self._links = np.concatenate([link.entries for link in links]) if links else np.zeros(0, np.int64)
        self._links_of = np.repeat(np.arange(count), [len(link.entries) for link in links])
        self._degree = np.maximum(np.bincount(self._links_of, minlength=count), 1)
        kinds = {name: n for n, name in enumerate(dict.fromkeys(e.category for e in ordered))}
        categories = np.array([kinds[e.category] for e in ordered], np.int64)
        self._language = Language(whole, answered, near, categories)
        standing = np.zeros((count, 2), np.float32)
        for entry in ordered:
            for column, ids in enumerate((entry.related, entry.not_to_confuse_with)):
                for id_ in set(ids) & place.keys():
                    standing[place[id_], column] += 1
        self._standing = np.log1p(standing)
        self.has_learned_all = previous is None
        self.learned: Learned | None = previous.learned if previous else self._learn(ordered, owners, near)
        at = {id_: n for n, id_ in enumerate(self.learned.ids)} if self.learned else {}
        self._learned_at = np.array([at.get(id_, -1) for id_ in self.ids], np.int64)

    def __len__(self) -> int:
        """Return the number of phrasings."""
        return len(self._phrasings)

    def rank(self, question: str, *, limit: int = 5) -> list[Candidate]:
        """Return the entries nearest to ``question``, best first; none for a question that says nothing."""
        return list(self.ranking(question, limit=limit).candidates)

    def ranking(self, question: str, *, limit: int = 5, word_for_word: bool = True) -> Ranking:
        """Return the nearest entries and the confidence that the first is right.

        A question that is a phrasing, word for word, is that phrasing's entry, unless ``word_for_word`` is off.
        """
        text = self.essence(question)
        if not text or not self.ids:
            return Ranking((), 0.0)
        raw, nearest = self.signals(text)
        scores = standardised(raw) @ self._weights
        likely = np.exp(scores - scores.max())
        likely /= likely.sum()
        best = np.argsort(-likely, kind="stable")[:limit]
        confidence = self.model.confidence(features(raw, likely, text))
        found = [Candidate(self.ids[n], round(float(likely[n]), 4), self._phrasings[nearest[n]]) for n in best]
        if word_for_word and (number := self._exact.get(text)) is not None:
            # Somebody wrote this very sentence down as meaning this entry: nothing that was fitted knows better.
            own = self.ids[int(self._owners[number])]
            rest = [c for c in found if c.id != own][: limit - 1]
            found = [Candidate(own, 1.0, self._phrasings[number]), *(c._replace(score=0.0) for c in rest)]
            confidence = 1.0
        return Ranking(tuple(found), confidence)

    def signals(self, text: str) -> tuple[Floats, Sequence[int]]:
        """Return the signals of an essence (entries by ``SIGNALS``) and the number of each entry's nearest phrasing."""
        out = np.zeros((len(self.ids), len(SIGNALS)), np.float32)
        out[:, 0] = self._language.likelihoods(text)
        for column, field in enumerate(self._fields, 1):
            out[:, column] = field.covered(text)
        cosines = np.append(self._single.cosines(text), np.float32(-1))
        by_entry = cosines[self._grid]
        nearest = self._grid[np.arange(len(self.ids)), by_entry.argmax(axis=1)]
        out[:, 6], out[:, 7] = _best(by_entry, 3), _best(by_entry, 8)
        out[:, 13] = np.append(self.learned.scores(text), np.float32(0))[self._learned_at] if self.learned else 0
        short = self._shortlist(_standard(out[:, 0]) + _standard(out[:, 13]) + _standard(out[:, 6]), by_entry)
        choices = [self._essences[n] for n in short]
        for column, scorer in ((8, fuzz.ratio), (9, fuzz.partial_ratio)):
            likeness = np.full(len(cosines), 0, np.float32)
            likeness[short] = process.cdist([text], choices, scorer=scorer)[0] / 100
            out[:, column] = _best(likeness[self._grid], 3)
        language = np.maximum(_standard(out[:, 0]), 0)
        out[:, 10] = np.bincount(self._links_of, language[self._links], minlength=len(self.ids)) / self._degree
        out[:, 11:13] = self._standing
        return out, nearest.tolist()

    def _shortlist(self, scores: Floats, by_entry: Floats) -> Ints:
        """Return the nearest phrasings of the most likely entries: what rapidfuzz compares letter by letter."""
        entries = np.argsort(-scores, kind="stable")[:COMPARED_ENTRIES]
        columns = np.argsort(-by_entry[entries], axis=1, kind="stable")[:, :COMPARED_PHRASINGS]
        numbers = np.take_along_axis(self._grid[entries], columns, axis=1).ravel()
        held: Ints = numbers[numbers >= 0]
        return held

    def _learn(self, ordered: Sequence[Phrased], owners: Ints, near: Sequence[Near]) -> Learned | None:
        if not 1 < len(ordered) <= MOST_ENTRIES:
            return None
        sentences = [
            (number, text)
            for number, entry in enumerate(ordered)
            for sentence in re.split(r"[。；\n]", entry.answer)
            if len(text := self.essence(sentence)) > 5
        ]
        texts = [*self._essences, *(text for _, text in sentences)]
        everybody = np.concatenate([owners, np.array([number for number, _ in sentences], np.int64)])
        importance = np.ones(len(texts), np.float32)
        importance[len(self._essences) :] = ANSWER_WEIGHT
        return Learned.train(self.ids, texts, everybody, importance, near)

    def rarity_in(self, entry: int, pair: str) -> float | None:
        """Return how telling a pair of characters is, if the phrasings of the entry hold it; None if they do not."""
        return self._fields[1].rarity_in(entry, pair)

    def essence(self, text: str) -> str:
        """Return the text as it is compared."""
        return essence(text, self.lexicon)


def features(raw: Floats, likely: Floats, text: str) -> Floats:
    """Return ``FEATURES`` of a ranking: what tells whether its first entry is right."""
    order = np.argsort(-likely, kind="stable")
    first = order[0]
    second = float(likely[order[1]]) if len(order) > 1 else 0.0
    p = float(likely[first])
    values = {
        "likely": np.log(p / (1 - p + 1e-6) + 1e-6),
        "gap": np.log(p / (second + 1e-6)),
        "language": raw[first, 0],
        "covered": raw[first, 2],
        "near": raw[first, 6],
        "ratio": raw[first, 8],
        "partial": raw[first, 9],
        "best_covered": raw[:, 2].max(),
        "length": np.log(len(text)),
        "agree": float((raw[:, list(_VOICES)].argmax(axis=0) == first).mean()),
        "learned_lead": _lead(raw[:, 13], first),
        "language_lead": _lead(raw[:, 0], first),
    }
    return np.array([values[name] for name in FEATURES], np.float32)


_VOICES = (0, 1, 2, 6, 9, 13)
"""The signals that are asked whether they would put the same entry first."""


def _lead(values: Floats, first: int) -> float:
    """Return by how many deviations ``first`` is before the best of the others."""
    others = np.delete(values, first)
    return float((values[first] - others.max(initial=0.0)) / (values.std() + 1e-9)) if others.size else 1.0


def standardised(raw: Floats) -> Floats:
    """Return each signal with mean 0 and deviation 1 over the entries, so that a short question counts as a long one."""
    standard: Floats = ((raw - raw.mean(axis=0)) / (raw.std(axis=0) + 1e-9)).astype(np.float32)
    return standard


def _standard(values: Floats) -> Floats:
    standard: Floats = ((values - values.mean()) / (values.std() + 1e-9)).astype(np.float32)
    return standard


def _best(values: Floats, count: int) -> Floats:
    """Return the mean of the ``count`` greatest of each row; places without a phrasing (below 0) count as 0."""
    count = min(count, values.shape[1])
    best: Floats = np.maximum(np.partition(values, -count, axis=1)[:, -count:], 0).mean(axis=1)
    return best


def _grid(owners: np.ndarray, count: int) -> np.ndarray:
    """Return the numbers of each entry's phrasings, one row an entry, filled up with -1."""
    sizes = np.bincount(owners, minlength=count)
    grid = np.full((count, max(1, int(sizes.max(initial=1)))), -1)
    column = np.arange(len(owners)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    grid[owners, column] = np.arange(len(owners))
    return grid
