"""All entries, ready to be compared with a question; built once per snapshot and never changed."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from bot.matching.confidence import features
from bot.matching.fields import Asked, Field, Language, Wholes
from bot.matching.grams import Bags, Floats, Tokens, characters_and_pairs, pairs, sound_pairs
from bot.matching.learned import ANSWER_WEIGHT, MOST_ENTRIES, VERSION, Learned, grams_and_roles
from bot.matching.lexicon import Lexicon
from bot.matching.memory import key_of, remembered
from bot.matching.model import SIGNALS, Model
from bot.matching.nearest import COMPARED_ENTRIES, Nearest, greatest
from bot.matching.neighbours import Near, around, linked
from bot.matching.normalise import essence
from bot.matching.outside import CATEGORY, Outside, Topic
from bot.matching.together import Together

MANY_TEXTS = 10_000
"""From so many texts on, a gram that only one of them has teaches nothing."""

MOST_REMEMBERED = 4096
"""So many rankings are kept, a few megabytes: after a broadcast many ask the same."""


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
    """The candidates, best first, and how sure it is that the first is right; empty for a question that says nothing.

    outside: the topic without an entry that is nearest, where the question is likelier about it than about any entry.
    """

    candidates: tuple[Candidate, ...]
    confidence: float
    outside: Topic | None = None


class _Row(NamedTuple):
    """What a question is compared with: an entry or, with an empty answer, a topic outside."""

    name: str
    category: str
    phrasings: Sequence[str]
    answer: str


class Index:
    """Compares a question with every entry. Immutable, so any number of threads may ask."""

    def __init__(
        self,
        entries: Iterable[Phrased],
        lexicon: Lexicon | None = None,
        model: Model | None = None,
        outside: Outside = (),
        previous: "Index | None" = None,
        memory: Path | None = None,
    ) -> None:
        """Prepare everything; with a ``previous`` index, what that learned from the phrasings is taken over for the moment.

        memory: a folder where what was learned is kept.
        """
        ordered = sorted(entries, key=lambda e: e.id)
        self.lexicon: Lexicon = lexicon or Lexicon()
        self.model: Model = model or Model()
        self.outside: Outside = outside
        self.ids = [entry.id for entry in ordered]
        self.categories: Mapping[str, str] = {entry.id: entry.category for entry in ordered}
        rows = [_Row(e.id, e.category, tuple(dict.fromkeys((e.question, *e.phrasings))), e.answer) for e in ordered]
        rows += [_Row(t.topic, CATEGORY, t.phrasings, "") for t in outside]
        known: Mapping[str, str] = previous.essences if previous and previous.lexicon == self.lexicon else {}
        self._weights = self.model.weights()
        said = [
            (number, phrasing, text)
            for number, row in enumerate(rows)
            for phrasing in row.phrasings
            if (text := known.get(phrasing) or self.essence(phrasing))
        ]
        self.essences: Mapping[str, str] = {phrasing: text for _, phrasing, text in said}
        owners = np.array([number for number, _, _ in said], np.int64)
        self._owners = owners
        self._phrasings = [phrasing for _, phrasing, _ in said]
        self._essences = [text for _, _, text in said]
        self._exact = {text: number for number, (_, _, text) in reversed(list(enumerate(said)))}
        self._rows = len(rows)
        self._is_topic = np.arange(len(rows)) >= len(self.ids)
        count = len(rows)
        new = (Tokens(characters_and_pairs), Tokens(sound_pairs))
        self._tokens: tuple[Tokens, Tokens] = previous._tokens if previous else new
        spelled, sounded = self._tokens
        single = Bags.of(self._essences, spelled)
        answered = Bags.of([self.essence(row.answer) for row in rows], spelled)
        single = single.known_to(answered)
        whole = single.merged(owners, count)
        sounds = Bags.of(self._essences, sounded).merged(owners, count)
        self._sounds = Field(sounds)
        self._nearest = Nearest(single, whole.rarity(), owners, count, self._essences)
        place = {id_: n for n, id_ in enumerate(self.ids)}
        references = [[place[i] for i in (*e.related, *e.not_to_confuse_with) if i in place] for e in ordered]
        links = linked([*references, *([] for _ in outside)])
        same = previous is not None and previous.ids == self.ids and previous.outside == outside
        # Which entries are worded alike changes little with an edit, and is looked at again when everything is learned.
        near = previous.near if previous and same else around(links, whole, len(ordered))
        self.near: Sequence[Near] = near
        self._links = np.concatenate([link.entries for link in links]) if links else np.zeros(0, np.int64)
        self._links_of = np.repeat(np.arange(count), [len(link.entries) for link in links])
        self._degree = np.maximum(np.bincount(self._links_of, minlength=count), 1)
        kinds = {name: n for n, name in enumerate(dict.fromkeys(row.category for row in rows))}
        language = Language(whole, answered, near, np.array([kinds[row.category] for row in rows], np.int64))
        self._wholes = Wholes(whole, answered, language)
        standing = np.zeros((count, 2), np.float32)
        for entry in ordered:
            for column, ids in enumerate((entry.related, entry.not_to_confuse_with)):
                for id_ in set(ids) & place.keys():
                    standing[place[id_], column] += 1
        self._standing = np.log1p(standing)
        self.has_learned_all = previous is None
        self.learned: Learned | None = previous.learned if previous else self._learn(rows, near, memory)
        at = {id_: n for n, id_ in enumerate(self.learned.ids)} if self.learned else {}
        self._learned_at = np.array([at.get(row.name, -1) for row in rows], np.int64)
        self._remembered: dict[tuple[str, int, bool], Ranking] = {}

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
        asked = (self.essence(question), limit, word_for_word)
        found = self._remembered.get(asked)
        if found is None:
            found = self._ranked(*asked)
            if len(self._remembered) >= MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[asked] = found
        return found

    def _ranked(self, text: str, limit: int, word_for_word: bool) -> Ranking:
        if not text or not self.ids:
            return Ranking((), 0.0)
        raw, nearest = self.signals(text)
        scores = standardised(raw) @ self._weights
        likely = np.exp(scores - scores.max())
        likely /= likely.sum()
        count = len(self.ids)
        best = np.argsort(-likely[:count], kind="stable")[:limit]
        confidence = self.model.confidence(features(raw, likely, text, count))
        found = [Candidate(self.ids[n], round(float(likely[n]), 4), self._phrasings[nearest[n]]) for n in best]
        topic = int(likely.argmax()) - count
        if word_for_word and (number := self._exact.get(text)) is not None:
            # Somebody wrote this very sentence down as meaning this: nothing that was fitted knows better.
            owner = int(self._owners[number])
            if owner >= count:
                return Ranking(tuple(c._replace(score=0.0) for c in found), 0.0, self.outside[owner - count])
            own = self.ids[owner]
            rest = [c for c in found if c.id != own][: limit - 1]
            return Ranking((Candidate(own, 1.0, self._phrasings[number]), *(c._replace(score=0.0) for c in rest)), 1.0)
        return Ranking(tuple(found), confidence, self.outside[topic] if topic >= 0 else None)

    def signals(self, text: str) -> tuple[Floats, Sequence[int]]:
        """Return the signals of an essence (rows by ``SIGNALS``) and the number of each row's nearest phrasing.

        The rows are the entries, in the order of ``ids``, and after them the topics outside.
        """
        single, double = (Asked.of(grams, self._wholes.vocabulary) for grams in (text, pairs(text)))
        out = np.zeros((self._rows, len(SIGNALS)), np.float32)
        out[:, 0], out[:, 1], out[:, 2], out[:, 4], out[:, 5] = self._wholes.compared(single, double)
        out[:, 3] = self._sounds.covered(Asked.of(sound_pairs(text), self._sounds.vocabulary))
        cosines = self._nearest.cosines(single + double)
        eight = np.maximum(greatest(cosines, 8), 0)
        out[:, 6], out[:, 7] = greatest(eight, 3).mean(axis=1), eight.mean(axis=1)
        out[:, 13] = np.append(self.learned.scores(text), np.float32(0))[self._learned_at] if self.learned else 0
        out[:, 14] = self._is_topic
        language = standardised(out[:, 0])
        likely = np.argsort(-(language + standardised(out[:, 13]) + standardised(out[:, 6])), kind="stable")[:COMPARED_ENTRIES]
        out[likely, 8], out[likely, 9] = self._nearest.ratios(text, likely, cosines)
        out[:, 10] = np.bincount(self._links_of, np.maximum(language, 0)[self._links], minlength=self._rows) / self._degree
        out[:, 11:13] = self._standing
        return out, self._nearest.first(cosines).tolist()

    def _learn(self, rows: Sequence[_Row], near: Sequence[Near], memory: Path | None) -> Learned | None:
        if not 1 < len(rows) <= MOST_ENTRIES:
            return None
        sentences = [
            (number, text)
            for number, row in enumerate(rows)
            for sentence in re.split(r"[。；\n]", row.answer)
            if len(text := self.essence(sentence)) > 5
        ]
        texts = [*self._essences, *(text for _, text in sentences)]
        everybody = np.concatenate([self._owners, np.array([number for number, _ in sentences], np.int64)])
        importance = np.ones(len(texts), np.float32)
        importance[len(self._essences) :] = ANSWER_WEIGHT
        names, least = [row.name for row in rows], 2 if len(texts) >= MANY_TEXTS else 1
        key = key_of([VERSION, names, texts, everybody, importance, least, *(part for one in near for part in one)])
        learn = partial(Learned.train, names, texts, everybody, importance, near, least=least)
        return remembered(memory, key, grams_and_roles, learn)

    def learned_as(self, text: str) -> str | None:
        """Return the entry or topic that the classifier alone takes a text for; None without a classifier."""
        return self.learned.ids[int(self.learned.scores(self.essence(text)).argmax())] if self.learned else None

    def rarity_in(self, entry: int, pair: str) -> float | None:
        """Return how telling a pair of characters is, if the phrasings of the entry hold it; None if they do not."""
        return self._wholes.rarity_in(entry, pair)

    def rarity(self, gram: str) -> float:
        """Return how telling a character or a pair of characters is: how few entries' phrasings hold it."""
        return self._wholes.rarity(gram)

    def essence(self, text: str) -> str:
        """Return the text as it is compared."""
        return essence(text, self.lexicon)


_TOGETHER: Together[Index] = Together()


def index_of(
    entries: Iterable[Phrased],
    lexicon: Lexicon,
    model: Model,
    outside: Outside,
    previous: Index | None = None,
    memory: Path | None = None,
) -> Index:
    """Return an index as ``Index`` makes it; towns of one process with the same entries share the one that learned all."""
    ordered = sorted(entries, key=lambda entry: entry.id)
    said = [
        (e.id, e.category, e.question, list(e.phrasings), e.answer, list(e.related), list(e.not_to_confuse_with))
        for e in ordered
    ]
    made_of = key_of(
        [said, *(part.model_dump(mode="json") for part in (*lexicon.groups, model, *outside)), len(lexicon.groups)]
    )
    if previous is not None:
        return _TOGETHER.find(made_of) or Index(ordered, lexicon, model, outside, previous, memory)
    return _TOGETHER.get(made_of, lambda: Index(ordered, lexicon, model, outside, None, memory))


def standardised(raw: Floats) -> Floats:
    """Return each signal with mean 0 and deviation 1 over the rows, so that a short question counts as a long one."""
    centred = raw - raw.mean(axis=0)
    standard: Floats = (centred / (np.sqrt((centred * centred).mean(axis=0)) + 1e-9)).astype(np.float32)
    return standard
