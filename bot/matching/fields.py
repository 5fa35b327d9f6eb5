"""What is compared with a question as a whole: an entry's phrasings, its answer, its language."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from bot.matching.grams import K1, Bags, Floats, Ints, Postings, characters_and_pairs
from bot.matching.neighbours import Near

ANSWER_WEIGHT = 0.3
"""What a gram of the answer counts in an entry's language, next to one of a phrasing."""

MIXTURE = (0.5, 0.2, 0.1, 0.2)
"""An entry's language is mixed of its own, its neighbours', its category's, and everybody's."""


class Asked(NamedTuple):
    """The grams of a question: the numbers of those that a vocabulary knows, how often each comes, how many there are."""

    numbers: list[int]
    times: list[int]
    distinct: int

    @classmethod
    def of(cls, grams: Iterable[str], vocabulary: Mapping[str, int]) -> "Asked":
        """Look the grams up, in the order in which they come."""
        counted = Counter(grams)
        known = [(number, n) for gram, n in counted.items() if (number := vocabulary.get(gram)) is not None]
        return cls([number for number, _ in known], [n for _, n in known], len(counted))

    def __add__(self, other: "Asked") -> "Asked":  # type: ignore[override]
        """Return both, these first; they share no gram."""
        return Asked(self.numbers + other.numbers, self.times + other.times, self.distinct + other.distinct)


class Field:
    """Documents of one kind, of which each holds a share of a question, by BM25."""

    def __init__(self, bags: Bags) -> None:
        self.vocabulary = bags.vocabulary
        self._idf = bags.rarity()
        self._unknown = float(self._idf.max(initial=0.0))
        self.postings = Postings.of(bags, bags.bm25(self._idf))

    def covered(self, asked: Asked, scores: Floats | None = None) -> Floats:
        """Return the share of a question's weight that each document holds; an unknown gram weighs as much as a rare one.

        ``scores``: what ``postings`` gives for the question, where that is known already.
        """
        if scores is None:
            scores = self.postings.scores(asked.numbers)
        whole = float(self._idf[asked.numbers].sum()) + self._unknown * (asked.distinct - len(asked.numbers))
        return scores / np.float32((K1 + 1) * whole) if whole else scores

    def rarity(self, gram: str) -> float:
        """Return how telling ``gram`` is; what no document holds is as telling as the rarest."""
        number = self.vocabulary.get(gram)
        return float(self._idf[number]) if number is not None else self._unknown


class Wholes:
    """Each entry's language, its phrasings and its answer, compared with a question's characters and pairs in one go."""

    def __init__(self, said: Bags, answered: Bags, language: "Language") -> None:
        """Take the phrasings and the answers, counted with the vocabulary of ``language``."""
        self.vocabulary = said.vocabulary
        self._language = language
        self._fields = [Field(bags.only(length)) for bags in (said, answered) for length in (1, 2)]
        self._rows = said.documents
        parts: list[Language | Field] = [language, *self._fields]
        self._postings = Postings.joined([part.postings for part in parts])
        for n, part in enumerate(parts):
            part.postings = self._postings.part(n * self._rows, self._rows)

    def compared(self, characters: Asked, pairs: Asked) -> tuple[Floats, ...]:
        """Return for each entry the likelihood, and the shares of characters and pairs that its phrasings and answer hold."""
        both = characters + pairs
        language, *scores = self._postings.scores(both.numbers).reshape(5, self._rows)
        shares = zip(self._fields, (characters, pairs) * 2, scores, strict=True)
        return self._language.likelier(both, language), *(field.covered(asked, own) for field, asked, own in shares)

    def rarity(self, gram: str) -> float:
        """Return how telling a character or a pair is: how few entries' phrasings hold it."""
        return self._fields[len(gram) - 1].rarity(gram)

    def rarity_in(self, entry: int, gram: str) -> float | None:
        """Return how telling ``gram`` is, if the entry's phrasings hold it."""
        number, field = self.vocabulary.get(gram), self._fields[len(gram) - 1]
        return field.rarity(gram) if number is not None and field.postings.holds(entry, number) else None


class Language:
    """How much likelier each entry makes a text than language at large does: a mixture of unigram models.

    Zhai and Lafferty (2004) smooth a document's model with that of the collection; here the entries that it refers to
    (``related``, ``not_to_confuse_with``) and its category stand in between, for what people say around it.
    """

    def __init__(self, said: Bags, answered: Bags, neighbours: Sequence[Near], categories: Ints) -> None:
        """Take the characters and pairs of each entry's phrasings and answer, counted with one vocabulary."""
        count = said.documents
        self._vocabulary = said.vocabulary
        size = len(self._vocabulary)
        general = (np.bincount(said.gram, said.counts, minlength=size) + 1) / (said.counts.sum() + size)
        bags = said.plus(answered, ANSWER_WEIGHT)
        totals = np.bincount(bags.document, bags.counts, minlength=count)
        share = bags.counts / totals[bags.document]
        starts = np.searchsorted(bags.document, np.arange(count + 1))
        own, near, kind, rest = MIXTURE
        self._categories = categories
        members = np.bincount(categories, minlength=1)
        kinds = np.zeros((len(members), size))
        np.add.at(kinds, (categories[bags.document], bags.gram), share)
        kinds = kind * kinds / np.maximum(members, 1)[:, None]
        common = np.log((kinds + rest * general) / general)
        self._common = common.T.astype(np.float32).copy()
        # Most grams of a category are in few of its entries: only where an entry differs from its category is it stored.
        documents, grams, weights = [], [], []
        for entry in range(count):
            parts = [(entry, own), *((other, near * part) for other, part in zip(*neighbours[entry], strict=True))]
            spans = [(slice(starts[other], starts[other + 1]), weight) for other, weight in parts]
            held, place = np.unique(np.concatenate([bags.gram[span] for span, _ in spans]), return_inverse=True)
            row = np.bincount(place, np.concatenate([weight * share[span] for span, weight in spans]), minlength=len(held))
            category = categories[entry]
            mixed = row + kinds[category, held] + rest * general[held]
            documents.append(np.full(len(held), entry))
            grams.append(held)
            weights.append(np.log(mixed / general[held]) - common[category, held])
        self.postings = Postings(
            np.concatenate(documents) if documents else np.zeros(0, np.int64),
            np.concatenate(grams) if grams else np.zeros(0, np.int64),
            np.concatenate(weights).astype(np.float32) if weights else np.zeros(0, np.float32),
            grams=size,
            documents=count,
        )

    def likelihoods(self, text: str) -> Floats:
        """Return for each entry the mean log ratio over the text's distinct grams."""
        asked = Asked.of(characters_and_pairs(text), self._vocabulary)
        return self.likelier(asked, self.postings.scores(asked.numbers))

    def likelier(self, asked: Asked, scores: Floats) -> Floats:
        """Return the same for a question of which ``postings`` gives ``scores``."""
        if not asked.numbers:
            return np.zeros(len(scores), np.float32)
        scores = scores + self._common[asked.numbers].sum(axis=0)[self._categories]
        return np.asarray(scores / asked.distinct, np.float32)
