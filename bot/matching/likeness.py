"""Questions grouped by likeness: what is about the same thing stands together, however it is worded."""

import itertools
from collections.abc import Sequence

import numpy as np

from bot.matching.grams import Bags, Floats, Postings, Tokens, characters_and_pairs
from bot.matching.index import Index, standardised

ALIKE = 0.38
"""From this likeness on a question joins a group."""

MEANING, LIKELIEST, ENOUGH = 0.5, 8, 100
"""What it counts, beside the wording, that the classifier takes two questions for the same entries: the likeliest eight
of each are compared. With fewer entries than ``ENOUGH`` it counts less, for a handful tells little apart."""


def grouped(texts: Sequence[str], index: Index) -> list[list[int]]:
    """Return the places of ``texts`` in groups, in the order in which each group's first text comes.

    Each text joins the group that it is most like, by the mean of its nearest and its average member: the cosine over
    characters and pairs, weighted as the index weighs them, and over the entries that it may mean. A later text moves
    no earlier one, so with texts in order of time groups stay what they were.
    """
    essences = [index.essence(text) for text in texts]
    distinct = list(dict.fromkeys(essences))
    place = {essence: n for n, essence in enumerate(distinct)}
    group_of = _assigned(*_features(distinct, index))
    found: list[list[int]] = [[] for _ in range(int(group_of.max(initial=-1)) + 1)]
    for n, essence in enumerate(essences):
        found[group_of[place[essence]]].append(n)
    return found


def _features(essences: Sequence[str], index: Index) -> tuple[Postings, list[list[int]], list[Floats]]:
    """Return what is compared: for each essence the numbers of its features, their weights, and both by feature."""
    bags = Bags.of(essences, Tokens(characters_and_pairs))
    rarity = np.array([index.rarity(gram) for gram in bags.vocabulary], np.float32)
    weights = bags.unit(rarity) if len(rarity) else np.zeros(0, np.float32)
    starts = np.searchsorted(bags.document, np.arange(len(essences) + 1)).tolist()
    spans = [slice(one, two) for one, two in itertools.pairwise(starts)]
    numbers, weighed = [bags.gram[span] for span in spans], [weights[span] for span in spans]
    grams, entries = len(bags.vocabulary), 0
    if index.learned and len(essences):
        entries = len(index.learned.ids)
        likely = np.exp(standardised(np.stack([index.learned.scores(text) for text in essences], axis=1))).T
        first = np.argsort(-likely, axis=1, kind="stable")[:, :LIKELIEST]
        shares = np.take_along_axis(likely, first, axis=1)
        factor = np.sqrt(MEANING * min(1.0, entries / ENOUGH))
        shares = (factor * shares / np.linalg.norm(shares, axis=1, keepdims=True)).astype(np.float32)
        for n, text in enumerate(essences):
            if text:
                numbers[n], weighed[n] = np.append(numbers[n], first[n] + grams), np.append(weighed[n], shares[n])
    document = np.repeat(np.arange(len(essences)), [len(own) for own in numbers])
    joined = np.concatenate(numbers) if numbers else np.zeros(0, np.int64)
    values = np.concatenate(weighed) if weighed else np.zeros(0, np.float32)
    postings = Postings(document, joined, values, grams=grams + entries, documents=len(essences))
    return postings, [own.tolist() for own in numbers], weighed


def _assigned(postings: Postings, numbers: Sequence[list[int]], weights: Sequence[Floats]) -> np.ndarray:
    """Return the group of each text."""
    group_of = np.zeros(len(numbers), np.int64)
    sizes = np.zeros(len(numbers), np.int64)
    groups = 0
    for n, (own, weighed) in enumerate(zip(numbers, weights, strict=True)):
        best = groups
        if groups:
            scores, before = postings.scores(own, weighed)[:n], group_of[:n]
            highest = np.zeros(groups, np.float32)
            np.maximum.at(highest, before, scores)
            likeness = (highest + np.bincount(before, scores, minlength=groups) / sizes[:groups]) / 2
            nearest = int(likeness.argmax())
            best = nearest if likeness[nearest] >= ALIKE else groups
        groups += best == groups
        group_of[n] = best
        sizes[best] += 1
    return group_of
