"""Which entries stand near which: those that refer to each other, and those that are worded alike."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from bot.matching.grams import Bags, Floats, Ints

ALIKE = 7
"""How many entries count as worded alike."""

MOST_COMPARED = 1000
"""Beyond this many entries they are not compared with each other: the table would grow with the square."""


class Near(NamedTuple):
    """The neighbours of one entry and what part of it each makes; the shares add up to one, or there are none."""

    entries: Ints
    shares: Floats


def linked(references: Sequence[Sequence[int]]) -> list[Near]:
    """Return for each entry those that it refers to or that refer to it, all alike."""
    sets: list[set[int]] = [set(own) for own in references]
    for entry, own in enumerate(references):
        for other in own:
            sets[other].add(entry)
    return [_near(dict.fromkeys(sorted(near), 1.0)) for near in sets]


def around(links: Sequence[Near], bags: Bags) -> list[Near]:
    """Return for each entry its links and the entries worded most alike, half and half."""
    if not 1 < bags.documents <= MOST_COMPARED:
        return list(links)
    rarity = np.log(bags.documents / (np.bincount(bags.gram, minlength=len(bags.vocabulary)) + 1) + 1)
    vectors = np.zeros((bags.documents, len(bags.vocabulary)), np.float32)
    vectors[bags.document, bags.gram] = np.log1p(bags.counts) * rarity[bags.gram]
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    likeness = vectors @ vectors.T
    np.fill_diagonal(likeness, 0)
    out = []
    for entry, link in enumerate(links):
        shares = dict(zip(link.entries.tolist(), link.shares.tolist(), strict=True))
        nearest = np.argsort(-likeness[entry], kind="stable")[:ALIKE]
        total = float(likeness[entry, nearest].sum())
        for other in nearest.tolist():
            if total and other != entry:
                shares[other] = shares.get(other, 0.0) + float(likeness[entry, other]) / total
        out.append(_near(shares))
    return out


def _near(shares: dict[int, float]) -> Near:
    total = sum(shares.values()) or 1.0
    return Near(np.array(list(shares), np.int64), np.array([s / total for s in shares.values()], np.float32))
