"""Which of very many texts are almost the same, without comparing each with each."""

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from rapidfuzz import fuzz, process

Token = tuple[str, int]
"""A character of a text, the second of a kind told from the first."""


def nearly_alike(texts: Sequence[str], ratio: int) -> Iterator[tuple[int, int]]:
    """Yield the places, first the smaller, of every two texts whose ``fuzz.ratio`` is at least ``ratio`` (70 to 100), once.

    Two such texts of together n characters have ratio · n / 200 in common, which is all but few of either; then two of the
    rarest of one are among the rarest of the other (prefix filtering, Wang, Li and Feng 2012). Only those are compared.
    """
    often = Counter(character for text in texts for character in text)
    holding: defaultdict[tuple[Token, ...], list[int]] = defaultdict(list)
    for place, text in enumerate(texts):
        # The other text may be shorter; then both have the least in common that they can have.
        common = math.ceil(len(text) * ratio / (200 - ratio) - 1e-9)
        rarest = _by_rarity(text, often)[: len(text) - common + 2]
        for pair in itertools.combinations(rarest, 2) if len(rarest) > 1 else [tuple(rarest)]:
            holding[pair].append(place)
    found: set[tuple[int, int]] = set()
    for places in holding.values():
        if len(places) == 2:
            if fuzz.ratio(texts[places[0]], texts[places[1]], score_cutoff=ratio):
                found.add((places[0], places[1]))
        elif len(places) > 2:
            rows = [texts[place] for place in places]
            alike = process.cdist(rows, rows, scorer=fuzz.ratio, score_cutoff=ratio, dtype=np.uint8)
            found.update((places[one], places[other]) for one, other in np.argwhere(alike).tolist() if one < other)
    yield from sorted(found)


def _by_rarity(text: str, often: Counter[str]) -> list[Token]:
    """Return the characters of a text, those that are rare everywhere first; the order is the same for all texts."""
    seen: Counter[str] = Counter()
    tokens = []
    for character in text:
        tokens.append((character, seen[character]))
        seen[character] += 1
    return sorted(tokens, key=lambda token: (-token[1], often[token[0]], token))
