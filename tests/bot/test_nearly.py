"""Almost the same texts are all found, and nothing else: compared with comparing each with each."""

import itertools
import random

import pytest
from rapidfuzz import fuzz

from bot.matching.nearly import nearly_alike


def slow(texts: list[str], ratio: int) -> list[tuple[int, int]]:
    places = itertools.combinations(range(len(texts)), 2)
    return [(one, other) for one, other in places if fuzz.ratio(texts[one], texts[other]) >= ratio]


@pytest.mark.parametrize("ratio", [75, 85, 90, 96, 100])
def test_the_same_pairs_are_found_as_by_comparing_each_with_each(ratio: int) -> None:
    rng = random.Random(ratio)
    texts = ["".join(rng.choices("老板拖欠工资不给钱怎么办呢", k=rng.randint(1, 14))) for _ in range(150)]
    for text in texts[:100]:  # and each once more, with a slip or two
        letters = list(text)
        for _ in range(rng.randint(0, 2)):
            letters.insert(rng.randrange(len(letters) + 1), rng.choice("老板钱了的"))
            letters.pop(rng.randrange(len(letters)))
        texts.append("".join(letters))
    assert list(nearly_alike(texts, ratio)) == slow(texts, ratio) != []


def test_of_no_texts_none_is_found() -> None:
    assert list(nearly_alike([], 90)) == []
