"""Documents as bags of characters and character pairs: counted, weighted, and looked up by what they share with a question."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

K1, B = 2.5, 0.75
"""BM25's saturation and length: an entry is a long document, so a gram may count more often than in a web search."""


def grams(text: str) -> list[str]:
    """Return the characters and the neighbouring pairs of ``text``.

    Chinese needs no word list for this: most words have two characters (see Manning, Raghavan and Schütze,
    Introduction to Information Retrieval, §2.2.1 on character k-grams for Chinese).

    >>> grams("征地款")
    ['征', '地', '款', '征地', '地款']
    """
    return [*text, *(text[n : n + 2] for n in range(len(text) - 1))]


@dataclass(frozen=True)
class Bags:
    """How often each document holds each gram: ``counts[n]`` times gram ``gram[n]`` in document ``document[n]``."""

    vocabulary: dict[str, int]
    document: Ints
    gram: Ints
    counts: Ints
    documents: int

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Bags":
        """Count the grams of each text."""
        vocabulary: dict[str, int] = {}
        lengths, numbers = [], []
        for text in texts:
            found = [vocabulary.setdefault(gram, len(vocabulary)) for gram in grams(text)]
            lengths.append(len(found))
            numbers += found
        document = np.repeat(np.arange(len(texts)), lengths)
        return cls._counted(vocabulary, document, np.array(numbers, np.int64), None, len(texts))

    def merged(self, owners: Ints, documents: int) -> "Bags":
        """Return the bags of larger documents: document ``n`` goes into document ``owners[n]``."""
        return self._counted(self.vocabulary, owners[self.document], self.gram, self.counts, documents)

    @classmethod
    def _counted(cls, vocabulary: dict[str, int], document: Ints, gram: Ints, counts: Ints | None, documents: int) -> "Bags":
        size = max(1, len(vocabulary))
        pairs, place = np.unique(document * size + gram, return_inverse=True)
        summed = np.bincount(place, counts, minlength=len(pairs)).astype(np.int64)
        return cls(vocabulary, pairs // size, pairs % size, summed, documents)

    def rarity(self) -> Floats:
        """Return how telling each gram is: BM25's inverse document frequency, ``ln(1 + (N - n + ½) / (n + ½))``."""
        frequency = np.bincount(self.gram, minlength=len(self.vocabulary))
        return np.log1p((self.documents - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)

    def bm25(self, idf: Floats) -> "Postings":
        """Weigh each gram as BM25 does (Robertson and Zaragoza 2009, eq. 3.15)."""
        lengths = np.bincount(self.document, self.counts, minlength=self.documents)
        length = lengths[self.document] / (lengths.mean() if lengths.any() else 1.0)
        weights = idf[self.gram] * self.counts * (K1 + 1) / (self.counts + K1 * (1 - B + B * length))
        return Postings(self, weights.astype(np.float32))

    def unit(self, idf: Floats) -> "Postings":
        """Weigh each gram by (1 + ln tf) · idf, each document scaled to length one."""
        weights = (1 + np.log(self.counts)) * idf[self.gram]
        norms = np.sqrt(np.bincount(self.document, weights**2, minlength=self.documents))
        return Postings(self, (weights / norms[self.document]).astype(np.float32))


class Postings:
    """For each gram the documents that hold it and its weight there: a sparse matrix, read by columns."""

    def __init__(self, bags: Bags, weights: Floats) -> None:
        order = np.argsort(bags.gram, kind="stable")
        self._documents = bags.document[order]
        self._weights = weights[order]
        self._starts = np.searchsorted(bags.gram[order], np.arange(len(bags.vocabulary) + 1)).tolist()
        self.documents = bags.documents

    def scores(self, query: Sequence[int], weights: Floats) -> Floats:
        """Return the inner product of the query (gram numbers and their weights) with every document."""
        spans = [slice(self._starts[gram], self._starts[gram + 1]) for gram in query]
        if not spans:
            return np.zeros(self.documents, np.float32)
        documents = np.concatenate([self._documents[span] for span in spans])
        products = np.concatenate([self._weights[span] for span in spans])
        products = products * np.repeat(weights, [span.stop - span.start for span in spans])
        return np.bincount(documents, products, minlength=self.documents).astype(np.float32)
