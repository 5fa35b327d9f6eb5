import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.faq.library import Library
from bot.matching.decision import decide
from bot.matching.grams import Bags, grams
from bot.matching.index import Candidate, Index
from bot.matching.normalise import FILLERS, essence, normalise


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ＡＢ公司　欠薪１２３", "ab公司欠薪123"),
        ("請問徵地補償", "请问征地补偿"),
        ("欠薪!!!???。。。", "欠薪"),
        ("老公打我😭😭[流泪]", "老公打我"),
        ("看这里 https://example.cn/a?b=c 是真的吗", "看这里是真的吗"),
        ("我屋企嘅田俾人佔咗", "我屋企嘅田俾人占咗"),
        ("𠊎爱离婚", "𠊎爱离婚"),
        ("\ud800欠薪", "欠薪"),
        ("[流泪]", ""),
        ("", ""),
    ],
)
def test_normalise(text: str, expected: str) -> None:
    assert normalise(text) == expected


@pytest.mark.parametrize("text", [*FILLERS, "律师你好，请问怎么办呢？谢谢", "[流泪][流泪]", "😭😭", "？？？", "   ", ""])
def test_a_message_that_says_nothing_matches_nothing(real_library: Library, text: str) -> None:
    assert essence(text) == ""
    assert real_library.current.index.rank(text) == []


@given(st.text(max_size=60))
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.text(st.characters(blacklist_categories=()), max_size=300))
@settings(max_examples=150, deadline=None)
def test_no_text_makes_the_index_fail(real_library: Library, text: str) -> None:
    for candidate in real_library.current.index.rank(text):
        assert 0 <= candidate.score <= 1.001


def test_every_standard_question_finds_its_own_entry(real_library: Library) -> None:
    snapshot = real_library.current
    lost = {i: c.id for i, e in snapshot.entries.items() for c in snapshot.index.rank(e.question, limit=1) if c.id != i}
    assert lost == {}


def test_every_phrasing_finds_its_own_entry_among_the_five_shown(real_library: Library) -> None:
    snapshot = real_library.current
    everyone = [(i, p) for i, e in snapshot.entries.items() for p in e.phrasings]
    chosen = random.Random(1).sample(everyone, min(600, len(everyone)))
    lost = [(i, p) for i, p in chosen if i not in {c.id for c in snapshot.index.rank(p)}]
    assert len(lost) <= len(chosen) * 0.01, lost


@pytest.mark.parametrize("polite", ["律师你好，{}？", "请问一下，{}怎么办呢", "{}！！！", "{}[流泪]", "😭{}，谢谢"])
def test_politeness_and_punctuation_change_nothing(real_library: Library, polite: str) -> None:
    index = real_library.current.index
    for question in ("老板不给工钱", "老公不肯离婚", "邻居占了我的宅基地", "彩礼能不能退"):
        assert index.rank(polite.format(question)) == index.rank(question)


def test_the_order_of_entries_does_not_matter(real_library: Library) -> None:
    entries = list(real_library.current.entries.values())[:60]
    shuffled = random.Random(2).sample(entries, len(entries))
    one, two = Index(entries), Index(shuffled)
    for question in ("老板不给工钱", "房子漏水", "借条没写日期"):
        assert one.rank(question) == two.rank(question)


def test_an_empty_index_answers_nothing() -> None:
    assert Index([]).rank("老板不给工资") == []


def ranked(*scores: float) -> list[Candidate]:
    return [Candidate(f"e{n}", s, "") for n, s in enumerate(scores)]


@pytest.mark.parametrize(
    ("scores", "decision"),
    [
        ((), "miss"),
        ((0.05, 0.01), "miss"),
        ((0.50, 0.10), "answer"),
        ((0.50,), "answer"),
        ((0.50, 0.48), "choose"),
        ((0.12, 0.02), "choose"),
    ],
)
def test_an_answer_needs_a_high_score_and_a_clear_lead(scores: tuple[float, ...], decision: str) -> None:
    assert decide(ranked(*scores)) == decision


WORDS = st.text("征地补偿工资老板", min_size=1, max_size=8)


@given(st.lists(WORDS, min_size=1, max_size=6), WORDS)
def test_cosines_are_what_the_definition_says(documents: list[str], query: str) -> None:
    bags = Bags.of(documents)
    idf = bags.rarity()
    counts = np.zeros((len(documents), len(bags.vocabulary)))
    for n, document in enumerate(documents):
        for gram in grams(document):
            counts[n, bags.vocabulary[gram]] += 1
    frequency = (counts > 0).sum(0)
    assert np.allclose(idf, np.log1p((len(documents) - frequency + 0.5) / (frequency + 0.5)), atol=1e-5)
    rows = np.where(counts > 0, 1 + np.log(np.maximum(counts, 1)), 0) * idf
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    known = [bags.vocabulary[g] for g in dict.fromkeys(grams(query)) if g in bags.vocabulary]
    weights = np.ones(len(known), np.float32)
    assert np.allclose(bags.unit(idf).scores(known, weights), rows[:, known].sum(1), atol=1e-5)


@given(st.lists(WORDS, min_size=2, max_size=6))
def test_merged_bags_are_the_bags_of_the_texts_together(texts: list[str]) -> None:
    owners = np.array([n % 2 for n in range(len(texts))])
    merged = Bags.of(texts).merged(owners, 2)
    names = {number: gram for gram, number in merged.vocabulary.items()}
    for owner in (0, 1):
        expected = Counter(g for n, t in enumerate(texts) if n % 2 == owner for g in grams(t))
        held = merged.document == owner
        found = zip(merged.gram[held].tolist(), merged.counts[held].tolist(), strict=True)
        assert Counter({names[g]: c for g, c in found}) == expected


def test_grams_are_characters_and_neighbouring_pairs() -> None:
    assert grams("征地征") == ["征", "地", "征", "征地", "地征"]
    assert grams("征") == ["征"]
    assert grams("") == []


# Written for this table: what people say, and the entry that they need to be shown.
SAID = [
    ("做了半年工老板一分钱没给", "wage-arrears"),
    ("包工头跑路了工地的钱找谁要", "construction-wage-arrears"),
    ("邻居把我家出入的路堵死了", "right-of-way"),
    ("订婚给了八万彩礼现在她不嫁了", "bride-price-unregistered"),
    ("老公天天打我想离婚", "divorce-domestic-violence"),
    ("我家的狗咬了隔壁小孩要赔吗", "animal-damage"),
    ("征地的钱村里只发了一半", "compensation-withheld"),
    ("借给朋友两万没写借条只有微信转账", "loan-no-iou"),
    ("爸妈老了大哥不肯出赡养费", "support-elderly"),
    ("骑摩托没有驾照被查到怎么罚", "unlicensed-farm-vehicle"),
    ("刷单被骗了三千块", "task-fee-scam"),
    ("外嫁女有没有分红", "married-out-women-rights"),
]


@pytest.mark.parametrize(("said", "wanted"), SAID)
def test_what_people_say_leads_to_what_they_need(real_library: Library, said: str, wanted: str) -> None:
    assert wanted in [c.id for c in real_library.current.index.rank(said)]
