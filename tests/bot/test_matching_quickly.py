"""What makes matching quick changes nothing of what is found."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.faq.library import Library
from bot.matching import index as module
from bot.matching.grams import Bags, Postings, Tokens, characters_and_pairs
from bot.matching.index import standardised
from bot.matching.lexicon import any_of

WORDS = st.text("工资钱地拆的.[^", min_size=1, max_size=4)


@given(st.lists(WORDS, min_size=1, max_size=12), st.text("工资钱地拆的.[^我", max_size=20))
def test_any_of_many_words_finds_what_the_plain_alternation_finds(words: list[str], text: str) -> None:
    plain = re.compile("|".join(map(re.escape, sorted(set(words), key=len, reverse=True))))
    assert [m.span() for m in re.finditer(any_of(set(words)), text)] == [m.span() for m in plain.finditer(text)]


@given(st.lists(st.text("工资钱地", max_size=6), min_size=1, max_size=5), st.text("工资钱地", min_size=1, max_size=6))
def test_postings_that_were_joined_score_as_each_did(documents: list[str], query: str) -> None:
    bags = Bags.of(documents, Tokens(characters_and_pairs))
    one = Postings.of(bags, bags.bm25(bags.rarity()))
    two = Postings.of(bags, bags.unit(bags.rarity()))
    known = [n for gram in dict.fromkeys(characters_and_pairs(query)) if (n := bags.vocabulary.get(gram)) is not None]
    joined = Postings.joined([one, two])
    assert joined.scores(known).tolist() == [*one.scores(known), *two.scores(known)]
    last = joined.part(len(documents), len(documents))
    weights = np.arange(1, len(known) + 1, dtype=np.float32)
    assert last.scores(known, weights).tolist() == two.scores(known, weights).tolist()
    for number in known:
        assert [last.holds(d, number) for d in range(len(documents))] == [two.holds(d, number) for d in range(len(documents))]


@given(st.lists(st.lists(st.floats(-5, 5, width=32), min_size=3, max_size=3), min_size=1, max_size=6))
def test_standardised_signals_are_exactly_what_mean_and_deviation_give(raw: list[list[float]]) -> None:
    table = np.array(raw, np.float32)
    plain = ((table - table.mean(axis=0)) / (table.std(axis=0) + 1e-9)).astype(np.float32)
    assert standardised(table).tolist() == plain.tolist()


def test_a_question_asked_again_is_not_compared_again_and_so_many_are_remembered_at_most(
    real_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = real_library.refresh().index
    monkeypatch.setattr(module, "MOST_REMEMBERED", 4)
    index._remembered.clear()
    questions = [f"老板拖欠工资{n}个月怎么办" for n in range(7)]
    first = [index.ranking(question) for question in questions]
    assert len(index._remembered) <= 4
    assert [index._ranked(index.essence(question), 5, True) for question in questions] == first
    assert index.ranking(f"请问{questions[-1]}呢？") is first[-1]
