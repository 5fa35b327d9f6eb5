"""Documents as bags of grams: counted, weighted, and looked up by what they share with a question."""

import copy
import itertools
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray
from pypinyin import lazy_pinyin

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Grams = Callable[[str], list[str]]

K1, B = 2.5, 0.75
"""BM25's saturation and length: an entry is a long document, so a gram may count more often than in a web search."""


def characters(text: str) -> list[str]:
    """Return the characters of ``text``."""
    return list(text)


def pairs(text: str) -> list[str]:
    """Return the neighbouring pairs of characters.

    Chinese needs no word list for this: most words have two characters (see Manning, Raghavan and Schütze,
    Introduction to Information Retrieval, §2.2.1 on character k-grams for Chinese).
    """
    return [text[n : n + 2] for n in range(len(text) - 1)]


def characters_and_pairs(text: str) -> list[str]:
    """Return both.

    >>> characters_and_pairs("征地款")
    ['征', '地', '款', '征地', '地款']
    """
    return characters(text) + pairs(text)


def sound_pairs(text: str) -> list[str]:
    """Return the neighbouring pairs of syllables, so that words typed with wrong characters of the same sound agree.

    >>> sound_pairs("征地") == sound_pairs("争地") == sound_pairs("真地")
    True
    """
    sounds = [_sound(character) for character in text]
    return [f"{one} {two}" for one, two in itertools.pairwise(sounds)]


@cache
def _sound(character: str) -> str:
    """Return the syllable without tone, and without what southern speakers do not tell apart: zh/z, ing/in, eng/en."""
    sound: str = lazy_pinyin(character)[0]
    for typed, folded in (("zh", "z"), ("ch", "c"), ("sh", "s")):
        if sound.startswith(typed):
            sound = folded + sound[2:]
    return sound.removesuffix("g") if sound.endswith(("ing", "eng")) else sound


class Tokens:
    """Numbers grams, and remembers the numbers of every text: what an earlier snapshot counted is not counted again."""

    def __init__(self, grams: Grams) -> None:
        self.grams = grams
        self.vocabulary: dict[str, int] = {}
        self._known: dict[str, Ints] = {}
        self._most = 10_000
        self._lock = threading.Lock()

    def numbers(self, texts: Sequence[str]) -> list[Ints]:
        """Return the numbers of the grams of each text; new grams go into ``vocabulary``."""
        with self._lock:
            self._most = max(self._most, len(texts))
            if len(self._known) > 4 * self._most:  # years of edits
                self._known.clear()
            return [self._of(text) for text in texts]

    def _of(self, text: str) -> Ints:
        known = self._known.get(text)
        if known is None:
            vocabulary = self.vocabulary
            found = [vocabulary.setdefault(gram, len(vocabulary)) for gram in self.grams(text)]
            known = self._known[text] = np.array(found, np.int64)
        return known


@dataclass(frozen=True)
class Bags:
    """How often each document holds each gram: ``counts[n]`` times gram ``gram[n]`` in document ``document[n]``."""

    vocabulary: dict[str, int]
    document: Ints
    gram: Ints
    counts: NDArray[np.float64]
    documents: int

    @classmethod
    def of(cls, texts: Sequence[str], tokens: Tokens) -> "Bags":
        """Count the grams of each text. The vocabulary is that of the moment: ``tokens`` may go on to learn others."""
        numbers = tokens.numbers(texts)
        document = np.repeat(np.arange(len(texts)), [len(own) for own in numbers])
        gram = np.concatenate(numbers) if numbers else np.zeros(0, np.int64)
        return cls._counted(dict(tokens.vocabulary), document, gram, None, len(texts))

    def known_to(self, other: "Bags") -> "Bags":
        """Return these bags with the vocabulary of ``other``, which grew from theirs."""
        return replace(self, vocabulary=other.vocabulary)

    def merged(self, owners: Ints, documents: int) -> "Bags":
        """Return the bags of larger documents: document ``n`` goes into document ``owners[n]``."""
        return self._counted(self.vocabulary, owners[self.document], self.gram, self.counts, documents)

    def only(self, length: int) -> "Bags":
        """Return the bags with the grams of ``length`` characters alone."""
        wanted = np.array([len(gram) == length for gram in self.vocabulary], bool)
        held = wanted[self.gram] if len(wanted) else np.zeros(0, bool)
        return Bags(self.vocabulary, self.document[held], self.gram[held], self.counts[held], self.documents)

    def plus(self, other: "Bags", weight: float) -> "Bags":
        """Return the bags of the same documents with ``weight`` times the counts of ``other`` added; one vocabulary."""
        document, gram = np.concatenate([self.document, other.document]), np.concatenate([self.gram, other.gram])
        counts = np.concatenate([self.counts, other.counts * weight])
        return self._counted(self.vocabulary, document, gram, counts, self.documents)

    @classmethod
    def _counted(
        cls, vocabulary: dict[str, int], document: Ints, gram: Ints, counts: NDArray[np.float64] | None, documents: int
    ) -> "Bags":
        size = max(1, len(vocabulary))
        places, place = np.unique(document * size + gram, return_inverse=True)
        summed = np.bincount(place, counts, minlength=len(places)).astype(np.float64)
        return cls(vocabulary, places // size, places % size, summed, documents)

    def common(self, least: int) -> "Bags":
        """Return the bags with the grams that at least so many documents hold."""
        if least <= 1:
            return self
        held = np.bincount(self.gram, minlength=len(self.vocabulary)) >= least
        number = np.cumsum(held) - 1
        vocabulary = {gram: int(number[n]) for gram, n in self.vocabulary.items() if held[n]}
        kept = held[self.gram]
        return Bags(vocabulary, self.document[kept], number[self.gram[kept]], self.counts[kept], self.documents)

    def rarity(self) -> Floats:
        """Return how telling each gram is: BM25's inverse document frequency, ``ln(1 + (N - n + ½) / (n + ½))``."""
        frequency = np.bincount(self.gram, minlength=len(self.vocabulary))
        return np.log1p((self.documents - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)

    def bm25(self, idf: Floats) -> Floats:
        """Weigh each gram as BM25 does (Robertson and Zaragoza 2009, eq. 3.15)."""
        lengths = np.bincount(self.document, self.counts, minlength=self.documents)
        length = lengths[self.document] / (lengths.mean() if lengths.any() else 1.0)
        return (idf[self.gram] * self.counts * (K1 + 1) / (self.counts + K1 * (1 - B + B * length))).astype(np.float32)

    def unit(self, idf: Floats) -> Floats:
        """Weigh each gram by (1 + ln tf) · idf, each document scaled to length one."""
        weights = (1 + np.log(self.counts)) * idf[self.gram]
        norms = np.sqrt(np.bincount(self.document, weights**2, minlength=self.documents))
        return (weights / norms[self.document]).astype(np.float32)


class Postings:
    """For each gram the documents that hold it and its weight there: a sparse matrix, read by columns."""

    def __init__(self, document: Ints, gram: Ints, weights: Floats, *, grams: int, documents: int) -> None:
        order = np.argsort(gram, kind="stable")
        self._documents = document[order]
        self._weights = weights[order]
        self._starts: list[int] = np.searchsorted(gram[order], np.arange(grams + 1)).tolist()
        self._first = 0
        self.documents = documents

    @classmethod
    def of(cls, bags: Bags, weights: Floats) -> "Postings":
        """Make the postings of bags whose grams have these weights."""
        return cls(bags.document, bags.gram, weights, grams=len(bags.vocabulary), documents=bags.documents)

    @classmethod
    def joined(cls, parts: Sequence["Postings"]) -> "Postings":
        """Make one of several with the same grams; the documents of each follow those of the one before."""
        firsts = np.cumsum([0, *(part.documents for part in parts)])
        grams = len(parts[0]._starts) - 1
        return cls(
            np.concatenate([part._documents + first for part, first in zip(parts, firsts[:-1], strict=True)]),
            np.concatenate([np.repeat(np.arange(grams), np.diff(part._starts)) for part in parts]),
            np.concatenate([part._weights for part in parts]),
            grams=grams,
            documents=int(firsts[-1]),
        )

    def part(self, first: int, documents: int) -> "Postings":
        """Return so many of the documents from ``first`` on; nothing is copied."""
        own = copy.copy(self)
        own._first, own.documents = self._first + first, documents
        return own

    def holds(self, document: int, gram: int) -> bool:
        """Tell whether the document holds the gram."""
        held = self._documents[self._starts[gram] : self._starts[gram + 1]]
        return bool((held == document + self._first).any())

    def scores(self, query: Sequence[int], weights: Floats | None = None) -> Floats:
        """Return the inner product of the query (gram numbers and their weights, one each where none are given)."""
        if not query:
            return np.zeros(self.documents, np.float32)
        starts, held, values = self._starts, self._documents, self._weights
        spans = [slice(starts[gram], starts[gram + 1]) for gram in query]
        documents = np.concatenate([held[span] for span in spans])
        if weights is None:
            products = np.concatenate([values[span] for span in spans])
        else:
            products = np.concatenate([values[span] * weight for span, weight in zip(spans, weights, strict=True)])
        summed = np.bincount(documents, products, minlength=self._first + self.documents)
        return summed[self._first : self._first + self.documents].astype(np.float32)
