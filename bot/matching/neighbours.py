"""Which entries stand near which: those that refer to each other, and those that are worded alike."""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from bot.matching.grams import Bags, Floats, Ints, Postings

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


def around(links: Sequence[Near], bags: Bags, entries: int) -> list[Near]:
    """Return for each row its links and the entries worded most alike, half and half; rows from ``entries`` on have none."""
    if not 1 < entries <= MOST_COMPARED:
        return list(links)
    rarity = np.log(bags.documents / (np.bincount(bags.gram, minlength=len(bags.vocabulary)) + 1) + 1)
    weights = (np.log1p(bags.counts) * rarity[bags.gram]).astype(np.float32)
    norms = np.sqrt(np.bincount(bags.document, weights**2, minlength=bags.documents))
    weights /= np.maximum(norms, 1e-9).astype(np.float32)[bags.document]
    postings = Postings(bags.document, bags.gram, weights, grams=len(bags.vocabulary), documents=bags.documents)
    starts = np.searchsorted(bags.document, np.arange(entries + 1))
    likeness = np.stack(
        [
            postings.scores(bags.gram[one:two].tolist(), weights[one:two])[:entries]
            for one, two in itertools.pairwise(starts.tolist())
        ]
    )
    np.fill_diagonal(likeness, 0)
    out = []
    for entry, link in enumerate(links[:entries]):
        shares = dict(zip(link.entries.tolist(), link.shares.tolist(), strict=True))
        nearest = np.argsort(-likeness[entry], kind="stable")[:ALIKE]
        total = float(likeness[entry, nearest].sum())
        for other in nearest.tolist():
            if total and other != entry:
                shares[other] = shares.get(other, 0.0) + float(likeness[entry, other]) / total
        out.append(_near(shares))
    return [*out, *links[entries:]]


def _near(shares: dict[int, float]) -> Near:
    total = sum(shares.values()) or 1.0
    return Near(np.array(list(shares), np.int64), np.array([s / total for s in shares.values()], np.float32))
