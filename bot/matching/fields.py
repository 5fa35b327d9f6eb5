"""What is compared with a question: an entry's phrasings or answer as a whole, its single phrasings, its language."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from bot.matching.grams import K1, Bags, Floats, Grams, Ints, Postings, characters_and_pairs
from bot.matching.neighbours import Near

ANSWER_WEIGHT = 0.3
"""What a gram of the answer counts in an entry's language, next to one of a phrasing."""

MIXTURE = (0.5, 0.2, 0.1, 0.2)
"""An entry's language is mixed of its own, its neighbours', its category's, and everybody's."""


class Field:
    """Documents of one kind, compared by BM25 or by cosine."""

    def __init__(self, bags: Bags, grams: Grams, weights: Floats, idf: Floats) -> None:
        self._grams = grams
        self._vocabulary = bags.vocabulary
        self._idf = idf
        self._unknown = float(idf.max(initial=0.0))
        self._postings = Postings(bags.document, bags.gram, weights, grams=len(bags.vocabulary), documents=bags.documents)

    @classmethod
    def bm25(cls, bags: Bags, grams: Grams) -> "Field":
        """Make a field to be compared by ``covered``."""
        idf = bags.rarity()
        return cls(bags, grams, bags.bm25(idf), idf)

    @classmethod
    def unit(cls, bags: Bags, grams: Grams, idf: Floats) -> "Field":
        """Make a field to be compared by ``cosines``, with the rarity that grams have elsewhere."""
        return cls(bags, grams, bags.unit(idf), idf)

    def covered(self, text: str) -> Floats:
        """Return the share of the text's weight that each document holds; an unknown gram weighs as much as a rare one."""
        query = dict.fromkeys(self._grams(text))
        known = [number for gram in query if (number := self._vocabulary.get(gram)) is not None]
        whole = float(self._idf[known].sum()) + self._unknown * (len(query) - len(known))
        scores = self._postings.scores(known)
        return scores / np.float32((K1 + 1) * whole) if whole else scores

    def rarity_in(self, document: int, gram: str) -> float | None:
        """Return how telling ``gram`` is, if the document holds it."""
        number = self._vocabulary.get(gram)
        return float(self._idf[number]) if number is not None and self._postings.holds(document, number) else None

    def rarity(self, gram: str) -> float:
        """Return how telling ``gram`` is; what no document holds is as telling as the rarest."""
        number = self._vocabulary.get(gram)
        return float(self._idf[number]) if number is not None else self._unknown

    def cosines(self, text: str) -> Floats:
        """Return the cosine of the text with each document, over the grams that are known."""
        counted = Counter(self._grams(text))
        known = [(number, n) for gram, n in counted.items() if (number := self._vocabulary.get(gram)) is not None]
        numbers = [number for number, _ in known]
        weights = (1 + np.log(np.array([n for _, n in known], np.float32))) * self._idf[numbers]
        norm = float(np.sqrt((weights**2).sum()))
        return self._postings.scores(numbers, (weights / norm if norm else weights).astype(np.float32))


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
        self._postings = Postings(
            np.concatenate(documents) if documents else np.zeros(0, np.int64),
            np.concatenate(grams) if grams else np.zeros(0, np.int64),
            np.concatenate(weights).astype(np.float32) if weights else np.zeros(0, np.float32),
            grams=size,
            documents=count,
        )

    def likelihoods(self, text: str) -> Floats:
        """Return for each entry the mean log ratio over the text's distinct grams."""
        query = dict.fromkeys(characters_and_pairs(text))
        known = [number for gram in query if (number := self._vocabulary.get(gram)) is not None]
        if not known:
            return np.zeros(self._postings.documents, np.float32)
        scores = self._postings.scores(known) + self._common[known].sum(axis=0)[self._categories]
        return np.asarray(scores / len(query), np.float32)
